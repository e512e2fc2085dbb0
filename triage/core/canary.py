"""The canary: a signed mail to ourselves, sent now and then through outbox, relay and mailbox; its absence is the news.

Every part of the way may look well by itself while mail does not arrive: a relay that takes mails and keeps them, a
filter, a full mailbox. A canary that came back proves the whole. It is never a case and leaves nothing behind. Pure;
performed by `app.canaries`, recognised by `app.batch`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from triage.core import signing
from triage.core.message import Message
from triage.core.model import MessageClass
from triage.core.site import MailboxIdentity, Site
from triage.core.understood import Reading

OUTCOME = "canary"
"""What the ledger says of one."""
_REMEMBERED = 50


@dataclass(frozen=True, slots=True)
class Canary:
    """What one mailbox's canaries did. Instants are those of their sending, but for `back_at` and `told_at`.

    `waiting`: those not yet seen, oldest first. `back_at`: when the last one was read, `round_trip` after its sending.
    `told_at`: when the admin was told that it is overdue; None while all is well.
    """

    waiting: tuple[datetime, ...] = ()
    back_at: datetime | None = None
    round_trip: timedelta | None = None
    sent_at: datetime | None = None
    told_at: datetime | None = None


class News(StrEnum):
    """What the admin is to be told."""

    OVERDUE = "overdue"
    BACK = "back"


def due(canary: Canary, every: timedelta, now: datetime) -> bool:
    """Say whether the next one is to be sent."""
    return canary.sent_at is None or now - canary.sent_at >= every


def sent(canary: Canary, at: datetime) -> Canary:
    """Note one on its way; of very many that never came the oldest and the newest are remembered."""
    waiting = (*canary.waiting, at)
    if len(waiting) > _REMEMBERED:
        waiting = (waiting[0], *waiting[2:])
    return replace(canary, waiting=waiting, sent_at=at)


def came(canary: Canary, sent_at: datetime, now: datetime) -> Canary:
    """Note that one was read; those sent before it are given up, for the way is open. Another one changes nothing."""
    if sent_at not in canary.waiting:
        return canary
    later = tuple(at for at in canary.waiting if at > sent_at)
    return replace(canary, waiting=later, back_at=now, round_trip=max(now - sent_at, timedelta()))


def missing_since(
    canary: Canary, patience: timedelta, now: datetime, looking_since: datetime
) -> datetime | None:
    """Return when the oldest canary was sent that should have been seen by now; None while all is well.

    `looking_since`: since when somebody reads the mailbox; a canary's time does not run while nobody does.
    """
    oldest = canary.waiting[0] if canary.waiting else None
    return oldest if oldest is not None and now - max(oldest, looking_since) > patience else None


def news(canary: Canary, patience: timedelta, now: datetime, looking_since: datetime) -> News | None:
    """Return what the admin does not know yet: it is overdue, told once; it is back, told once after that."""
    if canary.told_at is None:
        overdue = missing_since(canary, patience, now, looking_since) is not None
        return News.OVERDUE if overdue else None
    return News.BACK if canary.back_at is not None and canary.back_at > canary.told_at else None


def told(canary: Canary, what: News, now: datetime) -> Canary:
    return replace(canary, told_at=now if what is News.OVERDUE else None)


def moment(now: datetime) -> datetime:
    """Return the instant of a sending as it can stand in a mail: whole milliseconds."""
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def recognised(site: Site, box: MailboxIdentity, message: Message, reading: Reading) -> datetime | None:
    """Return when a mail was sent that is our own canary to this mailbox; None for any other, however alike."""
    if reading.message_class is not MessageClass.OWN:
        return None
    return signing.read_canary(site.secret, box.address, message.subject)
