"""An agent's commands carried out in their order, from a mail or from the shell; what each needs is gathered here.

The decisions are `lifecycle`'s. Runs inside the caller's transaction; the caller's book knows the cases and keeps what
was decided.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from triage.app import roster
from triage.app.record import WAITING
from triage.core import (
    absences,
    conversation,
    enclosures,
    helping,
    lifecycle,
    newtext,
    rules,
    sayings,
)
from triage.core.commands import Action, Command, Orders
from triage.core.desk import Desk
from triage.core.events import AgentOrdered, Opening
from triage.core.lifecycle import Decision
from triage.core.model import Address, Case, Language, MessageClass, Source, Trust
from triage.core.records import Event, StoredMessage
from triage.core.rules import Material
from triage.core.site import Absence
from triage.ports import Transaction

_ADDRESS = re.compile(r"[^\s<>@\"'(),;:]{1,64}@[^\s<>@\"'(),;:]{1,190}")
_NOTICE = re.compile(r"[^/]+/client_wrote/(?P<message>.+)/[^/]+")
_NEVER = datetime.min.replace(tzinfo=UTC)
_TOLD_HISTORY = frozenset({Action.HISTORY, Action.ESCALATE, Action.ASSIGN})


class Book(Protocol):
    """What has been decided so far in this transaction, and the way to add to it."""

    tx: Transaction
    desk: Desk
    now: datetime

    def case(self, reference: str) -> Case | None:
        """Return a case as it stands now, locked for change."""
        ...

    def keep(self, decision: Decision) -> None: ...
    def number(self) -> str: ...
    def unwritten(self, reference: str) -> tuple[Sequence[Event], Sequence[str], Sequence[StoredMessage]]:
        """Return events, keys of mails, and messages of a case that are not in the store yet."""
        ...

    def move(self, digest: str, reference: str) -> None:
        """Give a message to another case."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """Commands as they came: who gave them when, which mails of ours they answer, which token came along.

    `by`: `cli:user` where a person at the shell gave them; `forwarded`: the sender of the mail forwarded below them.
    """

    at: datetime
    agent: str
    orders: Orders
    by: str = ""
    answered: tuple[str, ...] = ()
    tap_action: str = ""
    nonce: str = ""
    forwarded: Address | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One command and its answer; `text`: what is said of the text below it (`sayings`)."""

    line: str
    said: str
    done: bool
    text: str = "text_dropped"

    def as_tuple(self) -> tuple[str, str, bool]:
        return self.line, self.said, self.done


def carry_out(book: Book, asked: Asked, reference: str | None) -> tuple[list[Line], list[str]]:
    """Carry commands out one by one; returns their answers, and what became of the text below them."""
    lines: list[Line] = []
    last = len(asked.orders.commands) - 1
    for index, command in enumerate(asked.orders.commands):
        text = asked.orders.text if index == last else ""
        lines.append(_one(book, asked, command, text, reference))
    return lines, _notes(book.desk, asked.orders, lines)


def _one(book: Book, asked: Asked, command: Command, text: str, reference: str | None) -> Line:
    if command.action is Action.AWAY:
        return _away(book, asked, command)
    if command.action is Action.OPEN:
        return _open(book, command)
    case = book.case(reference) if reference else None
    if case is None:
        return _without_case(book.desk, command)
    if command.action is Action.UNDO:
        case = _to_undo(book, case)
    order = _gathered(book, asked, command, text, case)
    decision = lifecycle.decide(book.desk, case, order, book.now)
    book.keep(decision)
    if decision.done and command.action is Action.SPLIT:
        _move_message(book, decision)
    return Line(command.line, decision.said, decision.done, _became(decision, command))


def _became(decision: Decision, command: Command) -> str:
    """Tell what became of the text below a command: it goes to a client only where a mail to one is written."""
    if not decision.done:
        return "text_dropped"
    return "text_sent" if lifecycle.goes_to_client(decision, command) else "text_kept"


