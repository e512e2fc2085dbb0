"""The store on each of the two databases, for every suite that promises something of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from triage.adapters.store_sql.store import SqlStore, open_store


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of the test's own."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/triage.db"
    return str(request.getfixturevalue("postgres").url())


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    opened = await open_store(url)
    yield opened
    await opened.close()
