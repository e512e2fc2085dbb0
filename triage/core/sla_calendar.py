"""When the desk is open, and how much time counts: windows, holidays, zones, summer time.

Knows one calendar and the UTC line; knows nothing of severities, cases or promises. Instants are aware UTC, cut to
whole seconds; durations are whole elapsed seconds. The civil day exists here and in `moments` only.

Every question is answered on the UTC line: `_day` cuts one UTC day where the zone's offset changes and lays the
windows of each local date over the pieces. So a local hour that does not exist has no seconds, one that comes twice
has them twice, and a local date that never was (Apia, 2011-12-30) holds nothing, without a special case for any.
Called by `sla_policy`, `sla_derivation`, `reminders`, `pacing` and `duty`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from triage.core import utc_line
from triage.core.model import Language, Span
from triage.core.utc_line import DAY, LAST, Spans, instant, second

Window = tuple[int, int]  # seconds of a local date, [start, end); 86400 is its end, 24:00

_CACHED_DAYS = 20_000


class NoOpening(ValueError):
    """The calendar is never open on that side of the instant, or the answer lies beyond the years we can write."""


class Clock(StrEnum):
    """Which seconds count: all, those of a local date that has a window, or those in a window."""

    CALENDAR = "calendar"
    BUSINESS_DAYS = "business_days"
    BUSINESS_HOURS = "business_hours"


class Stretch(NamedTuple):
    """A part of the UTC line: counted, or not; `paused` where a pause is the reason."""

    start: datetime
    end: datetime
    counted: bool
    paused: bool


UNNAMED = "holiday"
"""The name of a closed date that was given as a date only."""


@dataclass(frozen=True)
class SlaCalendar:
    """One desk's hours. `weekly`: weekday (0 Monday) to windows; `holidays`: a local date to the names that fall on it.

    `worked`: names that do not close a date (non-working days that are no feriado); a date is closed when any other
    name falls on it. `special_hours` replace everything else on their date; an empty tuple closes it.
    `translated`: the holidays' names in other languages, where they are known.
    """

    name: str
    zone: ZoneInfo
    weekly: Mapping[int, tuple[Window, ...]]
    holidays: Mapping[date, tuple[str, ...]] = field(default_factory=dict)
    special_hours: Mapping[date, tuple[Window, ...]] = field(default_factory=dict)
    worked: frozenset[str] = frozenset()
    translated: Mapping[Language, Mapping[date, tuple[str, ...]]] = field(default_factory=dict)
    _days: dict[int, tuple[Spans, Spans]] = field(default_factory=dict, init=False, repr=False, compare=False)

    # -- dates -------------------------------------------------------------------------------------------------------

    def windows(self, day: date) -> tuple[Window, ...]:
        """Return the windows of a local date, in order, as seconds of its wall clock."""
        special = self.special_hours.get(day)
        if special is not None:
            return special
        if self.holiday(day):
            return ()
        return self.weekly.get(day.weekday(), ())

    def holiday(self, day: date) -> tuple[str, ...]:
        """Return the names of the holiday that closes a local date; empty when none does."""
        names = self.holidays.get(day, ())
        return names if any(name not in self.worked for name in names) else ()

    def holiday_words(self, day: date, language: Language) -> tuple[str, ...]:
        """Return what the holiday is called in a language, else as the calendar calls it; empty where it has no name."""
        names = self.translated.get(language, {}).get(day) or self.holiday(day)
        return tuple(name for name in names if name != UNNAMED)

    def exists(self, day: date) -> bool:
        """Say whether the zone ever had this local date (Apia had no 2011-12-30)."""
        noon = utc_line.ordinal_of(day) * DAY + DAY // 2
        near = instant(noon - utc_line.offset(self.zone, noon))
        return self.local(near).date() == day or bool(self._laid(day, ((0, DAY),)))

    def local(self, at: datetime) -> datetime:
        """Return the instant on this calendar's wall clock, with its offset."""
        return at.astimezone(self.zone)

    def ever_open(self) -> bool:
        """Say whether any date of the past or the future has an open second."""
        return any(self.weekly.values()) or any(
            self._spans_of(day) for day, windows in self.special_hours.items() if windows
        )

    def spans(self, day: date) -> tuple[Span, ...]:
        """Return the open spans of a local date on the UTC line: more than its windows where the clock changes."""
        return tuple(Span(instant(a), instant(b)) for a, b in self._spans_of(day))

    def wall_clock(self, day: date, seconds: int) -> datetime | None:
        """Return the first instant at which the wall clock of a date shows a time or, where it skips it, a later one."""
        spans = self._laid(day, ((seconds, DAY),))
        return instant(spans[0][0]) if spans else None

    # -- instants ----------------------------------------------------------------------------------------------------

    def is_open(self, at: datetime) -> bool:
        """Say whether the wall clock of the instant lies in a window of its local date."""
        return self._open(second(at))

    def is_closing(self, at: datetime) -> bool:
        """Say whether the desk closes at this instant: the second before is open, this one is not."""
        moment = second(at)
        return self._open(moment - 1) and not self._open(moment)

    def next_opening(self, at: datetime) -> datetime:
        """Return the first open second not before the instant; raises NoOpening."""
        moment = second(at)
        for start, _ in self._business(moment, hours=True):
            return instant(start)
        raise NoOpening(f"calendar {self.name}: never open after {at:%Y-%m-%d}")

    def last_open(self, at: datetime) -> datetime:
        """Return the last instant not after this one that is open or a closing; raises NoOpening."""
        moment = second(at)
        if self._open(moment):
            return instant(moment)
        for number in range(moment // DAY, self._floor(moment) // DAY - 1, -1):
            for start, end in reversed(self._day(number)[0]):
                if start < moment:
                    return instant(min(end, moment))
        raise NoOpening(f"calendar {self.name}: never open before {at:%Y-%m-%d}")

    # -- durations ---------------------------------------------------------------------------------------------------

    def advance(self, start: datetime, seconds: int, clock: Clock, pauses: Sequence[Span] = ()) -> datetime:
        """Return the earliest instant at which the counted time since `start` reaches `seconds`; raises NoOpening.

        Law: elapsed(start, advance(start, n)) == n, and no earlier instant has it.
        """
        first, left = second(start), max(0, seconds)
        plain = clock is Clock.CALENDAR and not pauses and first + left <= LAST
        if plain or not left:  # nothing to look up
            return instant(first + left)
        for begin, end in self._counted(first, clock, pauses):
            if end - begin >= left:
                return instant(begin + left)
            left -= end - begin
        raise NoOpening(f"calendar {self.name}: not enough time is ever counted after {start:%Y-%m-%d}")

    def elapsed(self, start: datetime, end: datetime, clock: Clock, pauses: Iterable[Span] = ()) -> int:
        """Return the counted seconds of [start, end); 0 when it is empty or runs backwards."""
        last = second(end)
        total = 0
        for begin, finish in self._counted(second(start), clock, pauses, until=last):
            total += min(finish, last) - begin
        return total

    def stretches(
        self, start: datetime, end: datetime, clock: Clock, pauses: Iterable[Span] = ()
    ) -> tuple[Stretch, ...]:
        """Cut [start, end) into counted, paused and skipped stretches, in order: the arithmetic of a deadline.

        A paused second that would not have counted anyway is skipped, not paused.
        """
        first, last = second(start), second(end)
        found: list[Stretch] = []
        at = first
        breaks = utc_line.merged(pauses)
        for begin, finish in utc_line.joined(self._running(first, clock, last)):
            if begin > at:
                found.append(Stretch(instant(at), instant(begin), counted=False, paused=False))
            stop = min(finish, last)
            at = begin
            for a, b in utc_line.without([(begin, stop)], breaks):
                if a > at:
                    found.append(Stretch(instant(at), instant(a), counted=False, paused=True))
                found.append(Stretch(instant(a), instant(b), counted=True, paused=False))
                at = b
            if stop > at:
                found.append(Stretch(instant(at), instant(stop), counted=False, paused=True))
            at = stop
        if last > at:
            found.append(Stretch(instant(at), instant(last), counted=False, paused=False))
        return tuple(found)

    # -- identity ----------------------------------------------------------------------------------------------------

    def canonical(self) -> dict[str, object]:
        """Return everything that an answer depends on, as plain JSON in a fixed order (the name is not part of it)."""
        return {
            "zone": self.zone.key,
            "weekly": {str(day): list(map(list, self.weekly[day])) for day in sorted(self.weekly)},
            "closed": {
                f"{day}": list(self.holidays[day]) for day in sorted(self.holidays) if self.holiday(day)
            },
            "special": {
                f"{day}": list(map(list, self.special_hours[day])) for day in sorted(self.special_hours)
            },
        }

    @cached_property
    def week(self) -> tuple[tuple[int, tuple[Window, ...]], ...]:
        """The weekly windows as what can be a key."""
        return tuple(self.weekly.items())

    @cached_property
    def hash(self) -> str:
        return utc_line.digest(self.canonical())

    # -- the UTC line ------------------------------------------------------------------------------------------------

    def _counted(
        self, start: int, clock: Clock, pauses: Iterable[Span], until: int = LAST
    ) -> Iterator[tuple[int, int]]:
        breaks = utc_line.merged(pauses)
        running = self._running(start, clock, until)
        return utc_line.without(running, breaks) if breaks else running

    def _running(self, start: int, clock: Clock, until: int) -> Iterator[tuple[int, int]]:
        """Yield the spans that the clock counts in [start, until), pauses not yet taken out."""
        if start >= until:
            return
        if clock is Clock.CALENDAR:
            yield start, until
            return
        yield from self._business(start, hours=clock is Clock.BUSINESS_HOURS, until=until)

    def _business(self, start: int, *, hours: bool, until: int = LAST) -> Iterator[tuple[int, int]]:
        """Yield open (or working-day) spans within [start, until), in order, cut at midnight UTC."""
        last = min(until, self._ceiling())
        for number in range(start // DAY, -(-last // DAY)):
            for begin, end in self._day(number)[0 if hours else 1]:
                if end > start and begin < until:
                    yield max(begin, start), min(end, until)

    def _day(self, number: int) -> tuple[Spans, Spans]:
        """Return the open spans and the working-day spans of one UTC day."""
        known = self._days.get(number)
        if known is not None:
            return known
        open_, working = [], []
        for begin, end, offset in utc_line.pieces(self.zone, number * DAY, (number + 1) * DAY):
            for ordinal in range((begin + offset) // DAY, (end + offset - 1) // DAY + 1):
                midnight = ordinal * DAY - offset
                windows = self.windows(utc_line.day_of(ordinal))
                if windows:
                    working.append((max(begin, midnight), min(end, midnight + DAY)))
                cut = ((max(begin, midnight + a), min(end, midnight + b)) for a, b in windows)
                open_ += [(a, b) for a, b in cut if a < b]
        if len(self._days) >= _CACHED_DAYS:
            self._days.clear()
        self._days[number] = found = (utc_line.joined(open_), utc_line.joined(working))
        return found

    def _open(self, moment: int) -> bool:
        return any(a <= moment < b for a, b in self._day(moment // DAY)[0])

    def _spans_of(self, day: date) -> Spans:
        return self._laid(day, self.windows(day))

    def _laid(self, day: date, windows: tuple[Window, ...]) -> Spans:
        """Lay windows of one local date on the UTC line."""
        # The wall clock is less than a day away from UTC, so a local date lies within these three UTC days.
        ordinal = utc_line.ordinal_of(day)
        found = []
        for begin, end, offset in utc_line.pieces(self.zone, (ordinal - 1) * DAY, (ordinal + 2) * DAY):
            midnight = ordinal * DAY - offset
            cut = ((max(begin, midnight + a), min(end, midnight + b)) for a, b in windows)
            found += [(a, b) for a, b in cut if a < b]
        return utc_line.joined(found)

    def _ceiling(self) -> int:
        """Return where looking forward ends: a desk with special dates only is closed for ever after the last."""
        if any(self.weekly.values()):
            return LAST
        return max((self._edge(day, 2) for day, w in self.special_hours.items() if w), default=utc_line.FIRST)

    def _floor(self, moment: int) -> int:
        if any(self.weekly.values()):
            return utc_line.FIRST
        return min((self._edge(day, -1) for day, w in self.special_hours.items() if w), default=moment)

    @staticmethod
    def _edge(day: date, days: int) -> int:
        return (utc_line.ordinal_of(day) + days) * DAY
