"""What is to be done once a day or once after a change: a table of chores, each due by the clock.

When a chore was done last stands in a note of the store, written with its work: a restart repeats none, a downtime
makes up for the latest only. Run by a loop of the daemon, and by each pass of `once`.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.app import digests, replan
from triage.app.pauses import keep_doing
from triage.core import governor, pacing
from triage.core.desk import Desk
from triage.core.sla_calendar import NoOpening
from triage.log import logger
from triage.ports import Clock, Store, Transaction

_LOOK_AGAIN = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Chore:
    """`next_at`: when it is due after it was done at an instant, None for never; `work` gets that instant and now."""

    name: str
    next_at: Callable[[Desk, datetime, datetime], datetime | None]
    work: Callable[[Transaction, Desk, datetime, datetime], object]


def _digest_at(desk: Desk, last: datetime, now: datetime) -> datetime | None:
    """Return when the next digest is due; one that was missed waits for the next time that the desk is open."""
    calendar = desk.support.sla.default.calendar
    try:
        at = pacing.next_digest(desk.support.reminders, calendar, last)
        if at is None or at > now or calendar.is_open(now):
            return at
        return pacing.next_digest(desk.support.reminders, calendar, now)
    except NoOpening:
        return None


def _daily(desk: Desk, last: datetime, now: datetime) -> datetime | None:  # noqa: ARG001 - one form for all
    return last + timedelta(days=1)


def _forget(tx: Transaction, desk: Desk, last: datetime, now: datetime) -> None:  # noqa: ARG001 - one form for all
    tx.forget_tallies(governor.oldest_slot(now))


CHORES: Sequence[Chore] = (Chore("digest", _digest_at, digests.send), Chore("tallies", _daily, _forget))


class Chores:
    """Does what is due; `notify` wakes the dispatcher."""

    def __init__(
        self, store: Store, desk: Callable[[], Desk], clock: Clock, notify: Callable[[], None]
    ) -> None:
        self._store = store
        self._desk = desk
        self._clock = clock
        self._notify = notify
        self._log = logger(part="chores")

    async def run(self, stop: asyncio.Event) -> None:
        """Look every half minute, until `stop` is set."""
        await keep_doing(self.do, _LOOK_AGAIN, stop, "chores")

    async def do(self) -> None:
        """Do every chore that is due."""
        desk, now = self._desk(), self._clock.now()
        if not await self._store.read(lambda tx: _due(tx, desk, now)):
            return
        for name in await self._store.write(lambda tx: _do(tx, desk, now)):
            self._log.info("chore.done", chore=name)
        self._notify()

    async def next_at(self) -> datetime | None:
        """Return when the next chore is due; for those who step the clock."""
        desk, now = self._desk(), self._clock.now()
        moments = await self._store.read(lambda tx: [at for _, at in _moments(tx, desk, now)])
        return min((at for at in moments if at is not None), default=None)


def _moments(tx: Transaction, desk: Desk, now: datetime) -> list[tuple[Chore, datetime | None]]:
    """Return when each chore is due: at once for one that was never looked at, which only begins its count."""
    done = [(chore, _done_at(tx, chore, now)) for chore in CHORES]
    return [(chore, now if last is None else chore.next_at(desk, last, now)) for chore, last in done]


def _done_at(tx: Transaction, chore: Chore, now: datetime) -> datetime | None:
    """Return when a chore was done last; a clock that was put back counts from now, not from the time to come."""
    last = tx.get_note(_note(chore))
    return min(datetime.fromisoformat(last), now) if last else None


def _due(tx: Transaction, desk: Desk, now: datetime) -> bool:
    return replan.is_due(tx, desk) or any(at is not None and at <= now for _, at in _moments(tx, desk, now))


def _do(tx: Transaction, desk: Desk, now: datetime) -> list[str]:
    done = []
    tx.lock("chores")
    if replan.is_due(tx, desk):
        replan.replan(tx, desk, now)
        done.append("replan")
    for chore, at in _moments(tx, desk, now):
        if at is None or at > now:
            continue
        last = _done_at(tx, chore, now)
        tx.set_note(_note(chore), now.isoformat())
        if last is not None:
            chore.work(tx, desk, last, now)
            done.append(chore.name)
    return done


def _note(chore: Chore) -> str:
    return f"chore/{chore.name}"
