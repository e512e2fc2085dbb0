"""Reads how it stands from the store, in one transaction; keeps the note of each folder's last look.

Called by `triage status`, the metrics and the health page; what is said about it is `core.standing`'s.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from triage.app import roster
from triage.app.canaries import load
from triage.app.outages import RELAY_NOTE
from triage.app.outbox_turn import BREAKER_NOTE
from triage.app.readers import Write, lease_name
from triage.core.records import Node
from triage.core.site import Site
from triage.core.standing import ALARM_OVERDUE, CanaryStanding, MailboxStanding, Standing, TokenStanding
from triage.ports import Clock, Transaction

BACKUP_NOTE = "backup/last"
_LOOKED, _AWAY, _SETTLING, _TOKENS = "looked/", "away/", "settling/", "oauth/"
_NEXT = 10
_NOTE_EVERY = timedelta(seconds=30)


def read(
    tx: Transaction,
    mailboxes: Sequence[str],
    now: datetime,
    nodes: Sequence[Node] = (),
    *,
    canaries: bool = False,
    site: Site | None = None,
    room: int | None = None,
) -> Standing:
    """Return the standing of the configured mailboxes and of everything stored; `canaries`: whether they are sent,
    `nodes`: the daemons as they look now, `site`: whose agents may be away, `room`: octets left for the store.
    """
    leases, living = tx.leases(), {node.name for node in nodes if node.lives}
    looked, away, settling = tx.notes_under(_LOOKED), tx.notes_under(_AWAY), tx.notes_under(_SETTLING)
    return Standing(
        at=now,
        mailboxes=tuple(
            MailboxStanding(
                name,
                _instant(looked.get(name)),
                _instant(away.get(name)),
                str(json.loads(settling[name])["error"]) if name in settling else "",
                cursor.last_uid if (cursor := tx.cursor(name)) else 0,
                lease.holder if (lease := leases.get(lease_name(name))) and lease.holder in living else "",
            )
            for name in mailboxes
        ),
        tokens=tuple(_token(name, note) for name, note in sorted(tx.notes_under(_TOKENS).items())),
        canaries=tuple(_canary(tx, name) for name in mailboxes) if canaries else (),
        cases=tx.count_cases(),
        open_cases=tx.count_open_cases(),
        outbox=tx.count_outbox(),
        oldest_waiting=tx.oldest_waiting(),
        alarms_pending=tx.count_alarms(),
        alarms_overdue=tx.count_overdue_alarms(now - ALARM_OVERDUE),
        set_aside=tx.count_aside(),
        breaker_until=_future(_instant(tx.get_note(BREAKER_NOTE)), now),
        relay_away_since=_instant(tx.get_note(RELAY_NOTE)),
        backup_at=_instant(tx.get_note(BACKUP_NOTE)),
        next_deadlines=tuple(tx.next_deadlines(_NEXT)),
        nodes=tuple(nodes),
        room=room,
        away=roster.away(tx, site, now) if site else (),
    )


def _token(name: str, note: str) -> TokenStanding:
    told = json.loads(note)
    return TokenStanding(name, _instant(told.get("expires_at")), str(told.get("error", "")))


def _canary(tx: Transaction, mailbox: str) -> CanaryStanding:
    state = load(tx, mailbox)
    since = None if state.told_at is None else state.waiting[0] if state.waiting else state.told_at
    return CanaryStanding(mailbox, state.back_at, state.round_trip, since)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _future(at: datetime | None, now: datetime) -> datetime | None:
    return at if at is not None and at > now else None


class Looks:
    """Notes when each folder was last read to its end; at most every half minute, because every note is a commit."""

    def __init__(self, write: Write, clock: Clock) -> None:
        self._write = write
        self._clock = clock
        self._noted: dict[str, datetime] = {}

    async def __call__(self, mailbox: str) -> None:
        now = self._clock.now()
        last = self._noted.get(mailbox)
        if last is not None and timedelta() <= now - last < _NOTE_EVERY:
            return
        self._noted[mailbox] = now
        await self._write(mailbox, lambda tx: tx.set_note(_LOOKED + mailbox, now.isoformat()))
