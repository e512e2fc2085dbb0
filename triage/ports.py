"""The contracts of the adapters: small protocols whose docstrings are the promise, with their errors.

One suite per port runs on every implementation (tests/contracts). The core is synchronous; what blocks stays
inside its adapter.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeVar

from triage.core.delivery import Trace
from triage.core.desk import Desk
from triage.core.message import Message, RawMail
from triage.core.model import Case, MailKind
from triage.core.person import Person
from triage.core.records import (
    AlarmRow,
    AsideRow,
    Cursor,
    Event,
    KnownMessage,
    Lease,
    LedgerEntry,
    Node,
    OutboxOutcome,
    OutboxRow,
    StoredMessage,
)
from triage.core.report import Report
from triage.core.report_words import Words
from triage.core.standing import Standing
from triage.core.understanding import Understood
from triage.errors import Unreadable

T = TypeVar("T")


class Clock(Protocol):
    """The only reader of time: the system's in production, a stepped one in the demo and the simulations."""

    def now(self) -> datetime:
        """Return the current instant, aware UTC."""
        ...


class AlarmClock(Protocol):
    """Rings now and then (a slow sweep) and at one next moment. Losing every ring costs seconds, never a reminder."""

    def start(self, ring: Callable[[], None]) -> None:
        """Begin; `ring` is called on the event loop and must return at once."""
        ...

    def set_next(self, at: datetime | None) -> None:
        """Ring at this instant too (at once when it is past); None: only the sweep."""
        ...

    def stop(self) -> None: ...


class Supervisor(Protocol):
    """Whoever started the process and wants to know that it lives (systemd); every call is cheap and never raises."""

    def ready(self) -> None: ...
    def alive(self) -> None: ...
    def interval(self) -> float:
        """Return how often, in seconds, `alive` should be called."""
        ...

    def reloading(self) -> None: ...
    def stopping(self) -> None: ...
    def status(self, words: str) -> None: ...


class FileWatch(Protocol):
    """Knows when files that an admin edits have changed, however an editor replaces them."""

    def changes(self) -> AsyncGenerator[tuple[Path, ...], None]:
        """Yield the files and folders whose content is another one, after each burst of changes; cancel it to end it."""
        ...


# -- how it goes, told to machines -------------------------------------------------------------------------------


class Metrics(Protocol):
    """Figures of the present and counters of what happened, for a scraper; every call is cheap and never raises."""

    def stands(self, standing: Standing) -> None: ...
    def node(self, reads: Mapping[str, bool], nodes: int) -> None:
        """Say which mailboxes this daemon reads itself, and how many daemons are on the store."""
        ...

    def happened(self, event: Event, case: Case | None) -> None:
        """Count one event; `case` as it is now, where the event has one."""
        ...

    def page(self) -> tuple[str, bytes]:
        """Return the content type and the body of what a scraper gets."""
        ...


class Plots(Protocol):
    def draw(self, report: Report, words: Words) -> Mapping[str, bytes]:
        """Return PNG pictures by name (kept, attention, hours, weekdays), those that have something to show."""
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """An answer over HTTP."""

    status: int
    content_type: str
    body: bytes


class PageServer(Protocol):
    async def start(self) -> tuple[str, int]:
        """Listen on the configured address only; returns it. Raises Permanent when it cannot be had."""
        ...

    async def close(self) -> None: ...


# -- mailbox -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """A folder when it was opened. `keywords`: the server lets us set $Triaged; `move`: RFC 6851."""

    uidvalidity: int
    uidnext: int
    keywords: bool
    move: bool
    idle: bool


@dataclass(frozen=True, slots=True)
class Fetched:
    """One message from the mailbox. `internal_date` aware UTC, None where the server gave none.

    `mail` is None where the server could not deliver it (`error` says why): the message still has a UID and an
    outcome.
    """

    uid: int
    internal_date: datetime | None
    mail: RawMail | None
    error: str = ""


