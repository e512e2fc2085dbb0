"""Which mailboxes this daemon reads, and whether it may act at all: one reader a mailbox, whatever becomes of the rest.

Every second a node says that it lives, sees who else does, takes mailboxes that nobody reads, and lets go of those
that another took. What protects the data is no clock of ours: every write of a reader checks, in its own transaction,
that the lease's fencing number is still the one it was given. A late one is `Deposed`, hangs up, and stands by.

A node that missed two answers begins no mail (`node` is "" then); after a lease's whole life it reads nothing. One
that was struck out comes back under another name, so that what it had claimed is nobody's any more.
Called by `app.daemon`; `write` by everything that a reader writes.
"""

import asyncio
import math
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Protocol, TypeVar

from triage.app.pauses import sleep
from triage.core.records import Lease, Node
from triage.errors import Temporary
from triage.log import logger
from triage.ports import Beat, Clock, Membership, Store, Transaction

T = TypeVar("T")
_BEAT = 1.0  # seconds between two signs of life, and for seeing what others committed
_BEGIN = 2.5  # beats without an answer, after which no mail is begun any more
_QUIET = 15.0  # the same where nobody else depends on it
_PATIENCE = 3  # beats for which a node that reads its share leaves a free mailbox to others


class Deposed(Temporary):
    """Another node reads the mailbox now; what was about to be written has not been."""


class Write(Protocol):
    """Writes to the store as the reader of a folder; `Readers.write` is one."""

    async def __call__(self, folder: str, work: Callable[[Transaction], None], /) -> None: ...


def mailbox_of(folder: str) -> str:
    """Return the mailbox of a watched folder, which is called NAME or NAME/sent: who reads one reads the other."""
    return folder.partition("/")[0]


def lease_name(mailbox: str) -> str:
    """Return the name of a mailbox's lease."""
    return f"mailbox/{mailbox}"


def _nothing_due(*, mails: bool, alarms: bool) -> None:  # noqa: ARG001 - the form of the call
    return


def _nobody(_mailbox: str) -> None:
    return


