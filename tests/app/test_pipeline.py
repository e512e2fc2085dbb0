import asyncio

import pytest

from triage.app.pipeline import Beside, ahead
from triage.errors import Temporary


async def numbers(made, fail_at=None):
    for number in range(5):
        if number == fail_at:
            raise Temporary("lost")
        made.append(number)
        yield number


async def test_the_next_item_is_made_while_one_is_worked_on():
    made, seen = [], []
    async with ahead(numbers(made)) as items:
        async for item in items:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            seen.append((item, len(made)))
    assert [item for item, _ in seen] == [0, 1, 2, 3, 4]
    assert all(made_by_then <= item + 2 for item, made_by_then in seen)
    assert seen[0][1] == 2


async def test_an_error_comes_in_its_place():
    seen = []
    with pytest.raises(Temporary):  # noqa: PT012 - the loop is what raises
        async with ahead(numbers([], fail_at=3)) as items:
            async for item in items:
                seen.append(item)
    assert seen == [0, 1, 2]


async def test_left_early_the_source_is_closed():
    closed = []

    async def source():
        try:
            for number in range(100):
                yield number
        finally:
            closed.append(True)

    async with ahead(source()) as items:
        async for _ in items:
            break
    assert closed == [True]


# -- beside ------------------------------------------------------------------------------------------------------------


class Work:
    """A piece of work that ends when it is let go."""

    def __init__(self) -> None:
        self.begun = self.ended = 0
        self.let_go = asyncio.Event()

    async def __call__(self) -> None:
        self.begun += 1
        await self.let_go.wait()
        self.ended += 1


async def fails() -> None:
    raise Temporary("lost")


async def test_one_piece_goes_on_beside_and_the_end_waits_for_it():
    work = Work()
    async with Beside() as beside:
        beside.go(work)
        await asyncio.sleep(0)
        beside.go(work)
        assert (work.begun, work.ended) == (1, 0)
        work.let_go.set()
    assert (work.begun, work.ended) == (1, 1)


async def test_what_a_piece_raises_comes_with_the_next_one_or_at_the_end():
    with pytest.raises(Temporary):
        async with Beside() as beside:
            beside.go(fails)
    after = []
    with pytest.raises(Temporary):  # noqa: PT012 - the second call is what raises
        async with Beside() as beside:
            beside.go(fails)
            await asyncio.sleep(0)
            after.append("here")
            beside.go(fails)
            after.append("not here")
    assert after == ["here"]


async def test_a_block_left_by_an_error_ends_the_work_and_keeps_the_error():
    work = Work()
    with pytest.raises(ValueError, match="mine"):  # noqa: PT012 - the block is what raises
        async with Beside() as beside:
            beside.go(work)
            await asyncio.sleep(0)
            raise ValueError("mine")
    assert (work.begun, work.ended) == (1, 0)
    with pytest.raises(ValueError, match="mine"):  # noqa: PT012
        async with Beside() as beside:
            beside.go(fails)
            await asyncio.sleep(0)
            raise ValueError("mine")
    async with Beside():
        pass  # nothing was begun