class Mailbox(Protocol):
    r"""One watched folder. Every method may raise Temporary (connection lost: call `connect` again) or Permanent
    (sign-in refused, no such folder). Never sets \Seen.
    """

    async def connect(self) -> FolderStatus:
        """Sign in, open the folder and say what it is; safe to call again after an error."""
        ...

    async def uids_after(self, last_uid: int) -> Sequence[int]:
        """Return every UID > last_uid there is now, ascending (the server is asked afresh, NOOP first)."""
        ...

    async def uids_since(self, since: datetime) -> Sequence[int]:
        """Return the UIDs whose INTERNALDATE is not before the given instant's date; for `start: DATE`."""
        ...

    async def fetch(self, uids: Sequence[int]) -> Sequence[Fetched]:
        """Return the messages in UID order; one that vanished meanwhile is simply absent."""
        ...

    async def find(self, message_id: str) -> int | None:
        """Return the UID of the newest message with this Message-ID (without brackets), None where there is none."""
        ...

    async def fetch_section(self, uid: int, section: str) -> AsyncIterator[bytes]:
        """Stream one part's transfer-encoded bytes; raises Permanent if the message is gone."""
        ...

    async def settle(self, uids: Sequence[int]) -> None:
        """Mark messages as dealt with (keyword, move or nothing); repeatable, missing UIDs are no error.

        Permanent here is a refusal (no room, no right) on a connection that stays good.
        """
        ...

    async def append(self, folder: str, raw: bytes, at: datetime) -> None:
        """File a copy (Sent)."""
        ...

    async def wait(self, seconds: float) -> bool:
        """Return True as soon as something may be new, False after `seconds`; returns early after `wake`."""
        ...

    def wake(self) -> None:
        """Let a running `wait` return at once; callable from the event loop at any time."""
        ...

    async def leave(self) -> None:
        """Sign out if that is quick, for `connect` to come back later; never raises, never hangs."""
        ...

    async def close(self) -> None:
        """Sign out if that is quick, for good; never raises, never hangs."""
        ...


class MessageParser(Protocol):
    def parse(self, mail: RawMail) -> Message:
        """Read one message. Raises Unreadable, and nothing else, when it cannot be read."""
        ...


class MessageReader(Protocol):
    """Parses, reads and classifies many messages at once, apart from the daemon where they may hurt; what intake uses."""

    async def read_many(self, mails: Sequence[RawMail], desk: Desk) -> Sequence[Understood | Unreadable]:
        """Return one answer for each mail, in their order; Hurtful where the reading itself came to harm.

        Never raises for what a message is, and no message spoils the answer to another. Raises Temporary where the
        machine has nothing to read with just now.
        """
        ...


class AccessTokens(Protocol):
    """OAuth 2.0 access tokens for one sign-in, fetched when needed and kept until shortly before they end."""

    @property
    def ends_at(self) -> datetime | None:
        """When the token in hand ends; None: there is none."""
        ...

    async def __call__(self) -> str:
        """Return a token that holds. Raises Temporary (endpoint away) or Permanent (it refused)."""
        ...

    def forget(self) -> None:
        """Fetch anew next time; callable from any thread."""
        ...


# -- outgoing mail -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's words: one line of subject, plain text, and HTML (empty: text only)."""

    subject: str
    text: str
    html: str = ""


class Renderer(Protocol):
    def render(self, row: OutboxRow, now: datetime) -> Rendered:
        """Put a draft into words in its language. Raises Permanent with template and line when it cannot."""
        ...


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes along with a mail: its name is a label from the wire, its content as it was before encoding."""

    name: str
    content_type: str
    content: bytes


class Composer(Protocol):
    def compose(self, row: OutboxRow, rendered: Rendered, now: datetime) -> bytes:
        """Return the RFC 5322 bytes (CRLF) of one outgoing mail; `now` becomes its Date, in the site's zone."""
        ...

    def enclose(self, row: OutboxRow, content: bytes, files: Sequence[File], note: str = "") -> bytes:
        """Return a composed mail with the files that its draft only names, and a note on what could not be had."""
        ...


class Delivery(StrEnum):
    """`refused`: 5xx for this recipient or content; `deferred`: fault before DATA or 4xx; `uncertain`: after DATA."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Sent:
    """`relay`: the fault lies with the relay or the way to it, not with this mail (no connection, sign-in refused)."""

    result: Delivery
    code: int = 0
    error: str = ""
    relay: bool = False


class Mailer(Protocol):
    """Delivers to our relay. Never raises for what the server or the network does: the result says it."""

    async def send(self, sender: str, recipient: str, content: bytes, begin: Callable[[], bool]) -> Sent:
        """Send one mail to one recipient over a kept connection. `sender` "" is the null return path.

        `begin` is asked when the relay took sender and recipient, right before DATA: after True the mail may arrive,
        after False it is deferred.
        """
        ...

    async def check(self) -> str:
        """Sign in and say hello; returns the server's name, raises Temporary or Permanent."""
        ...

    async def close(self) -> None: ...


