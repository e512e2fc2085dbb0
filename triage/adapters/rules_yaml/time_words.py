"""The small words of time in rules.yaml: durations, windows, weekdays, dates. Each is checked with the reason in plain words.

Functions raise ValueError, which pydantic turns into a finding with its key and place. Called by `sla_model` and
`reminder_model`.
"""

import re
from datetime import date
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from triage.core.sla_calendar import Window

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DURATION = re.compile(r"(?:(\d{1,7})h)?(?:(\d{1,9})m)?(?:(\d{1,10})s)?")
_WINDOW = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LONGEST = 10 * 366 * 86_400


def duration(text: str) -> int:
    """Read `2h`, `90m`, `1h30m`, `90s` as seconds; zero included. Raises ValueError."""
    match = _DURATION.fullmatch(text)
    if match is not None and text:
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        total = (hours * 60 + minutes) * 60 + seconds
        if total > _LONGEST:
            raise ValueError(f"{text} is more than ten years")
        return total
    if text.startswith("-"):
        raise ValueError(f"{text!r} is negative")
    if re.fullmatch(r"\d+(?:\.\d+)?\s*d.*", text):
        raise ValueError(f"{text!r}: a day is ambiguous; write hours, such as 24h")
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        raise ValueError(f"{text!r} has no unit; write 2h, 90m or 90s")
    raise ValueError(f"{text!r} is no duration; write 2h, 90m, 1h30m or 90s")


def target(value: object) -> str:
    """Check a target: a duration of more than zero."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("is a duration such as 2h, 90m, 1h30m or 90s")
    text = str(value)
    if duration(text) == 0:
        raise ValueError(f"{text!r} is zero; a target is more than that")
    return text


def seconds(value: object) -> str:
    """Check any other duration: as a target, or zero, or a plain number of seconds."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("is a duration such as 15m, 90s or a number of seconds")
    text = str(value)
    if text.isdecimal():
        text += "s"
    duration(text)
    return text


def window(text: str) -> Window:
    """Read `09:00-18:00` as seconds of the day; `24:00` is its end. Raises ValueError."""
    match = _WINDOW.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'{text!r} is no window of hours; write "09:00-18:00"')
    from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
    start, end = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    if max(from_minute, to_minute) > 59 or start >= 1440 or end > 1440:
        raise ValueError(f"{text!r}: the hours of a day go from 00:00 to 24:00")
    if end <= start:
        why = "is empty" if end == start else "runs backwards; over midnight write two windows, one each day"
        raise ValueError(f"{text!r} {why}")
    return start * 60, end * 60


def apart(texts: list[str]) -> list[str]:
    """Check that no two windows of a list overlap (touching ones may)."""
    known = sorted((window(text), text) for text in texts)
    for (one, first), (other, second) in pairwise(known):
        if other[0] < one[1]:
            raise ValueError(f"the windows {first} and {second} overlap")
    return texts


def windows(texts: list[str]) -> tuple[Window, ...]:
    """Return checked windows in order."""
    return tuple(sorted(window(text) for text in texts))


def weekdays(text: str) -> tuple[int, ...]:
    """Read `mon`, `mon-fri`, `mon,wed`, `sat-mon` as weekday numbers (0 Monday). Raises ValueError."""
    found: list[int] = []
    for part in text.split(","):
        names = [name.strip().lower() for name in part.split("-")]
        if len(names) > 2 or any(name not in WEEKDAYS for name in names):
            raise ValueError(f'{text!r} is no weekday; write mon..sun, "mon-fri" or "mon,wed"')
        first, last = WEEKDAYS.index(names[0]), WEEKDAYS.index(names[-1])
        found += [(first + step) % 7 for step in range((last - first) % 7 + 1)]
    twice = [WEEKDAYS[day] for day in sorted(set(found)) if found.count(day) > 1]
    if twice:
        raise ValueError(f"{text!r} holds {twice[0]} twice")
    return tuple(found)


def iso_date(value: object) -> str:
    """Check a date such as 2026-12-25, quoted or not."""
    text = value.isoformat() if type(value) is date else value
    if not isinstance(text, str) or not _DATE.fullmatch(text):
        raise ValueError(f"{value!r} is no date; write 2026-12-25")
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text} is no date of the calendar") from error
    return text


def _checked_window(text: str) -> str:
    window(text)
    return text


def _checked_days(text: str) -> str:
    weekdays(text)
    return text


DateText = Annotated[str, BeforeValidator(iso_date)]
DaysText = Annotated[str, AfterValidator(_checked_days)]
TargetText = Annotated[str, BeforeValidator(target, json_schema_input_type=str)]
SecondsText = Annotated[str, BeforeValidator(seconds, json_schema_input_type=str | int)]
WindowsList = Annotated[list[Annotated[str, AfterValidator(_checked_window)]], AfterValidator(apart)]
