"""Sends canaries, takes note of those that come back, and tells the admin once when they do not and once when they do.

The state of each mailbox's canaries is a note in the store, changed in the transaction that sends or reads one. A
canary read drops its row of the outbox, and what was sent before it: nothing stays but the note and the ledger.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from triage.app import trouble
from triage.app.pauses import keep_doing
from triage.core import canary, drafts_site, outgoing
from triage.core.canary import Canary, News
from triage.core.desk import Desk
from triage.core.drafts_site import Trouble
from triage.core.message import Message
from triage.core.model import MailKind, MailState
from triage.core.records import OutboxRow
from triage.core.site import MailboxIdentity
from triage.core.understood import Reading
from triage.log import logger
from triage.ports import Clock, Store, Transaction

NOTE = "canary/"
_LOOK_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often one is sent, and after how long an absent one is the admin's business."""

    every: timedelta
    patience: timedelta


class Canaries:
    """A chore of the daemon; `notify` wakes the dispatcher."""

    def __init__(
        self,
        store: Store,
        desk: Callable[[], Desk],
        clock: Clock,
        rhythm: Rhythm,
        notify: Callable[[], None],
    ) -> None:
        self._store = store
        self._desk = desk
        self._clock = clock
        self._rhythm = rhythm
        self._notify = notify
        self._looking_since = clock.now()
        self._log = logger(part="canary")

    async def run(self, stop: asyncio.Event) -> None:
        """Look every twenty seconds until `stop` is set."""
        await keep_doing(self.do, _LOOK_SECONDS, stop, "canary")

    async def do(self) -> None:
        """Tell what is news and send what is due, for every mailbox."""
        for box in self._desk().site.mailboxes:
            now = self._clock.now()
            seen = await self._store.read(partial(load, mailbox=box.name))
            if self._news(seen, now) is None and not canary.due(seen, self._rhythm.every, now):
                continue
            what = await self._store.write(partial(self._act, box=box, now=now))
            if what is not None:
                (self._log.error if what is News.OVERDUE else self._log.info)(_SAID[what], mailbox=box.name)
            self._notify()

    def _news(self, seen: Canary, now: datetime) -> News | None:
        return canary.news(seen, self._rhythm.patience, now, self._looking_since)

    def _act(self, tx: Transaction, box: MailboxIdentity, now: datetime) -> News | None:
        """Decide anew under the lock: another daemon may have been first."""
        tx.lock(NOTE + box.name)
        desk, state = self._desk(), load(tx, box.name)
        what = self._news(state, now)
        if what is not None:
            since = (state.waiting[0] if state.waiting else None) or state.back_at or now
            detail = _whereabouts(tx, desk, box, since) if what is News.OVERDUE else ""
            trouble.tell_admin(tx, desk, _TROUBLE[what], box.name, since, now, detail=detail)
            state = canary.told(state, what, now)
        if canary.due(state, self._rhythm.every, now):
            at = canary.moment(now)
            until = at + max(self._rhythm.every, self._rhythm.patience)
            tx.drop_mails(MailKind.CANARY, box.address, at - 2 * (until - at))
            tx.add_outbox([_row(desk, box, at, until)])
            state = canary.sent(state, at)
        save(tx, box.name, state)
        return what


_SAID = {News.OVERDUE: "canary.overdue", News.BACK: "canary.back"}
_TROUBLE = {News.OVERDUE: Trouble.CANARY_OVERDUE, News.BACK: Trouble.CANARY_BACK}


def _row(desk: Desk, box: MailboxIdentity, at: datetime, until: datetime) -> OutboxRow:
    return outgoing.row(desk.site, drafts_site.canary(desk.site, desk.support.company, box, at, until), at)


def _whereabouts(tx: Transaction, desk: Desk, box: MailboxIdentity, sent_at: datetime) -> str:
    """Say what became of the canary sent then: where to look first."""
    found = tx.list_outbox(message_ids=[_row(desk, box, sent_at, sent_at).message_id])
    if not found:
        return ""
    (row,) = found
    if row.state is MailState.ACCEPTED and row.accepted_at is not None:
        return (
            f"The relay accepted it at {row.accepted_at:%Y-%m-%dT%H:%M:%SZ}; it was not seen in the mailbox."
        )
    return f"Not handed to the relay ({row.state}): {row.last_error or 'no try yet'}"


def came_back(
    tx: Transaction, desk: Desk, mailbox: str, message: Message, reading: Reading, now: datetime
) -> bool:
    """Say whether a message is our own canary to this mailbox, and take note of it."""
    box = next((one for one in desk.site.mailboxes if one.name == mailbox), None)
    sent_at = canary.recognised(desk.site, box, message, reading) if box is not None else None
    if box is None or sent_at is None:
        return False
    tx.lock(NOTE + mailbox)
    state = load(tx, mailbox)
    save(tx, mailbox, canary.came(state, sent_at, now))
    if sent_at in state.waiting:
        tx.drop_mails(MailKind.CANARY, box.address, sent_at + timedelta(milliseconds=1))
    return True


# -- the note ------------------------------------------------------------------------------------------------------


def load(tx: Transaction, mailbox: str) -> Canary:
    """Return what a mailbox's canaries did, nothing where there never was one."""
    return read(tx.get_note(NOTE + mailbox))


def read(note: str | None) -> Canary:
    if note is None:
        return Canary()
    told = json.loads(note)
    trip = told["round_trip"]
    return Canary(
        waiting=tuple(datetime.fromisoformat(at) for at in told["waiting"]),
        back_at=_instant(told["back_at"]),
        round_trip=None if trip is None else timedelta(seconds=trip),
        sent_at=_instant(told["sent_at"]),
        told_at=_instant(told["told_at"]),
    )


def save(tx: Transaction, mailbox: str, state: Canary) -> None:
    note = {
        "waiting": [at.isoformat() for at in state.waiting],
        "back_at": state.back_at and state.back_at.isoformat(),
        "round_trip": None if state.round_trip is None else state.round_trip.total_seconds(),
        "sent_at": state.sent_at and state.sent_at.isoformat(),
        "told_at": state.told_at and state.told_at.isoformat(),
    }
    tx.set_note(NOTE + mailbox, json.dumps(note))


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
