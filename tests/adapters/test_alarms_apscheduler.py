"""APScheduler as an alarm clock: it rings at the sweep and at the next moment, on the loop, and loses nothing by it."""

import asyncio
from datetime import UTC, datetime, timedelta

from triage.adapters.alarms_apscheduler import SchedulerAlarmClock


async def rung(clock: SchedulerAlarmClock, at: datetime | None) -> bool:
    """Start the clock, set its next moment, and wait a while for it to ring."""
    ring = asyncio.Event()
    clock.start(ring.set)
    try:
        clock.set_next(at)
        async with asyncio.timeout(2):
            await ring.wait()
    except TimeoutError:
        return False
    finally:
        clock.stop()
    return True


async def test_it_rings_at_the_next_moment() -> None:
    assert await rung(SchedulerAlarmClock(), datetime.now(UTC) + timedelta(milliseconds=200))


async def test_a_moment_that_is_past_rings_at_once_however_long_ago() -> None:
    assert await rung(SchedulerAlarmClock(), datetime.now(UTC) - timedelta(days=3))


async def test_without_a_moment_only_the_sweep_rings() -> None:
    assert not await rung(SchedulerAlarmClock(), None)
    assert await rung(SchedulerAlarmClock(sweep_seconds=0.2), None)


async def test_a_moment_can_be_replaced_and_taken_back() -> None:
    clock = SchedulerAlarmClock()
    ring = asyncio.Event()
    clock.start(ring.set)
    clock.set_next(datetime.now(UTC) + timedelta(milliseconds=300))
    clock.set_next(datetime.now(UTC) + timedelta(hours=1))
    clock.set_next(None)
    clock.set_next(None)
    await asyncio.wait({asyncio.ensure_future(ring.wait())}, timeout=0.8)
    assert not ring.is_set()
    ring.set()
    clock.stop()
    clock.stop()
