"""Sends what stands in the outbox: a conductor for the store, a few workers for the relay.

The conductor makes one turn after another (`app.outbox_turn`): outcomes in, due mails out, one commit for both. The
workers send meanwhile, each over a connection of the mailer's, so one that hangs holds up nobody else, and the next
batch is claimed and rendered while the last is being sent. How little may go wrong at a crash: each mail is marked in the
hand-over log right before DATA and when the relay has answered, so only what was between the two is in doubt.

When the relay itself is away, the mails are given back unharmed and one of them is tried after a growing pause.
Called by the daemon and by `triage once`. Not reentrant: one `run` or `run_once` at a time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, repeat

from triage.app.outbox_turn import OutboxTurns, Turn, Turned
from triage.app.pauses import sleep
from triage.app.relay_watch import RelayWatch
from triage.core import delivery
from triage.core.delivery import Trace
from triage.core.model import MailState
from triage.core.records import OutboxOutcome, OutboxRow
from triage.errors import Temporary
from triage.log import logger
from triage.ports import Clock, Delivery, Mailer, Sent, Store

_IDLE_SECONDS = 3600.0  # the longest sleep without being woken
_SHORTEST_SLEEP = 0.05
_BATCHES_ON_HAND = 3  # one being sent, one waiting, one being claimed
_STORE_PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds and counts. `batch`: rows of one claim; `workers`: mails on their way at a time, as many as the mailer has
    connections; `flush_after`: how long an outcome may wait for company; `send_limit`: the longest a mail may take;
    `drain`: how long stopping waits for mails on their way.
    """

    batch: int = 50
    workers: int = 4
    flush_after: float = 0.1
    send_limit: float = 900.0
    drain: float = 20.0
    longest_relay_pause: float = 300.0


@dataclass(slots=True)
class DispatchSummary:
    """What became of mails in one pass; `held`: given back untried (relay away, breaker open)."""

    accepted: int = 0
    deferred: int = 0
    uncertain: int = 0
    failed: int = 0
    refused: int = 0
    dropped: int = 0
    held: int = 0

    @property
    def worked(self) -> bool:
        """Whether anything came to an end or was tried."""
        return any((self.accepted, self.deferred, self.uncertain, self.failed, self.refused, self.dropped))

    def count(self, state: MailState) -> None:
        setattr(self, state.value, getattr(self, state.value) + 1)


Send = Callable[[str, OutboxRow, Callable[[], bool]], Awaitable[Sent]]
"""Hands a mail over: envelope sender, row, and what to ask right before DATA (`Mailer.send`)."""


def _support_address(_row: OutboxRow) -> str:
    return ""


async def _plainly(mailer: Mailer, sender: str, row: OutboxRow, begin: Callable[[], bool]) -> Sent:
    return await mailer.send(sender, row.to, row.content or b"", begin)


def _nobody_waits(_seconds: float) -> None:
    return


def _no_copy(_row: OutboxRow) -> None:
    return


@dataclass
class _Pass:
    """The moving parts of one `run` or `run_once`."""

    queue: "asyncio.Queue[OutboxRow]" = field(default_factory=asyncio.Queue)
    active: dict[int, str] = field(default_factory=dict)
    """Claimed and not recorded: row id to lease."""
    ends: dict[str, datetime] = field(default_factory=dict)
    """When each lease on hand ends, unless it is renewed."""
    sending: dict[int, OutboxRow] = field(default_factory=dict)
    done: list[OutboxOutcome] = field(default_factory=list)
    summary: DispatchSummary = field(default_factory=DispatchSummary)
    blind: bool = False
    """The store was away at the last turn: what the relay took could not be written down, so nothing is begun."""
    full: bool = False
    """The last claim took all it could: there may be more."""
    next_at: datetime | None = None


