"""Growing pauses with jitter, up to a longest; sleep ends when stopping."""

import asyncio

from triage.app.pauses import Pauses, keep_doing, sleep
from triage.errors import Temporary


def test_pauses_grow_up_to_the_longest_and_begin_anew_after_a_success() -> None:
    pauses = Pauses(8.0)
    found = [pauses.next() for _ in range(10)]
    assert found[0] <= 1.3
    assert all(0.7 * 8 <= pause <= 1.3 * 8 for pause in found[4:])
    pauses.reset()
    assert pauses.next() <= 1.3


async def test_sleep_returns_when_stopping_long_before_its_time() -> None:
    stop = asyncio.Event()
    stop.set()
    async with asyncio.timeout(5):
        await sleep(3_600, stop)


async def test_sleep_sleeps() -> None:
    await sleep(0.01, asyncio.Event())


async def test_work_is_done_again_after_a_failure_of_the_store_until_it_is_stopped() -> None:
    stop, done = asyncio.Event(), 0

    async def work() -> None:
        nonlocal done
        done += 1
        if done == 3:
            stop.set()
        raise Temporary("database is locked")

    async with asyncio.timeout(5):
        await keep_doing(work, 0.001, stop, "chores")
    assert done == 3


async def test_what_is_stopped_before_it_began_does_nothing() -> None:
    stop, done = asyncio.Event(), []

    async def work() -> None:
        done.append(1)

    stop.set()
    await keep_doing(work, 3_600, stop, "chores")
    assert done == []
