"""The workers' half of dispatch: each takes a claimed mail, hands it over to the relay and says what came of it.

Each sends over a connection of the mailer's, so one that hangs holds up nobody else. How little may go wrong at a crash:
a mail is marked in the hand-over log right before DATA and when the relay has answered, so only what was between the two
is in doubt. What came of it stays on hand until the conductor (`app.dispatch`) has it recorded. Knows no store.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from triage.app.outbox_turn import OutboxTurns
from triage.app.relay_watch import RelayWatch
from triage.core import delivery
from triage.core.delivery import Trace
from triage.core.model import MailState
from triage.core.records import OutboxOutcome, OutboxRow
from triage.log import logger
from triage.ports import Clock, Delivery, Sent

Send = Callable[[str, OutboxRow, Callable[[], bool]], Awaitable[Sent]]
"""Hands a mail over: envelope sender, row, and what to ask right before DATA (`Mailer.send`)."""


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


@dataclass
class OnHand:
    """What conductor and workers share in one `run` or `run_once`: mails claimed and not recorded yet."""

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
    more: bool = False
    """The last claim took all it could, and there was more."""
    next_at: datetime | None = None


@dataclass(frozen=True)
class Workers:
    """`return_path` gives a row's envelope sender; `woken` is set when the conductor has something to hand in."""

    hand_over: Send
    turns: OutboxTurns
    clock: Clock
    pace: Pace
    return_path: Callable[[OutboxRow], str]
    relay: RelayWatch
    woken: asyncio.Event

    async def work(self, on_hand: OnHand) -> None:
        """Be one worker, until cancelled."""
        myself = asyncio.current_task()
        # Python 3.11's wait_for swallows a cancellation that comes with its result (gh-86296): ask, besides being told.
        while myself is not None and not myself.cancelling():
            row = await on_hand.queue.get()
            if on_hand.blind or not self._still_ours(row):
                self._hand_back(on_hand, row)
                continue
            on_hand.sending[row.id] = row
            sent = await self._send(on_hand, row)
            del on_hand.sending[row.id]
            self._finish(on_hand, row, sent)

    def _begin(self, on_hand: OnHand, row: OutboxRow) -> bool:
        """Mark a mail that is about to leave. False: its lease ended meanwhile (this machine slept), it is another's."""
        if not self._still_ours(row) or self.clock.now() >= on_hand.ends[row.lease]:
            return False
        self.turns.handover.note(row, Trace.BEGUN)
        return True

    def _still_ours(self, row: OutboxRow) -> bool:
        """Say whether a mail may be begun: cut off from the store, or struck out, somebody else may send it."""
        node = self.turns.node()
        return bool(node) and row.lease.startswith(f"{node}.")

    def _hand_back(self, on_hand: OnHand, row: OutboxRow) -> None:
        on_hand.done.append(delivery.released(row, self.clock.now()))
        on_hand.summary.held += 1
        self.woken.set()

    async def _send(self, on_hand: OnHand, row: OutboxRow) -> Sent:
        try:
            async with asyncio.timeout(self.pace.send_limit):
                begin = partial(self._begin, on_hand, row)
                return await self.hand_over(self.return_path(row), row, begin)
        except TimeoutError:
            return Sent(Delivery.UNCERTAIN, 0, f"no end after {self.pace.send_limit:.0f} s")
        except Exception as error:  # noqa: BLE001
            # The port never raises; if an implementation does, only doubt is safe, and the others go on.
            logger(part="dispatch").exception("loop.failed", key=row.key)
            return Sent(Delivery.UNCERTAIN, 0, f"{type(error).__name__}: {error}")

    def _finish(self, on_hand: OnHand, row: OutboxRow, sent: Sent) -> None:
        now = self.clock.now()
        if sent.result is not Delivery.UNCERTAIN:
            taken = sent.result is Delivery.ACCEPTED
            self.turns.handover.note(row, Trace.ACCEPTED if taken else Trace.UNTOUCHED)
        on_hand.done.append(_outcome(row, sent, now, self.turns))
        if self.relay.saw(sent, now):
            self._give_back(on_hand, now)
        enough = len(on_hand.done) >= self.pace.batch or len(on_hand.done) == len(on_hand.active)
        if enough:
            self.woken.set()
        elif len(on_hand.done) == 1:
            asyncio.get_running_loop().call_later(self.pace.flush_after, self._flush, on_hand)

    def _flush(self, on_hand: OnHand) -> None:
        """Have recorded what still waits for company."""
        if on_hand.done:
            self.woken.set()

    def _give_back(self, on_hand: OnHand, now: datetime) -> None:
        """Return what was claimed and not yet handed to a worker, untried."""
        while not on_hand.queue.empty():
            row = on_hand.queue.get_nowait()
            on_hand.done.append(delivery.released(row, now, self.relay.reason, self.relay.away_until))
            on_hand.summary.held += 1


def _outcome(row: OutboxRow, sent: Sent, now: datetime, turns: OutboxTurns) -> OutboxOutcome:
    ages, first = turns.ages, turns.first_pause
    match sent.result:
        case Delivery.ACCEPTED:
            return delivery.accepted(row, now)
        case Delivery.REFUSED:
            return delivery.failed(row, now, sent.error)
        case Delivery.DEFERRED:
            return delivery.deferred(row, now, sent.error, relay=sent.relay, ages=ages, first=first)
        case Delivery.UNCERTAIN:
            return delivery.uncertain(row, now, sent.error, ages=ages, first=first)
