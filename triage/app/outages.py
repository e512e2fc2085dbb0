"""A server that is away: recorded once when it goes and once when it is back, and mailed to the admin after a while.

A mailbox's absence is mailed while it lasts; that of the relay when it is over, since no mail can tell it before.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from triage.app import trouble
from triage.app.readers import Write
from triage.core.desk import Desk
from triage.core.drafts_site import Trouble
from triage.core.events import EventName
from triage.core.records import Event
from triage.ports import Clock, Transaction

RELAY_NOTE = "relay-away"
_WAITING = ("queued", "deferred", "sending")


class Outages:
    """Callable with (mailbox, error or None for "back", since); keeps its memory in the store's notes, where a node that
    takes the mailbox over finds it.
    """

    def __init__(self, write: Write, desk: Callable[[], Desk], clock: Clock, patience: timedelta) -> None:
        self._write = write
        self._desk = desk
        self._clock = clock
        self._patience = patience

    async def __call__(self, mailbox: str, error: str | None, since: datetime) -> None:
        desk, now = self._desk(), self._clock.now()
        if error is None:
            await self._write(mailbox, lambda tx: _back(tx, desk, mailbox, now))
        else:
            patient = now - since < self._patience
            await self._write(
                mailbox, lambda tx: _away(tx, desk, mailbox, since, now, "" if patient else error)
            )


def _away(tx: Transaction, desk: Desk, mailbox: str, since: datetime, now: datetime, error: str) -> None:
    away, told = f"away/{mailbox}", f"away-told/{mailbox}"
    if tx.get_note(away) is None:
        tx.set_note(away, since.isoformat())
        tx.add_events([Event(since, EventName.MAILBOX_UNREACHABLE, data={"mailbox": mailbox})])
    if error and tx.get_note(told) is None:
        tx.set_note(told, now.isoformat())
        _mail(tx, desk, Trouble.MAILBOX_UNREACHABLE, mailbox, since, now, error)


def _back(tx: Transaction, desk: Desk, mailbox: str, now: datetime) -> None:
    away, told = f"away/{mailbox}", f"away-told/{mailbox}"
    since = tx.get_note(away)
    if since is None:
        return
    tx.set_note(away, None)
    tx.add_events([Event(now, EventName.MAILBOX_BACK, data={"mailbox": mailbox, "since": since})])
    if tx.get_note(told) is not None:
        tx.set_note(told, None)
        _mail(tx, desk, Trouble.MAILBOX_BACK, mailbox, datetime.fromisoformat(since), now, "")


def _mail(
    tx: Transaction, desk: Desk, what: Trouble, mailbox: str, at: datetime, now: datetime, detail: str
) -> None:
    trouble.tell_admin(tx, desk, what, mailbox, at, now, detail=detail)


def breaker_opened(desk: Callable[[], Desk], tx: Transaction, reason: str, now: datetime) -> None:
    """Tell the admin that automatic sending has stopped; intake goes on."""
    _mail(tx, desk(), Trouble.BREAKER, "", now, now, reason)


def relay_found(
    desk: Callable[[], Desk], patience: timedelta, tx: Transaction, since: datetime | None, now: datetime
) -> None:
    """Record that the relay went or is back; the admin hears afterwards how long it was and how many mails wait."""
    noted = tx.get_note(RELAY_NOTE)
    if since is not None:
        if noted is None:
            tx.set_note(RELAY_NOTE, since.isoformat())
            tx.add_events([Event(since, EventName.RELAY_UNREACHABLE)])
        return
    if noted is None:
        return
    tx.set_note(RELAY_NOTE, None)
    tx.add_events([Event(now, EventName.RELAY_BACK, data={"since": noted})])
    began = datetime.fromisoformat(noted)
    if now - began >= patience:
        found = tx.count_outbox()
        waiting = sum(found.get(state, 0) for state in _WAITING)
        trouble.tell_admin(tx, desk(), Trouble.SMTP_BACK, str(waiting), began, now, until=now)
