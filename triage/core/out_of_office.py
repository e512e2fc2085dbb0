"""Until when an automatic answer says that somebody is away: a table of the forms people write, and caution.

Only a date that follows such words counts, only one that lies within two months, and of several the earliest: who is
skipped too long misses his cases, who is told too soon loses a mail. Local dates. Pure. Called by intake for agents.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from triage.core.comparable import fold, folded
from triage.core.moments_words import MONTHS, WEEKDAYS

_LONGEST = timedelta(days=60)
_HEAD = 2_000  # characters: the date stands at the beginning, signatures and disclaimers below

_MONTH_OF = {
    short: number
    for names in MONTHS.values()
    for number, name in enumerate(names, 1)
    for short in (fold(name), fold(name)[:3])
}
_WEEKDAY_OF = {
    short: number
    for names in WEEKDAYS.values()
    for number, name in enumerate(names)
    for short in (fold(name), fold(name).removesuffix("-feira"))
}

_WORD = "|".join(sorted(_MONTH_OF, key=len, reverse=True))
_DAY_NAME = "|".join(sorted(_WEEKDAY_OF, key=len, reverse=True))
_YEAR = r"(?:,? (?:(?:de|del) )?(?P<y{n}>\d{{4}}))?"
_DATE = (
    rf"(?:(?:{_DAY_NAME}),? (?:dia )?)?(?:"
    r"(?P<iso>\d{4}-\d{2}-\d{2})"
    r"|(?P<one>\d{1,2})[/.-](?P<two>\d{1,2})(?:[/.-](?P<y1>\d{4}|\d{2}))?(?!\d)"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th|º|o)?(?: (?:de|of))? (?P<m2>{_WORD})\b\.?{_YEAR.format(n=2)}"
    rf"|(?P<m3>{_WORD})\.? (?P<d3>\d{{1,2}})(?:st|nd|rd|th)?\b{_YEAR.format(n=3)}"
    rf")|(?P<named>{_DAY_NAME})\b"
)
_ARTICLE = r"(?: (?:el|al|dia|o|the|on|em|no|na|a|proximo|next))*:? "
# The last day away, and the first day back: the day before is the last one then.
_LAST = folded(("hasta", "until", "till", "through", "thru", "hasta e incluyendo", "ate", "inclusive until"))
_BETWEEN = re.compile(
    rf"\b(?:del?|desde|entre|from|between) (?:el |the )?[^.\n]{{1,40}}? (?:y|al?|to|and|e|-|–)(?: el| the| dia)* (?:{_DATE})"
)
_BACK = folded((
    "regreso", "regresare", "vuelvo", "volvere", "retorno", "retornare", "me reincorporo", "me reintegro",
    "estare de vuelta", "estare de regreso", "de vuelta", "back in the office", "back at work", "be back", "am back",
    "back", "return", "returning", "return to the office", "volto", "voltarei", "retornarei", "estarei de volta",
    "de volta",
))  # fmt: skip


def _after(words: tuple[str, ...]) -> re.Pattern[str]:
    named = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"\b(?:{named})(?:{_ARTICLE})(?:{_DATE})")


_LAST_DAY, _FIRST_DAY = _after(_LAST), _after(_BACK)


def last_day(text: str, today: date) -> date | None:
    """Return the last day away that the words of an automatic answer name; None where they name none for sure."""
    words = " ".join(fold(text[:_HEAD]).split())
    found = [
        *_dates(_LAST_DAY, words, today),
        *_dates(_BETWEEN, words, today, weekdays=False),  # "de lunes a viernes" are opening hours
        *(day - timedelta(days=1) for day in _dates(_FIRST_DAY, words, today)),
    ]
    return min((day for day in found if today <= day <= today + _LONGEST), default=None)


def _dates(pattern: re.Pattern[str], words: str, today: date, *, weekdays: bool = True) -> Iterator[date]:
    for match in pattern.finditer(words):
        day = _date_of(match, today) if weekdays or not match["named"] else None
        if day is not None:
            yield day


def _date_of(match: re.Match[str], today: date) -> date | None:
    part = match.groupdict()
    if part["iso"]:
        return _made(part["iso"][:4], part["iso"][5:7], part["iso"][8:], today)
    if part["d2"]:
        return _made(part["y2"], str(_MONTH_OF[part["m2"]]), part["d2"], today)
    if part["d3"]:
        return _made(part["y3"], str(_MONTH_OF[part["m3"]]), part["d3"], today)
    if part["named"]:
        return today + timedelta(days=(_WEEKDAY_OF[part["named"]] - today.weekday() - 1) % 7 + 1)
    # Day before month, or the other way round: it counts where only one of the two can be meant.
    both = {
        _made(part["y1"], b, a, today) for a, b in ((part["one"], part["two"]), (part["two"], part["one"]))
    }
    near = {day for day in both if day is not None and today <= day <= today + _LONGEST}
    return near.pop() if len(near) == 1 else None


def _made(year: str | None, month: str, day: str, today: date) -> date | None:
    """Return the date, of the year that is meant: the one that comes next where none is written."""
    try:
        if year:
            return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
        this = date(today.year, int(month), int(day))
        return this if this >= today else date(today.year + 1, int(month), int(day))
    except ValueError:
        return None
