"""Sends what stands in the outbox: a conductor for the store, a few workers for the relay (`app.workers`).

The conductor makes one turn after another (`app.outbox_turn`): outcomes in, due mails out, one commit for both. The
workers send meanwhile, and the next batch is claimed and rendered while the last is being sent.

When the relay itself is away, the mails are given back unharmed and one of them is tried after a growing pause.
Called by the daemon and by `triage once`. Not reentrant: one `run` or `run_once` at a time.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, repeat

from triage.app.outbox_turn import OutboxTurns, Turn, Turned
from triage.app.pauses import sleep
from triage.app.relay_watch import RelayWatch
from triage.app.workers import DispatchSummary, OnHand, Pace, Send, Workers
from triage.core import delivery
from triage.core.model import MailState
from triage.core.records import OutboxOutcome, OutboxRow
from triage.errors import Temporary
from triage.log import logger
from triage.ports import Clock, Mailer, Sent, Store

_IDLE_SECONDS = 3600.0  # the longest sleep without being woken
_SHORTEST_SLEEP = 0.05
_BATCHES_ON_HAND = 3  # one being sent, one waiting, one being claimed
_STORE_PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)


def _support_address(_row: OutboxRow) -> str:
    return ""


async def _plainly(mailer: Mailer, sender: str, row: OutboxRow, begin: Callable[[], bool]) -> Sent:
    return await mailer.send(sender, row.to, row.content or b"", begin)


def _nobody_waits(_seconds: float) -> None:
    return


def _no_copy(_row: OutboxRow) -> None:
    return


class Dispatcher:
    """The conductor. `turns` holds what a turn does: rendering, limits, what the cases are told.

    `return_path` gives a row's envelope sender; `send` hands a mail over in the mailer's place and may add to it;
    `on_sent` is told of each accepted row after the commit (Sent copy) and must not block; `alive` hears that the loop
    goes on and how long it means to rest.
    """

    def __init__(  # noqa: PLR0913 - what is connected to what
        self,
        store: Store,
        mailer: Mailer,
        turns: OutboxTurns,
        clock: Clock,
        *,
        pace: Pace | None = None,
        return_path: Callable[[OutboxRow], str] = _support_address,
        send: Send | None = None,
        on_sent: Callable[[OutboxRow], None] = _no_copy,
        alive: Callable[[float], None] = _nobody_waits,
    ) -> None:
        self._store = store
        self._turns = turns
        self._handover = turns.handover
        self._clock = clock
        self._pace = pace or Pace()
        self._on_sent = on_sent
        self._alive = alive
        self._relay = RelayWatch(self._pace.workers, self._pace.longest_relay_pause)
        self._woken = asyncio.Event()
        self._workers = Workers(
            send or partial(_plainly, mailer), turns, clock, self._pace, return_path, self._relay, self._woken
        )
        self._claims = 0
        self._renewed_at: datetime | None = None

    def notify(self) -> None:
        """Look into the outbox now; call it after committing new rows, from the event loop."""
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set, then finish what is on its way and give back the rest."""
        on_hand = OnHand()
        self._handover.open(self._turns.process)
        async with asyncio.TaskGroup() as tasks:
            helpers = [tasks.create_task(self._workers.work(on_hand)) for _ in range(self._pace.workers)]
            helpers.append(tasks.create_task(self._wake_on(stop)))
            while not stop.is_set():
                try:
                    await self._turn(on_hand, self._room(on_hand), _patience(), stop)
                except Temporary:
                    break  # only when stopping
                await self._rest(on_hand)
            await self._drain(on_hand, stop)
            for helper in helpers:
                helper.cancel()
        self._handover.close(recorded=not on_hand.active)

    async def run_once(self) -> DispatchSummary:
        """Send everything that is due now, once, and return what became of it; deferred rows wait for another call.

        Raises Temporary when the store cannot be reached; what was sent by then and not recorded is in doubt.
        """
        on_hand = OnHand()
        failure: Temporary | None = None
        self._handover.open(self._turns.process)
        async with asyncio.TaskGroup() as tasks:
            workers = [tasks.create_task(self._workers.work(on_hand)) for _ in range(self._pace.workers)]
            try:
                while await self._turn(on_hand, self._room(on_hand), _STORE_PAUSES[:3]) or on_hand.active:
                    await self._rest(on_hand, once=True)
            except Temporary as error:
                failure = error  # raised below, alone: a group of errors is not what callers expect
            for worker in workers:
                worker.cancel()
        self._handover.close(recorded=not on_hand.active)
        if failure is not None:
            raise failure
        return on_hand.summary

    # -- turns -----------------------------------------------------------------------------------------------------------

    def _room(self, on_hand: OnHand) -> int:
        """Return how many rows to claim: three batches on hand at most, one row while the relay is being probed."""
        most = self._relay.room(self._clock.now(), _BATCHES_ON_HAND * self._pace.batch)
        mails = len(on_hand.active) - len(on_hand.done)
        room = min(self._pace.batch, most - mails)
        # A turn for a handful costs as much as one for a batch; while there is work at hand it can wait.
        return max(0, room) if room > self._pace.batch // 2 or not mails else 0

    async def _turn(
        self, on_hand: OnHand, room: int, pauses: Iterable[float], stop: asyncio.Event | None = None
    ) -> int:
        """Make one turn and return how many rows were claimed; while the store is away, try again after each pause.

        The outcomes are kept. Raises Temporary when the pauses are used up or `stop` is set.
        """
        for pause in pauses:
            try:
                return await self._one_turn(on_hand, room)
            except Temporary as error:
                on_hand.blind = True
                logger(part="dispatch").error("store.failed", error=str(error))
                await sleep(pause, stop or asyncio.Event())
                if stop is not None and stop.is_set():
                    break
        return await self._one_turn(on_hand, room)

    async def _one_turn(self, on_hand: OnHand, room: int) -> int:
        self._alive(0.0)
        done, on_hand.done = on_hand.done, []
        try:
            return await self._perform(on_hand, done, room)
        except Temporary:
            on_hand.done = done + on_hand.done
            raise
        except Exception:
            if not done:
                raise
            # One of these outcomes hurts the case it belongs to. The mails are sent, that must be written down.
            logger(part="dispatch").exception("loop.failed", outcomes=len(done))
            return await self._one_by_one(on_hand, done)

    async def _one_by_one(self, on_hand: OnHand, done: Sequence[OutboxOutcome]) -> int:
        """Record each outcome alone; the one that cannot be told to its case, without telling."""
        for index, outcome in enumerate(done):
            try:
                await self._perform(on_hand, [outcome], 0)
            except Temporary:
                on_hand.done = [*done[index:], *on_hand.done]
                raise
            except Exception:  # noqa: BLE001
                logger(part="dispatch").exception("loop.failed", outbox=outcome.id)
                await self._perform(on_hand, [outcome], 0, tell=False)
        return 0

    async def _perform(
        self, on_hand: OnHand, done: Sequence[OutboxOutcome], room: int, *, tell: bool = True
    ) -> int:
        self._claims += 1
        now = self._clock.now()
        node = self._turns.node()
        room = room if node else 0
        lease = f"{node}.{self._claims}"
        news = self._relay.news()
        renew = self._leases_to_renew(on_hand, now)
        turn = Turn(now, done, room, lease, renew, tell=tell, relay=news)
        turned = await self._store.write(lambda tx: self._turns.perform(tx, turn))
        if renew:
            self._renewed_at = now
        self._relay.wrote(news)
        on_hand.blind = False
        for outcome in done:
            on_hand.active.pop(outcome.id, None)
        on_hand.ends |= dict.fromkeys([lease, *renew], now + self._turns.lease)
        self._take(on_hand, turned, turn)
        if not on_hand.active:
            on_hand.ends.clear()
            self._handover.all_recorded()
        return turned.claimed

    def _leases_to_renew(self, on_hand: OnHand, now: datetime) -> frozenset[str]:
        """Name the leases of rows on hand, three times in a lease's life."""
        if not on_hand.active:
            return frozenset()
        since = None if self._renewed_at is None else now - self._renewed_at
        # below 0: the clock was put back
        if since is not None and timedelta(0) <= since < self._turns.lease / 3:
            return frozenset()
        return frozenset(on_hand.active.values())

    def _take(self, on_hand: OnHand, turned: Turned, turn: Turn) -> None:
        on_hand.next_at = turned.next_at
        full = bool(turn.room) and turned.claimed == turn.room
        on_hand.more = full and turned.next_at is not None and turned.next_at <= turn.now
        on_hand.summary.held += turned.held
        for row in turned.recorded:
            on_hand.summary.count(row.state)
            if row.state is MailState.ACCEPTED:
                self._on_sent(row)
        for row in turned.ready:
            on_hand.active[row.id] = turn.lease
            on_hand.queue.put_nowait(row)

    async def _rest(self, on_hand: OnHand, *, once: bool = False) -> None:
        """Sleep until there is something to hand in or to take."""
        if not (on_hand.more and self._room(on_hand)) and not (once and not on_hand.active):
            rest = self._longest_rest(on_hand)
            self._alive(rest)
            try:
                async with asyncio.timeout(rest):
                    await self._woken.wait()
            except TimeoutError:
                pass
        self._woken.clear()

    def _longest_rest(self, on_hand: OnHand) -> float:
        if on_hand.active:
            return self._turns.lease.total_seconds() / 3
        if on_hand.next_at is None:
            return _IDLE_SECONDS
        due = max(on_hand.next_at, self._relay.away_until or on_hand.next_at)
        return min(max((due - self._clock.now()).total_seconds(), _SHORTEST_SLEEP), _IDLE_SECONDS)

    # -- stopping --------------------------------------------------------------------------------------------------------

    async def _wake_on(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._woken.set()

    async def _drain(self, on_hand: OnHand, stop: asyncio.Event) -> None:
        """Give back what no worker has, wait a while for the others, and record; what still hangs is left in doubt."""
        now = self._clock.now()
        while not on_hand.queue.empty():
            on_hand.done.append(delivery.released(on_hand.queue.get_nowait(), now))
        try:
            async with asyncio.timeout(self._pace.drain):
                while on_hand.sending:
                    await self._woken.wait()
                    self._woken.clear()
        except TimeoutError:
            words = "stopped while it was being sent"
            on_hand.done += [
                delivery.uncertain(row, now, words, ages=self._turns.ages) for row in on_hand.sending.values()
            ]
        if on_hand.done:
            try:
                await self._turn(on_hand, 0, (), stop)
            except Temporary as error:
                logger(part="dispatch").error("store.failed", error=str(error), lost=len(on_hand.done))


def _patience() -> Iterable[float]:
    return chain(_STORE_PAUSES, repeat(_STORE_PAUSES[-1]))