class HandoverLog(Protocol):
    """What became of the mails a process had in hand, readable after its death on the same machine.

    Every call is quick and none raises: what cannot be written or read is `Trace.UNKNOWN`.
    """

    def open(self, process: str) -> None:
        """Begin to keep marks; the leases of this process's rows begin with its name and a dot."""
        ...

    def note(self, row: OutboxRow, trace: Trace) -> None:
        """Mark a claimed row: BEGUN before DATA, then ACCEPTED or UNTOUCHED as the relay answers."""
        ...

    def all_recorded(self) -> None:
        """Hear that the store knows everything: no mark matters any more."""
        ...

    def close(self, *, recorded: bool) -> None:
        """Keep no more marks; `recorded` says that those there are do not matter."""
        ...

    def trace(self, row: OutboxRow) -> Trace:
        """Return the last mark of a row under its lease, whichever process had it."""
        ...


# -- store -------------------------------------------------------------------------------------------------------


class Transaction(Protocol):
    """Set-based reads and writes inside one transaction; synchronous, runs in the store's own thread.

    Reads see the writes before them. Nothing is visible outside until the transaction commits.
    """

    def savepoint(self) -> AbstractContextManager[None]:
        """Undo only what was written inside the block when it raises; for replaying a failed batch one by one."""
        ...

    def lock(self, name: str) -> None:
        """Hold a name until the transaction ends; another write that wants it waits. SQLite has one writer anyway."""
        ...

    def cursor(self, mailbox: str) -> Cursor | None: ...
    def set_cursor(self, cursor: Cursor) -> None: ...
    def ledger(self, mailbox: str, uidvalidity: int, uids: Iterable[int]) -> Mapping[int, LedgerEntry]: ...
    def ledger_uids(self, mailbox: str, uidvalidity: int) -> Sequence[int]: ...
    def add_ledger(self, entries: Iterable[LedgerEntry]) -> int:
        """Write outcomes; the first one of a UID stands. Returns how many were new: fewer than given means that
        another daemon was there first, and this transaction should be given up.
        """
        ...

    def forget_ledger(self, mailbox: str, uidvalidity: int, uid: int) -> None:
        """Take an outcome back, because the message is about to get another one in this same transaction."""
        ...

    def unsettled(self, mailbox: str, uidvalidity: int, limit: int) -> Sequence[int]: ...
    def mark_settled(self, mailbox: str, uidvalidity: int, uids: Iterable[int]) -> None: ...
    def strike(self, mailbox: str, uidvalidity: int, uid: int) -> int:
        """Count one failed attempt at a message and return how many there were."""
        ...

    def leases(self) -> Mapping[str, Lease]:
        """Return who reads which mailbox, by the lease's name."""
        ...

    def nodes(self) -> Mapping[str, Node]:
        """Return the daemons that are written down, `lapsed` judged by the database's clock."""
        ...

    def take_lease(self, name: str, node: str, gone: Collection[str] = ()) -> int | None:
        """Take a lease that nobody holds, or whose holder is unknown or among the `gone`; returns the fencing number,
        the old one where the node holds it already, None while another does. The number grows with every new holder.
        """
        ...

    def holds_lease(self, name: str, fence: int) -> bool:
        """Return whether the number is still the lease's; in a write the answer holds until the commit."""
        ...

    def release_lease(self, name: str, fence: int) -> None: ...
    def forget_node(self, node: str) -> bool:
        """Strike out a node whose word holds no more: its leases are free, its claims on mails have lapsed.

        False, and nothing happens, where its word does hold (again), or somebody else was first.
        """
        ...

    def take_numbers(self, series: str, count: int) -> int:
        """Reserve `count` increasing numbers of a series (prefix and year) and return the first."""
        ...

    def cases(self, references: Iterable[str], *, lock: bool = False) -> Mapping[str, Case]: ...
    def list_cases(self, states: Iterable[str] | None = None, limit: int | None = None) -> Sequence[Case]:
        """Return cases, newest first."""
        ...

    def case_rows(
        self, states: Iterable[str] | None = None, limit: int | None = None, before: Case | None = None
    ) -> Sequence[tuple[Case, int]]:
        """Return cases, newest first, each with the number of messages that came in; `before`: the next page."""
        ...

    def count_cases(self) -> Mapping[str, int]:
        """Count cases per state."""
        ...

    def open_cases_of(self, client: str) -> Sequence[Case]:
        """Return the cases not ended in which this address takes part, newest first."""
        ...

    def save_cases(self, cases: Iterable[Case]) -> None:
        """Insert or replace, by reference."""
        ...

    def digests(self, digests: Iterable[str]) -> Mapping[str, StoredMessage]: ...
    def known_messages(self, message_ids: Iterable[str]) -> Mapping[str, Sequence[KnownMessage]]:
        """Look Message-IDs up among received messages and our own outbox."""
        ...

    def add_messages(self, messages: Iterable[StoredMessage]) -> None: ...
    def assign_messages(self, references: Mapping[str, str]) -> None:
        """Give messages, by digest, to other cases (a split)."""
        ...

    def messages(self, reference: str) -> Sequence[StoredMessage]:
        """Return a case's messages: the opening one (stored first), then by time."""
        ...

    def count_messages(self, references: Iterable[str]) -> Mapping[str, int]:
        """Count what came in, per case."""
        ...

    def add_events(self, events: Iterable[Event]) -> None: ...
    def events(self, reference: str) -> Sequence[Event]: ...
    def events_since(self, at: datetime, names: Iterable[str]) -> Sequence[Event]: ...

    def add_outbox(self, rows: Iterable[OutboxRow]) -> Sequence[OutboxRow]:
        """Insert rows whose key is not there yet; return those inserted, with their ids."""
        ...

    def claim_outbox(self, now: datetime, lease: str, until: datetime, limit: int) -> Sequence[OutboxRow]:
        """Take due rows (queued, deferred) for sending under a lease, oldest first; state becomes sending.

        The rows come with `lease` and `content`; `attempts` and `doubts` stay (outcomes bring their new values).
        """
        ...

    def renew_leases(self, leases: Iterable[str], until: datetime) -> None:
        """Put off the end of leases whose rows are still `sending`: their worker lives."""
        ...

    def expired_leases(self, now: datetime) -> Sequence[OutboxRow]:
        """Return rows still in `sending` whose lease ran out (with that `lease`): a worker died with them.

        In a write they are this transaction's until it ends: give each its new state in the same one.
        """
        ...

    def pull_back_outbox(self, now: datetime, lease: timedelta, slack: timedelta) -> None:
        """Put right what was written while a clock was ahead that has been put back since.

        A mail that waits and was written or changed later than `now` + `slack` keeps the wait that it had, from `now` on; a claim
        that would last longer than `lease` + `slack` ends after `lease`. `slack`: how far clocks of nodes may differ.
        """
        ...

    def store_content(self, contents: Mapping[int, bytes]) -> None: ...
    def record_outcomes(self, outcomes: Iterable[OutboxOutcome]) -> Sequence[OutboxRow]:
        """Write results whose lease still holds; return the rows as they are now (late ones are left out)."""
        ...

    def outbox(self, ids: Iterable[int], *, lock: bool = False) -> Mapping[int, OutboxRow]: ...
    def list_outbox(
        self,
        *,
        reference: str | None = None,
        states: Iterable[str] | None = None,
        message_ids: Iterable[str] | None = None,
    ) -> Sequence[OutboxRow]: ...
    def set_outbox_state(self, ids: Iterable[int], state: str, at: datetime, why: str) -> None:
        """Set the state from outside an attempt; takes any lease away. A waiting state becomes due at `at`."""
        ...

    def requeue_outbox(self, expiries: Mapping[int, datetime], at: datetime, by: str) -> None:
        """Let mails be tried anew from `at` on, as if never tried, each until its new expiry; takes any lease away.

        `by` is written into the draft as `by_hand`: the governor lets such a mail pass.
        """
        ...

    def written_to(self, addresses: Iterable[str], since: datetime) -> Mapping[str, Sequence[datetime]]:
        """Return when automatic mails to each address were written, from `since` on, oldest first.

        Refused and dropped ones do not count; an address without any is absent.
        """
        ...

    def mails_since(
        self, kind: str, recipients: Iterable[str], since: datetime, limit: int = 10_000
    ) -> Sequence[OutboxRow]:
        """Return the automatic mails of a kind written to people since an instant, the oldest ones first, whatever
        became of them.

        Refused and dropped ones do not count; `content` is left out.
        """
        ...

    def count_sent(self, since: datetime, *, to: str | None = None, reference: str | None = None) -> int:
        """Count automatic mails written since an instant, in all or for one address or case (the governor's question).

        Refused and dropped ones do not count.
        """
        ...

    def next_outbox_at(self) -> datetime | None:
        """Return when the next row is due: the earliest `next_at` of queued and deferred, or end of a lease."""
        ...

    def count_outbox(self) -> Mapping[str, int]:
        """Count outgoing mails per state."""
        ...

    def tallies(self, names: Iterable[str], since: int) -> Mapping[str, Mapping[int, int]]:
        """Return the governor's counts, name -> slot -> count, for slots >= `since`; names without any are absent."""
        ...

    def add_tallies(self, increments: Mapping[tuple[str, int], int]) -> None:
        """Add to the counts of (name, slot)."""
        ...

    def forget_tallies(self, before: int) -> None:
        """Drop the counts of slots < `before`."""
        ...

    def replace_alarms(self, reference: str, alarms: Iterable[AlarmRow]) -> None:
        """Replace the pending alarms of a case; an identity that already fired is not set again.

        Reminders that were put off stay, unless there is to be none at all.
        """
        ...

    def add_alarms(self, alarms: Iterable[AlarmRow]) -> None:
        """Add alarms to the pending ones; an identity that is there already stays as it is."""
        ...

    def postpone_alarms(self, ids: Iterable[int], until: datetime) -> None:
        """Let pending alarms ring later, whatever they are."""
        ...

    def replace_all_alarms(self, wanted: Mapping[str, Iterable[AlarmRow]]) -> None:
        """Do `replace_alarms` for many cases at once."""
        ...

    def alarms(self, reference: str) -> Sequence[AlarmRow]:
        """Return the pending alarms of a case, soonest first."""
        ...

    def count_alarms(self) -> int:
        """Count the pending alarms."""
        ...

    def due_alarms(self, now: datetime, limit: int) -> Sequence[AlarmRow]:
        """Return pending alarms that are due, oldest first; in a write they and their cases are locked until the end,
        and those that another daemon has in hand are left out.
        """
        ...

    def finish_alarms(self, ids: Iterable[int], at: datetime) -> None: ...
    def next_alarm_at(self) -> datetime | None: ...

    def add_aside(self, row: AsideRow) -> int: ...
    def list_aside(self) -> Sequence[AsideRow]: ...
    def aside(self, row_id: int) -> AsideRow | None: ...
    def remove_aside(self, row_id: int) -> None: ...

    def get_note(self, key: str) -> str | None:
        """Read a small named value (mailbox unreachable since, last digest day, ...)."""
        ...

    def set_note(self, key: str, value: str | None) -> None: ...

    # How it stands, and what happened in a span of time ([start, end), by arrival or by the event's moment).

    def count_open_cases(self) -> Mapping[tuple[str, int], int]:
        """Count the cases that are not ended, by (state, severity)."""
        ...

    def next_deadlines(self, limit: int) -> Sequence[Case]:
        """Return the cases neither ended nor attended, the one to act on first first."""
        ...

    def count_overdue_alarms(self, now: datetime) -> int: ...
    def oldest_waiting(self) -> datetime | None:
        """Return when the oldest mail that still waits to be sent was written."""
        ...

    def count_aside(self) -> int: ...
    def notes_under(self, prefix: str) -> Mapping[str, str]:
        """Return the notes whose key begins so, by the rest of the key."""
        ...

    def cases_between(self, start: datetime, end: datetime) -> Sequence[Case]: ...
    def events_between(self, start: datetime, end: datetime, names: Iterable[str]) -> Sequence[Event]: ...
    def last_event_id(self) -> int: ...
    def events_after(self, event_id: int, limit: int) -> Sequence[tuple[int, Event]]:
        """Return events written after one, with their ids, in the order of these."""
        ...

    # What is held of one person, and forgetting it.

    def cases_with(self, address: str) -> Sequence[Case]:
        """Return every case, ended ones too, in which an address takes part, oldest first."""
        ...

    def ended_before(self, at: datetime, limit: int, after: str = "") -> Sequence[Case]:
        """Return cases of a client that ended before an instant, by reference, from the one behind `after` on."""
        ...

    def messages_from(self, address: str) -> Sequence[StoredMessage]: ...
    def outbox_to(self, address: str) -> Sequence[OutboxRow]: ...
    def cases_naming(self, who: Person) -> Sequence[Case]:
        """Return the cases that name somebody anywhere, in a text too."""
        ...

    def events_naming(self, who: Person) -> Sequence[tuple[int, Event]]:
        """Return the events by or about somebody, with their ids."""
        ...

    def events_of(self, references: Iterable[str]) -> Sequence[tuple[int, Event]]: ...
    def rewrite_events(self, history: Mapping[int, Event]) -> None:
        """Give events, by id, the `by` and the data of these; for erasing a person, and nothing else."""
        ...

    def drop_contents(self, references: Iterable[str]) -> None:
        """Drop the messages of cases, the mails about them and what of them was set aside."""
        ...

    def drop_person(self, who: Person) -> int:
        """Drop what somebody wrote or was written, in whichever case, and what no case holds and names that address.

        What others wrote on their own cases stays, without the address. Returns how many pieces were dropped.
        """
        ...

    def drop_mails_naming(self, references: Iterable[str]) -> None:
        """Drop mails about no single case (digests, reports) that speak of these cases."""
        ...

    def drop_messages_without_case(self, before: datetime, limit: int) -> int:
        """Drop messages that opened no case, `limit` of them at most; returns how many, 0 at the end."""
        ...

    def drop_mails(self, kind: MailKind, to: str, before: datetime) -> None:
        """Drop the mails of a kind to an address that were written before an instant, whatever their state."""
        ...

    def drop_ignored_senders(self, before: datetime, limit: int) -> int:
        """Drop from the history who sent such messages, of `limit` at most; returns of how many, 0 at the end."""
        ...

    def drop_loose_mails(self, before: datetime, limit: int) -> int:
        """Drop mails about no single case (digests, alarms, reports) that are done with, `limit` of them at most."""
        ...


