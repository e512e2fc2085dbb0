"""The lines of `sla_derivation` in the language of an agent who asks.

They are stored in English with the deadline and shown so on the command line; here each form of line is told in Spanish or
Portuguese, dates as people write them there. A line of no known form (written by another version) stays as it is.
"""

import re
from collections.abc import Sequence
from functools import partial

from triage.core.model import Language
from triage.core.moments_words import DAYS_ABBREVIATED

_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{4}-\d\d-\d\d"
_AT = rf"{_DAY} \d\d:\d\d(?::\d\d)?"
_COLUMN = r"(?P<column>in hours|out of hours)"
_FROM_TO = rf"(?P<start>{_AT}) to (?P<end>{_AT})"

_FORMS = tuple(
    (re.compile(form), {Language.ES: spanish, Language.PT: portuguese})
    for form, spanish, portuguese in (
        (
            rf"from (?P<at>{_AT}) \((?P<zone>[^,]+, UTC\S+)\)",
            "desde el {at} ({zone})",
            "a partir de {at} ({zone})",
        ),
        (
            rf"{_COLUMN}: (?P<day>{_DAY}) is open (?P<hours>[\d:, -]+\d)(?P<special> by special hours)?",
            "{column}: el {day} se atiende {hours}{special}",
            "{column}: {day}, atendimento {hours}{special}",
        ),
        (rf"{_COLUMN}: (?P<closed>{_DAY} .+)", "{column}: {closed}", "{column}: {closed}"),
        (
            rf"severity (?P<level>\d) {_COLUMN}: (?P<kind>at most|not before) (?P<target>\S+) (?P<clock>of .+)",
            "severidad {level} {column}: {kind} {target} {clock}",
            "severidade {level} {column}: {kind} {target} {clock}",
        ),
        (
            rf"starts at the next opening, (?P<at>{_AT})",
            "empieza en la próxima apertura, el {at}",
            "começa na próxima abertura: {at}",
        ),
        (
            rf"counted {_FROM_TO}: (?P<length>\S+)",
            "se cuenta del {start} al {end}: {length}",
            "conta-se de {start} a {end}: {length}",
        ),
        (
            rf"paused {_FROM_TO}: (?P<length>\S+) waiting for the client",
            "en pausa del {start} al {end}: {length} a la espera del cliente",
            "em pausa de {start} a {end}: {length} à espera do cliente",
        ),
        (
            rf"skipped {_FROM_TO}: (?P<skipped>.+)",
            "no se cuenta del {start} al {end}: {skipped}",
            "não se conta de {start} a {end}: {skipped}",
        ),
        (
            rf"\.\.\. {_FROM_TO}: (?P<length>\S+) counted",
            "... del {start} al {end}: se cuentan {length}",
            "... de {start} a {end}: contam-se {length}",
        ),
        (
            r"the clock changes on the way: (?P<offset>UTC\S+) at the end; elapsed time counts",
            "en el medio cambia la hora: {offset} al final; se cuenta el tiempo que pasó",
            "no meio muda o horário: {offset} no fim; conta-se o tempo decorrido",
        ),
        (
            rf"(?P<at>{_AT}) is closed: moved to the next opening",
            "el {at} no se atiende: pasa a la próxima apertura",
            "{at}: sem atendimento, passa para a próxima abertura",
        ),
        (rf"due (?P<at>{_AT})", "vence el {at}", "vence: {at}"),
        (rf"from (?P<at>{_AT})", "desde el {at}", "a partir de {at}"),
        (
            rf"somebody can act until (?P<at>{_AT})",
            "se puede atender hasta el {at}",
            "pode-se atender até {at}",
        ),
        (
            rf"paused for (?P<length>\S+) of counted time: due (?P<at>{_AT})",
            "en pausa {length} del tiempo que se cuenta: vence el {at}",
            "em pausa {length} do tempo que se conta; vence: {at}",
        ),
        (
            rf"raised to severity (?P<level>\d): (?P<later>{_AT}) would be later than promised; (?P<at>{_AT}) stays",
            "pasó a severidad {level}: el {later} sería más tarde de lo prometido; queda el {at}",
            "passou a severidade {level}: {later} seria mais tarde do que o prometido; fica {at}",
        ),
    )
)

_WORDS = {
    Language.ES: {
        "in hours": "dentro del horario",
        "out of hours": "fuera de horario",
        " by special hours": " por horario especial",
        "at most": "a más tardar en",
        "not before": "no antes de",
        "of plain time, day and night": "corridas, de día y de noche",
        "of working days, day and night": "de días hábiles, de día y de noche",
        "of open hours": "de horario de atención",
        "(closed by special hours)": "(cerrado por horario especial)",
        "(no hours on that weekday)": "(ese día de la semana no se atiende)",
        "outside the hours": "fuera de horario",
        "the night": "la noche",
    },
    Language.PT: {
        "in hours": "dentro do horário",
        "out of hours": "fora do horário",
        " by special hours": " por horário especial",
        "at most": "no máximo em",
        "not before": "não antes de",
        "of plain time, day and night": "corridas, de dia e de noite",
        "of working days, day and night": "de dias úteis, de dia e de noite",
        "of open hours": "de horário de atendimento",
        "(closed by special hours)": "(fechado por horário especial)",
        "(no hours on that weekday)": "(nesse dia da semana não há atendimento)",
        "outside the hours": "fora do horário",
        "the night": "a noite",
    },
}
_ENGLISH = DAYS_ABBREVIATED[Language.EN]
_DATE = re.compile(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\d{4})-(\d\d)-(\d\d)\b")
_MORE = re.compile(r"\band (\d+) more closed dates\b")
_MORE_WORDS = {Language.ES: r"y \1 fechas cerradas más", Language.PT: r"e mais \1 datas fechadas"}


def told(lines: Sequence[str], language: Language) -> tuple[str, ...]:
    """Return the lines of a derivation in a language; English ones as they were stored."""
    return tuple(lines) if language is Language.EN else tuple(_told(line, language) for line in lines)


def _told(line: str, language: Language) -> str:
    for form, words in _FORMS:
        if found := form.fullmatch(line):
            return words[language].format(
                **{name: _slot(value or "", language) for name, value in found.groupdict().items()}
            )
    return line


def _slot(value: str, language: Language) -> str:
    """Tell what stands in a form: fixed words, and dates as they are written where the language is spoken."""
    words = _WORDS[language]
    if value in words:
        return words[value]
    for english in ("(closed by special hours)", "(no hours on that weekday)", "outside the hours"):
        value = value.replace(english, words[english])
    return _DATE.sub(partial(_date, language), _MORE.sub(_MORE_WORDS[language], value))


def _date(language: Language, found: re.Match[str]) -> str:
    weekday, year, month, day = found.groups()
    return f"{DAYS_ABBREVIATED[language][_ENGLISH.index(weekday)]} {day}/{month}/{year}"
