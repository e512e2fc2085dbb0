"""A batch of received messages, decided inside one transaction: ledger, messages, cases, events, outbox, alarms.

Reads everything the batch needs in a few set-based queries, decides in memory (later messages see what earlier
ones of the same batch opened), writes everything at the end. Either all of it is committed or nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from triage.app import canaries, ordering, roster
from triage.app.echoes import Echoes
from triage.app.ordering import Asked
from triage.app.outcomes import in_place, lost_to, went
from triage.app.received import BACKLOG, EXCERPT, Received, as_json, missing, stored_source
from triage.app.record import record
from triage.core import (
    absences,
    canary,
    conversation,
    enclosures,
    feedback,
    letters_agent,
    letters_client,
    lifecycle,
    loopguard,
    monitors,
    outgoing,
    reception,
    sayings,
)
from triage.core.conversation import Candidates, Link
from triage.core.desk import Desk
from triage.core.effects import SendMail
from triage.core.events import (
    AgentAnswered,
    AgentReplied,
    ClientNotReached,
    ClientWrote,
    EventName,
    Happening,
    MachineWrote,
    Opening,
)
from triage.core.lifecycle import Decision
from triage.core.lifecycle.moves import iso
from triage.core.marks import Bounce
from triage.core.message import Message
from triage.core.model import (
    Address,
    Case,
    Classification,
    MailState,
    MessageClass,
    Role,
    Severity,
    Source,
    Trust,
)
from triage.core.reading import Reading
from triage.core.reception import Route, Way
from triage.core.records import (
    AsideRow,
    Cursor,
    Event,
    KnownMessage,
    LedgerEntry,
    OutboxRow,
    StoredMessage,
)
from triage.errors import Temporary
from triage.ports import Transaction

UNREADABLE = "message could not be read"
UNREADABLE_RULE = "unreadable"


class TakenElsewhere(Temporary):
    """Another daemon gave some of these messages their outcome first; ask the ledger again."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a batch did: outcome by UID, and the events for the log."""

    outcomes: dict[int, str] = field(default_factory=dict)
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the batch came from, and how much of a raw mail we keep (bytes). `sent`: where people of ours file theirs."""

    mailbox: str
    uidvalidity: int
    stored_bytes: int = 2_000_000
    sent: bool = False


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
    work = _Work(tx, desk, folder, now)
    work.look_up(fresh)
    for received in fresh:
        work.one(received)
    work.write(upto)
    return Taken({**{uid: e.outcome for uid, e in have.items()}, **work.outcomes()}, tuple(work.events))


class _Work:
    """The batch on the table: what is known, and what has been decided so far."""

    def __init__(self, tx: Transaction, desk: Desk, folder: Folder, now: datetime) -> None:
        self.tx = tx
        self.base = desk
        self.desk = roster.desk_of(tx, desk, now)
        self.folder = folder
        self.now = now
        self.window = reception.window(desk)
        self.known: dict[str, list[KnownMessage]] = {}
        self.digests: dict[str, StoredMessage] = {}
        self.cases: dict[str, Case] = {}
        self.numbers: dict[str, int] = {}
        self.drawn: dict[str, int] = {}
        self.decisions: list[Decision] = []
        self.moves: dict[str, str] = {}
        self.entries: list[LedgerEntry] = []
        self.stored: list[StoredMessage] = []
        self.loose: list[Event] = []
        self.loose_mails: list[SendMail] = []
        self.echoes = Echoes(tx, desk.site, now)

    @property
    def events(self) -> list[Event]:
        return [*(e for d in self.decisions for e in d.events), *self.loose]

    def outcomes(self) -> dict[int, str]:
        return {entry.uid: entry.outcome for entry in self.entries}

    # -- looking up ------------------------------------------------------------------------------------------------

    def look_up(self, batch: Iterable[Received]) -> None:
        """Fetch all that the batch's messages point to, in a fixed number of queries."""
        messages = [(r.message, r.reading) for r in batch if r.message is not None and r.reading is not None]
        self.echoes.look_up([(r.reading, r.at) for r in batch if r.reading is not None])
        named = [_named(message, reading) for message, reading in messages]
        ids = {i for n in named for i in n.message_ids} | {m.message_id for m, _ in messages if m.message_id}
        ids |= {
            r.bounce.original_message_id for _, r in messages if r.bounce and r.bounce.original_message_id
        }
        if ids:
            self.known = {key: list(value) for key, value in self.tx.known_messages(ids).items()}
        self.digests = dict(self.tx.digests({m.digest for m, _ in messages}))
        wanted = {ref for n in named for ref in conversation.wanted(self.desk.site, n, self.known)}
        wanted |= {str(k.reference) for i in ids for k in self.known.get(i, ()) if k.reference}
        self._load(wanted)

    def _load(self, references: set[str]) -> None:
        """Load cases for change, and those they were merged into, as far as the chain goes."""
        while missing_now := references - set(self.cases):
            found = self.tx.cases(missing_now, lock=True)
            self.cases.update(found)
            references = {c.merged_into for c in found.values() if c.merged_into}

    def _number(self) -> str:
        """Draw the next reference of this year; taken from the series when the batch is written."""
        year = self.now.astimezone(self.desk.site.zone).year
        series = f"{self.desk.site.reference_prefix}-{year}"
        if series not in self.numbers:
            self.numbers[series] = self.tx.take_numbers(series, 0)
        number = self.numbers[series] + self.drawn.get(series, 0)
        self.drawn[series] = self.drawn.get(series, 0) + 1
        return f"{series}-{number:06d}"

    # -- one message -----------------------------------------------------------------------------------------------

    def one(self, received: Received) -> None:
        message, reading = received.message, received.reading
        twin = self.digests.get(message.digest) if message else None
        if twin is not None:
            self._enter(received, "duplicate", "the same message was received before", twin.reference)
            return
        if received.old:
            self._enter(received, "skipped", "it lay in the folder before our first look at it", None)
            return
        if self.folder.sent:
            self._sent(received)
            return
        if message is None or reading is None:
            self._unreadable(received)
            return
        if canaries.came_back(self.tx, self.desk, self.folder.mailbox, message, reading, self.now):
            self._enter(received, canary.OUTCOME, "a canary of ours came back", None)
            return
        link = self._link(message, reading) or self._watched(message, reading)
        case = self.cases.get(link.reference) if link else None
        route = reception.route(self.desk.site, message, reading, link, case, received.at, self.window)
        self._go(received, message, reading, self.echoes.judge(route, message, reading, received.at))

    def _link(self, message: Message, reading: Reading, *, colleague: bool = False) -> Link | None:
        writer = reading.sender.address if reading.sender else ""
        return conversation.link(
            self.desk.site,
            _named(message, reading),
            writer,
            self.known,
            self.cases,
            agent=colleague or reading.role is Role.AGENT,
            authenticated=reading.trust is Trust.AUTHENTICATED,
        )

    def _watched(self, message: Message, reading: Reading) -> Link | None:
        """Return the open case about the thing that a monitor's mail is about."""
        key = monitors.thing(message) if reading.message_class is MessageClass.MONITOR else ""
        if not key or reading.sender is None or reading.trust is Trust.FAILED:
            return None
        self._load({case.reference for case in self.tx.open_cases_of(reading.sender.address)})
        about = (c.reference for c in self.cases.values() if c.open and c.monitored == key)
        reference = next(about, None)
        return Link("monitored", reference, joins=True) if reference else None

    def _go(self, received: Received, message: Message, reading: Reading, route: Route) -> None:
        self._heard(received, reading, route)
        match route.way:
            case Way.OPEN:
                self._open(received, message, reading, route)
            case Way.JOIN | Way.NOTE | Way.ANSWERED | Way.REPLIED:
                self._on_case(received, message, reading, route)
            case Way.ORDERS:
                self._orders(received, message, reading, route)
            case Way.BOUNCE:
                self._bounce(received, message, reading)
            case Way.SURVEY:
                self._answered_survey(received, message, reading, route)
            case Way.SUGGESTION:
                self._suggested(received, message, reading, route)
            case Way.SET_ASIDE:
                self._forged(received, message, reading, route)
            case Way.IGNORE:
                self._ignore(received, message, reading, route.reason)

    def _heard(self, received: Received, reading: Reading, route: Route) -> None:
        """Keep who of the agents is away by his own automatic answer; and who has come back by writing."""
        if route.absent:
            until = absences.silent_until(reading.new_text, self.desk, received.at)
            self._silent(received, route.absent, until, reading.message_class)
        writer = reading.sender.address if reading.sender else ""
        if reading.role is Role.AGENT and route.way is not Way.SET_ASIDE and writer in self.desk.unreachable:
            roster.keep_heard(self.tx, writer, self.now)
            self.loose.append(Event(received.at, EventName.AGENT_BACK, by=writer))
            self._on_duty()

    def _silent(self, received: Received, agent: str, until: datetime, why: str) -> None:
        roster.keep_silence(self.tx, agent, until)
        told = {"why": why, "until": iso(until)}
        self.loose.append(Event(received.at, EventName.AGENT_AWAY, by=agent, data=told))
        self._on_duty()

    # -- ways ------------------------------------------------------------------------------------------------------

    def _open(self, received: Received, message: Message, reading: Reading, route: Route) -> None:
        opening = opening_of(self.desk, received, route, self._number(), self.folder)
        decision = lifecycle.open_case(self.desk, opening, self.now)
        self._keep(decision)
        self._store(received, message, reading, decision.case.reference)
        self._enter(received, Way.OPEN, route.reason, decision.case.reference)
        if route.orders is not None and route.orders.commands:
            self._carry_out(received, message, reading, route, decision.case.reference)

    def _on_case(self, received: Received, message: Message, reading: Reading, route: Route) -> None:
        """Let a message act on the case it belongs to."""
        if route.link is None:
            raise AssertionError("a message on a case has a link")
        reference = route.link.reference
        happening = self._happening(received, message, reading, route.way, route.words)
        self._keep(lifecycle.decide(self.desk, self.cases[reference], happening, self.now))
        if route.way is Way.REPLIED and received.left_out and reading.sender:
            said = sayings.say(self.desk.site, "attachments_dropped", names=", ".join(received.left_out))
            note = letters_agent.transcript(
                self.desk, self.cases[reference], reading.sender.address, (), message, [said]
            )
            self._send_loose(self.cases[reference], note)
        self._store(received, message, reading, reference)
        self._enter(received, "joined" if route.way is Way.JOIN else route.way, route.reason, reference)

    def _happening(
        self, received: Received, message: Message, reading: Reading, way: Way, words: str = ""
    ) -> Happening:
        sender = reading.sender or Address("")
        if way is Way.ANSWERED:
            own = self.desk.site.own_addresses() | {a.address for a in self.desk.site.agents}
            people = tuple(a.address for a in (*message.to, *message.cc) if a.address not in own)
            return AgentAnswered(
                received.at, sender.address, "mail", message.message_id, people, reading.new_text
            )
        if way is Way.REPLIED:
            return AgentReplied(received.at, sender.address, words, message.message_id, received.files)
        if way is Way.NOTE:
            return MachineWrote(
                at=received.at,
                sender=sender.address,
                message_class=reading.message_class,
                first_line=reading.first_line,
                text=reading.new_text,
                key=message.message_id or message.digest,
                recovered=monitors.tells_recovery(message),
                classification=received.classification,
            )
        return ClientWrote(
            at=received.at,
            sender=sender,
            first_line=reading.first_line,
            text=words_of(reading),
            message_id=message.message_id,
            references=message.references,
            participants=reception.colleagues(self.desk.site, message, sender.address),
            attachments=enclosures.names(message),
            source=source_of(self.desk, received, message, self.folder),
            thanks_only=reading.thanks_only,
            classification=received.classification,
        )

    def _orders(self, received: Received, message: Message, reading: Reading, route: Route) -> None:
        """Carry out an agent's commands in their order, and answer line by line."""
        self._carry_out(received, message, reading, route, route.link.reference if route.link else None)
        self._store(received, message, reading, route.link.reference if route.link else None)
        self._enter(received, Way.ORDERS, route.reason, route.link.reference if route.link else None)

    def _carry_out(
        self, received: Received, message: Message, reading: Reading, route: Route, reference: str | None
    ) -> None:
        if route.orders is None or reading.sender is None:
            raise AssertionError("orders come from somebody")
        asked = Asked(
            at=received.at,
            agent=reading.sender.address,
            orders=route.orders,
            answered=message.in_reply_to,
            tap_action=route.tap.action if route.tap else "",
            nonce=route.tap.nonce if route.tap else "",
            forwarded=reading.client if reading.forwarded and reading.client != reading.sender else None,
        )
        lines, notes = ordering.carry_out(self, asked, reference)
        case = self.cases[reference] if reference else None
        told = [line.as_tuple() for line in lines]
        self._send_loose(case, letters_agent.transcript(self.desk, case, asked.agent, told, message, notes))
        self._on_duty()

    def _on_duty(self) -> None:
        """Look again who is away: an agent may just have said so."""
        self.desk = roster.desk_of(self.tx, self.base, self.now)

    # -- what `ordering` asks ------------------------------------------------------------------------------------------

    def case(self, reference: str) -> Case | None:
        self._load({reference})
        return self.cases.get(reference)

    def keep(self, decision: Decision) -> None:
        self._keep(decision)

    def number(self) -> str:
        return self._number()

    def unwritten(self, reference: str) -> tuple[Sequence[Event], Sequence[str], Sequence[StoredMessage]]:
        mine = [decision for decision in self.decisions if decision.case.reference == reference]
        keys = [e.key for decision in mine for e in decision.effects if isinstance(e, SendMail)]
        events = [event for decision in mine for event in decision.events]
        return events, keys, [message for message in self.stored if message.reference == reference]

    def move(self, digest: str, reference: str) -> None:
        self.moves[digest] = reference

    def _bounce(self, received: Received, message: Message, reading: Reading) -> None:
        """Match a delivery report to what we sent: by our signed id, else by its return path. It marks nobody else."""
        bounce = reading.bounce
        mail = self._bounced_mail(message, bounce) if bounce else None
        if bounce is None or mail is None:
            self._ignore(received, message, reading, "a delivery report about nothing that we sent")
            return
        if not bounce.temporary:
            self._not_delivered(received, mail, bounce)
        self._store(received, message, reading, mail.reference)
        self._enter(received, "noted", "a delivery report about our mail", mail.reference)

    def _not_delivered(self, received: Received, mail: OutboxRow, bounce: Bounce) -> None:
        """Tell the case, and our own list of people, whom a mail did not reach."""
        why = " ".join(f"{bounce.status} {bounce.diagnostic}".split())
        self.tx.set_outbox_state([mail.id], MailState.BOUNCED, received.at, why)
        lost = replace(mail, state=MailState.BOUNCED, last_error=why)
        if self.desk.site.agent(mail.to) is not None:
            self._silent(received, mail.to, self.now + absences.BOUNCED_FOR, bounce.status)
        case = self.cases.get(mail.reference or "")
        if case is None:
            data = {"kind": mail.kind.value, "to": mail.to, "message_id": mail.message_id, "error": why}
            self.loose.append(Event(received.at, EventName.MAIL_BOUNCED, mail.reference, data=data))
            self._load(set(lost_to(lost)))
            for decision in in_place(self.tx, self.desk, self.cases, lost, received.at):
                self._keep(decision)
            return
        self._keep(lifecycle.decide(self.desk, case, went(self.tx, lost, received.at), self.now))
        if mail.to in {case.client.address, *case.participants}:
            happening = ClientNotReached(received.at, mail.to, bounce.status, bounce.diagnostic)
            self._keep(lifecycle.decide(self.desk, self.cases[case.reference], happening, self.now))

    def _bounced_mail(self, message: Message, bounce: Bounce) -> OutboxRow | None:
        """Return the mail of ours that came back, its case loaded."""
        mails: Sequence[OutboxRow] = ()
        if bounce.original_message_id:
            mails = self.tx.list_outbox(message_ids=[bounce.original_message_id])
        if not mails and (row := loopguard.returned_row(message, self.desk.site)) is not None:
            mails = list(self.tx.outbox([row]).values())
        mail = next((m for m in mails if m.to in bounce.recipients), mails[0] if mails else None)
        if mail is not None and mail.reference:
            self._load({mail.reference})
        return mail

    def _forged(self, received: Received, message: Message, reading: Reading, route: Route) -> None:
        """Set a mail in an agent's name aside: it does nothing, and the lead and the other agents are told."""
        reference = route.link.reference if route.link else None
        raw = stored_source(received.fetched.mail, self.folder.stored_bytes) if received.fetched.mail else b""
        self._aside(received, route.reason, raw, message, reference)
        self._enter(received, Way.SET_ASIDE, route.reason, reference)
        case = self.cases.get(reference) if reference else None
        named = reading.sender.address if reading.sender else ""
        for mail in letters_agent.forged(self.desk, case, named, message, route.reason, received.at):
            self._send_loose(case, mail)

    def _sent(self, received: Received) -> None:
        """A mail in the folder of sent mail: a colleague's answer written elsewhere attends, the rest is passed over."""
        message, reading = received.message, received.reading
        if message is None or reading is None:
            self._enter(received, Way.IGNORE, f"sent mail that cannot be read: {received.error}", None)
            return
        link = self._link(message, reading, colleague=True)
        case = self.cases.get(link.reference) if link else None
        route = reception.sent(self.desk.site, message, case)
        if route.way is not Way.ANSWERED or case is None:
            self._enter(received, route.way, route.reason, None)
            return
        own = self.desk.site.own_addresses() | {a.address for a in self.desk.site.agents}
        people = tuple(a.address for a in (*message.to, *message.cc) if a.address not in own)
        writer = reading.sender.address if reading.sender else ""
        agent = writer if self.desk.site.agent(writer) else case.assignee or ""
        answered = AgentAnswered(received.at, agent, "sent", message.message_id, people)
        self._keep(lifecycle.decide(self.desk, case, answered, self.now))
        self._store(received, message, reading, case.reference, direction="out")
        self._enter(received, Way.ANSWERED, route.reason, case.reference)

    def _answered_survey(self, received: Received, message: Message, reading: Reading, route: Route) -> None:
        """Keep a mark with its case; it reopens nothing, and its words stay in the message."""
        case = self.cases[route.link.reference] if route.link else None
        found = feedback.answer(self.desk.site, message, reading, case, received.at) if case else None
        if case is None or found is None:
            raise AssertionError("an answer to the survey is about a case")
        data = {"mark": found.mark, "comment": found.comment}
        by = case.client.address
        self.loose.append(Event(received.at, EventName.SURVEY_ANSWERED, case.reference, by, data))
        self._store(received, message, reading, case.reference)
        self._enter(received, Way.SURVEY, route.reason, case.reference)

    def _suggested(self, received: Received, message: Message, reading: Reading, route: Route) -> None:
        """Keep a suggestion, count it, and thank for it where it may be answered."""
        client = reading.client
        if reading.may_ack and client is not None and client.address and BACKLOG not in received.flags:
            self.loose_mails.append(
                letters_client.suggestion_thanks(self.desk, message, reading, client, self.folder.mailbox)
            )
        data = {"from": reading.sender.address if reading.sender else "", "message_id": message.message_id}
        self.loose.append(Event(received.at, EventName.SUGGESTION_RECEIVED, data=data))
        self._store(received, message, reading, None)
        self._enter(received, Way.SUGGESTION, route.reason, None)

    def _ignore(self, received: Received, message: Message, reading: Reading, reason: str) -> None:
        self._store(received, message, reading, None)
        self._enter(received, Way.IGNORE, reason, None)
        self.loose.append(
            Event(
                received.at,
                EventName.MESSAGE_IGNORED,
                data={
                    "reason": reason,
                    "class": reading.message_class,
                    "from": reading.sender.address if reading.sender else "",
                    "subject": message.subject,
                    "message_id": message.message_id,
                    "digest": message.digest,
                },
            )
        )

    def _unreadable(self, received: Received) -> None:
        """Keep what could not be read, set it aside, and open a visible case: a person always sees it."""
        mail = received.fetched.mail
        raw = (mail.raw or stored_source(mail, self.folder.stored_bytes)) if mail else b""
        opening = Opening(
            reference=self._number(),
            mailbox=self.folder.mailbox,
            arrival=received.at,
            client=Address(""),
            language=self.desk.site.language,
            subject=UNREADABLE,
            excerpt=f"{UNREADABLE}: {received.error}",
            classification=Classification(Severity.MEDIUM, UNREADABLE_RULE),
            may_ack=False,
            ack_reason=UNREADABLE,
            flags=received.flags,
            unreadable=received.error,
        )
        decision = lifecycle.open_case(self.desk, opening, self.now)
        self._keep(decision)
        self._aside(received, f"{UNREADABLE}: {received.error}", raw, None, decision.case.reference)
        self._enter(received, Way.SET_ASIDE, received.error, decision.case.reference)

    # -- keeping -----------------------------------------------------------------------------------------------------

    def _keep(self, decision: Decision) -> None:
        self.cases[decision.case.reference] = decision.case
        self.decisions.append(replace(decision, also=()))
        for other in decision.also:
            self._keep(other)

    def _send_loose(self, case: Case | None, mail: SendMail) -> None:
        """Add a mail that is no decision about the case itself."""
        if case is not None:
            self.decisions.append(Decision(self.cases[case.reference], effects=(mail,)))
        else:
            self.loose_mails.append(mail)

    def _aside(
        self, received: Received, why: str, raw: bytes, message: Message | None, reference: str | None
    ) -> None:
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
        self.loose.append(
            Event(received.at, EventName.MESSAGE_SET_ASIDE, reference, data={"why": why, "from": row.sender})
        )

    def _store(
        self,
        received: Received,
        message: Message,
        reading: Reading,
        reference: str | None,
        direction: str = "in",
    ) -> None:
        mail = received.fetched.mail
        row = StoredMessage(
            digest=message.digest,
            at=received.at,
            direction=direction,
            sender=reading.sender.address if reading.sender else "",
            subject=message.subject,
            first_line=reading.first_line,
            text=message.text,
            new_text=reading.new_text,
            mailbox=self.folder.mailbox,
            reference=reference,
            message_id=message.message_id,
            message_class=reading.message_class,
            recipients=tuple(a.address for a in (*message.to, *message.cc)),
            attachments=enclosures.as_data(
                enclosures.source(
                    message, self.folder.mailbox, self.folder.uidvalidity, received.fetched.uid
                ),
                message.attachments,
            ),
            reading=as_json(reading),
            source=stored_source(mail, self.folder.stored_bytes) if mail else b"",
        )
        self.stored.append(row)
        self.digests[message.digest] = row
        if message.message_id and reference:
            known = KnownMessage(message.message_id, reference, direction)
            self.known.setdefault(message.message_id, []).append(known)

    def _enter(self, received: Received, outcome: str, reason: str, reference: str | None) -> None:
        self.entries.append(
            LedgerEntry(
                mailbox=self.folder.mailbox,
                uidvalidity=self.folder.uidvalidity,
                uid=received.fetched.uid,
                outcome=str(outcome),
                at=self.now,
                reason=reason,
                reference=reference,
                message_id=received.message.message_id if received.message else None,
                digest=received.message.digest if received.message else "",
            )
        )

    def write(self, last_uid: int) -> None:
        """Write all of it; the numbers drawn are taken now, in the same transaction."""
        for series, count in self.drawn.items():
            self.tx.take_numbers(series, count)
        record(self.tx, self.desk, self.decisions, self.now)
        self.echoes.write()
        if self.loose_mails:
            self.tx.add_outbox([outgoing.row(self.desk.site, mail, self.now) for mail in self.loose_mails])
        if self.stored:
            self.tx.add_messages(self.stored)
        if self.moves:
            self.tx.assign_messages(self.moves)
        if self.entries and self.tx.add_ledger(self.entries) < len(self.entries):
            raise TakenElsewhere("another daemon was there first")
        if self.loose:
            self.tx.add_events(self.loose)
        cursor = self.tx.cursor(self.folder.mailbox)
        other = cursor is None or cursor.uidvalidity != self.folder.uidvalidity
        if last_uid and (other or (cursor is not None and cursor.last_uid < last_uid)):
            self.tx.set_cursor(Cursor(self.folder.mailbox, self.folder.uidvalidity, last_uid))