class Readers:
    """`about`: what the others are told of this process; `process`: its name until it is one of them. `monotonic`
    counts seconds that no clock setting changes.
    """

    def __init__(
        self,
        store: Store,
        membership: Membership,
        mailboxes: Sequence[str],
        about: Callable[[], Mapping[str, str]],
        clock: Clock,
        process: str = "alone",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._membership = membership
        self._mailboxes = tuple(mailboxes)
        self._about = about
        self._clock = clock
        self._monotonic = monotonic
        self._process = process
        self._joined = False
        self._greedy = False
        self._heard: float | None = None
        self._name = ""
        self._fences: dict[str, int] = {}
        self._gained = {mailbox: asyncio.Event() for mailbox in mailboxes}
        self._read_by: dict[str, str] = {}
        self._free: Counter[str] = Counter()
        self._lost: Callable[[str], None] = _nobody
        self._due: Callable[..., None] = _nothing_due
        self._log = logger(part="node")
        self.others: tuple[Node, ...] = ()
        """The other nodes that live, as of the last beat."""

    # -- what may be done ----------------------------------------------------------------------------------------------

    @property
    def node(self) -> str:
        """The name under which mails are claimed; "" while there is none, or it may not hold any more."""
        if not self._joined:
            return self._process
        return self._name if self._in_touch(_BEGIN * self._rest()) else ""

    def reads(self, folder: str) -> bool:
        """Say whether a watched folder is this node's to read; a process that joined nobody reads what it is told to."""
        return not self._joined or (mailbox_of(folder) in self._fences and self._in_touch())

    def standing_by(self) -> dict[str, str]:
        """Return the mailboxes that this node does not read, each with the node that does, "" where nobody does."""
        return {box: self._read_by.get(box, "") for box in self._mailboxes if not self.reads(box)}

    def _in_touch(self, seconds: float | None = None) -> bool:
        """Say whether the store answered lately: within a lease's life, where nothing else is said."""
        if not self._membership.shared:
            return True
        limit = self._membership.lasting.total_seconds() if seconds is None else seconds
        return self._heard is not None and self._monotonic() - self._heard < limit

    async def until_ours(self, folder: str, rest: float) -> bool:
        """Return whether a folder is ours to read: as soon as it is, after `rest` seconds at most."""
        gained = self._gained[mailbox_of(folder)]
        if not self.reads(folder):
            # Ours and not to be read, while the store does not answer: there is nothing to be waited for but time.
            await (asyncio.sleep(rest) if gained.is_set() else sleep(rest, gained))
        return self.reads(folder)

    async def write(self, folder: str, work: Callable[[Transaction], T]) -> T:
        """Write as the reader of a folder. Raises Deposed, with nothing written, where another reads it now.

        A process that joined nobody (`reconcile` beside a daemon) writes unfenced: its outcomes are the ledger's to judge.
        """
        if not self._joined:
            return await self._store.write(work)
        mailbox = mailbox_of(folder)
        fence = self._fences.get(mailbox)
        if fence is None:
            raise Deposed(f"mailbox {mailbox} is read by another node")
        try:
            return await self._store.write(partial(_fenced, work=work, mailbox=mailbox, fence=fence))
        except Deposed:
            if self._fences.get(mailbox) == fence:
                self._lose(mailbox)
            raise

    # -- being one of them -----------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def joined(
        self,
        *,
        lost: Callable[[str], None] = _nobody,
        due: Callable[..., None] = _nothing_due,
        greedy: bool = False,
    ) -> AsyncIterator[None]:
        """Be a node inside the block. `lost` hears of mailboxes taken from us, `due` of work that others committed;
        `greedy`: take every free mailbox at once.
        """
        self._lost, self._due, self._greedy = lost, due, greedy
        self._joined = True
        over = asyncio.Event()
        failure: Exception | None = None
        async with asyncio.TaskGroup() as tasks:
            await self.turn()
            tasks.create_task(self._beats(over), name="node")
            try:
                yield
            except Exception as error:  # noqa: BLE001 - raised below, alone: a group is not what callers expect
                failure = error
            finally:
                over.set()
        await self._leave()
        if failure is not None:
            raise failure

    async def _beats(self, over: asyncio.Event) -> None:
        while not over.is_set():
            await sleep(self._rest(), over)
            if not over.is_set():
                await self.turn()

    def _rest(self) -> float:
        if self._membership.shared:
            return min(_BEAT, self._membership.lasting.total_seconds() / 5)
        return _BEAT if self.standing_by() else _QUIET

    async def turn(self) -> None:
        """Say that we live, see who else does, take what is free; no answer is an answer, too."""
        asked = self._monotonic()
        try:
            async with asyncio.timeout(self._membership.lasting.total_seconds() / 2):
                beat = await self._membership.beat(self._about())
                self._called(beat.name)
                await self._see(beat)
        except (Temporary, TimeoutError) as error:
            self._unheard(str(error) or "no answer in time")
        else:
            if not self._in_touch() and self._heard is not None:
                self._log.info("node.back", node=self._name)
            self._heard = asked

    def _called(self, name: str) -> None:
        if name == self._name:
            return
        if self._name:
            self._log.warning("node.struck_out", node=self._name, now=name)
        self._name = name
        self._lose_all()

    def _unheard(self, error: str) -> None:
        """The store does not answer: after a lease's life others may act in our place, so we do not."""
        if not self._membership.shared:
            self._log.warning("store.failed", error=error)
        elif self._fences and not self._in_touch():
            self._log.error("node.cut_off", node=self._name, error=error)
            self._lose_all()
        if not self._in_touch():
            self._store.hang_up()  # what waits for an answer would wait for as long as the network likes

    async def _leave(self) -> None:
        for mailbox, fence in list(self._fences.items()):
            self._fences.pop(mailbox)
            try:
                await self._store.write(partial(_release, mailbox=mailbox, fence=fence))
            except Temporary as error:
                self._log.warning("store.failed", error=str(error))
        await self._membership.leave()
        self._joined, self._heard, self._name = False, None, ""

    # -- seeing, taking, losing --------------------------------------------------------------------------------------------

    async def _see(self, beat: Beat) -> None:
        for node in beat.others:
            if node.lapsed and await self._store.write(lambda tx, name=node.name: tx.forget_node(name)):  # type: ignore[misc]
                self._log.warning("node.gone", node=node.name)
        self.others = tuple(node for node in beat.others if node.lives)
        now = self._clock.now()
        leases, mails_at, alarms_at = await self._store.read(
            lambda tx: (tx.leases(), tx.next_outbox_at(), tx.next_alarm_at())
        )
        for mailbox in self._mailboxes:
            lease = leases.get(lease_name(mailbox))
            await self._look_after(mailbox, lease, beat)
        if self._membership.shared:
            self._due(
                mails=mails_at is not None and mails_at <= now,
                alarms=alarms_at is not None and alarms_at <= now,
            )

    async def _look_after(self, mailbox: str, lease: Lease | None, beat: Beat) -> None:
        holder, fence = (lease.holder, lease.fence) if lease else ("", 0)
        mine = holder == self._name
        if mailbox in self._fences:
            if mine and self._fences[mailbox] == fence:
                return
            self._lose(mailbox)
        if not mine and holder in {node.name for node in self.others}:
            self._stands_by(mailbox, holder)
            return
        if not mine and not self._may_take(mailbox):
            return
        gone = [node.name for node in beat.others if not node.lives]
        taken = await self._store.write(lambda tx: tx.take_lease(lease_name(mailbox), self._name, gone))
        if taken is not None:
            self._gain(mailbox, taken)

    def _may_take(self, mailbox: str) -> bool:
        """Say whether to take a free mailbox: at once up to a fair share, beyond it when nobody else does."""
        self._free[mailbox] += 1
        share = math.ceil(len(self._mailboxes) / (1 + len(self.others)))
        return self._greedy or len(self._fences) < share or self._free[mailbox] > _PATIENCE

    def _gain(self, mailbox: str, fence: int) -> None:
        before = self._read_by.get(mailbox, "")
        self._fences[mailbox] = fence
        self._free.pop(mailbox, None)
        self._read_by[mailbox] = self._name
        self._log.info("reader.began", mailbox=mailbox, node=self._name, fence=fence, before=before)
        self._gained[mailbox].set()

    def _stands_by(self, mailbox: str, holder: str) -> None:
        self._free.pop(mailbox, None)
        if self._read_by.get(mailbox) != holder:
            self._read_by[mailbox] = holder
            self._log.info("reader.standing_by", mailbox=mailbox, node=self._name, read_by=holder)

    def _lose_all(self) -> None:
        for mailbox in list(self._fences):
            self._lose(mailbox)

    def _lose(self, mailbox: str) -> None:
        fence = self._fences.pop(mailbox)
        self._gained[mailbox].clear()
        self._read_by.pop(mailbox, None)
        self._log.warning("reader.deposed", mailbox=mailbox, node=self._name, fence=fence)
        self._lost(mailbox)


def _fenced(tx: Transaction, work: Callable[[Transaction], T], mailbox: str, fence: int) -> T:
    if not tx.holds_lease(lease_name(mailbox), fence):
        raise Deposed(
            f"mailbox {mailbox} is read by another node now: fencing number {fence} is not the last"
        )
    return work(tx)


def _release(tx: Transaction, mailbox: str, fence: int) -> None:
    tx.release_lease(lease_name(mailbox), fence)
