"""What happened to a case: the inputs of `lifecycle`, and the names under which they go into its history.

Counterpart of `effects`. A happening carries facts only; what follows from them is decided in `lifecycle`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from triage.core.commands import Command
from triage.core.model import Address, Case, Classification, Language, MailKind, MailState, Source
from triage.core.records import AlarmRow, Data, Event


class EventName(StrEnum):
    """INTERFACE section 7: a contract; additions are free, changes need an ADR."""

    CASE_OPENED = "case.opened"
    CASE_JOINED = "case.joined"
    CASE_CLASSIFIED = "case.classified"
    CASE_ACKNOWLEDGED = "case.acknowledged"
    CASE_TAKEN = "case.taken"
    CASE_WAITING = "case.waiting"
    CASE_RESUMED = "case.resumed"
    CASE_REMINDED = "case.reminded"
    CASE_BREACHED = "case.breached"
    CASE_ESCALATED = "case.escalated"
    CASE_PLANNED = "case.planned"
    CASE_ATTENDED = "case.attended"
    CASE_RESOLVED = "case.resolved"
    CASE_REOPENED = "case.reopened"
    CASE_CLOSED = "case.closed"
    CASE_MERGED = "case.merged"
    CASE_NOTED = "case.noted"
    CASE_SNOOZED = "case.snoozed"
    CASE_UNREACHABLE = "case.unreachable"
    CASE_UNDONE = "case.undone"
    CASE_SPLIT = "case.split"
    DEADLINE_MOVED = "deadline.moved"
    SURVEY_ANSWERED = "survey.answered"
    SUGGESTION_RECEIVED = "suggestion.received"
    AGENT_AWAY = "agent.away"
    AGENT_BACK = "agent.back"
    MESSAGE_IGNORED = "message.ignored"
    MESSAGE_SET_ASIDE = "message.set_aside"
    MAIL_ACCEPTED = "mail.accepted"
    MAIL_DEFERRED = "mail.deferred"
    MAIL_UNCERTAIN = "mail.uncertain"
    MAIL_BOUNCED = "mail.bounced"
    MAIL_FAILED = "mail.failed"
    MAIL_REFUSED = "mail.refused"
    MAIL_RETRIED = "mail.retried"
    MAIL_DROPPED = "mail.dropped"
    MAILBOX_UNREACHABLE = "mailbox.unreachable"
    MAILBOX_BACK = "mailbox.back"
    RELAY_UNREACHABLE = "relay.unreachable"
    RELAY_BACK = "relay.back"
    RULES_RELOADED = "rules.reloaded"
    RULES_REFUSED = "rules.refused"


@dataclass(frozen=True, slots=True)
class Opening:
    """A message that opens a case. `reference` is given in: the store draws the number.

    `may_ack` False with its reason: a case without an acknowledgement. `related`: the case a stranger named.
    `forwarded_by`: the agent who forwarded the client's mail. `unreadable`: why the message could not be read.
    """

    reference: str
    mailbox: str
    arrival: datetime
    client: Address
    language: Language
    subject: str
    excerpt: str
    classification: Classification
    may_ack: bool
    ack_reason: str = ""
    flags: tuple[str, ...] = ()
    message_id: str | None = None
    references: tuple[str, ...] = ()
    participants: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    related: str | None = None
    forwarded_by: str | None = None
    unreadable: str | None = None
    authenticated: bool = False
    monitored: str = ""
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class ClientWrote:
    """A further message of somebody who takes part. `classification`: what the rules say of it (they may raise)."""

    at: datetime
    sender: Address
    first_line: str
    text: str
    message_id: str | None = None
    references: tuple[str, ...] = ()
    participants: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    thanks_only: bool = False
    classification: Classification | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class AgentAnswered:
    """A person of ours wrote to the client. `via`: mail (support in copy), reply (through us), phone, chat, cli."""

    at: datetime
    agent: str
    via: str = "mail"
    message_id: str | None = None
    recipients: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class AgentReplied:
    """An agent answered a mail of ours about the case, with words for the client: they go out from our address.

    `attachments`: files that go along, {name, content_type, content} with the content in base64.
    """

    at: datetime
    agent: str
    text: str
    message_id: str | None = None
    attachments: tuple[Data, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentOrdered:
    """One command; `text` is what stood below the commands (given to the last of them only). `agent`: or `cli:user`.

    What it needs besides the case is handed in: `nonce` of the link's token (spent by use), `target` the case that the
    argument names, `opening` what a split opens, `forwarded` the sender of the forwarded mail, `unsent` keys of the
    case's mails still waiting, `history` its events, `sources` where its clients' mails lie. `by`: who gave it where
    that is not the agent (`cli:user`).
    """

    at: datetime
    agent: str
    command: Command
    text: str = ""
    nonce: str = ""
    target: Case | None = None
    opening: Opening | None = None
    forwarded: Address | None = None
    by: str = ""
    unsent: frozenset[str] = frozenset()
    sources: tuple[Source, ...] = ()
    history: tuple[Event, ...] = ()

    @property
    def who(self) -> str:
        """Return whose name stands in the history."""
        return self.by or self.agent


@dataclass(frozen=True, slots=True)
class MachineWrote:
    """An auto-reply, receipt or the like that belongs to the case: noted, and nothing else.

    A monitor's: `recovered` says that all is well again, `classification` what the rules say of a repeat (they may
    raise); `key` names the message.
    """

    at: datetime
    sender: str
    message_class: str
    first_line: str
    text: str = ""
    key: str = ""
    recovered: bool = False
    classification: Classification | None = None


@dataclass(frozen=True, slots=True)
class ClientNotReached:
    """Our mail to a client bounced, or was refused at RCPT."""

    at: datetime
    address: str
    status: str
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class MailWent:
    """What became of a mail about the case; `version`: the deadline it told, 0 if none; `history`: the case's events,
    where a reminder was lost.
    """

    at: datetime
    kind: MailKind
    to: str
    state: MailState
    key: str
    message_id: str
    template: str = ""
    version: int = 0
    error: str = ""
    author: str = ""
    text: str = ""
    history: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class AlarmsRang:
    """Alarms of the case that are due, together: after a downtime only the latest step counts. `history`: its events."""

    alarms: tuple[AlarmRow, ...]
    history: tuple[Event, ...] = ()


Happening = (
    ClientWrote
    | AgentAnswered
    | AgentReplied
    | AgentOrdered
    | MachineWrote
    | ClientNotReached
    | MailWent
    | AlarmsRang
)