def _without_case(desk: Desk, command: Command) -> Line:
    if command.action is Action.HELP:
        return Line(command.line, helping.help_text(desk.site), done=True)
    if command.action is None:
        return Line(command.line, sayings.fault(desk.site, command), done=False)
    return Line(command.line, sayings.say(desk.site, "no_case"), done=False)


def _notes(desk: Desk, orders: Orders, lines: Sequence[Line]) -> list[str]:
    return [sayings.say(desk.site, lines[-1].text)] if orders.text and lines else []


def _away(book: Book, asked: Asked, command: Command) -> Line:
    """Keep an agent's absence: a matter of nobody's case."""
    site = book.desk.site
    wanted = absences.read(command.argument, book.desk.today(book.now))
    if isinstance(wanted, str) or site.agent(asked.agent) is None:
        return Line(command.line, sayings.say(site, "away_usage"), done=False)
    roster.keep_absence(book.tx, asked.agent, wanted)
    return Line(command.line, _away_words(book.desk, wanted), done=True)


def _open(book: Book, command: Command) -> Line:
    """Make a case of a mail that opened none, as an agent wishes; its client is acknowledged like any other."""
    digest = command.argument.strip().lower()
    message = book.tx.digests([digest]).get(digest) if digest else None
    if message is None or message.reference is not None or message.direction != "in":
        return Line(command.line, sayings.say(book.desk.site, "open_usage"), done=False)
    opening = _opening(book, None, message)
    if message.message_class == MessageClass.PERSON and message.reading.get("trust") != Trust.FAILED:
        opening = replace(opening, may_ack=True, ack_reason="opened by an agent")
    decision = lifecycle.open_case(book.desk, opening, book.now)
    book.keep(decision)
    book.move(message.digest, decision.case.reference)
    return Line(command.line, sayings.say(book.desk.site, "split", reference=opening.reference), done=True)


def _away_words(desk: Desk, absence: Absence | None) -> str:
    if absence is None:
        return sayings.say(desk.site, "back")
    return sayings.say(desk.site, "away", start=absence.start.isoformat(), end=absence.end.isoformat())


# -- what a command needs ----------------------------------------------------------------------------------------------


def _gathered(book: Book, asked: Asked, command: Command, text: str, case: Case) -> AgentOrdered:
    facts: dict[str, Any] = {}
    match command.action:
        case Action.MERGE:
            facts["target"] = _target(book, command.argument)
        case Action.SPLIT:
            facts["opening"] = _split_off(book, asked, case)
        case Action.FORWARD:
            facts["forwarded"] = _forwarded(book, asked, command, case)
        case Action.FILES:
            facts["sources"] = _sources(book, case)
        case Action.UNDO:
            facts["unsent"] = _unsent(book, case.reference)
            facts["target"] = _target(book, case.merged_into or "")
        case _:
            pass
    if command.action in _TOLD_HISTORY:
        events, _, _ = book.unwritten(case.reference)
        facts["history"] = (*book.tx.events(case.reference), *events)
    return AgentOrdered(
        at=asked.at,
        agent=asked.agent,
        command=command,
        text=text,
        by=asked.by,
        nonce=asked.nonce if command.action == asked.tap_action else "",
        **facts,
    )


def _to_undo(book: Book, case: Case) -> Case:
    """Return whose last command is taken back: a merged case's mails lead to the one that goes on, its merge is its own."""
    gone = (found for reference in case.related if (found := book.case(reference)) is not None)
    here = [case, *(one for one in gone if one.merged_into == case.reference)]
    return max(here, key=lambda one: one.undo.until if one.undo else _NEVER)


def _target(book: Book, argument: str) -> Case | None:
    """Return the case that goes on: the one named, or the one it was merged into."""
    named = book.desk.site.references_in(argument)
    case = book.case(named[0].upper()) if named else None
    seen: dict[str, Case] = {}
    while case is not None and case.reference not in seen:
        seen[case.reference] = case
        case = book.case(case.merged_into) if case.merged_into else None
    return conversation.followed(next(iter(seen.values())), seen) if seen else None


