"""APScheduler as an alarm clock only: the truth about what is due stands in the store's table.

One job in memory, the next due moment; it only sets the ring. Its job stores are never used: they drop what was missed
while down, and a job is deleted before it runs (ADR 3). Beside it a slow sweep, on the loop's own clock: APScheduler
reckons by the wall, and a wall clock that is put back a day would silence its intervals for that day.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

_SWEEP_SECONDS = 15
_NEXT = "next-due"


class SchedulerAlarmClock:
    """The port AlarmClock; lives on the running event loop."""

    def __init__(self, sweep_seconds: float = _SWEEP_SECONDS) -> None:
        self._sweep_seconds = sweep_seconds
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._ring: Callable[[], None] = lambda: None
        self._sweep: asyncio.TimerHandle | None = None

    def start(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._scheduler.start()
        self._sweep_later()

    def _sweep_later(self) -> None:
        self._sweep = asyncio.get_running_loop().call_later(self._sweep_seconds, self._swept)

    def _swept(self) -> None:
        self._ring()
        self._sweep_later()

    async def _rang(self) -> None:
        # A coroutine, so that APScheduler runs it on the loop and not in a thread.
        self._ring()

    def set_next(self, at: datetime | None) -> None:
        if at is None:
            if self._scheduler.get_job(_NEXT) is not None:
                self._scheduler.remove_job(_NEXT)
            return
        self._scheduler.add_job(self._rang, "date", run_date=at, id=_NEXT, replace_existing=True)

    def stop(self) -> None:
        if self._sweep is not None:
            self._sweep.cancel()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
