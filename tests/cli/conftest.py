"""A site with one case on a real store, for commands that act on a case or show it."""

import asyncio
from pathlib import Path

import pytest

from tests.core.lifecycle.playbook import TUESDAY, an_opening, desk
from tests.e2e.daemon import configured
from triage.adapters.store_sql.store import open_store
from triage.app.record import record
from triage.core import lifecycle


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return the configuration of the site; its case is NO-2026-000001."""
    site = configured(tmp_path, imap=1, smtp=1, user="nobody")

    async def begin() -> None:
        store = await open_store(f"sqlite:///{tmp_path / 'triage.db'}")
        opened = lifecycle.open_case(desk(), an_opening(may_ack=False), TUESDAY)
        await store.write(lambda tx: record(tx, desk(), [opened], TUESDAY))
        await store.close()

    asyncio.run(begin())
    return site.config
