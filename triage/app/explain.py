"""The whole decision about one mail, with no effect: what intake would do, told as data (`triage explain --json`).

The same functions as the daemon's, fed with one file. Judged as if fetched at the moment of its arrival: `--at`,
else our own newest Received, else Date, else now; so neither backlog nor a past deadline changes the answer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from triage.app import happenings
from triage.app.received import Folder, Received
from triage.core import arrival, conversation, lifecycle, outgoing, reception, reminders
from triage.core.conversation import Candidates, Link
from triage.core.desk import Desk
from triage.core.effects import SendMail
from triage.core.events import AlarmsRang
from triage.core.lifecycle import Decision
from triage.core.message import Message, RawMail
from triage.core.model import Case, Classification
from triage.core.reception import Route, Way
from triage.core.records import KnownMessage
from triage.core.understanding import understand
from triage.core.understood import Reading
from triage.errors import Unreadable
from triage.ports import Fetched, MessageParser, Renderer, Transaction


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of other messages; empty without a store: `conversation` is then what the mail alone shows."""

    known: Mapping[str, Sequence[KnownMessage]]
    cases: Mapping[str, Case]


NOTHING = Memory({}, {})
Recall = Callable[[Candidates], Memory]


def remembered(tx: Transaction, desk: Desk, named: Candidates) -> Memory:
    """Return what the store knows of the messages and cases that a mail names."""
    known = tx.known_messages(named.message_ids) if named.message_ids else {}
    cases: dict[str, Case] = {}
    wanted = set(conversation.wanted(desk.site, named, known))
    while missing := wanted - cases.keys():
        found = tx.cases(missing)
        cases.update(found)
        wanted = {case.merged_into for case in found.values() if case.merged_into}
    return Memory(known, cases)


@dataclass(frozen=True, slots=True)
class Explained:
    """`decision` only where a case would be opened; `error` where the file could not be read as a message."""

    at: datetime
    message: Message | None = None
    reading: Reading | None = None
    classification: Classification | None = None
    link: Link | None = None
    route: Route | None = None
    decision: Decision | None = None
    error: str = ""

    @property
    def is_case(self) -> bool:
        return self.decision is not None

    @property
    def acknowledged(self) -> bool:
        return self.decision is not None and any(
            isinstance(effect, SendMail) and effect.kind == "acknowledgement"
            for effect in self.decision.effects
        )

    @property
    def set_aside(self) -> str | None:
        if self.error:
            return self.error
        return self.route.reason if self.route is not None and self.route.way is Way.SET_ASIDE else None


def explain(
    parser: MessageParser,
    desk: Desk,
    raw: bytes,
    now: datetime,
    *,
    at: datetime | None = None,
    recall: Recall = lambda _: NOTHING,
) -> Explained:
    """Decide one mail as the daemon would. Never raises for what a file holds."""
    try:
        message = parser.parse(RawMail(raw=raw, size=len(raw)))
    except Unreadable as error:
        return Explained(at or now, error=str(error))
    moment = at or arrival.own_received(message.received, desk.site.authserv_id) or message.date or now
    moment = moment.replace(microsecond=0)
    understood = understand(message, desk.site, desk.support.rules)
    read, found = understood.reading, understood.classification
    named = conversation.named_by(message, read)
    memory = recall(named)
    link = conversation.place(desk.site, message, read, memory.known, memory.cases)
    case = memory.cases.get(link.reference) if link else None
    window = reception.window(desk)
    route = reception.route(desk.site, message, read, link, case, moment, window)
    decision = _opened(desk, message, read, found, route, moment) if route.way is Way.OPEN else None
    return Explained(moment, message, read, found, link or _shown(desk, named), route, decision)


def _shown(desk: Desk, named: Candidates) -> Link | None:
    """Return what the mail alone shows of a conversation: the first reference it names by id or subject."""
    found = conversation.evidence(desk.site, named, "", {})
    return next((Link(rung, reference, joins=False) for rung, reference, _ in found), None)


def _opened(
    desk: Desk, message: Message, read: Reading, found: Classification, route: Route, at: datetime
) -> Decision:
    received = Received(Fetched(0, at, None), at, (), message, read, found)
    reference = f"{desk.site.reference_prefix}-{at.astimezone(desk.site.zone).year}-000000"
    opening = happenings.opening(desk, received, route, reference, Folder("explain", 0))
    return lifecycle.open_case(desk, opening, at)


