import asyncio

import pytest

from triage.app.pipeline import ahead
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
