"""What goes wrong under a store: a full disk, a killed process, a server that goes away, a file that is no database."""

import asyncio
import contextlib
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.adapters.store_sql.samples import (
    NOW,
    a_case,
    a_mail,
    a_message,
    an_alarm,
    an_entry,
    an_event,
    minutes,
)
from triage.adapters.store_sql.store import open_store
from triage.errors import Misconfigured, Permanent, StoreAway, Temporary
from triage.ports import Transaction

ROOT = Path(__file__).parents[3]


async def test_a_full_disk_is_temporary_and_later_it_works_again(tmp_path):
    store = await open_store(f"sqlite:///{tmp_path}/triage.db")
    incompressible = os.urandom(2_000_000)

    def pages(tx: Transaction, limit: int) -> None:
        tx._connection.exec_driver_sql(f"pragma max_page_count={limit}")

    def big(tx: Transaction) -> None:
        tx.save_cases([a_case()])
        tx.add_messages([a_message(source=incompressible)])

    await store.write(lambda tx: tx.set_note("before", "kept"))
    await store.write(lambda tx: pages(tx, 100))
    with pytest.raises(Temporary, match="full"):
        await store.write(big)
    together = await asyncio.gather(
        store.write(lambda tx: tx.take_numbers("a", 1)),
        *[store.write(big) for _ in range(3)],
        return_exceptions=True,
    )
    assert all(isinstance(result, Temporary) for result in together[1:]), together
    assert await store.read(lambda tx: (tx.get_note("before"), tx.count_cases())) == ("kept", {})

    def one_by_one(tx: Transaction) -> None:
        for number in range(3):
            with contextlib.suppress(Temporary), tx.savepoint():
                big(tx)
            tx.set_note(f"swallowed {number}", "1")

    with pytest.raises(Temporary, match="full"):
        await store.write(one_by_one)
    assert await store.read(lambda tx: tx.get_note("swallowed 0")) is None
    await store.write(lambda tx: pages(tx, 1_000_000))
    await store.write(big)
    assert await store.read(lambda tx: tx.count_cases()) == {"new": 1}
    await store.close()


async def test_another_process_that_holds_the_file_is_waited_for(tmp_path):
    store = await open_store(f"sqlite:///{tmp_path}/triage.db")
    other = sqlite3.connect(tmp_path / "triage.db", isolation_level=None, check_same_thread=False)
    other.execute("begin immediate")
    release = threading.Timer(0.3, lambda: other.execute("rollback"))
    release.start()
    await store.write(lambda tx: tx.set_note("a", "1"))
    release.join()
    other.close()
    await store.close()


async def test_reads_do_not_wait_for_a_write(tmp_path):
    store = await open_store(f"sqlite:///{tmp_path}/triage.db")
    inside, go_on = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> None:
        tx.set_note("a", "1")
        inside.set()
        assert go_on.wait(20)

    writing = asyncio.ensure_future(store.write(slow))
    await asyncio.to_thread(inside.wait, 20)
    assert await store.read(lambda tx: tx.get_note("a")) is None
    go_on.set()
    await writing
    assert await store.read(lambda tx: tx.get_note("a")) == "1"
    await store.close()


async def test_a_file_that_is_no_database_is_permanent(tmp_path):
    (tmp_path / "triage.db").write_bytes(b"this is no database, it is a letter " * 50)
    with pytest.raises(Permanent, match="not a database"):
        await open_store(f"sqlite:///{tmp_path}/triage.db")


async def test_a_folder_that_cannot_be_made_is_permanent(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Permanent, match="store"):
        await open_store(f"sqlite:///{tmp_path}/file/triage.db")


@pytest.mark.parametrize(
    "url", ["mysql://x/y", "nonsense", "sqlite://", "sqlite:///:memory:", "", "oracle+nothing://x"]
)
async def test_an_url_that_we_do_not_know_is_a_problem_of_the_configuration(url):
    with pytest.raises(Misconfigured, match="store"):
        await open_store(url)


async def test_only_its_owner_can_read_a_new_store(tmp_path):
    store = await open_store(f"sqlite:///{tmp_path}/new/triage.db")
    assert stat.S_IMODE((tmp_path / "new" / "triage.db").stat().st_mode) == 0o600
    await store.close()


async def test_a_cancelled_caller_leaves_the_store_usable(tmp_path):
    store = await open_store(f"sqlite:///{tmp_path}/triage.db")
    waiting = [asyncio.ensure_future(store.write(lambda tx: tx.take_numbers("a", 1))) for _ in range(20)]
    await asyncio.sleep(0)
    for task in waiting[::2]:
        task.cancel()
    done = await asyncio.gather(*waiting, return_exceptions=True)
    numbers = [result for result in done if isinstance(result, int)]
    assert len(numbers) == len(set(numbers)) == 10
    assert await store.write(lambda tx: tx.take_numbers("a", 1)) > max(numbers)
    await store.close()


