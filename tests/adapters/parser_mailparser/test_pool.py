import asyncio
import os
import resource
import signal
from dataclasses import replace

import pytest

from tests.adapters.parser_mailparser.samples import HEAD, SAMPLES, parse
from tests.app.house import DESK
from triage.adapters.parser_mailparser import child
from triage.adapters.parser_mailparser.frames import Yardstick
from triage.adapters.parser_mailparser.pool import SMALL_BYTES, ReaderPool, is_small
from triage.adapters.parser_mailparser.worker import Worker
from triage.core.desk import Desk
from triage.core.message import Leaf, RawMail
from triage.core.rules import RuleSet
from triage.core.understanding import understand
from triage.core.understood import Understood
from triage.errors import Hurtful, Temporary

LARGE = RawMail(raw=HEAD + b"\r\n" + b"linea\r\n" * (SMALL_BYTES // 6))
GIANT = RawMail(raw=HEAD + b"\r\n" + b"x" * 100_000_000)
SMALL = RawMail(raw=SAMPLES["plain"])


def judged(mail: RawMail, desk: Desk = DESK) -> Understood:
    assert mail.raw is not None
    return understand(parse(mail.raw), desk.site, desk.support.rules)


def process_of(pool: ReaderPool) -> int:
    (worker,) = pool._idle
    return worker._child.process.pid


def test_ordinary_mail_is_small_and_monsters_are_not() -> None:
    assert is_small(SMALL)
    assert not is_small(LARGE)
    assert not is_small(RawMail(raw=b"\n--x" * 200))
    assert not is_small(
        RawMail(header=b"", leaves=tuple(Leaf(str(number), "image/png") for number in range(60)))
    )


@pytest.mark.parametrize("here", [True, False])
async def test_what_is_read_apart_is_what_would_be_read_here(here: bool) -> None:
    async with ReaderPool(here=here) as pool:
        assert await pool.read_many([SMALL, LARGE, SMALL], DESK) == [
            judged(SMALL),
            judged(LARGE),
            judged(SMALL),
        ]


async def test_mail_is_read_where_the_admin_limits_our_memory_too() -> None:
    async with ReaderPool(here=False, memory_limit=1 << 40) as pool:
        await pool.begin()
        resource.prlimit(process_of(pool), resource.RLIMIT_AS, (4 << 30, 4 << 30))
        assert await pool.read_many([SMALL], DESK) == [judged(SMALL)]


async def test_a_process_that_was_prepared_has_its_rules_before_the_first_mail() -> None:
    async with ReaderPool(here=False) as pool:
        await pool.begin()
        await pool.prepare(DESK.site, DESK.support.rules.vocabulary)
        first = process_of(pool)
        assert await pool.read_many([SMALL], DESK) == [judged(SMALL)]
        assert process_of(pool) == first


async def test_a_process_begun_early_is_taken_over() -> None:
    begun = child.start()
    async with ReaderPool(here=False) as pool:
        await pool.begin(begun)
        assert await pool.read_many([SMALL], DESK) == [judged(SMALL)]
        assert process_of(pool) == begun.process.pid
    assert begun.process.returncode is not None


async def test_other_rules_hold_from_the_next_mail_on_in_the_same_process() -> None:
    vocabulary = replace(DESK.support.rules.vocabulary, rules=(), hash="none")
    other = replace(DESK, support=replace(DESK.support, rules=RuleSet(vocabulary)))
    async with ReaderPool(here=False) as pool:
        (before,) = await pool.read_many([SMALL], DESK)
        first = process_of(pool)
        (after,) = await pool.read_many([SMALL], other)
        assert process_of(pool) == first
    assert before == judged(SMALL)
    assert after == judged(SMALL, other)
    assert before != after


async def test_a_late_message_costs_only_itself() -> None:
    async with ReaderPool(time_limit=0.0) as pool:
        late, small = await pool.read_many([LARGE, SMALL], DESK)
    assert isinstance(late, Hurtful)
    assert isinstance(small, Understood)


async def test_a_mail_of_rules_drawn_with_dashes_is_no_late_message() -> None:
    """Where the boundary is missing each line of dashes may be one; its length was paid for a hundred times over."""
    drawn = HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + (b"-" * 900 + b"\r\n") * 4_000
    async with ReaderPool(here=False) as pool:
        (read,) = await pool.read_many([RawMail(raw=drawn)], DESK)
    assert isinstance(read, Understood)


async def test_a_message_beyond_the_memory_limit_costs_only_itself() -> None:
    async with ReaderPool(here=False, memory_limit=64 * 1024 * 1024) as pool:
        before, too_much, after = await pool.read_many([SMALL, GIANT, LARGE], DESK)
    assert isinstance(before, Understood)
    assert isinstance(too_much, Hurtful)
    assert isinstance(after, Understood)


async def test_a_process_killed_over_a_message_costs_that_message_only() -> None:
    async with ReaderPool(here=False) as pool:
        await pool.read_many([SMALL], DESK)
        victim = process_of(pool)
        os.kill(victim, signal.SIGSTOP)  # as a message that takes its time
        reading = asyncio.ensure_future(pool.read_many([SMALL, LARGE, SMALL], DESK))
        await asyncio.sleep(0)
        os.kill(victim, signal.SIGKILL)
        first, second, third = await reading
    assert isinstance(first, Hurtful)
    assert second == judged(LARGE)
    assert third == judged(SMALL)


async def test_the_death_of_a_process_that_waits_is_not_blamed_on_the_next_mail() -> None:
    async with ReaderPool(here=False) as pool:
        await pool.read_many([SMALL], DESK)
        worker = pool._idle[0]
        os.kill(process_of(pool), signal.SIGKILL)
        async with asyncio.timeout(10):
            while not worker.gone:
                await asyncio.sleep(0)
        assert await pool.read_many([SMALL], DESK) == [judged(SMALL)]


async def test_a_reading_that_is_given_up_leaves_no_process_behind() -> None:
    async with ReaderPool(here=False) as pool:
        await pool.read_many([SMALL], DESK)
        pid = process_of(pool)
        reading = asyncio.ensure_future(pool.read_many([LARGE] * 50, DESK))
        for _ in range(20):
            await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        async with asyncio.timeout(10):
            while pool._busy:
                await asyncio.sleep(0)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        assert await pool.read_many([SMALL], DESK) == [judged(SMALL)]


async def test_two_batches_share_a_process_rather_than_start_another() -> None:
    async with ReaderPool(workers=2, here=False) as pool:
        await pool.read_many([SMALL], DESK)
        await asyncio.gather(*(pool.read_many([SMALL] * 5, DESK) for _ in range(4)))
        assert len(pool._idle) == 1


async def test_a_process_that_cannot_come_up_is_the_machines_fault_and_no_mails() -> None:
    worker = await Worker.start()
    worker.lay_down(Yardstick(DESK.site, DESK.support.rules.vocabulary, 64 * 1024 * 1024))
    os.kill(worker._child.process.pid, signal.SIGKILL)
    with pytest.raises(Temporary):
        await worker.ready()


async def test_a_worker_refused_by_the_machine_is_told_as_temporary() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + 1, hard))
    try:
        with pytest.raises(Temporary):
            await Worker.start()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_a_pool_serves_again_after_it_was_closed() -> None:
    pool = ReaderPool()
    await pool.close()
    assert await pool.read_many([SMALL], DESK) == [judged(SMALL)]
    await pool.close()
