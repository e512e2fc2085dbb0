"""What an attempt means for its row in the outbox: when to try again, when to give up, what doubt leads to. Pure.

    accepted   the relay took the mail: done
    deferred   nothing was sent: tried again with growing pauses until the mail is too old, then failed
    refused    the relay said no to this mail: failed, and the case is told
    uncertain  the connection was lost between the final dot and its answer: automatic mail is sent once more with
               the same Message-ID; a person's words are held, and so is automatic mail whose second try ended in
               doubt too
    lapsed     the process died with it: as its trace tells (`Trace`), untouched, accepted or in doubt

Knows nothing of SMTP or of the store. Called by `app.outbox_turn` and both halves of dispatch.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from triage.core.model import MailKind, MailState
from triage.core.records import OutboxOutcome, OutboxRow

FIRST_PAUSE = timedelta(seconds=30)
SKEW = timedelta(minutes=1)
"""How far the clocks of nodes may differ; what was written later than that from now, was by a clock put back since."""
_LONGEST_PAUSE = timedelta(hours=1)
# When the relay itself is away, mails wait for it together and shall go soon after it is back.
_LONGEST_RELAY_PAUSE = timedelta(minutes=5)
_JITTER = 0.2
_AGAIN = 1
_AGAIN_AFTER_DEATHS = 3

_DAY = timedelta(days=1)
MAX_AGES: Mapping[MailKind, timedelta] = {
    MailKind.ACKNOWLEDGEMENT: 2 * _DAY,
    MailKind.REMINDER: _DAY,
    MailKind.DIGEST: _DAY,
    MailKind.ALARM: _DAY,
    MailKind.NOTICE: 5 * _DAY,
    MailKind.TRANSCRIPT: 5 * _DAY,
    MailKind.ANSWER: 5 * _DAY,
    MailKind.SURVEY: 5 * _DAY,
    MailKind.CANARY: _DAY,
}


class Trace(StrEnum):
    """What a process that died left written about a mail it had claimed.

    UNTOUCHED: the relay never heard its DATA, or did not take it; BEGUN: DATA, and no answer; ACCEPTED: the relay took
    it; UNKNOWN: nothing is left to read (the machine went down, another host's process).
    """

    UNTOUCHED = "untouched"
    BEGUN = "begun"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"


def max_ages(acknowledgement: timedelta, other: timedelta) -> Mapping[MailKind, timedelta]:
    """Return how long each kind is tried; reminders, digests and alarms lose their point within a day anyway."""
    short = {MailKind.REMINDER, MailKind.DIGEST, MailKind.ALARM, MailKind.CANARY}
    ages = {kind: min(other, MAX_AGES[kind]) if kind in short else other for kind in MailKind}
    return {**ages, MailKind.ACKNOWLEDGEMENT: acknowledgement}


def expires_at(row: OutboxRow, ages: Mapping[MailKind, timedelta] = MAX_AGES) -> datetime:
    """Return the instant from which the row is not sent any more.

    A mail meant for later lives from then on; once tried, its `next_at` says nothing about that, so such a row
    should bring its own `expires_at`.
    """
    if row.expires_at is not None:
        return row.expires_at
    born = row.created_at if row.attempts else max(row.created_at, row.next_at)
    return born + ages[row.kind]


def pause(
    key: str, attempts: int, longest: timedelta = _LONGEST_PAUSE, first: timedelta = FIRST_PAUSE
) -> timedelta:
    """Return how long to wait after the `attempts`-th try: doubling from 30 s, give or take a fifth.

    The jitter depends on key and attempt only, so the same history always gives the same instants.
    """
    base = min(first * 2 ** min(attempts - 1, 30), longest)
    digest = hashlib.blake2s(f"{attempts}:{key}".encode(), digest_size=4).digest()
    share = int.from_bytes(digest, "big") / 2**32
    return timedelta(seconds=round(base.total_seconds() * (1 + _JITTER * (2 * share - 1))))


def accepted(row: OutboxRow, now: datetime) -> OutboxOutcome:
    return OutboxOutcome(row.id, row.lease, MailState.ACCEPTED, now, attempts=row.attempts + 1)


def failed(row: OutboxRow, now: datetime, error: str) -> OutboxOutcome:
    """The relay refused it, or it cannot be put into words: trying again by itself would not help."""
    return OutboxOutcome(row.id, row.lease, MailState.FAILED, now, error=error, attempts=row.attempts + 1)


def deferred(
    row: OutboxRow,
    now: datetime,
    error: str,
    *,
    relay: bool = False,
    ages: Mapping[MailKind, timedelta] = MAX_AGES,
    first: timedelta = FIRST_PAUSE,
) -> OutboxOutcome:
    """Nothing was sent. `relay`: the fault is the relay's, not the mail's."""
    attempts = row.attempts + 1
    next_at = now + pause(row.key, attempts, _LONGEST_RELAY_PAUSE if relay else _LONGEST_PAUSE, first)
    if next_at >= expires_at(row, ages):
        return failed(row, now, f"given up after {_tries(attempts)}: {error}")
    return OutboxOutcome(
        row.id, row.lease, MailState.DEFERRED, now, next_at=next_at, error=error, attempts=attempts
    )


def uncertain(
    row: OutboxRow,
    now: datetime,
    error: str,
    *,
    ages: Mapping[MailKind, timedelta] = MAX_AGES,
    first: timedelta = FIRST_PAUSE,
) -> OutboxOutcome:
    """It may have gone or not. Sent once more if a machine wrote it; the second doubt, or a person's words, rest."""
    return _doubt(row, now, now + pause(row.key, row.attempts + 1, _LONGEST_RELAY_PAUSE, first), error, ages)


def lapsed(
    row: OutboxRow,
    now: datetime,
    trace: Trace,
    error: str,
    *,
    ages: Mapping[MailKind, timedelta] = MAX_AGES,
) -> OutboxOutcome:
    """Return what its process's death means for a mail; what is in doubt and a machine's goes again at once.

    Not only once, but three times at most: a crash says less about a mail than a lost connection does, and whoever
    wrote to us shall not be left without any answer by two of them in a row (docs/adr/0002).
    """
    match trace:
        case Trace.UNTOUCHED:
            return released(row, now)
        case Trace.ACCEPTED:
            return accepted(row, now)
        case Trace.BEGUN | Trace.UNKNOWN:
            return _doubt(row, now, now, error, ages, _AGAIN_AFTER_DEATHS)
        case _:
            assert_never(trace)


def _doubt(
    row: OutboxRow,
    now: datetime,
    next_at: datetime,
    error: str,
    ages: Mapping[MailKind, timedelta],
    most: int = _AGAIN,
) -> OutboxOutcome:
    again = not row.person and row.doubts < most and next_at < expires_at(row, ages)
    return OutboxOutcome(
        row.id,
        row.lease,
        MailState.DEFERRED if again else MailState.UNCERTAIN,
        now,
        next_at=next_at if again else None,
        error=error,
        attempts=row.attempts + 1,
        doubts=row.doubts + 1,
    )


def released(
    row: OutboxRow, now: datetime, error: str = "", next_at: datetime | None = None
) -> OutboxOutcome:
    """Claimed and not tried: as it was before, and no try is counted."""
    tried = bool(row.attempts or next_at)
    state = MailState.DEFERRED if tried else MailState.QUEUED
    return OutboxOutcome(row.id, row.lease, state, now, next_at=next_at, error=error or row.last_error)


def refused(row: OutboxRow, now: datetime, reason: str) -> OutboxOutcome:
    """The governor said no."""
    return OutboxOutcome(row.id, row.lease, MailState.REFUSED, now, error=reason)


def _tries(count: int) -> str:
    return f"{count} {'try' if count == 1 else 'tries'}"


def too_old(row: OutboxRow, now: datetime) -> OutboxOutcome:
    """Its time has passed. Never tried: dropped. Tried: failed, so that somebody hears of it.

    After a doubt it is neither: it may have arrived.
    """
    if row.doubts:
        return OutboxOutcome(row.id, row.lease, MailState.UNCERTAIN, now, error=row.last_error)
    if row.attempts or row.person:
        error = (
            f"given up after {_tries(row.attempts)}, too old to be sent: {row.last_error or 'never tried'}"
        )
        return OutboxOutcome(row.id, row.lease, MailState.FAILED, now, error=error)
    return OutboxOutcome(row.id, row.lease, MailState.DROPPED, now, error="expired: too old to be sent")
