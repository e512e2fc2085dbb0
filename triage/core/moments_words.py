"""The names of days, months and cities in the three languages: the vocabulary of `moments`, and no rule.

Standing in code rather than in a locale database: five short lists, the same on every machine.
"""

from collections.abc import Mapping

from triage.core.model import Language

WEEKDAYS: Mapping[Language, tuple[str, ...]] = {
    Language.ES: ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    Language.EN: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    Language.PT: (
        "segunda-feira",
        "terça-feira",
        "quarta-feira",
        "quinta-feira",
        "sexta-feira",
        "sábado",
        "domingo",
    ),
}

DAYS_ABBREVIATED: Mapping[Language, tuple[str, ...]] = {
    Language.ES: ("lun", "mar", "mié", "jue", "vie", "sáb", "dom"),
    Language.EN: ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    Language.PT: ("seg", "ter", "qua", "qui", "sex", "sáb", "dom"),
}

MONTHS: Mapping[Language, tuple[str, ...]] = {
    Language.ES: (
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
    Language.EN: (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    Language.PT: (
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ),
}

MONTHS_ABBREVIATED: Mapping[Language, tuple[str, ...]] = {
    language: tuple(name[:3] for name in names) for language, names in MONTHS.items()
}

RELATIVE: Mapping[Language, Mapping[int, str]] = {
    Language.ES: {-1: "ayer", 0: "hoy", 1: "mañana"},
    Language.EN: {-1: "yesterday", 0: "today", 1: "tomorrow"},
    Language.PT: {-1: "ontem", 0: "hoje", 1: "amanhã"},
}


def _same(name: str) -> Mapping[Language, str]:
    return dict.fromkeys(Language, name)


def _three(spanish: str, english: str, portuguese: str) -> Mapping[Language, str]:
    return {Language.ES: spanish, Language.EN: english, Language.PT: portuguese}


# tz database names are ASCII by rule: these are the places of our languages whose own name is not.
CITIES: Mapping[str, Mapping[Language, str]] = {
    "Asuncion": _same("Asunción"),
    "Bogota": _same("Bogotá"),
    "Cancun": _same("Cancún"),
    "Cordoba": _same("Córdoba"),
    "Tucuman": _same("Tucumán"),
    "Rio_Gallegos": _same("Río Gallegos"),
    "Merida": _same("Mérida"),
    "Panama": _same("Panamá"),
    "Belem": _same("Belém"),
    "Cuiaba": _same("Cuiabá"),
    "Maceio": _same("Maceió"),
    "Sao_Paulo": _three("San Pablo", "São Paulo", "São Paulo"),
    "Mexico_City": _three("Ciudad de México", "Mexico City", "Cidade do México"),
    "New_York": _three("Nueva York", "New York", "Nova York"),
    "London": _three("Londres", "London", "Londres"),
    "Montevideo": _three("Montevideo", "Montevideo", "Montevidéu"),
    "Santiago": _same("Santiago"),
    "Lisbon": _three("Lisboa", "Lisbon", "Lisboa"),
    "Madrid": _three("Madrid", "Madrid", "Madri"),
    "Paris": _three("París", "Paris", "Paris"),
    "Berlin": _three("Berlín", "Berlin", "Berlim"),
    "Rome": _three("Roma", "Rome", "Roma"),
}
