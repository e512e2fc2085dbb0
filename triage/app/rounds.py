"""What is done now and then and takes its time: backup, retention, the weekly report.

Unlike the chores, which are one short transaction each, a round may run programs, draw pictures and write many small
transactions; so it runs outside of any, one at a time, and its last moment is noted before it begins: a round that
fails waits for its next turn, and the admin is told.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from triage.app import trouble
from triage.app.pauses import keep_doing
from triage.core.desk import Desk
from triage.core.drafts_site import Trouble
from triage.errors import Permanent, Temporary
from triage.log import logger
from triage.ports import Clock, Store, Transaction

_LOOK_SECONDS = 20.0
When = Callable[[datetime], datetime]
"""Gives the next moment after an instant; both aware."""


@dataclass(frozen=True, slots=True)
class Round:
    """`work` gets the moment at which it is done. It may raise Temporary or Permanent: `trouble` is what the admin is told."""

    name: str
    trouble: Trouble
    next_at: When
    work: Callable[[datetime], Awaitable[None]]


def daily(at: str, zone: ZoneInfo, weekday: int | None = None) -> When:
    """Return the rule for every day, or one day of the week (0 Monday), at a local time HH:MM."""
    clock = time.fromisoformat(at)

    def next_at(after: datetime) -> datetime:
        day = after.astimezone(zone).date()
        while True:
            moment = datetime.combine(day, clock, zone)
            if moment > after and weekday in {None, day.weekday()}:
                return moment
            day += timedelta(days=1)

    return next_at


def every(seconds: float) -> When:
    """Return the rule for a fixed rhythm."""
    return lambda after: after + timedelta(seconds=seconds)


class Rounds:
    """Does what is due; `notify` wakes the dispatcher."""

    def __init__(
        self,
        store: Store,
        desk: Callable[[], Desk],
        clock: Clock,
        rounds: Sequence[Round],
        notify: Callable[[], None],
    ) -> None:
        self._store = store
        self._desk = desk
        self._clock = clock
        self._rounds = rounds
        self._notify = notify
        self._log = logger(part="rounds")

    async def run(self, stop: asyncio.Event) -> None:
        """Look every twenty seconds until `stop` is set; a chore of the daemon."""
        await keep_doing(self.do, _LOOK_SECONDS, stop, "rounds")

    async def do(self) -> None:
        """Do every round that is due; one never seen before begins to count now."""
        for one in self._rounds:
            now = self._clock.now()
            if await self._store.write(partial(_claim, one=one, now=now)):
                await self._do(one, now)

    async def _do(self, one: Round, now: datetime) -> None:
        try:
            await one.work(now)
        except (Temporary, Permanent) as error:
            words = str(error)
            self._log.error("round.failed", round=one.name, error=words)
            await self._store.write(
                lambda tx: trouble.tell_admin(tx, self._desk(), one.trouble, "", now, now, detail=words)
            )
        else:
            self._log.info("round.done", round=one.name)
        self._notify()


def _claim(tx: Transaction, one: Round, now: datetime) -> bool:
    """Say whether a round is due, and take it: of two daemons on one store only one does.

    A clock that was put back counts from now, not from the time to come.
    """
    tx.lock("rounds")
    key = f"round/{one.name}"
    last = tx.get_note(key)
    done = datetime.fromisoformat(last) if last is not None else None
    due = done is not None and one.next_at(done) <= now
    if done is None or done > now or due:
        tx.set_note(key, now.isoformat())
    return due
