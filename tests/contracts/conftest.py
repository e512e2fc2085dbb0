"""The store on each of the two databases, for every suite that promises something of it."""

from collections.abc import AsyncIterator

import pytest

from triage.adapters.store_sql.store import SqlStore, open_store


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    opened = await open_store(url)
    yield opened
    await opened.close()
