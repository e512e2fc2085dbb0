"""Deadlines from the text of a policy file alone: what `triage sla compute` must answer in calendars nobody has seen.

Follows sla/README word by word over plain YAML data and the wall clock, one step of the UTC line after the other. It
imports nothing of triage: neither its reading of the file nor its calendars can be wrong in the same way.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import holidays

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NOT_FERIADO = {"AR": {"Feriado con fines turísticos", "Jueves Santo"}}
SECOND = timedelta(seconds=1)
UNITS = {"h": 3600, "m": 60, "s": 1}

Pause = tuple[datetime, datetime]


class Row(NamedTuple):
    arrival: datetime
    severity: int
    policy: str
    pauses: tuple[Pause, ...] = ()


class Answer(NamedTuple):
    column: str
    kind: str
    deadline: datetime


class TooFar(Exception):
    """The deadline lies beyond the steps one is willing to make."""


class Desk:
    """A calendar as it is written; `step` divides every distance between its moments."""

    def __init__(self, written: dict[str, Any], step: timedelta) -> None:
        self.zone = ZoneInfo(written["timezone"])
        self.step = step
        self.weekly = {
            day: [_window(text) for text in texts]
            for key, texts in written.get("hours", {}).items()
            for day in _days(key)
        }
        self.special = {
            day: [_window(text) for text in texts] for day, texts in written.get("special_hours", {}).items()
        }
        given = written.get("holidays", [])
        self.listed = {"add": given} if isinstance(given, list) else given

    def windows(self, day: date) -> list[tuple[int, int]]:
        if str(day) in self.special:
            return self.special[str(day)]
        return [] if self.closed(day) else self.weekly.get(WEEK[day.weekday()], [])

    def closed(self, day: date) -> bool:
        if str(day) in self.listed.get("remove", []):
            return False
        if str(day) in self.listed.get("add", []):
            return True
        country = self.listed.get("country")
        names = set(_public(country, day.year).get(day, ())) if country else set()
        if self.listed.get("non_working_days", "closed") == "open":
            return not names <= NOT_FERIADO.get(country or "", set())
        return bool(names)

    def open(self, at: datetime) -> bool:
        wall = at.astimezone(self.zone)
        second = wall.hour * 3600 + wall.minute * 60 + wall.second
        return any(a <= second < b for a, b in self.windows(wall.date()))

    def counted(self, at: datetime, clock: str, pauses: tuple[Pause, ...]) -> bool:
        if any(start <= at < end for start, end in pauses):
            return False
        if clock == "business_days":
            return bool(self.windows(at.astimezone(self.zone).date()))
        return clock == "calendar" or self.open(at)

    def opening(self, at: datetime, steps: Iterator[int]) -> datetime:
        while not self.open(at):
            next(steps)
            at += self.step
        return at


@cache
def _public(country: str, year: int) -> dict[date, list[str]]:
    language = holidays.country_holidays(country).default_language
    found = holidays.country_holidays(country, years=year, language=language)
    return {day: found.get_list(day) for day in found}


def answer(written: dict[str, Any], row: Row, step: timedelta, most: int) -> Answer:
    """Return what the definitions give; raises TooFar after `most` steps."""
    policy = written["sla"]["policies"][row.policy]
    desk = Desk(written["sla"]["calendars"][policy["calendar"]], step)
    column = "in_hours" if desk.open(row.arrival) else "out_of_hours"
    severity = policy["severities"][row.severity]
    cell = severity[column] if isinstance(severity[column], dict) else {"target": severity[column]}
    terms = {**severity, **cell}
    steps = iter(range(most))
    try:
        at = row.arrival.astimezone(UTC)
        if terms.get("start") == "next_opening":
            at = desk.opening(at, steps)
        left = _seconds(terms["target"])
        while left > 0:
            next(steps)
            left -= (
                int(step.total_seconds())
                if desk.counted(at, terms.get("clock", "calendar"), row.pauses)
                else 0
            )
            at += step
        if terms.get("roll") == "next_opening" and not desk.open(at) and not desk.open(at - SECOND):
            at = desk.opening(at, steps)
    except StopIteration as error:
        raise TooFar from error
    return Answer(column, terms.get("kind", "maximum"), at)


def zone_of(written: dict[str, Any], policy: str) -> ZoneInfo:
    calendar = written["sla"]["policies"][policy]["calendar"]
    return ZoneInfo(written["sla"]["calendars"][calendar]["timezone"])


# -- the small words -------------------------------------------------------------------------------------------------


def _window(text: str) -> tuple[int, int]:
    start, _, end = text.partition("-")
    return _of_day(start), _of_day(end)


def _of_day(text: str) -> int:
    hour, minute = text.strip().split(":")
    return int(hour) * 3600 + int(minute) * 60


def _days(key: str) -> list[str]:
    found = []
    for part in key.split(","):
        first, _, last = part.strip().partition("-")
        at = WEEK.index(first)
        found.append(WEEK[at])
        while last and WEEK[at] != last:
            at = (at + 1) % 7
            found.append(WEEK[at])
    return found


def _seconds(text: str) -> int:
    total, number = 0, ""
    for letter in text:
        if letter.isdigit():
            number += letter
        else:
            total, number = total + int(number) * UNITS[letter], ""
    return total
