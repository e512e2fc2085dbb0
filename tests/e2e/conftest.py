"""After each test: a daemon that a failed one left behind must not go on beside those that follow."""

from collections.abc import AsyncIterator

import pytest

from tests.e2e.daemon import STARTED


@pytest.fixture(autouse=True)
async def no_daemon_is_left() -> AsyncIterator[None]:
    yield
    while STARTED:
        await STARTED.pop().end()