class Dispatcher:
    """`return_path` gives a row's envelope sender; `on_sent` is told of each accepted row after the commit (Sent copy)
    and must not block. `send` hands a mail over in the mailer's place (envelope sender, row): it may add to it. `alive` hears that the loop goes on and how long it means to rest. `turns` holds the rest: rendering, limits, what the cases are told.
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
        self._hand_over = send or partial(_plainly, mailer)
        self._turns = turns
        self._handover = turns.handover
        self._clock = clock
        self._pace = pace or Pace()
        self._return_path = return_path
        self._on_sent = on_sent
        self._alive = alive
        self._relay = RelayWatch(self._pace.workers, self._pace.longest_relay_pause)
        self._woken = asyncio.Event()
        self._claims = 0
        self._renewed_at: datetime | None = None

    def notify(self) -> None:
        """Look into the outbox now; call it after committing new rows, from the event loop."""
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set, then finish what is on its way and give back the rest."""
        now = _Pass()
        self._handover.open(self._turns.process)
        async with asyncio.TaskGroup() as tasks:
            helpers = [tasks.create_task(self._work(now)) for _ in range(self._pace.workers)]
            helpers.append(tasks.create_task(self._wake_on(stop)))
            while not stop.is_set():
                try:
                    await self._turn(now, self._room(now), _patience(), stop)
                except Temporary:
                    break  # only when stopping
                await self._rest(now)
            await self._drain(now, stop)
            for helper in helpers:
                helper.cancel()
        self._handover.close(recorded=not now.active)

    async def run_once(self) -> DispatchSummary:
        """Send everything that is due now, once, and return what became of it; deferred rows wait for another call.

        Raises Temporary when the store cannot be reached; what was sent by then and not recorded is in doubt.
        """
        now = _Pass()
        failure: Temporary | None = None
        self._handover.open(self._turns.process)
        async with asyncio.TaskGroup() as tasks:
            workers = [tasks.create_task(self._work(now)) for _ in range(self._pace.workers)]
            try:
                while await self._turn(now, self._room(now), _STORE_PAUSES[:3]) or now.active:
                    await self._rest(now, once=True)
            except Temporary as error:
                failure = error  # raised below, alone: a group of errors is not what callers expect
            for worker in workers:
                worker.cancel()
        self._handover.close(recorded=not now.active)
        if failure is not None:
            raise failure
        return now.summary

    # -- workers -------------------------------------------------------------------------------------------------------

    async def _work(self, now: _Pass) -> None:
        myself = asyncio.current_task()
        # Python 3.11's wait_for swallows a cancellation that comes with its result (gh-86296): ask, besides being told.
        while myself is not None and not myself.cancelling():
            row = await now.queue.get()
            if now.blind or not self._still_ours(row):
                self._hand_back(now, row)
                continue
            now.sending[row.id] = row
            sent = await self._send(now, row)
            del now.sending[row.id]
            self._finish(now, row, sent)

    def _begin(self, now: _Pass, row: OutboxRow) -> bool:
        """Mark a mail that is about to leave. False: its lease ended meanwhile (this machine slept), it is another's."""
        if not self._still_ours(row) or self._clock.now() >= now.ends[row.lease]:
            return False
        self._handover.note(row, Trace.BEGUN)
        return True

    def _still_ours(self, row: OutboxRow) -> bool:
        """Say whether a mail may be begun: cut off from the store, or struck out, somebody else may send it."""
        node = self._turns.node()
        return bool(node) and row.lease.startswith(f"{node}.")

    def _hand_back(self, now: _Pass, row: OutboxRow) -> None:
        now.done.append(delivery.released(row, self._clock.now()))
        now.summary.held += 1
        self._woken.set()

    async def _send(self, now: _Pass, row: OutboxRow) -> Sent:
        try:
            async with asyncio.timeout(self._pace.send_limit):
                begin = partial(self._begin, now, row)
                return await self._hand_over(self._return_path(row), row, begin)
        except TimeoutError:
            return Sent(Delivery.UNCERTAIN, 0, f"no end after {self._pace.send_limit:.0f} s")
        except Exception as error:  # noqa: BLE001
            # The port never raises; if an implementation does, only doubt is safe, and the others go on.
            logger(part="dispatch").exception("loop.failed", key=row.key)
            return Sent(Delivery.UNCERTAIN, 0, f"{type(error).__name__}: {error}")

    def _finish(self, now: _Pass, row: OutboxRow, sent: Sent) -> None:
        at = self._clock.now()
        if sent.result is not Delivery.UNCERTAIN:
            taken = sent.result is Delivery.ACCEPTED
            self._handover.note(row, Trace.ACCEPTED if taken else Trace.UNTOUCHED)
        now.done.append(_outcome(row, sent, at, self._turns))
        if self._relay.saw(sent, at):
            self._give_back(now, at)
        enough = len(now.done) >= self._pace.batch or len(now.done) == len(now.active)
        if enough:
            self._woken.set()
        elif len(now.done) == 1:
            asyncio.get_running_loop().call_later(self._pace.flush_after, self._woken.set)

    def _give_back(self, now: _Pass, at: datetime) -> None:
        """Return what was claimed and not yet handed to a worker, untried."""
        while not now.queue.empty():
            row = now.queue.get_nowait()
            now.done.append(delivery.released(row, at, self._relay.reason, self._relay.away_until))
            now.summary.held += 1

    # -- the conductor ---------------------------------------------------------------------------------------------------

    def _room(self, now: _Pass) -> int:
        """Return how many rows to claim: three batches on hand at most, one row while the relay is being probed."""
        most = self._relay.room(self._clock.now(), _BATCHES_ON_HAND * self._pace.batch)
        on_hand = len(now.active) - len(now.done)
        room = min(self._pace.batch, most - on_hand)
        # A turn for a handful costs as much as one for a batch; while there is work at hand it can wait.
        return max(0, room) if room > self._pace.batch // 2 or not on_hand else 0

    async def _turn(
        self, now: _Pass, room: int, pauses: Iterable[float], stop: asyncio.Event | None = None
    ) -> int:
        """Make one turn and return how many rows were claimed; while the store is away, try again after each pause.

        The outcomes are kept. Raises Temporary when the pauses are used up or `stop` is set.
        """
        for pause in pauses:
            try:
                return await self._one_turn(now, room)
            except Temporary as error:
                now.blind = True
                logger(part="dispatch").error("store.failed", error=str(error))
                await sleep(pause, stop or asyncio.Event())
                if stop is not None and stop.is_set():
                    break
        return await self._one_turn(now, room)

    async def _one_turn(self, now: _Pass, room: int) -> int:
        self._alive(0.0)
        done, now.done = now.done, []
        try:
            return await self._perform(now, done, room)
        except Temporary:
            now.done = done + now.done
            raise
        except Exception:
            if not done:
                raise
            # One of these outcomes hurts the case it belongs to. The mails are sent, that must be written down.
            logger(part="dispatch").exception("loop.failed", outcomes=len(done))
            return await self._one_by_one(now, done)

    async def _one_by_one(self, now: _Pass, done: Sequence[OutboxOutcome]) -> int:
        """Record each outcome alone; the one that cannot be told to its case, without telling."""
        for index, outcome in enumerate(done):
            try:
                await self._perform(now, [outcome], 0)
            except Temporary:
                now.done = [*done[index:], *now.done]
                raise
            except Exception:  # noqa: BLE001
                logger(part="dispatch").exception("loop.failed", outbox=outcome.id)
                await self._perform(now, [outcome], 0, tell=False)
        return 0

    async def _perform(
        self, now: _Pass, done: Sequence[OutboxOutcome], room: int, *, tell: bool = True
    ) -> int:
        self._claims += 1
        at = self._clock.now()
        node = self._turns.node()
        room = room if node else 0
        lease = f"{node}.{self._claims}"
        news = self._relay.news()
        renew = self._leases_to_renew(now, at)
        turn = Turn(at, done, room, lease, renew, tell=tell, relay=news)
        turned = await self._store.write(lambda tx: self._turns.perform(tx, turn))
        if renew:
            self._renewed_at = at
        self._relay.wrote(news)
        now.blind = False
        for outcome in done:
            now.active.pop(outcome.id, None)
        now.ends |= dict.fromkeys([lease, *renew], at + self._turns.lease)
        self._take(now, turned, lease, room)
        if not now.active:
            now.ends.clear()
            self._handover.all_recorded()
        return turned.claimed

    def _leases_to_renew(self, now: _Pass, at: datetime) -> frozenset[str]:
        """Name the leases of rows on hand, three times in a lease's life."""
        if not now.active:
            return frozenset()
        since = None if self._renewed_at is None else at - self._renewed_at
        if (
            since is not None and timedelta(0) <= since < self._turns.lease / 3
        ):  # below 0: the clock was put back
            return frozenset()
        return frozenset(now.active.values())

    def _take(self, now: _Pass, turned: Turned, lease: str, room: int) -> None:
        now.next_at = turned.next_at
        now.full = bool(room) and turned.claimed == room
        now.summary.held += turned.held
        for row in turned.recorded:
            now.summary.count(row.state)
            if row.state is MailState.ACCEPTED:
                self._on_sent(row)
        for row in turned.ready:
            now.active[row.id] = lease
            now.queue.put_nowait(row)

    async def _rest(self, now: _Pass, *, once: bool = False) -> None:
        """Sleep until there is something to hand in or to take."""
        if not (now.full and self._room(now)) and not (once and not now.active):
            rest = self._longest_rest(now)
            self._alive(rest)
            try:
                async with asyncio.timeout(rest):
                    await self._woken.wait()
            except TimeoutError:
                pass
        self._woken.clear()

    def _longest_rest(self, now: _Pass) -> float:
        if now.active:
            return self._turns.lease.total_seconds() / 3
        if now.next_at is None:
            return _IDLE_SECONDS
        due = max(now.next_at, self._relay.away_until or now.next_at)
        return min(max((due - self._clock.now()).total_seconds(), _SHORTEST_SLEEP), _IDLE_SECONDS)

    # -- stopping --------------------------------------------------------------------------------------------------------

    async def _wake_on(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._woken.set()

    async def _drain(self, now: _Pass, stop: asyncio.Event) -> None:
        """Give back what no worker has, wait a while for the others, and record; what still hangs is left in doubt."""
        at = self._clock.now()
        while not now.queue.empty():
            now.done.append(delivery.released(now.queue.get_nowait(), at))
        try:
            async with asyncio.timeout(self._pace.drain):
                while now.sending:
                    await self._woken.wait()
                    self._woken.clear()
        except TimeoutError:
            words = "stopped while it was being sent"
            now.done += [
                delivery.uncertain(row, at, words, ages=self._turns.ages) for row in now.sending.values()
            ]
        if now.done:
            try:
                await self._turn(now, 0, (), stop)
            except Temporary as error:
                logger(part="dispatch").error("store.failed", error=str(error), lost=len(now.done))


def _outcome(row: OutboxRow, sent: Sent, at: datetime, turns: OutboxTurns) -> OutboxOutcome:
    ages, first = turns.ages, turns.first_pause
    match sent.result:
        case Delivery.ACCEPTED:
            return delivery.accepted(row, at)
        case Delivery.REFUSED:
            return delivery.failed(row, at, sent.error)
        case Delivery.DEFERRED:
            return delivery.deferred(row, at, sent.error, relay=sent.relay, ages=ages, first=first)
        case Delivery.UNCERTAIN:
            return delivery.uncertain(row, at, sent.error, ages=ages, first=first)


def _patience() -> Iterable[float]:
    return chain(_STORE_PAUSES, repeat(_STORE_PAUSES[-1]))
