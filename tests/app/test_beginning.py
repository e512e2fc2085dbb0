from datetime import UTC, datetime, timedelta

import pytest

from triage.adapters.store_sql.store import open_store
from triage.app import beginning
from triage.app.beginning import Beginning
from triage.core.records import Cursor

SINCE = datetime(2026, 10, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("uid", "arrived", "passed"),
    [
        (5, SINCE - timedelta(days=1), True),
        (5, SINCE, False),
        (5, None, False),
        (11, SINCE - timedelta(days=1), False),  # put there later: somebody wants it seen
    ],
)
def test_what_lay_there_before_the_first_look_is_passed_over(uid, arrived, passed):
    assert Beginning(0, 10, SINCE).passes_over(uid, arrived) is passed


def test_nothing_is_old_where_all_mail_is_ours():
    assert not Beginning(0).passes_over(1, SINCE - timedelta(days=900))


async def test_a_beginning_is_kept_with_its_cursor(tmp_path):
    store = await open_store(f"sqlite:///{tmp_path}/triage.db")
    begun = Beginning(7, 9, SINCE)
    await store.write(lambda tx: beginning.save(tx, "soporte", 1, begun))
    assert await store.read(lambda tx: beginning.load(tx, "soporte", 1)) == begun
    assert await store.read(lambda tx: beginning.load(tx, "soporte", 2)) is None
    assert await store.read(lambda tx: tx.cursor("soporte")) == Cursor("soporte", 1, 7)
    await store.close()
