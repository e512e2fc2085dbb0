"""Values that admins write as text: durations, addresses, zones, weekly hours, absences.

Each reader raises ValueError in words for the admin; `model` turns them into pydantic's types. Reads no file.
"""

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from triage.core.site import Absence

_PARTS = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?")
_ADDRESS = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def seconds(value: object) -> float:
    """Read a duration: a number of seconds, or `90s`, `1h30m`, `2d`; zero included. Raises ValueError."""
    if isinstance(value, bool):
        raise ValueError("is a duration, such as 60s or 1h30m, or a number of seconds")
    if isinstance(value, int | float):
        if value < 0:
            raise ValueError("a duration cannot be negative")
        return float(value)
    text = str(value).strip().lower()
    match = _PARTS.fullmatch(text)
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    if not text or match is None:
        raise ValueError(f"{value!r} is no duration; write 60s, 15m, 1h30m, 2d or a number of seconds")
    weeks, days, hours, minutes, secs = (float(part or 0) for part in match.groups())
    return (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + secs


def _address(value: str) -> str:
    if not _ADDRESS.fullmatch(value.strip()):
        raise ValueError(f"{value!r} is no mail address")
    return value.strip().lower()


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(
            f"unknown time zone {value!r}; use a tz name such as America/Argentina/Buenos_Aires"
        ) from error
    return value


Duration = Annotated[float, BeforeValidator(seconds)]
MailAddress = Annotated[str, AfterValidator(_address)]
Zone = Annotated[str, AfterValidator(_zone)]


class Strict(BaseModel):
    """A mapping of triage.yaml: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def weekly_windows(hours: Mapping[str, tuple[str, ...]]) -> dict[int, tuple[tuple[time, time], ...]]:
    """Read an agent's `mon-fri: ["09:00-18:00"]` into weekday -> windows of local time. Raises ValueError."""
    weekly: dict[int, tuple[tuple[time, time], ...]] = {}
    for days, windows in hours.items():
        for day in _weekdays(days):
            weekly[day] = tuple(_window(text) for text in windows)
    return weekly


def _weekdays(text: str) -> list[int]:
    found: list[int] = []
    for part in text.lower().replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first not in _DAYS or (last and last not in _DAYS):
            raise ValueError(f"{text!r} names no days; write mon-fri, sat or mon,wed")
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        found += range(start, end + 1) if start <= end else [*range(start, 7), *range(end + 1)]
    return found


def _window(text: str) -> tuple[time, time]:
    match = re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)", text)
    if match is None:
        raise ValueError(f'{text!r} is no window; write "09:00-18:00"')
    begin_hour, begin_minute, end_hour, end_minute = map(int, match.groups())
    begin = time(begin_hour, begin_minute)
    end = time.max if (end_hour, end_minute) == (24, 0) else time(end_hour, end_minute)
    if end <= begin:
        raise ValueError(f"{text!r} runs backwards")
    return begin, end


def absence(text: str) -> Absence:
    """Read `2026-12-24` or `2026-12-24..2027-01-05` (both days inclusive). Raises ValueError."""
    first, _, last = text.partition("..")
    try:
        start = date.fromisoformat(first.strip())
        end = date.fromisoformat(last.strip()) if last else start
    except ValueError as error:
        raise ValueError(f"{text!r} is no absence; write 2026-12-24 or 2026-12-24..2027-01-05") from error
    if end < start:
        raise ValueError(f"{text!r} runs backwards")
    return Absence(start, end)
