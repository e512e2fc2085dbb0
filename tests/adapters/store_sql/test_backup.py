"""Copies of a store: while it is written to, and without a password in the list of processes."""

import asyncio
import contextlib
import sqlite3

import pytest
from sqlalchemy.engine import make_url

from tests.adapters.store_sql.samples import a_case, a_message
from triage.adapters.store_sql.backup import address, backup, restore
from triage.adapters.store_sql.store import open_store
from triage.errors import Permanent, SchemaTooNew


def test_a_password_goes_by_its_file():
    plain = address(
        make_url("postgresql+psycopg://ana:s%3Acret@db.example:5433/triage?sslmode=require"), "/tmp/p"
    )
    assert plain == "postgresql://ana@db.example:5433/triage?passfile=%2Ftmp%2Fp&sslmode=require"
    assert (
        address(make_url("postgresql+psycopg://ana@/t?host=/run/pg"), "/tmp/p")
        == "postgresql://ana@/t?host=%2Frun%2Fpg"
    )


async def test_a_backup_taken_while_the_store_is_written_to_is_whole(tmp_path):
    url = f"sqlite:///{tmp_path}/triage.db"
    store = await open_store(url)

    def batch(number: int):
        references = [f"NO-2026-{n:06}" for n in range(number, number + 10)]

        def work(tx) -> None:
            tx.save_cases(a_case(n, reference=ref) for n, ref in enumerate(references))
            tx.add_messages(a_message(n, reference=ref, text="x" * 9000) for n, ref in enumerate(references))

        return work

    async def write() -> None:
        for number in range(0, 10_000, 10):
            await store.write(batch(number))

    writing = asyncio.ensure_future(write())
    await store.write(batch(20_000))
    for number in range(3):
        await asyncio.to_thread(backup, url, tmp_path / f"copy{number}")
    writing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await writing
    await store.close()
    for number in range(3):
        copy = sqlite3.connect(tmp_path / f"copy{number}")
        (cases,), (messages,) = (
            copy.execute(f"select count(*) from {t}").fetchone() for t in ("cases", "messages")
        )
        assert cases == messages
        assert cases % 10 == 0
        assert copy.execute("pragma integrity_check").fetchone() == ("ok",)
        copy.close()


def test_another_database_is_no_backup(tmp_path):
    other = sqlite3.connect(tmp_path / "other")
    other.execute("create table t (x)")
    other.commit()
    with pytest.raises(Permanent, match="is no triage store"):
        restore(f"sqlite:///{tmp_path}/new.db", tmp_path / "other")
    other.execute("create table alembic_version (version_num)")
    other.execute("insert into alembic_version values ('9999')")
    other.commit()
    other.close()
    with pytest.raises(SchemaTooNew):
        restore(f"sqlite:///{tmp_path}/new.db", tmp_path / "other")
    assert not (tmp_path / "new.db").exists()


def test_a_backup_into_a_folder_that_is_not_there_says_which(tmp_path):
    asyncio.run(_empty(f"sqlite:///{tmp_path}/triage.db"))
    with pytest.raises(Permanent, match="nowhere/copy"):
        backup(f"sqlite:///{tmp_path}/triage.db", tmp_path / "nowhere" / "copy")


async def _empty(url: str) -> None:
    await (await open_store(url)).close()
