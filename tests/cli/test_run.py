"""A start whose machine or database is short of something for a while."""

import asyncio

import pytest
from structlog.testing import capture_logs

from triage.cli.run import when_possible
from triage.errors import Permanent, StoreAway, Temporary


async def test_what_may_pass_is_waited_for_and_told_once() -> None:
    faults = [Temporary("no process: Resource temporarily unavailable")]

    async def begin() -> str:
        if faults:
            raise faults.pop()
        return "begun"

    with capture_logs() as told:
        assert await when_possible(begin, asyncio.Event(), Temporary, "reader.failed") == "begun"
    words = "no process: Resource temporarily unavailable"
    assert [(each["event"], each["error"]) for each in told] == [("reader.failed", words)]


async def test_a_stop_ends_the_waiting() -> None:
    stop = asyncio.Event()

    async def begin() -> None:
        stop.set()
        raise StoreAway("no database")

    assert await when_possible(begin, stop, Temporary, "store.failed") is None


async def test_what_will_not_pass_is_raised() -> None:
    async def begin() -> None:
        raise Permanent("no")

    with pytest.raises(Permanent):
        await when_possible(begin, asyncio.Event(), Temporary, "store.failed")
