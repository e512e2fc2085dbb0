"""A batch of received messages, decided inside one transaction: ledger, messages, cases, events, outbox, alarms.

`BatchBook` looks up what the batch needs and writes what was decided; here each message, in its order, is told apart
from what needs no decision, and routed; `ways` does what its way asks. Either all of it is committed or nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from triage.app import canaries, ways
from triage.app.batch_book import BatchBook
from triage.app.received import Folder, Received
from triage.core import canary, conversation, monitors, reception
from triage.core.conversation import Link
from triage.core.desk import Desk
from triage.core.message import Message
from triage.core.model import MessageClass, Trust
from triage.core.reception import Way
from triage.core.records import Event
from triage.core.understood import Reading
from triage.ports import Transaction


@dataclass(frozen=True, slots=True)
class Taken:
    """What a batch did: outcome by UID, and the events for the log."""

    outcomes: dict[int, str] = field(default_factory=dict)
    events: tuple[Event, ...] = ()


def take(
    tx: Transaction, desk: Desk, folder: Folder, batch: Sequence[Received], now: datetime, upto: int
) -> Taken:
    """Decide and write one batch; messages whose UID has an outcome already are passed over.

    `upto`: the cursor is moved on to there, never back. Raises TakenElsewhere. One intake at a time decides, whatever
    the mailbox: the same message through two of them must find the case that the other one opened.
    """
    tx.lock("intake")
    have = tx.ledger(folder.mailbox, folder.uidvalidity, [r.fetched.uid for r in batch])
    fresh = [r for r in batch if r.fetched.uid not in have]
    book = BatchBook(tx, desk, folder, now)
    window = reception.window(desk)
    book.look_up(fresh)
    for received in fresh:
        _one(book, received, window)
    book.write(upto)
    return Taken({**{uid: e.outcome for uid, e in have.items()}, **book.outcomes}, tuple(book.events))


def _one(book: BatchBook, received: Received, window: timedelta) -> None:
    message, reading = received.message, received.reading
    twin = book.digests.get(message.digest) if message else None
    if twin is not None:
        book.enter(received, "duplicate", "the same message was received before", twin.reference)
    elif received.old:
        book.enter(received, "skipped", "it lay in the folder before our first look at it")
    elif book.folder.sent:
        _sent(book, received)
    elif message is None or reading is None:
        ways.unreadable(book, received)
    elif canaries.came_back(book.tx, book.desk, book.folder.mailbox, message, reading, book.now):
        book.enter(received, canary.OUTCOME, "a canary of ours came back")
    else:
        _routed(book, received, message, reading, window)


def _routed(
    book: BatchBook, received: Received, message: Message, reading: Reading, window: timedelta
) -> None:
    site = book.desk.site
    link = conversation.place(site, message, reading, book.known, book.cases)
    link = link or _watched(book, message, reading)
    case = book.cases.get(link.reference) if link else None
    route = reception.route(site, message, reading, link, case, received.at, window)
    route = book.echoes.judge(route, message, reading, received.at)
    ways.follow(book, received, message, reading, route)


def _watched(book: BatchBook, message: Message, reading: Reading) -> Link | None:
    """Return the open case about the thing that a monitor's mail is about."""
    key = monitors.thing(message) if reading.message_class is MessageClass.MONITOR else ""
    if not key or reading.sender is None or reading.trust is Trust.FAILED:
        return None
    book.load({case.reference for case in book.tx.open_cases_of(reading.sender.address)})
    about = (c.reference for c in book.cases.values() if c.open and c.monitored == key)
    reference = next(about, None)
    return Link("monitored", reference, joins=True) if reference else None


def _sent(book: BatchBook, received: Received) -> None:
    """Route a mail of the folder of sent mail; its writer is one of us."""
    message, reading = received.message, received.reading
    if message is None or reading is None:
        book.enter(received, Way.IGNORE, f"sent mail that cannot be read: {received.error}")
        return
    site = book.desk.site
    link = conversation.place(site, message, reading, book.known, book.cases, colleague=True)
    case = book.cases.get(link.reference) if link else None
    route = replace(reception.sent(site, message, case), link=link)
    ways.sent(book, received, message, reading, route)
