"""The arithmetic of a deadline in plain English lines: counted, skipped and why, paused, moved.

Knows how to tell what `sla_policy` computed; decides nothing. The lines are stored with the deadline, so they say
what was true when it was promised. Clients never read them: agents do (`!why`, `triage explain`, `cases show`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from triage.core import utc_line
from triage.core.model import Column, Kind, Severity, Span
from triage.core.sla_calendar import Clock, SlaCalendar, Stretch

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CLOCKS = {
    Clock.CALENDAR: "of plain time, day and night",
    Clock.BUSINESS_DAYS: "of working days, day and night",
    Clock.BUSINESS_HOURS: "of open hours",
}
_MOST_LINES = 40  # a long target over short windows: the middle is told in one line
_MOST_DATES = 12  # a single one beyond them is named as well: it takes no more room than its count
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Story:
    """What one computation started from: its calendar, clause and instants."""

    calendar: SlaCalendar
    severity: Severity
    column: Column
    kind: Kind
    clock: Clock
    target: int
    base: datetime
    start: datetime
    pauses: tuple[Span, ...] = ()


def lines(story: Story, reached: datetime, at: datetime, act_by: datetime) -> tuple[str, ...]:
    """Tell a computation: `reached` is where the target was used up, `at` the deadline after rolling."""
    calendar = story.calendar
    base, offset = calendar.local(story.base), _offset(calendar.local(at))
    most = "at most" if story.kind is Kind.MAXIMUM else "not before"
    column = "in hours" if story.column is Column.IN_HOURS else "out of hours"
    found = [
        f"from {_shown(base)} ({calendar.zone.key}, {_offset(base)})",
        f"{column}: {_why(calendar, base.date())}",
        f"severity {story.severity:d} {column}: {most} {duration(story.target)} {_CLOCKS[story.clock]}",
    ]
    if story.start != story.base:
        found.append(f"starts at the next opening, {_begin(calendar, story.start)}")
    found += _arithmetic(story, reached)
    if _offset(base) != offset:
        found.append(f"the clock changes on the way: {offset} at the end; elapsed time counts")
    if at != reached:
        found.append(f"{moment(calendar, reached)} is closed: moved to the next opening")
    word = "due" if story.kind is Kind.MAXIMUM else "from"
    found.append(f"{word} {moment(calendar, at)}")
    if act_by != at:
        found.append(f"somebody can act until {moment(calendar, act_by)}")
    return tuple(found)


def extension(calendar: SlaCalendar, lost: int, at: datetime) -> str:
    """Tell a told deadline that a pause moved, under a calendar that changed since."""
    return f"paused for {duration(lost)} of counted time: due {moment(calendar, at)}"


def kept(calendar: SlaCalendar, severity: Severity, later: datetime, at: datetime) -> str:
    """Tell a raise that would have made a promise later."""
    return (
        f"raised to severity {severity:d}: {moment(calendar, later)} would be later than promised; "
        f"{moment(calendar, at)} stays"
    )


def duration(seconds: int) -> str:
    """Return `24h`, `1h30m`, `90s` as `1m30s`; `0s` for none."""
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = ((hours, "h"), (minutes, "m"), (rest, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


def moment(calendar: SlaCalendar, at: datetime) -> str:
    """Return `Tue 2026-10-20 10:15`, with seconds where there are any; a day's end is 24:00 of that day."""
    local, before = calendar.local(at), calendar.local(at - _SECOND)
    if before.date() < local.date():
        return f"{_day(before.date())} 24:00"
    return _shown(local)


def _arithmetic(story: Story, reached: datetime) -> list[str]:
    stretches = story.calendar.stretches(story.start, reached, story.clock, story.pauses)
    if len(stretches) <= _MOST_LINES:
        return [_stretch(story.calendar, s) for s in stretches]
    half = _MOST_LINES // 2
    middle = stretches[half:-half]
    counted = sum(_length(s) for s in middle if s.counted)
    between = (
        f"... {moment(story.calendar, middle[0].start)} to {moment(story.calendar, middle[-1].end)}: "
        f"{duration(counted)} counted"
    )
    tell = [_stretch(story.calendar, s) for s in (*stretches[:half], *stretches[-half:])]
    return [*tell[:half], between, *tell[half:]]


def _stretch(calendar: SlaCalendar, stretch: Stretch) -> str:
    span = f"{_begin(calendar, stretch.start)} to {moment(calendar, stretch.end)}"
    if stretch.counted:
        return f"counted {span}: {duration(_length(stretch))}"
    if stretch.paused:
        return f"paused {span}: {duration(_length(stretch))} waiting for the client"
    return f"skipped {span}: {_skipped(calendar, stretch)}"


def _skipped(calendar: SlaCalendar, stretch: Stretch) -> str:
    closed, night = [], False
    for day in _dates(calendar, stretch):
        if calendar.windows(day):
            night = True
        else:
            closed.append(f"{_day(day)} {_closed(calendar, day)}")
    if len(closed) > _MOST_DATES + 1:
        closed = [*closed[:_MOST_DATES], f"and {len(closed) - _MOST_DATES} more closed dates"]
    if not closed:
        return _off(calendar, stretch)
    return ", ".join([*(["outside the hours"] if night else []), *closed])


def _off(calendar: SlaCalendar, stretch: Stretch) -> str:
    same_day = calendar.local(stretch.start).date() == calendar.local(stretch.end - _SECOND).date()
    return "outside the hours" if same_day else "the night"


def _why(calendar: SlaCalendar, day: date) -> str:
    """Say why an instant of a local date is in hours or out of them."""
    windows = calendar.windows(day)
    if not windows:
        return f"{_day(day)} {_closed(calendar, day)}"
    special = " by special hours" if day in calendar.special_hours else ""
    hours = ", ".join(f"{_clock(a)}-{_clock(b)}" for a, b in windows)
    return f"{_day(day)} is open {hours}{special}"


def _closed(calendar: SlaCalendar, day: date) -> str:
    if day in calendar.special_hours:
        return "(closed by special hours)"
    names = calendar.holiday(day)
    return f"({'; '.join(names)})" if names else "(no hours on that weekday)"


def _dates(calendar: SlaCalendar, stretch: Stretch) -> Iterator[date]:
    """Yield the local dates that a stretch touches; one that the zone never had (a skipped date) is not among them."""
    day = calendar.local(stretch.start).date()
    last = calendar.local(stretch.end - _SECOND).date()
    while day <= last:
        if calendar.exists(day):
            yield day
        day += timedelta(days=1)


def _begin(calendar: SlaCalendar, at: datetime) -> str:
    """Return a moment from which time runs: the first of a day is 00:00 of it."""
    return _shown(calendar.local(at))


def _shown(local: datetime) -> str:
    text = local.isoformat(" ", "seconds")
    return f"{_WEEKDAYS[local.weekday()]} {text[:19] if local.second else text[:16]}"


def _day(day: date) -> str:
    return f"{_WEEKDAYS[day.weekday()]} {day}"


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}"


def _length(stretch: Stretch) -> int:
    return utc_line.second(stretch.end) - utc_line.second(stretch.start)


def _offset(local: datetime) -> str:
    return f"UTC{local.isoformat()[-6:]}"
