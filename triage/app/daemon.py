"""The daemon's loops: one per watched folder, one for alarms, one for the outbox; and the one pass of `once`.

Loops share nothing but the store and a few wake-up calls. A folder whose server is away is tried again with growing
pauses and said once; the others go on. Stopping drains: what was begun is finished, nothing new is taken.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from triage.app.alarms import Alarms
from triage.app.dispatch import Dispatcher
from triage.app.intake import Intake
from triage.app.pauses import Pauses, sleep
from triage.app.progress import Progress
from triage.app.readers import Deposed, Readers, mailbox_of
from triage.app.reconcile import is_due, note_done, reconcile
from triage.app.watched import Watched
from triage.core.desk import Desk
from triage.core.records import Cursor
from triage.errors import Permanent, StoreAway, Temporary
from triage.log import logger
from triage.ports import AlarmClock, Clock, FolderStatus, Store, Supervisor

_FIRST_READ = 60.0  # seconds for which a start waits for the mailboxes before anything rings
_SETTLED = 5.0  # seconds after the first reading in which its answers leave, before anything else is done
_STANDING_BY = 1.0  # seconds between two looks of a folder's loop at whether it is its turn


async def _unheard(_mailbox: str) -> None:
    return


@dataclass
class Summary:
    """What one pass did, for `once` and for a person."""

    taken: int = 0
    set_aside: int = 0
    rang: int = 0
    accepted: int = 0
    failed: int = 0
    unreachable: list[str] = field(default_factory=list)
    elsewhere: dict[str, str] = field(default_factory=dict)
    """Mailboxes that another node reads, and which one."""


@dataclass(frozen=True)
class Daemon:
    """Everything that runs, already connected to each other by wiring."""

    store: Store
    watched: Sequence[Watched]
    intake: Intake
    alarms: Alarms
    dispatcher: Dispatcher
    alarm_clock: AlarmClock
    supervisor: Supervisor
    clock: Clock
    poll: Callable[[str], float]
    readers: Readers
    unreachable: Callable[[str, str | None, datetime], Awaitable[None]]
    desk: Callable[[], Desk]
    progress: Progress = field(default_factory=Progress)
    """Hears of every loop; while one is late the supervisor hears nothing."""
    looked: Callable[[str], Awaitable[None]] = _unheard
    """Told whenever a folder was read to its end."""
    reconnect: float = 300.0
    """The longest pause between two tries to reach a server, in seconds."""
    chores: Sequence[Callable[[asyncio.Event], Coroutine[None, None, None]]] = ()
    """Further loops that run until they are told to stop: copies into Sent, tokens."""
    upkeep: Callable[[], Awaitable[None]] | None = None
    """What each pass of `once` does besides mail and alarms: the chores that are due."""
    settled: Callable[[], Awaitable[None]] | None = None
    """What is done once after a start, when what had come meanwhile was read and answered."""
    after_once: Callable[[], Awaitable[None]] | None = None
    _drained: dict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    """Which folders we have read to their end: an answer in Sent is read after the mail that it answers."""
    _unwritten: set[str] = field(default_factory=set)
    """Folders whose mail waits for the store."""

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set, then drain."""
        log = logger(part="daemon")
        ring = asyncio.Event()
        self.alarm_clock.start(ring.set)
        try:
            async with (
                self.readers.joined(lost=self._lost, due=partial(self._due, ring)),
                asyncio.TaskGroup() as tasks,
            ):
                for watched in self.watched:
                    tasks.create_task(self._watch(watched, ring, stop), name=f"mailbox {watched.name}")
                tasks.create_task(self._ring(ring, stop), name="alarms")
                tasks.create_task(self.dispatcher.run(stop), name="dispatch")
                tasks.create_task(self._stay_alive(stop), name="watchdog")
                tasks.create_task(self._settle(stop), name="settling in")
                for number, chore in enumerate(self.chores):
                    tasks.create_task(chore(stop), name=f"chore {number}")
                self.supervisor.ready()
                log.info("daemon.started", mailboxes=[w.name for w in self.watched])
                await stop.wait()
                log.info("daemon.stopping")
                self.supervisor.stopping()
                ring.set()
                self.dispatcher.notify()
                for watched in self.watched:
                    self._drained[watched.name].set()
                    watched.mailbox.wake()
        finally:
            self.alarm_clock.stop()
            for watched in self.watched:
                await watched.mailbox.close()
        log.info("daemon.stopped")

    # -- mailboxes -------------------------------------------------------------------------------------------------

    async def _watch(self, watched: Watched, ring: asyncio.Event, stop: asyncio.Event) -> None:
        """Keep one folder read while it is ours to read; stand by while another node has it."""
        while not stop.is_set():
            self.progress.expect(watched.name, _STANDING_BY)
            if await self.readers.until_ours(watched.name, _STANDING_BY):
                self._drained[watched.name].clear()
                await self._reign(watched, ring, stop)
                await watched.mailbox.leave()
            elif self.readers.standing_by().get(mailbox_of(watched.name)):
                self._drained[watched.name].set()  # by whoever reads it: nothing here need wait for it
        self.progress.done(watched.name)

    async def _reign(self, watched: Watched, ring: asyncio.Event, stop: asyncio.Event) -> None:
        """Read one folder until it is another's; a fault costs a pause, said once when it begins and when it is over."""
        pauses = Pauses(self.reconnect)
        away_since: datetime | None = None
        known = False
        while self._reads(watched, stop):
            self.progress.expect(watched.name)
            try:
                status = await watched.mailbox.connect()
                if away_since is not None or not known:  # whoever read it before may have left it unreachable
                    await self.unreachable(watched.name, None, away_since or self.clock.now())
                if away_since is not None:
                    logger(mailbox=watched.name).info("mailbox.back", since=away_since.isoformat())
                away_since, known = None, True
                await self._read(watched, status, ring, stop, pauses)
            except Deposed:
                return
            except (Temporary, Permanent) as error:
                if not self._reads(watched, stop):
                    return
                if isinstance(error, StoreAway):
                    self._store_failed(watched, error)
                    await self._pause(watched, pauses, stop)
                    continue
                if away_since is None:
                    away_since = self.clock.now()
                    logger(mailbox=watched.name).error(
                        "mailbox.unreachable", since=away_since.isoformat(), error=str(error)
                    )
                await self._tell_unreachable(watched, str(error), away_since)
                await self._pause(watched, pauses, stop)

    async def _pause(self, watched: Watched, pauses: Pauses, stop: asyncio.Event) -> None:
        pause = pauses.next()
        self.progress.expect(watched.name, pause)
        await sleep(pause, stop)

    def _store_failed(self, watched: Watched, error: StoreAway) -> None:
        """Say once that what arrives cannot be written down; it waits in the mailbox."""
        if watched.name not in self._unwritten:
            self._unwritten.add(watched.name)
            logger(mailbox=watched.name).error("store.failed", error=str(error))

    def _store_works(self, watched: Watched) -> None:
        if watched.name in self._unwritten:
            self._unwritten.discard(watched.name)
            logger(mailbox=watched.name).info("store.back")

    async def _tell_unreachable(self, watched: Watched, error: str, since: datetime) -> None:
        try:
            await self.unreachable(watched.name, error, since)
        except Temporary as failure:  # no store to write it in; the log has it
            logger(mailbox=watched.name).error("store.failed", error=str(failure))

    def _reads(self, watched: Watched, stop: asyncio.Event) -> bool:
        return not stop.is_set() and self.readers.reads(watched.name)

    def _lost(self, mailbox: str) -> None:
        """Let the loops of a mailbox that another node took see that it is no more theirs."""
        for watched in self.watched:
            if mailbox_of(watched.name) == mailbox:
                watched.mailbox.wake()

    def _due(self, ring: asyncio.Event, *, mails: bool, alarms: bool) -> None:
        """Hear of work that is due, whichever node wrote it down."""
        if mails:
            self.dispatcher.notify()
        if alarms:
            ring.set()

    async def _read(
        self,
        watched: Watched,
        status: FolderStatus,
        ring: asyncio.Event,
        stop: asyncio.Event,
        pauses: Pauses,
    ) -> None:
        cursor = await self.intake.begin(watched, status)
        await self.intake.settle(watched, status.uidvalidity)
        while watched.after and self._reads(watched, stop) and not self._drained[watched.after].is_set():
            self.progress.expect(watched.name, _STANDING_BY)
            await sleep(_STANDING_BY, self._drained[watched.after])
        while self._reads(watched, stop):
            cursor = await self._drain(watched, cursor, ring, stop)
            pauses.reset()
            self._store_works(watched)
            self._drained[watched.name].set()
            await self.looked(watched.name)
            await self._reconcile_nightly(watched, status)
            rest = self.poll(watched.name)
            self.progress.expect(watched.name, rest)
            if self._reads(watched, stop) and not self.intake.hurting(watched.name):
                await watched.mailbox.wait(rest)
                self.progress.expect(watched.name)

    async def _drain(
        self, watched: Watched, cursor: Cursor, ring: asyncio.Event, stop: asyncio.Event
    ) -> Cursor:
        def taken() -> None:
            self.progress.expect(watched.name)
            self.dispatcher.notify()
            ring.set()

        def stopping() -> bool:
            return not self._reads(watched, stop)

        cursor, _ = await self.intake.drain(watched, cursor, taken=taken, stopping=stopping)
        return cursor

    async def _reconcile_nightly(self, watched: Watched, status: FolderStatus) -> None:
        desk, now = self.desk(), self.clock.now()
        if await self.store.read(lambda tx: is_due(tx, desk, watched.name, now)):
            found = await reconcile(self.store, self.intake, watched, status)
            await self.readers.write(watched.name, lambda tx: note_done(tx, desk, found, now))
            self.dispatcher.notify()

    # -- alarms and life -------------------------------------------------------------------------------------------

    async def _ring(self, ring: asyncio.Event, stop: asyncio.Event) -> None:
        """Ring what is due and set the clock for the next; the store being away costs a pause, no alarm."""
        pauses = Pauses(self.reconnect)
        await self._read_once()
        while not stop.is_set():
            ring.clear()
            self.progress.expect("alarms")  # rung by the sweep every few seconds
            try:
                await self.alarms.ring()
                self.dispatcher.notify()  # whether it rang or not: another process may have written to the outbox
                self.alarm_clock.set_next(await self.alarms.next_at())
                pauses.reset()
            except Temporary as error:
                logger(part="alarms").error("store.failed", error=str(error))
                pause = pauses.next()
                self.progress.expect("alarms", pause)
                await sleep(pause, stop)
                continue
            await ring.wait()

    async def _read_once(self) -> None:
        """Wait until what came while nobody ran was read, or a while: who was answered meanwhile needs no reminder."""
        self.progress.expect("alarms", _FIRST_READ)
        reads = [asyncio.ensure_future(self._drained[watched.name].wait()) for watched in self.watched]
        if reads:
            await asyncio.wait(reads, timeout=_FIRST_READ)
        for read in reads:
            read.cancel()

    async def _settle(self, stop: asyncio.Event) -> None:
        await self._read_once()
        await sleep(_SETTLED, stop)
        if self.settled is not None and not stop.is_set():
            await self.settled()

    async def _stay_alive(self, stop: asyncio.Event) -> None:
        """Tell the supervisor that we live, as long as every loop makes progress."""
        while not stop.is_set():
            late = self.progress.late()
            if late:
                logger(part="daemon").error("loop.late", loops=late)
                self.supervisor.status(f"stuck: {', '.join(late)}")
            else:
                self.supervisor.alive()
            await sleep(self.supervisor.interval(), stop)

    # -- one pass ----------------------------------------------------------------------------------------------------

    async def once(self) -> Summary:
        """Make one pass as one node among others: what another reads is left to it."""
        async with self.readers.joined(greedy=True):
            return await self.pass_once()

    async def pass_once(self) -> Summary:
        """Take in what there is, ring what is due, send what waits; then stop. For cron, the demo and the tests."""
        summary = Summary()
        for watched in self.watched:
            if not self.readers.reads(watched.name):
                summary.elsewhere[watched.name] = self.readers.standing_by().get(watched.name, "")
                continue
            try:
                status = await watched.mailbox.connect()
                cursor = await self.intake.begin(watched, status)
                await self.intake.settle(watched, status.uidvalidity)
                before = await self.store.read(lambda tx: len(tx.list_aside()))
                cursor, count = await self.intake.drain(watched, cursor)
                while self.intake.hurting(watched.name):
                    cursor, more = await self.intake.drain(watched, cursor)
                    count += more
                after = await self.store.read(lambda tx: len(tx.list_aside()))
                await self.looked(watched.name)
                summary.taken += count
                summary.set_aside += max(0, after - before)
            except (Temporary, Permanent) as error:
                logger(mailbox=watched.name).error("mailbox.unreachable", error=str(error))
                summary.unreachable.append(f"{watched.name}: {error}")
        await self._send(summary)  # clients are answered before agents are told
        summary.rang = await self.alarms.ring()
        if self.upkeep is not None:
            await self.upkeep()
        await self._send(summary)
        if self.after_once is not None:
            await self.after_once()
        return summary

    async def _send(self, summary: Summary) -> None:
        while (done := await self.dispatcher.run_once()).worked:
            summary.accepted += done.accepted
            summary.failed += done.failed

    async def close(self) -> None:
        for watched in self.watched:
            await watched.mailbox.close()
