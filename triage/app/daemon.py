"""The daemon's loops: one per watched folder, one for alarms, one for the outbox; and the one pass of `once`.

Loops share nothing but the store and a few wake-up calls. A folder whose server is away is tried again with growing
pauses and said once; the others go on. Stopping drains: what was begun is finished, nothing new is taken.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from triage.app.alarms import Alarms
from triage.app.dispatch import Dispatcher
from triage.app.intake import Intake, Watched
from triage.core.records import Cursor
from triage.errors import Permanent, Temporary
from triage.log import logger
from triage.ports import AlarmClock, Clock, FolderStatus, Store, Supervisor

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 300.0  # seconds between tries to reach a server
_ALIVE_SECONDS = 10.0


@dataclass
class Summary:
    """What one pass did, for `once` and for a person."""

    taken: int = 0
    set_aside: int = 0
    rang: int = 0
    accepted: int = 0
    failed: int = 0
    unreachable: list[str] = field(default_factory=list)


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
    unreachable: Callable[[str, str | None, datetime], Awaitable[None]]

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set, then drain."""
        log = logger(part="daemon")
        ring = asyncio.Event()
        self.alarm_clock.start(ring.set)
        try:
            async with asyncio.TaskGroup() as tasks:
                for watched in self.watched:
                    tasks.create_task(self._watch(watched, ring, stop), name=f"mailbox {watched.name}")
                tasks.create_task(self._ring(ring, stop), name="alarms")
                tasks.create_task(self.dispatcher.run(stop), name="dispatch")
                tasks.create_task(self._stay_alive(stop), name="watchdog")
                self.supervisor.ready()
                log.info("daemon.started", mailboxes=[w.name for w in self.watched])
                await stop.wait()
                log.info("daemon.stopping")
                self.supervisor.stopping()
                ring.set()
                self.dispatcher.notify()
                for watched in self.watched:
                    watched.mailbox.wake()
        finally:
            self.alarm_clock.stop()
            for watched in self.watched:
                await watched.mailbox.close()
        log.info("daemon.stopped")

    # -- mailboxes -------------------------------------------------------------------------------------------------

    async def _watch(self, watched: Watched, ring: asyncio.Event, stop: asyncio.Event) -> None:
        """Keep one folder read; a fault costs a pause, said once when it begins and once when it is over."""
        pauses = _Pauses()
        away_since: datetime | None = None
        while not stop.is_set():
            try:
                status = await watched.mailbox.connect()
                if away_since is not None:
                    logger(mailbox=watched.name).info("mailbox.back", since=away_since.isoformat())
                    await self.unreachable(watched.name, None, away_since)
                    away_since = None
                await self._read(watched, status, ring, stop, pauses)
            except (Temporary, Permanent) as error:
                if stop.is_set():
                    return
                if away_since is None:
                    away_since = self.clock.now()
                    logger(mailbox=watched.name).error(
                        "mailbox.unreachable", since=away_since.isoformat(), error=str(error)
                    )
                await self.unreachable(watched.name, str(error), away_since)
                await _sleep(pauses.next(), stop)

    async def _read(
        self,
        watched: Watched,
        status: FolderStatus,
        ring: asyncio.Event,
        stop: asyncio.Event,
        pauses: "_Pauses",
    ) -> None:
        cursor = await self.intake.begin(watched, status)
        await self.intake.settle(watched, status.uidvalidity)
        while not stop.is_set():
            cursor = await self._drain(watched, cursor, ring)
            pauses.reset()
            if not stop.is_set():
                await watched.mailbox.wait(self.poll(watched.name))

    async def _drain(self, watched: Watched, cursor: Cursor, ring: asyncio.Event) -> Cursor:
        cursor, count = await self.intake.drain(watched, cursor)
        if count:
            self.dispatcher.notify()
            ring.set()
        return cursor

    # -- alarms and life -------------------------------------------------------------------------------------------

    async def _ring(self, ring: asyncio.Event, stop: asyncio.Event) -> None:
        """Ring what is due and set the clock for the next; the store being away costs a pause, no alarm."""
        pauses = _Pauses()
        while not stop.is_set():
            ring.clear()
            try:
                if await self.alarms.ring():
                    self.dispatcher.notify()
                self.alarm_clock.set_next(await self.alarms.next_at())
                pauses.reset()
            except Temporary as error:
                logger(part="alarms").error("store.failed", error=str(error))
                await _sleep(pauses.next(), stop)
                continue
            await ring.wait()

    async def _stay_alive(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self.supervisor.alive()
            await _sleep(_ALIVE_SECONDS, stop)

    # -- one pass ----------------------------------------------------------------------------------------------------

    async def pass_once(self) -> Summary:
        """Take in what there is, ring what is due, send what waits; then stop. For cron, the demo and the tests."""
        summary = Summary()
        for watched in self.watched:
            try:
                status = await watched.mailbox.connect()
                cursor = await self.intake.begin(watched, status)
                await self.intake.settle(watched, status.uidvalidity)
                before = await self.store.read(lambda tx: len(tx.list_aside()))
                _, count = await self.intake.drain(watched, cursor)
                after = await self.store.read(lambda tx: len(tx.list_aside()))
                summary.taken += count
                summary.set_aside += max(0, after - before)
            except (Temporary, Permanent) as error:
                logger(mailbox=watched.name).error("mailbox.unreachable", error=str(error))
                summary.unreachable.append(f"{watched.name}: {error}")
        summary.rang = await self.alarms.ring()
        while (done := await self.dispatcher.run_once()).worked:
            summary.accepted += done.accepted
            summary.failed += done.failed
        return summary

    async def close(self) -> None:
        for watched in self.watched:
            await watched.mailbox.close()


class _Pauses:
    """Growing pauses with jitter, so that many clients of one server do not come back together."""

    def __init__(self) -> None:
        self._next = _FIRST_PAUSE

    def next(self) -> float:
        pause = self._next * random.uniform(0.7, 1.3)  # noqa: S311 - jitter is no secret
        self._next = min(self._next * 2, _LONGEST_PAUSE)
        return pause

    def reset(self) -> None:
        self._next = _FIRST_PAUSE


async def _sleep(seconds: float, stop: asyncio.Event) -> None:
    """Sleep, or return at once when stopping."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
