"""APScheduler as an alarm clock only: the truth about what is due stands in the store's table.

Two jobs in memory, a slow sweep and one date; both only set the ring. Its job stores are never used: they drop what
was missed while down, and a job is deleted before it runs (ADR 3).
"""

from collections.abc import Callable
from datetime import datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

_SWEEP_SECONDS = 15
_SWEEP, _NEXT = "sweep", "next-due"


class SchedulerAlarmClock:
    """The port AlarmClock; lives on the running event loop."""

    def __init__(self, sweep_seconds: float = _SWEEP_SECONDS) -> None:
        self._sweep_seconds = sweep_seconds
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._ring: Callable[[], None] = lambda: None

    def start(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._scheduler.add_job(self._rang, "interval", seconds=self._sweep_seconds, id=_SWEEP)
        self._scheduler.start()

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
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
