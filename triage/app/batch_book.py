"""The book of one batch: what is known of its messages, what has been decided so far, all of it written at the end.

Reads what a batch needs in a few set-based queries and keeps the rest in memory, so that later messages see what
earlier ones of the same batch opened. Filled by `batch` and `ways`, inside their transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from triage.app import roster
from triage.app.echoes import Echoes
from triage.app.received import Folder, Received, as_json, stored_source
from triage.app.record import record
from triage.core import conversation, enclosures, outgoing
from triage.core.desk import Desk
from triage.core.effects import SendMail
from triage.core.events import EventName
from triage.core.lifecycle import Decision
from triage.core.lifecycle.moves import iso
from triage.core.message import Message
from triage.core.model import Case
from triage.core.records import AsideRow, Cursor, Event, KnownMessage, LedgerEntry, StoredMessage
from triage.core.understood import Reading
from triage.errors import Temporary
from triage.ports import Transaction


class TakenElsewhere(Temporary):
    """Another daemon gave some of these messages their outcome first; ask the ledger again."""


class BatchBook:
    """Implements `ordering.Book`. `desk` holds its agents as they are now; it changes while one says he is away."""

    def __init__(self, tx: Transaction, desk: Desk, folder: Folder, now: datetime) -> None:
        self.tx = tx
        self.desk = roster.desk_of(tx, desk, now)
        self.folder = folder
        self.now = now
        self.known: dict[str, list[KnownMessage]] = {}
        self.digests: dict[str, StoredMessage] = {}
        self.cases: dict[str, Case] = {}
        self.echoes = Echoes(tx, desk.site, now)
        self._base = desk
        self._series = f"{desk.site.reference_prefix}-{now.astimezone(desk.site.zone).year}"
        self._numbers: dict[str, int] = {}
        self._drawn: dict[str, int] = {}
        self._decisions: list[Decision] = []
        self._moves: dict[str, str] = {}
        self._entries: list[LedgerEntry] = []
        self._stored: list[StoredMessage] = []
        self._loose: list[Event] = []
        self._loose_mails: list[SendMail] = []

    @property
    def events(self) -> list[Event]:
        return [*(e for d in self._decisions for e in d.events), *self._loose]

    @property
    def outcomes(self) -> dict[int, str]:
        return {entry.uid: entry.outcome for entry in self._entries}

    # -- looking up ------------------------------------------------------------------------------------------------

    def look_up(self, batch: Iterable[Received]) -> None:
        """Fetch all that the batch's messages point to, in a fixed number of queries."""
        messages = [(r.message, r.reading) for r in batch if r.message is not None and r.reading is not None]
        self.echoes.look_up([(r.reading, r.at) for r in batch if r.reading is not None])
        named = [conversation.named_by(message, reading) for message, reading in messages]
        ids = {i for n in named for i in n.message_ids} | {m.message_id for m, _ in messages if m.message_id}
        ids |= {
            r.bounce.original_message_id for _, r in messages if r.bounce and r.bounce.original_message_id
        }
        if ids:
            self.known = {key: list(value) for key, value in self.tx.known_messages(ids).items()}
        self.digests = dict(self.tx.digests({m.digest for m, _ in messages}))
        wanted = {ref for n in named for ref in conversation.wanted(self.desk.site, n, self.known)}
        wanted |= {str(k.reference) for i in ids for k in self.known.get(i, ()) if k.reference}
        self.load(wanted)

    def load(self, references: set[str]) -> None:
        """Load cases for change, and those they were merged into, as far as the chain goes."""
        while missing := references - set(self.cases):
            found = self.tx.cases(missing, lock=True)
            self.cases.update(found)
            references = {c.merged_into for c in found.values() if c.merged_into}

    def case(self, reference: str) -> Case | None:
        self.load({reference})
        return self.cases.get(reference)

    def number(self) -> str:
        """Draw the next reference of this year; taken from the series when the batch is written."""
        series = self._series
        if series not in self._numbers:
            self._numbers[series] = self.tx.take_numbers(series, 0)
        number = self._numbers[series] + self._drawn.get(series, 0)
        self._drawn[series] = self._drawn.get(series, 0) + 1
        return f"{series}-{number:06d}"

    def unwritten(self, reference: str) -> tuple[Sequence[Event], Sequence[str], Sequence[StoredMessage]]:
        mine = [decision for decision in self._decisions if decision.case.reference == reference]
        keys = [e.key for decision in mine for e in decision.effects if isinstance(e, SendMail)]
        events = [event for decision in mine for event in decision.events]
        return events, keys, [message for message in self._stored if message.reference == reference]

    # -- keeping -----------------------------------------------------------------------------------------------------

    def keep(self, decision: Decision) -> None:
        self.cases[decision.case.reference] = decision.case
        self._decisions.append(replace(decision, also=()) if decision.also else decision)
        for other in decision.also:
            self.keep(other)

    def send(self, case: Case | None, mail: SendMail) -> None:
        """Add a mail that is no decision about a case itself; without a case it is nobody's."""
        if case is not None:
            self._decisions.append(Decision(self.cases[case.reference], effects=(mail,)))
        else:
            self._loose_mails.append(mail)

    def happened(self, event: Event) -> None:
        """Add to the history what no decision about a case tells."""
        self._loose.append(event)

    def move(self, digest: str, reference: str) -> None:
        self._moves[digest] = reference

    def silent(self, at: datetime, agent: str, until: datetime, why: str) -> None:
        """Count an agent as away whose mailbox answers by itself, or bounces."""
        roster.keep_silence(self.tx, agent, until)
        self.happened(Event(at, EventName.AGENT_AWAY, by=agent, data={"why": why, "until": iso(until)}))
        self.look_who_is_away()

    def look_who_is_away(self) -> None:
        """Look again who is away: an agent may just have said so."""
        self.desk = roster.desk_of(self.tx, self._base, self.now)

    def set_aside(self, received: Received, why: str, raw: bytes, reference: str | None) -> None:
        """Keep a message whole for an admin; its outcome is entered apart."""
        message = received.message
        row = AsideRow(
            at=received.at,
            mailbox=self.folder.mailbox,
            uid=received.fetched.uid,
            why=why,
            raw=raw,
            uidvalidity=self.folder.uidvalidity,
            message_id=message.message_id if message else None,
            sender=message.sender.address if message and message.sender else "",
            subject=message.subject if message else "",
            reference=reference,
        )
        self.tx.add_aside(row)
        data = {"why": why, "from": row.sender}
        self.happened(Event(received.at, EventName.MESSAGE_SET_ASIDE, reference, data=data))

    def store(
        self,
        received: Received,
        message: Message,
        reading: Reading,
        reference: str | None,
        direction: str = "in",
    ) -> None:
        """Keep a message; later ones of the batch know it."""
        mail, folder = received.fetched.mail, self.folder
        source = enclosures.source(message, folder.mailbox, folder.uidvalidity, received.fetched.uid)
        row = StoredMessage(
            digest=message.digest,
            at=received.at,
            direction=direction,
            sender=reading.sender.address if reading.sender else "",
            subject=message.subject,
            first_line=reading.first_line,
            text=message.text,
            new_text=reading.new_text,
            mailbox=folder.mailbox,
            reference=reference,
            message_id=message.message_id,
            message_class=reading.message_class,
            recipients=tuple(a.address for a in (*message.to, *message.cc)),
            attachments=enclosures.as_data(source, message.attachments),
            reading=as_json(reading),
            source=stored_source(mail, folder.stored_bytes) if mail else b"",
        )
        self._stored.append(row)
        self.digests[message.digest] = row
        if message.message_id and reference:
            known = KnownMessage(message.message_id, reference, direction)
            self.known.setdefault(message.message_id, []).append(known)

    def enter(self, received: Received, outcome: str, reason: str, reference: str | None = None) -> None:
        """Give a message its outcome."""
        message = received.message
        self._entries.append(
            LedgerEntry(
                mailbox=self.folder.mailbox,
                uidvalidity=self.folder.uidvalidity,
                uid=received.fetched.uid,
                outcome=str(outcome),
                at=self.now,
                reason=reason,
                reference=reference,
                message_id=message.message_id if message else None,
                digest=message.digest if message else "",
            )
        )

    # -- writing -----------------------------------------------------------------------------------------------------

    def write(self, last_uid: int) -> None:
        """Write all of it; the numbers drawn are taken now, in the same transaction. Raises TakenElsewhere."""
        for series, count in self._drawn.items():
            self.tx.take_numbers(series, count)
        record(self.tx, self.desk, self._decisions, self.now)
        self.echoes.write()
        if self._loose_mails:
            self.tx.add_outbox([outgoing.row(self.desk.site, mail, self.now) for mail in self._loose_mails])
        if self._stored:
            self.tx.add_messages(self._stored)
        if self._moves:
            self.tx.assign_messages(self._moves)
        if self._entries and self.tx.add_ledger(self._entries) < len(self._entries):
            raise TakenElsewhere("another daemon was there first")
        if self._loose:
            self.tx.add_events(self._loose)
        self._advance(last_uid)

    def _advance(self, last_uid: int) -> None:
        cursor = self.tx.cursor(self.folder.mailbox)
        other = cursor is None or cursor.uidvalidity != self.folder.uidvalidity
        if last_uid and (other or (cursor is not None and cursor.last_uid < last_uid)):
            self.tx.set_cursor(Cursor(self.folder.mailbox, self.folder.uidvalidity, last_uid))