def _unsent(book: Book, reference: str) -> frozenset[str]:
    _, keys, _ = book.unwritten(reference)
    waiting = book.tx.list_outbox(reference=reference, states=WAITING)
    return frozenset({*keys, *(row.key for row in waiting)})


def _messages(book: Book, reference: str) -> list[StoredMessage]:
    _, _, stored = book.unwritten(reference)
    return [*book.tx.messages(reference), *stored]


def _split_off(book: Book, asked: Asked, case: Case) -> Opening | None:
    """Return the opening of a case of its own: the client's mail that the agent's mail is about, else the latest one."""
    further = [
        message
        for message in _messages(book, case.reference)
        if message.direction == "in"
        and message.message_class in {"person", "list"}
        and message.message_id != case.message_id
        and book.desk.site.agent(message.sender) is None
    ]
    if not further:
        return None
    named = _noticed(book, asked.answered)
    chosen = next((m for m in further if m.message_id in named), further[-1])
    return _opening(book, case, chosen)


def _sources(book: Book, case: Case) -> tuple[Source, ...]:
    """Return where the mails with files lie that clients wrote in a case."""
    found = (
        enclosures.stored(message)
        for message in _messages(book, case.reference)
        if message.direction == "in" and book.desk.site.agent(message.sender) is None
    )
    return tuple(one for one in found if one is not None)


def _noticed(book: Book, answered: Iterable[str]) -> set[str]:
    """Return the Message-IDs of client's mails whose notices are answered."""
    known = book.tx.known_messages(answered)
    keys = (k.key for found in known.values() for k in found if k.direction == "out")
    return {match["message"] for key in keys if (match := _NOTICE.fullmatch(key))}


def _opening(book: Book, case: Case | None, message: StoredMessage) -> Opening:
    """Return what makes a case of a stored message: one of a case, or one that has none so far."""
    read = message.reading
    client = _client(message)
    reference = f"[{case.reference}]" if case else "[]"
    subject = " ".join(message.subject.replace(reference, " ").split())
    language = Language(read.get("language") or (case.language if case else book.desk.site.language))
    return Opening(
        reference=book.number(),
        mailbox=case.mailbox if case else message.mailbox,
        arrival=message.at,
        client=client,
        language=language,
        subject=subject,
        excerpt=message.new_text[:2_000],
        classification=rules.classify(
            book.desk.support.rules,
            Material(subject=subject, new_text=message.new_text, sender=message.sender, language=language),
        ),
        may_ack=bool(read.get("may_ack")),
        ack_reason=str(read.get("ack_reason") or ""),
        message_id=message.message_id,
        attachments=tuple(str(one.get("name", "")) for one in message.attachments if not one.get("logo")),
        source=enclosures.stored(message),
        authenticated=read.get("trust") == "authenticated"
        and conversation.speaks_for(message.sender, client.address),
    )


def _client(message: StoredMessage) -> Address:
    """Return who waits for an answer to a stored message; of this very batch it is a value still, else JSON."""
    client = message.reading.get("client")
    if isinstance(client, Address):
        return client
    found = client or {}
    return Address(found.get("address") or message.sender, found.get("name") or "")


def _move_message(book: Book, decision: Decision) -> None:
    for opened in decision.also:
        stored = _messages(book, decision.case.reference)
        for message in stored:
            if message.message_id and message.message_id == opened.case.message_id:
                book.move(message.digest, opened.case.reference)


def _forwarded(book: Book, asked: Asked, command: Command, case: Case) -> Address | None:
    """Return the real client: the address given, else the forwarded sender of this mail, else of the case's first one."""
    given = _ADDRESS.search(command.argument)
    if given is not None:
        name = command.argument[: given.start()].strip(" <\"'")
        return Address(given[0].lower().rstrip(".>"), name)
    if asked.forwarded is not None:
        return asked.forwarded
    for message in _messages(book, case.reference)[:1]:
        forward = newtext.split(message.text, message.subject).forward
        return forward.sender if forward else None
    return None
