"""A case, its deadline and its classification: the values everything else talks about.

Knows nothing of mail formats, stores or clocks. Instants are aware UTC, cut to whole seconds.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum


class Severity(IntEnum):
    """The three promised levels; 1 is the gravest, so `min` is the gravest of several."""

    HIGH = 1
    MEDIUM = 2
    LOW = 3


class State(StrEnum):
    """Where a case stands; also the keys of `lifecycle:` in rules.yaml. Reopening is an event, not a state."""

    NEW = "new"
    TAKEN = "taken"
    WAITING = "waiting"
    ESCALATED = "escalated"
    PLANNED = "planned"
    ATTENDED = "attended"
    RESOLVED = "resolved"
    CLOSED = "closed"
    MERGED = "merged"


class Language(StrEnum):
    ES = "es"
    EN = "en"
    PT = "pt"


class Column(StrEnum):
    """Which column of the promise holds: decided by the instant from which the computation starts."""

    IN_HOURS = "in_hours"
    OUT_OF_HOURS = "out_of_hours"


class Kind(StrEnum):
    """`maximum`: attended no later than. `from`: a first possible date; it cannot be breached."""

    MAXIMUM = "maximum"
    FROM = "from"


class Trust(StrEnum):
    AUTHENTICATED = "authenticated"
    UNVERIFIED = "unverified"
    FAILED = "failed"


class Role(StrEnum):
    CLIENT = "client"
    AGENT = "agent"
    MACHINE = "machine"
    SELF = "self"


class MessageClass(StrEnum):
    PERSON = "person"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    REPORT = "report"
    RECEIPT = "receipt"
    LIST = "list"
    CALENDAR = "calendar"
    MONITOR = "monitor"
    OWN = "own"


class MailKind(StrEnum):
    """What an outgoing mail is for; `mails.kind` in the interface."""

    ACKNOWLEDGEMENT = "acknowledgement"
    REMINDER = "reminder"
    NOTICE = "notice"
    TRANSCRIPT = "transcript"
    ANSWER = "answer"
    SURVEY = "survey"
    DIGEST = "digest"
    ALARM = "alarm"
    CANARY = "canary"


class MailState(StrEnum):
    """The life of an outgoing mail (DESIGN section 4); `refused`: the governor said no, `dropped`: an admin."""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    UNCERTAIN = "uncertain"
    BOUNCED = "bounced"
    FAILED = "failed"
    REFUSED = "refused"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address in lower case; the name is a cleaned label and proves nothing."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """[start, end) on the UTC line; a pause that still runs has no end."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words that made a rule fire: offsets in characters of the text named by `where`."""

    group: str
    text: str
    where: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Loser:
    """A rule that matched too and did not win, and why."""

    rule: str
    severity: int
    why: str


UNKNOWN_PRODUCT = "unknown"


@dataclass(frozen=True, slots=True)
class Classification:
    """Severity with the rule and the words that gave it, so that the case can say why a year later."""

    severity: Severity
    rule: str
    product: str = UNKNOWN_PRODUCT
    tags: tuple[str, ...] = ()
    area: str | None = None
    wiki: str | None = None
    ask: tuple[str, ...] = ()
    acknowledge: bool = True
    evidence: tuple[Evidence, ...] = ()
    losers: tuple[Loser, ...] = ()
    rules_hash: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """One version of the promised moment. `act_by`: the last moment at which somebody can still act.

    `derivation` is its arithmetic in lines for a reader; `told_at` when the client was told this version.
    `severity`: whose clause the arithmetic is; after a raise that kept the earlier promise it is not the case's.
    """

    version: int
    at: datetime
    act_by: datetime
    column: Column
    kind: Kind
    base: datetime
    derivation: tuple[str, ...] = ()
    calendar_hash: str = ""
    told_at: datetime | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Our mail to the client bounced: who, with which status, when."""

    address: str
    status: str
    at: datetime


ANSWER_KEPT = 1_000  # characters of an answer that are kept, to show a second agent what the first one wrote


@dataclass(frozen=True, slots=True)
class Answered:
    """A person's latest answer to the client, until the client writes again: by whom, when, its words."""

    by: str
    at: datetime
    text: str = ""


@dataclass(frozen=True, slots=True)
class ClientFile:
    """A file of a client's mail where it lies: octets of content; `encoding` "" where it cannot be fetched alone."""

    name: str
    content_type: str
    size: int
    section: str
    encoding: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a message lies that somebody may want files of. `size` of the whole in octets."""

    mailbox: str
    uidvalidity: int
    uid: int
    size: int
    message_id: str | None = None
    files: tuple[ClientFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Undoable:
    """The last risky command, and the case as it was before it; it may be taken back until `until`.

    `state`, `version`, `cycle`: what it led to; when the case is elsewhere now, it is not taken back. `told`: keys of the
    mails to the client that it wrote. `joined`: who came into another case by a merge.
    """

    action: str
    by: str
    until: datetime
    before: "Case"
    state: State
    version: int
    cycle: int
    told: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """What a client waits for. Changed only by `lifecycle`; `cycle` counts from 1 and grows on reopening.

    `arrival` is the first message's for ever; `cycle_start`, `deadline`, `pauses`, `attended_at` and `breached_at` are
    the current cycle's. `earlier` keeps the superseded deadlines of all cycles. `told_version`: the deadline that the
    client was, or is being, told (0: none); `correction`: the severity an agent gave by hand. `authenticated`: the
    opening message proved its sender, and he is the client or a colleague of his. `writers`: the participants who wrote
    themselves; `attachments`: names of the opening message's files; `spent`: nonces of link tokens that were used;
    `monitored`: the monitor's address and what it watches, `recovered_at` when it said that all is well again;
    `source`: where the message lies that opened the cycle, if it has files.
    """

    reference: str
    mailbox: str
    subject: str
    client: Address
    language: Language
    arrival: datetime
    severity: Severity
    classification: Classification
    deadline: Deadline
    cycle_start: datetime
    state: State = State.NEW
    cycle: int = 1
    participants: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    excerpt: str = ""
    message_id: str | None = None
    last_client_id: str | None = None
    references: tuple[str, ...] = ()
    earlier: tuple[Deadline, ...] = ()
    pauses: tuple[Span, ...] = ()
    assignee: str | None = None
    area: str | None = None
    planned_date: date | None = None
    planned_kind: str | None = None
    opened_at: datetime | None = None
    acknowledged_at: datetime | None = None
    attended_at: datetime | None = None
    breached_at: datetime | None = None
    escalated_at: datetime | None = None
    told_client_at: datetime | None = None
    snoozed_until: datetime | None = None
    ended_at: datetime | None = None
    ended_why: str | None = None
    merged_into: str | None = None
    related: tuple[str, ...] = ()
    unreachable: Unreachable | None = None
    correction: Severity | None = None
    told_version: int = 0
    authenticated: bool = False
    writers: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    answered: Answered | None = None
    spent: tuple[str, ...] = ()
    undo: Undoable | None = None
    monitored: str = ""
    source: Source | None = None
    recovered_at: datetime | None = None

    @property
    def of_robot(self) -> bool:
        """Whether the case is a monitor's: there is nobody to write to."""
        return bool(self.monitored) and self.monitored.partition(" ")[0] == self.client.address

    @property
    def product(self) -> str:
        return self.classification.product

    @property
    def paused(self) -> bool:
        """Whether the clock stands still now: the deadline moves on with every counted second."""
        return bool(self.pauses) and self.pauses[-1].end is None

    @property
    def open(self) -> bool:
        return self.state not in {State.RESOLVED, State.CLOSED, State.MERGED}
