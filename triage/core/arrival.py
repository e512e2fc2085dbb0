"""Which instant is a message's arrival: the moment our server received it, never the client's clock.

Knows the three sources of sla/README, their order, and the forms in which protocols write an instant. Pure; an
instant is aware UTC, cut to whole seconds. Called by `app.received` and by explain.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from enum import StrEnum

from triage.core.utc_line import BeyondYears, whole

DATE_DIFFERS = "date_differs"
CLOCK = "clock"
BACKLOG = "backlog"

_DIFFERENCE = timedelta(minutes=15)
_BACKLOG = timedelta(days=7)
_LONGEST = 200  # characters of a date; longer ones are no dates, and nothing here shall take long
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# RFC 9051 section 9, date-time: the day may be padded with a blank, the month is English whatever the locale.
_INTERNALDATE = re.compile(
    r" ?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})", re.ASCII
)
_BY = re.compile(r"(?:^|[\s)])by\s+([^\s;()]+)", re.IGNORECASE)


class Source(StrEnum):
    """Where the arrival was taken from."""

    INTERNALDATE = "internaldate"
    RECEIVED = "received"
    FETCH = "fetch"


@dataclass(frozen=True, slots=True)
class Arrival:
    """`flags`: date_differs (from the client's Date), clock (the server's date lay in the future), backlog."""

    at: datetime
    source: Source
    flags: tuple[str, ...] = ()


def of(
    *,
    internal_date: datetime | None,
    received: datetime | None,
    date: datetime | None,
    fetched_at: datetime,
    backlog: timedelta = _BACKLOG,
) -> Arrival:
    """Return the arrival: INTERNALDATE, else our own Received, else the fetch; never later than the fetch.

    `date` is the Date header: compared, never used. All instants are aware; fractions of a second are cut off.
    """
    fetch = whole(fetched_at)
    if internal_date is not None:
        at, source = whole(internal_date), Source.INTERNALDATE
    elif received is not None:
        at, source = whole(received), Source.RECEIVED
    else:
        at, source = fetch, Source.FETCH
    ahead = at > fetch
    if ahead:
        at, source = fetch, Source.FETCH
    flags = {
        DATE_DIFFERS: date is not None and abs(whole(date) - at) > _DIFFERENCE,
        CLOCK: ahead,
        BACKLOG: fetch - at > backlog,
    }
    return Arrival(at, source, tuple(name for name, is_set in flags.items() if is_set))


def own_received(received: Sequence[str], host: str | None) -> datetime | None:
    """Return the date of the newest Received line that our own server wrote; None where there is none.

    `received` are the values from the top of the message down: ours stand above what a sender could have written
    (RFC 5321, 4.4). `host` is the name after `by`; without one the topmost line is ours.
    """
    for value in received:
        written = _BY.search(value[:2000])
        if host is None or (written is not None and written[1].casefold().rstrip(".") == host.casefold()):
            return parse_instant(value.rpartition(";")[2])
    return None


def parse_instant(text: str) -> datetime | None:
    """Read ISO 8601, an INTERNALDATE or a Date header's form; None when it is none, or has no offset. Never raises."""
    text = text.strip("\r\n\t ") if len(text) <= _LONGEST else ""
    if not text:
        return None
    found = _iso(text) or _internaldate(text) or _mail_date(text)
    if found is None or found.utcoffset() is None:
        return None
    try:
        return whole(found)
    except BeyondYears:
        return None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _internaldate(text: str) -> datetime | None:
    match = _INTERNALDATE.fullmatch(text)
    if match is None or match[2].lower() not in _MONTHS:
        return None
    month = _MONTHS.index(match[2].lower()) + 1
    away = timedelta(hours=int(match[8]), minutes=int(match[9])) * (-1 if match[7] == "-" else 1)
    try:
        zone = timezone(away)
        return datetime(
            int(match[3]), month, int(match[1]), int(match[4]), int(match[5]), int(match[6]), tzinfo=zone
        )
    except ValueError:
        return None


def _mail_date(text: str) -> datetime | None:
    """Read the date of RFC 5322, 3.3; `-0000` says that the zone is not known, the instant is."""
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None and text.endswith("-0000") else found
