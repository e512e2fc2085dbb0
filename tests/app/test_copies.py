"""Copies of the store by themselves: written, counted, the oldest deleted."""

from datetime import UTC, datetime, timedelta

import pytest

from triage.adapters.store_sql import backup
from triage.app.copies import keep_copies
from triage.errors import Permanent

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)  # a Tuesday, 9:00 there


async def test_copies_rotate_and_nothing_else_in_the_folder_is_touched(store, tmp_path):
    folder = tmp_path / "copies"
    folder.mkdir()
    (folder / "triage-notes.txt").write_text("mine")

    def copy(target):
        backup.backup(f"sqlite:///{tmp_path}/triage.db", target)

    for day in range(5):
        await keep_copies(store, copy, folder, 2, NOW + timedelta(days=day))
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["triage-20261023T120000Z.backup", "triage-20261024T120000Z.backup", "triage-notes.txt"]
    assert await store.read(lambda tx: tx.get_note("backup/last")) == (NOW + timedelta(days=4)).isoformat()


async def test_a_copy_that_cannot_be_written_deletes_none(store, tmp_path):
    old = tmp_path / "triage-20260101T000000Z.backup"
    old.touch()

    def copy(target):
        raise Permanent("no room")

    with pytest.raises(Permanent):
        await keep_copies(store, copy, tmp_path, 1, NOW)
    assert old.exists()