def opening_of(desk: Desk, received: Received, route: Route, reference: str, folder: Folder) -> Opening:
    """Return what opens a case, from a message that was read and classified."""
    message, reading, found = received.message, received.reading, received.classification
    if message is None or reading is None or found is None:
        raise AssertionError("only a message that was read opens a case so")
    client = reading.client or reading.sender or Address("")
    acknowledge, why = may_acknowledge(reading, route, received, client)
    return Opening(
        reference=reference,
        mailbox=folder.mailbox,
        arrival=received.at,
        client=client,
        language=reading.language,
        subject=message.subject,
        excerpt=words_of(reading) if route.orders is None else _below(route.orders.text, reading),
        classification=found,
        may_ack=acknowledge,
        ack_reason=why,
        flags=received.flags,
        message_id=message.message_id,
        references=message.references,
        participants=reception.colleagues(desk.site, message, client.address),
        missing=missing(message, reading, found),
        attachments=enclosures.names(message),
        source=source_of(desk, received, message, folder),
        related=route.link.reference if route.link else None,
        forwarded_by=_forwarder(reading),
        authenticated=reading.trust is Trust.AUTHENTICATED,
        monitored=monitors.thing(message) if reading.message_class is MessageClass.MONITOR else "",
    )


def source_of(desk: Desk, received: Received, message: Message, folder: Folder) -> Source | None:
    """Return where a client's mail lies, if somebody will want files of it or the mail itself."""
    found = enclosures.source(message, folder.mailbox, folder.uidvalidity, received.fetched.uid)
    return found if found.files or any(agent.original for agent in desk.site.agents) else None


def _named(message: Message, reading: Reading) -> Candidates:
    used = [a.address for a in (*message.to, *message.cc)]
    return conversation.candidates(message.in_reply_to, message.references, reading.references, used)


def words_of(reading: Reading) -> str:
    text = reading.new_text
    if reading.forwarded and reading.forwarded_text:
        text = f"{text}\n\n{reading.forwarded_text}".strip()
    return text[:EXCERPT]


def _below(text: str, reading: Reading) -> str:
    """Return what is told of a forwarded mail that had commands on top: the rest of it."""
    return f"{text}\n\n{reading.forwarded_text}".strip()[:EXCERPT]


def _forwarder(reading: Reading) -> str | None:
    return (
        reading.sender.address
        if reading.role is Role.AGENT and reading.forwarded and reading.sender
        else None
    )


def may_acknowledge(reading: Reading, route: Route, received: Received, client: Address) -> tuple[bool, str]:
    if route.silent:
        return False, route.reason
    if not client.address:
        return False, "nobody to answer"
    if BACKLOG in received.flags:
        return False, "backlog: found too late to be answered without a person's word"
    return reading.may_ack, reading.ack_reason