async def test_a_store_closed_finishes_the_work_it_took(tmp_path):
    url = f"sqlite:///{tmp_path}/triage.db"
    store = await open_store(url)
    works = [asyncio.ensure_future(store.write(lambda tx: tx.take_numbers("a", 1))) for _ in range(50)]
    await asyncio.sleep(0)
    await store.close()
    assert sorted(await asyncio.gather(*works)) == list(range(1, 51))


@pytest.mark.postgres
async def test_a_server_that_goes_away_is_temporary_and_later_it_works_again(postgres):
    store = await open_store(postgres.url())
    await store.write(lambda tx: tx.set_note("a", "1"))

    def work(tx: Transaction) -> str | None:
        tx.set_note("a", "2")
        postgres.stop()
        return tx.get_note("a")

    with pytest.raises(Temporary):
        await store.write(work)
    with pytest.raises(Temporary):
        await store.read(lambda tx: tx.get_note("a"))
    postgres.start()
    assert await store.read(lambda tx: tx.get_note("a")) == "1"
    await store.write(lambda tx: tx.set_note("a", "3"))
    await store.close()


@pytest.mark.postgres
async def test_a_deadlock_is_temporary_for_one_and_nothing_for_the_other(postgres):
    store = await open_store(postgres.url())
    await store.write(lambda tx: tx.save_cases([a_case(1), a_case(2)]))
    meet = threading.Barrier(2)

    def lock(tx: Transaction, first: str, second: str) -> str:
        tx.cases([first], lock=True)
        meet.wait(20)
        tx.cases([second], lock=True)
        return "done"

    one, two = "NO-2026-000001", "NO-2026-000002"
    results = await asyncio.gather(
        store.write(lambda tx: lock(tx, one, two)),
        store.write(lambda tx: lock(tx, two, one)),
        return_exceptions=True,
    )
    assert {type(result) for result in results} == {StoreAway, str}
    await store.close()


@pytest.mark.postgres
async def test_no_server_at_all_is_temporary(tmp_path):
    with pytest.raises(Temporary):
        await open_store(f"postgresql://nobody@/none?host={tmp_path}")


_WRITER = """
import asyncio, sys
from tests.adapters.store_sql.samples import a_case, a_mail, a_message, an_alarm, an_entry, an_event
from triage.adapters.store_sql.store import open_store

def batch(first):
    numbers = range(first, first + 10)
    of = {n: f"NO-2026-{n:06}" for n in numbers}
    def work(tx):
        tx.save_cases(a_case(n) for n in numbers)
        tx.add_messages(a_message(n, reference=of[n]) for n in numbers)
        tx.add_events(an_event(n, reference=of[n]) for n in numbers)
        tx.add_outbox(a_mail(n, reference=of[n]) for n in numbers)
        tx.add_ledger(an_entry(n, reference=of[n]) for n in numbers)
        tx.replace_all_alarms({of[n]: [an_alarm(1, reference=of[n])] for n in numbers})
    return work

async def main():
    store = await open_store(sys.argv[1])
    for number in range(100_000):
        await store.write(batch(number * 10 + 1))
        print(number, flush=True)

asyncio.run(main())
"""


async def test_a_process_killed_while_it_writes_leaves_nothing_half(url):
    for kill in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", _WRITER, url], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert process.stdout is not None
        confirmed = [int(process.stdout.readline()) for _ in range(4 + kill)][-1]
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split()
        process.wait()
        confirmed = int(rest[-1]) if rest else confirmed
        store = await open_store(url)
        cases, counts = await store.read(
            lambda tx: (
                [case.reference for case in tx.list_cases()],
                (
                    len(tx.list_outbox()),
                    len(tx.ledger_uids("soporte", 11)),
                    tx.count_alarms(),
                    len(tx.events_since(NOW, ["case.opened"])),
                ),
            )
        )
        assert len(cases) >= (confirmed + 1) * 10, "what was confirmed is there"
        assert len(cases) % 10 == 0, "a batch is there whole or not at all"
        assert set(counts[:3]) == {len(cases)}
        await store.close()
        await _empty(url)


async def _empty(url: str) -> None:
    from triage.adapters.store_sql import engine as engines
    from triage.adapters.store_sql.schema import metadata

    engine = engines.writing_engine(engines.parse_url(url))
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(sa.delete(table))
    engine.dispose()


def test_the_samples_are_what_the_killed_process_writes():
    assert (a_mail(3).key, an_alarm(1).due_at, an_entry(1).uid) == ("acknowledgement/3", NOW + minutes(1), 1)
    assert an_event(1).event == "case.opened"
