"""The UTC line in whole seconds: spans, holes, and the places where a zone's offset changes.

Knows seconds since 1970 and time zones; knows nothing of desks, windows or pauses as such. Called by `sla_calendar`.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from triage.core.model import Span

Spans = tuple[tuple[int, int], ...]  # seconds since 1970, [start, end), in order and disjoint

DAY = 86_400
_HOUR = 3_600
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A few days inside what `datetime` can hold, so that no zone's offset leads over the edge.
FIRST = (datetime(1, 1, 5, tzinfo=UTC) - _EPOCH) // timedelta(seconds=1)
LAST = (datetime(9999, 12, 27, tzinfo=UTC) - _EPOCH) // timedelta(seconds=1)


class BeyondYears(ValueError):
    """The instant lies outside the years that can be written down."""


def second(at: datetime) -> int:
    """Return the instant's second; a fraction is cut off. Raises BeyondYears, and TypeError for a naive instant."""
    since = at - _EPOCH
    return _within(since.days * DAY + since.seconds)


def _within(number: int) -> int:
    if not FIRST <= number <= LAST:
        raise BeyondYears("an instant lies beyond the years that can be reckoned with")
    return number


def instant(number: int) -> datetime:
    """Return the aware UTC instant of a second."""
    return _EPOCH + timedelta(seconds=number)


def whole(at: datetime) -> datetime:
    """Return the instant in UTC with its fraction of a second cut off."""
    return instant(second(at))


def day_of(ordinal: int) -> date:
    """Return the date that many days after 1 January 1970."""
    return date(1970, 1, 1) + timedelta(days=ordinal)


def ordinal_of(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def offset(zone: ZoneInfo, number: int) -> int:
    """Return the zone's offset from UTC in seconds at a second of the line; raises BeyondYears."""
    found = instant(_within(number)).astimezone(zone).utcoffset()
    assert found is not None  # a ZoneInfo always has one
    return found // timedelta(seconds=1)


def pieces(zone: ZoneInfo, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Cut [start, end) where the zone's offset changes: (start, end, offset). Looked for by the hour, found to the second."""
    begin, current = start, offset(zone, start)
    for mark in range(start + _HOUR, end + 1, _HOUR):
        if offset(zone, mark) == current:
            continue
        low, high = mark - _HOUR, mark
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(zone, middle) == current else (low, middle)
        if high < end:
            yield begin, high, current
            begin, current = high, offset(zone, high)
    yield begin, end, current


def joined(spans: Iterable[tuple[int, int]]) -> Spans:
    """Return spans sorted, with those that touch or overlap made one."""
    found: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return tuple(found)


def merged(pauses: Iterable[Span]) -> Spans:
    """Return pauses as seconds, joined; one that still runs lasts for ever, an empty one is none."""
    spans = [(second(p.start), LAST if p.end is None else second(p.end)) for p in pauses]
    return joined((a, b) for a, b in spans if a < b) if spans else ()


def without(spans: Iterable[tuple[int, int]], holes: Spans) -> Iterator[tuple[int, int]]:
    """Take the holes out of spans; both in order and disjoint."""
    index = 0
    for begin, end in spans:
        at = begin
        while index < len(holes) and holes[index][1] <= at:
            index += 1
        for hole_start, hole_end in holes[index:]:
            if hole_start >= end:
                break
            if hole_start > at:
                yield at, hole_start
            at = max(at, hole_end)
        if at < end:
            yield at, end


def digest(value: object) -> str:
    """Return a short stable hash of plain JSON data."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
