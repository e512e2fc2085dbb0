"""A store of its own for each test, and an intake around it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.app.house import House
from triage.adapters.store_sql.store import open_store
from triage.ports import Store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await open_store(f"sqlite:///{tmp_path / 'triage.db'}")
    yield store
    await store.close()


@pytest.fixture
def house(store: Store) -> House:
    return House(store)
