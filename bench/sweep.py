"""The due-sweep, the next due moment and a batch of intake, beside a store that grows: flat, or not.

    python -m bench.sweep [--postgres] [SIZE ...]      (sizes: cases in the store; default 0 100000 1000000)

The cases are written set-based by the database itself, closed but for the newest 100 000, of which each has one
pending alarm far ahead. Milliseconds of wall time, the best of 30 rounds; a batch is 50 messages that each open a case.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from bench.databases import database
from bench.mails import make
from bench.stages import BATCH, Costs, commit_all, desk_of, read_all
from tests.e2e.daemon import configured
from triage import settings
from triage.adapters.store_sql import engine as engines
from triage.adapters.store_sql.store import SqlStore, open_store
from triage.core.desk import Desk

NOW = datetime(2026, 10, 20, 13, 15, tzinfo=UTC)
OPEN = 100_000
ROUNDS = 30
_DAY = 86_400_000_000  # microseconds

_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last})"
_REFERENCE = {"sqlite": "printf('OLD-2020-%09d', i)", "postgresql": "'OLD-2020-' || lpad(i::text, 9, '0')"}


def grow(url: str, first: int, last: int) -> None:
    """Write cases number `first` to `last` with a message, a history, a mail sent and, the newest, an alarm."""
    engine = engines.writing_engine(engines.parse_url(url))
    with engine.begin() as connection:
        template = (
            connection.execute(sa.text("SELECT * FROM cases ORDER BY reference LIMIT 1")).mappings().one()
        )
        columns = [name for name in template if name not in {"reference", "doc", "state"}]
        numbers = _NUMBERS.format(first=first, last=last)
        ref = _REFERENCE[connection.dialect.name]
        given = {"first": first, "at": template["arrival"], "open": last - OPEN, "doc": template["doc"]}
        named = ", ".join(columns)
        for statement in (
            (
                f"{numbers} INSERT INTO cases (reference, state, doc, {named}) SELECT {ref}, "
                f"CASE WHEN i > :open THEN 'new' ELSE 'closed' END, :doc, "
                f"{', '.join(f'c.{name}' for name in columns)} FROM n, cases c WHERE c.reference = :like"
            ),
            (
                f"{numbers} INSERT INTO case_participants (reference, address, is_open) "
                f"SELECT {ref}, 'c' || i || '@old.example', CASE WHEN i > :open THEN 1 ELSE 0 END FROM n"
            ),
            (
                f"{numbers} INSERT INTO alarms (reference, cycle, version, step, turn, due_at, data) "
                f"SELECT {ref}, 1, 1, 'reminder', 0, :at + {_DAY} + i, '{{}}' FROM n WHERE i > :open"
            ),
            (
                f"{numbers} INSERT INTO events (at, event, reference, by, data) "
                f"SELECT :at - i, 'case.opened', {ref}, 'triage', '{{}}' FROM n"
            ),
        ):
            wanted = {
                key: value
                for key, value in {**given, "like": template["reference"]}.items()
                if f":{key}" in statement
            }
            connection.execute(sa.text(statement), wanted)
    with engine.connect() as connection:
        connection.execute(sa.text("ANALYZE"))
        connection.commit()
    engine.dispose()


async def least(store: SqlStore, work: Callable[..., object], *, write: bool = False) -> float:
    """Return milliseconds of one piece of work in the store, from call to answer: the least disturbed of the rounds."""
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await (store.write(work) if write else store.read(work))
        taken.append(time.perf_counter() - began)
    return 1000 * min(taken)


async def batches(store: SqlStore, desk: Desk, first: int) -> tuple[float, float]:
    """Return CPU and wall milliseconds a message of taking in a batch of 50: the medians of twelve."""
    chance = random.Random(first)
    raws = [make(first + number, chance) for number in range(12 * BATCH)]
    received = read_all(Costs(), desk, raws, NOW, first_uid=first)
    spent, taken = [], []
    for start in range(0, len(raws), BATCH):
        costs, began = Costs(), time.perf_counter()
        await commit_all(costs, store, desk, received[start : start + BATCH], NOW)
        taken.append(time.perf_counter() - began)
        spent.append(costs.spent["decide+commit"])
    return 1000 * statistics.median(spent) / BATCH, 1000 * statistics.median(taken) / BATCH


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("sizes", nargs="*", type=int, default=[0, 100_000, 1_000_000])
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of its own")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, database(Path(folder), postgres=given.postgres) as url:
        site = configured(Path(folder), imap=1, smtp=1, user="nobody", store=url, limits="{backlog: 4000d}")
        config = settings.locate(site.config)
        desk = desk_of(config)
        store = await open_store(url)
        await batches(store, desk, 1)
        print("cases      sweep ms  next due ms  next mail ms  batch CPU ms/mail  batch ms/mail")
        done = 0
        for number, size in enumerate(given.sizes):
            if size > done:
                await asyncio.to_thread(grow, url, done + 1, size)
                done = size
            # Before NOW nothing is due: what a sweep costs that finds nothing to do.
            sweep = await least(store, lambda tx: tx.due_alarms(NOW - timedelta(days=1), 500), write=True)
            due = await least(store, lambda tx: tx.next_alarm_at())
            mail = await least(store, lambda tx: tx.next_outbox_at())
            cpu, wall = await batches(store, desk, 1000 * (number + 1))
            print(f"{size:9d}  {sweep:8.2f}  {due:11.2f}  {mail:12.2f}  {cpu:17.2f}  {wall:13.2f}")
        await store.close()


if __name__ == "__main__":
    asyncio.run(main())
