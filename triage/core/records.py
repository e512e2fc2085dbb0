"""What is written down: the rows that intake, dispatch and the store hand each other.

Plain frozen data, no behaviour. Instants are aware UTC; JSON fields hold only str, int, float, bool, None,
lists and dicts with text keys. The store owns how they lie on disk.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from triage.core.model import MailKind, MailState

Data = Mapping[str, Any]
PUT_OFF = ">"  # stands in the step of an alarm that was put off, and in no step of the rules


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """The one outcome of one UID. `outcome`: opened, joined, noted, ignored, set_aside, duplicate, command, skipped,
    canary.
    """

    mailbox: str
    uidvalidity: int
    uid: int
    outcome: str
    at: datetime
    reason: str = ""
    reference: str | None = None
    message_id: str | None = None
    digest: str = ""
    settled: bool = False


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message in or out of a case (or kept without one). `reading` is the Reading as JSON, for explain and back-test.

    `source` is what we keep of the raw mail (header block and text parts, DESIGN section 4), compressed by the store.
    """

    digest: str
    at: datetime
    direction: str
    sender: str
    subject: str
    first_line: str
    text: str
    new_text: str
    mailbox: str = ""
    reference: str | None = None
    message_id: str | None = None
    message_class: str = "person"
    recipients: tuple[str, ...] = ()
    attachments: tuple[Data, ...] = ()
    reading: Data = field(default_factory=dict)
    source: bytes = b""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a case's append-only history (INTERFACE section 7). `by`: an address, `triage` or `cli:user`."""

    at: datetime
    event: str
    reference: str | None = None
    by: str = "triage"
    data: Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One mail to one recipient. `key` is unique and says why it exists; `message_id` is fixed when the row is written.

    `draft` (JSON) is all the renderer needs; `content` the bytes once rendered: the bytes sent are the bytes stored.
    `person`: a person's own words, never sent twice on doubt. `attempts` counts finished tries, `doubts` those that
    ended uncertain; both change only through an outcome. `lease`: the claim's token while `sending`.
    """

    key: str
    kind: MailKind
    to: str
    message_id: str
    draft: Data
    created_at: datetime
    next_at: datetime
    mailbox: str = ""
    reference: str | None = None
    state: MailState = MailState.QUEUED
    person: bool = False
    expires_at: datetime | None = None
    attempts: int = 0
    last_error: str = ""
    accepted_at: datetime | None = None
    content: bytes | None = None
    id: int = 0
    lease: str = ""
    doubts: int = 0


@dataclass(frozen=True, slots=True)
class OutboxOutcome:
    """What became of one attempt; `lease` is the claim's token: a late worker's outcome is fenced off.

    `attempts` and `doubts` are the row's new counts, None leaves them as they are; `at` becomes `accepted_at`
    when the state is accepted.
    """

    id: int
    lease: str
    state: MailState
    at: datetime
    next_at: datetime | None = None
    error: str = ""
    attempts: int | None = None
    doubts: int | None = None


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """A future moment of a case. Identity: (reference, cycle, version, step, turn); stored, so a restart loses none.

    A reminder that was put off is an alarm of its own: its `step` is `label>recipient@moment` (`PUT_OFF`), `data` has the
    `step` it was, `due`, when that one was due, and maybe the `only` recipient it is for.
    """

    reference: str
    cycle: int
    version: int
    step: str
    due_at: datetime
    turn: int = 0
    data: Data = field(default_factory=dict)
    id: int = 0

    @property
    def label(self) -> str:
        """The step's name in the rules."""
        return str(self.data.get("step", self.step))

    @property
    def put_off(self) -> bool:
        return PUT_OFF in self.step

    @property
    def was_due(self) -> datetime:
        """When the step was due at first."""
        return datetime.fromisoformat(self.data["due"]) if "due" in self.data else self.due_at


@dataclass(frozen=True, slots=True)
class AsideRow:
    """A message set aside: unreadable, or forged in an agent's name. `raw` is kept whole."""

    at: datetime
    mailbox: str
    uid: int
    why: str
    raw: bytes
    uidvalidity: int = 0
    message_id: str | None = None
    sender: str = ""
    subject: str = ""
    reference: str | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a folder was read: every UID up to `last_uid` under `uidvalidity` has an outcome."""

    mailbox: str
    uidvalidity: int
    last_uid: int


@dataclass(frozen=True, slots=True)
class KnownMessage:
    """Where a Message-ID is known from: `direction` in (received) or out (ours); `recipient` whom ours went to."""

    message_id: str
    reference: str | None
    direction: str
    recipient: str = ""
    kind: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Lease:
    """Who reads a mailbox: `holder` is a node's name, "" for none; `fence` grew whenever the holder changed."""

    name: str
    holder: str
    fence: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Node:
    """A daemon on the store, as the others see it. `about`: host, pid, since, version, rules (a hash).

    `gone`: its process or its connection ended; `lapsed`: it said nothing for so long that its work is others'.
    """

    name: str
    about: Data = field(default_factory=dict)
    gone: bool = False
    lapsed: bool = False

    @property
    def lives(self) -> bool:
        return not (self.gone or self.lapsed)