# -- as data -----------------------------------------------------------------------------------------------------------


def as_json(name: str, told: Explained, desk: Desk, renderer: Renderer | None) -> dict[str, Any]:
    """Return the object of INTERFACE section 5; every key is always there, without a renderer no mail is."""
    message, read, case = told.message, told.reading, told.decision.case if told.decision else None
    return {
        "file": name,
        "class": read.message_class if read else "person",
        "signals": [{"name": s.name, "strength": s.strength} for s in read.signals] if read else [],
        "case": told.is_case,
        "case_reason": _case_reason(told),
        "ack": told.acknowledged,
        "ack_reason": _ack_reason(told),
        "trust": read.trust if read else "unverified",
        "role": read.role if read else "client",
        "sender": read.sender.address if read and read.sender else None,
        "subject": message.subject if message else "",
        "language": read.language if read else desk.site.language,
        "first_line": read.first_line if read else "",
        "new_text": read.new_text if read else "",
        "bounce": _bounce(read),
        "conversation": {"rung": told.link.rung, "reference": told.link.reference} if told.link else None,
        "classification": classification_json(told.classification) if case and told.classification else None,
        "arrival": iso(told.at),
        "column": case.deadline.column if case else None,
        "kind": case.deadline.kind if case else None,
        "deadline": iso(case.deadline.at) if case else None,
        "derivation": list(case.deadline.derivation) if case else [],
        "reminders": _reminders(desk, case) if case else [],
        "mails": _mails(told, desk, renderer) if renderer is not None else [],
        "set_aside": told.set_aside,
    }


def _case_reason(told: Explained) -> str:
    if told.error:
        return "could not be read: set aside, and a visible case opened"
    return told.route.reason if told.route else ""


def _ack_reason(told: Explained) -> str:
    if told.reading is None or told.route is None:
        return "could not be read"
    if told.acknowledged:
        return told.reading.ack_reason
    if told.route.silent:
        return told.route.reason
    if told.classification is not None and told.decision is not None and not told.classification.acknowledge:
        return f"rule {told.classification.rule} says so"
    return told.reading.ack_reason


def _bounce(read: Reading | None) -> dict[str, Any] | None:
    if read is None or read.bounce is None:
        return None
    return {
        "recipients": list(read.bounce.recipients),
        "temporary": read.bounce.temporary,
        "original_message_id": read.bounce.original_message_id,
    }


def classification_json(found: Classification) -> dict[str, Any]:
    return {
        "severity": int(found.severity),
        "rule": found.rule,
        "product": found.product,
        "tags": list(found.tags),
        "evidence": [
            {"group": e.group, "text": e.text, "where": e.where, "start": e.start, "end": e.end}
            for e in found.evidence
        ],
        "losers": [
            {"rule": loser.rule, "severity": loser.severity, "why": loser.why} for loser in found.losers
        ],
    }


def _reminders(desk: Desk, case: Case) -> list[dict[str, Any]]:
    planned = reminders.plan(case, desk.support.reminders, desk.policy(case.mailbox))
    return [
        {"at": iso(alarm.due_at), "step": alarm.step, "to": list(alarm.data.get("to", ()))}
        for alarm in sorted(planned, key=lambda a: a.due_at)
    ]


def _mails(told: Explained, desk: Desk, renderer: Renderer) -> list[dict[str, Any]]:
    """Return what would be sent at once: the acknowledgement, and the new-case mails of the arrival step."""
    if told.decision is None:
        return []
    case = told.decision.case
    planned = reminders.plan(case, desk.support.reminders, desk.policy(case.mailbox))
    due = tuple(replace(alarm, id=0) for alarm in planned if alarm.due_at <= told.at)
    rang = lifecycle.decide(desk, case, AlarmsRang(due), told.at) if due else None
    effects = (*told.decision.effects, *(rang.effects if rang else ()))
    mails = []
    for effect in effects:
        if isinstance(effect, SendMail):
            rendered = renderer.render(outgoing.row(desk.site, effect, told.at), told.at, html=False)
            mails.append(
                {"kind": effect.kind, "to": effect.to, "subject": rendered.subject, "text": rendered.text}
            )
    return mails


def iso(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