class Store(Protocol):
    """The truth. One writer at a time on SQLite; on PostgreSQL rows are locked where asked.

    Both methods run `work` in a thread of the store, inside one transaction, and commit when it returns; an
    exception rolls everything back and is raised here. `Temporary` when the store cannot be reached or the disk
    is full. `work` must not call the store again.
    """

    async def write(self, work: Callable[[Transaction], T]) -> T: ...
    async def read(self, work: Callable[[Transaction], T]) -> T: ...
    def hang_up(self) -> None:
        """End every session with a database that answers no more: what waits for it fails with Temporary."""
        ...

    async def close(self) -> None: ...


# -- several daemons on one store ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Beat:
    """What came of saying that we live: the name we go by, and the others.

    The name is a new one whenever the others had struck the old one out: whatever was claimed under it is theirs.
    """

    name: str
    others: Sequence[Node]


class Membership(Protocol):
    """This process among the daemons on one store. Time is the database's, or the operating system tells who lives.

    `shared`: nodes may be on other machines; they lapse when they say nothing for `lasting`, so `beat` well before
    that. Otherwise all are on this machine, where a process that ended is known at once, and one that hangs is waited
    for.
    """

    @property
    def shared(self) -> bool: ...

    @property
    def lasting(self) -> timedelta: ...

    async def beat(self, about: Mapping[str, str]) -> Beat:
        """Say that we live, the first time under a new name. Sessions of nodes that lapsed are ended at the database.

        Raises Temporary within a third of `lasting`, or a second, when there is no answer.
        """
        ...

    async def look(self) -> Sequence[Node]:
        """Return every node there is, without joining them. Raises Temporary."""
        ...

    async def leave(self) -> None:
        """Join no more, so that others take over at once; never raises."""
        ...
