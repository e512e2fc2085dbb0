"""Messages set aside, in an admin's hands: shown, written to a file, put through again as a new decision.

Called by the command line only. What is retried keeps its arrival; its UID gets the new outcome in place of the old.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from triage.app import batch
from triage.app.happenings import UNREADABLE_RULE
from triage.app.received import Folder, Received, receive
from triage.app.record import record
from triage.core import lifecycle
from triage.core.commands import Action, Command
from triage.core.desk import Desk
from triage.core.events import AgentOrdered
from triage.core.message import RawMail
from triage.core.records import AsideRow
from triage.errors import Permanent, Unreadable
from triage.ports import Clock, Fetched, MessageReader, Store, Transaction


class StillAside(Permanent):
    """The new decision would set the message aside again; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Again:
    """What a retry led to."""

    outcome: str
    reference: str | None


def rows(tx: Transaction) -> list[dict[str, Any]]:
    """Return what `aside list --json` shows, oldest first."""
    return [as_json(row) for row in tx.list_aside()]


def as_json(row: AsideRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": row.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "mailbox": row.mailbox,
        "uid": row.uid,
        "message_id": row.message_id,
        "from": row.sender,
        "subject": row.subject,
        "why": row.why,
        "case": row.reference,
    }


async def retry(
    store: Store, reader: MessageReader, desk: Desk, clock: Clock, row_id: int, by: str = "cli"
) -> Again:
    """Put one message through again. Raises Permanent where there is none or its bytes were not to be had, StillAside
    where nothing would change.

    The case that stood for the unreadable message is closed; the mail now has one of its own, or none.
    """
    row = await store.read(lambda tx: tx.aside(row_id))
    if row is None:
        raise Permanent(f"{row_id}: no such message set aside")
    if not row.raw:
        raise Permanent(f"{row_id}: the server never delivered this message; nothing is there to be read")
    (read,) = await reader.read_many([RawMail(raw=row.raw, size=len(row.raw))], desk)
    if isinstance(read, Unreadable):
        raise StillAside(f"{row_id}: {read}")
    now = clock.now()
    fetched = Fetched(row.uid, row.at, RawMail(raw=row.raw, size=len(row.raw)))
    received = receive(desk, fetched, read, now)
    return await store.write(lambda tx: _again(tx, desk, row, received, now, by))


def _again(tx: Transaction, desk: Desk, row: AsideRow, received: Received, now: datetime, by: str) -> Again:
    if tx.aside(row.id) is None:
        raise Permanent(f"{row.id}: was retried by somebody else meanwhile")
    tx.forget_ledger(row.mailbox, row.uidvalidity, row.uid)
    folder = Folder(row.mailbox, row.uidvalidity)
    outcome = batch.take(tx, desk, folder, [received], now, 0).outcomes[row.uid]
    entry = tx.ledger(row.mailbox, row.uidvalidity, [row.uid])[row.uid]
    if outcome == "set_aside":
        raise StillAside(f"{row.id}: {entry.reason}")
    tx.remove_aside(row.id)
    _close_stand_in(tx, desk, row, entry.reference, now, by)
    return Again(outcome, entry.reference)


def _close_stand_in(
    tx: Transaction, desk: Desk, row: AsideRow, reference: str | None, now: datetime, by: str
) -> None:
    """Close the case that only said that a message could not be read."""
    found = tx.cases([row.reference], lock=True) if row.reference and row.reference != reference else {}
    for case in found.values():
        if case.classification.rule == UNREADABLE_RULE and case.open:
            words = f"the message could be read: {reference or 'it is no case'}"
            order = AgentOrdered(now, by, Command(Action.CLOSE, words, f"!close {words}"))
            record(tx, desk, [lifecycle.decide(desk, case, order, now)], now)
