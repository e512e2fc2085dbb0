"""sla/README's definitions of time, followed literally, one step of the UTC line after the other: what the engine must equal.

Written from the definitions alone: it shares no arithmetic with the engine, only the calendar's data.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from triage.core.model import Kind, Span
from triage.core.sla_calendar import Clock, SlaCalendar
from triage.core.sla_policy import Clause, Roll, Start


def is_open(calendar: SlaCalendar, at: datetime) -> bool:
    """The wall clock of `at` lies in a window of that local date."""
    wall = at.astimezone(calendar.zone)
    seconds = wall.hour * 3600 + wall.minute * 60 + wall.second
    return any(a <= seconds < b for a, b in windows(calendar, at))


def windows(calendar: SlaCalendar, at: datetime) -> Sequence[tuple[int, int]]:
    day = at.astimezone(calendar.zone).date()
    if day in calendar.special_hours:
        return calendar.special_hours[day]
    names = calendar.holidays.get(day, ())
    if names and not all(name in calendar.worked for name in names):
        return ()
    return calendar.weekly.get(day.weekday(), ())


def counted(calendar: SlaCalendar, clock: Clock, pauses: Sequence[Span], at: datetime) -> bool:
    if any(p.start <= at and (p.end is None or at < p.end) for p in pauses):
        return False
    if clock is Clock.CALENDAR:
        return True
    if clock is Clock.BUSINESS_DAYS:
        return bool(windows(calendar, at))
    return is_open(calendar, at)


def deadline(
    calendar: SlaCalendar, clause: Clause, base: datetime, pauses: Sequence[Span], step: timedelta, most: int
) -> datetime | None:
    """The deadline, None when it lies more than `most` steps away. All instants must lie on the grid of steps."""
    assert clause.kind in Kind
    at = base
    if clause.start is Start.NEXT_OPENING:
        found = _first_open(calendar, at, step, most)
        if found is None:
            return None
        at = found
    left = clause.target // int(step.total_seconds())
    for _ in range(most):
        if left == 0:
            break
        if counted(calendar, clause.clock, pauses, at):
            left -= 1
        at += step
    if left:
        return None
    second = timedelta(seconds=1)
    if clause.roll is Roll.NEXT_OPENING and not is_open(calendar, at) and not is_open(calendar, at - second):
        return _first_open(calendar, at, step, most)
    return at


def _first_open(calendar: SlaCalendar, at: datetime, step: timedelta, most: int) -> datetime | None:
    for _ in range(most):
        if is_open(calendar, at):
            return at
        at += step
    return None
