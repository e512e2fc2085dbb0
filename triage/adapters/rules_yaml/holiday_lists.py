"""National holidays, taken once from the `holidays` package when the rules are read, and then plain dates.

The package tells a feriado from a non-working day (puente, Jueves Santo) by its name only, so the names that are no
feriado stand here, by country. A newer package may change dates: deadlines already told keep theirs (ADR 7).
Called by `sla_model`; the import is slow, so it happens only when a calendar names a country.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache

from triage.core.model import Language

# Years for which a list is made: long enough for any case we keep, short enough for a quick start.
YEARS = range(2010, 2041)

_CODE_LENGTH = 2
# Días no laborables under Argentina's Ley 27.399, articles 3 and 7: worked unless the employer says otherwise.
NON_WORKING: Mapping[str, frozenset[str]] = {
    "AR": frozenset({"Feriado con fines turísticos", "Jueves Santo"}),
}
# What the package does not have: a Brazilian client reads why the desk was closed in Portuguese. One-off days keep
# the country's own name.
WRITTEN: Mapping[tuple[str, Language], Mapping[str, str]] = {
    ("AR", Language.PT): {
        "Año Nuevo": "Ano-Novo",
        "Lunes de Carnaval": "Segunda-feira de Carnaval",
        "Martes de Carnaval": "Terça-feira de Carnaval",
        "Día Nacional de la Memoria por la Verdad y la Justicia": "Dia Nacional da Memória pela Verdade e pela Justiça",
        "Jueves Santo": "Quinta-feira Santa",
        "Viernes Santo": "Sexta-feira Santa",
        "Día del Veterano y de los Caidos en la Guerra de Malvinas": "Dia do Veterano e dos Mortos na Guerra das Malvinas",
        "Día del Trabajo": "Dia do Trabalho",
        "Día de la Revolución de Mayo": "Dia da Revolução de Maio",
        "Paso a la Inmortalidad del General Don Martín Miguel de Güemes": "Dia do General Martín Miguel de Güemes",
        "Paso a la Inmortalidad del General Don Manuel Belgrano": "Dia do General Manuel Belgrano",
        "Paso a la Inmortalidad del General Don José de San Martín": "Dia do General José de San Martín",
        "Día de la Independencia": "Dia da Independência",
        "Día del Respeto a la Diversidad Cultural": "Dia do Respeito à Diversidade Cultural",
        "Día de la Soberanía Nacional": "Dia da Soberania Nacional",
        "Inmaculada Concepción de María": "Imaculada Conceição",
        "Navidad": "Natal",
        "Feriado con fines turísticos": "Feriado para fins turísticos",
    },
}


def knows(country: str) -> bool:
    """Say whether the package knows a country by this code; to list them all would load them all."""
    import holidays  # noqa: PLC0415 - only where a country is named

    if len(country) != _CODE_LENGTH:
        return False  # it would take names and longer codes too
    try:
        found = holidays.country_holidays(country)
    except NotImplementedError:
        return False
    return bool(getattr(found, "country", "") == country)


def of(country: str) -> dict[date, tuple[str, ...]]:
    """Return the public holidays of a country with all names that fall on each date, in the country's own language."""
    import holidays  # noqa: PLC0415 - see above

    return dict(_named(country, holidays.country_holidays(country).default_language))


def translated(country: str, language: Language) -> dict[date, tuple[str, ...]]:
    """Return the same dates with their names in a language; nothing where nobody wrote them, or it is the own one."""
    import holidays  # noqa: PLC0415 - see above

    known = holidays.country_holidays(country)
    own = known.default_language or ""
    if own.startswith(language):
        return {}
    variants = sorted(one for one in known.supported_languages if one.startswith(language))
    if variants:
        return dict(_named(country, variants[0]))
    words = WRITTEN.get((country, language), {})
    return {
        day: tuple(words.get(name, name) for name in names) for day, names in of(country).items() if words
    }


@cache
def _named(country: str, language: str | None) -> Mapping[date, tuple[str, ...]]:
    """Kept: to work out thirty years takes 20 ms, and one calendar asks several times."""
    import holidays  # noqa: PLC0415 - see above

    known = holidays.country_holidays(country, years=YEARS, language=language)
    return {day: tuple(known.get_list(day)) for day in sorted(known)}
