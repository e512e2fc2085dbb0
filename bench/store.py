"""What a batch costs in the store, against bare sqlite3 doing the same inserts on the same tables in the same run.

    .venv/bin/python -m bench.store [--postgres URL]

A batch: 50 new cases, each with a message, two events, an outbox row, a ledger entry and three alarms; one commit.
CPU is the process's own time, so that a slow disk does not hide us; wall time includes the disk.
"""

import argparse
import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.adapters.store_sql import samples
from triage.adapters.store_sql.schema import metadata
from triage.adapters.store_sql.store import SqlStore, open_store
from triage.ports import Transaction

BATCH = 50
ROUNDS = 20
SOURCE = ("Received: from a by b; " + "x" * 60 + "\r\n").encode() * 60 + b"Hola, no carga la tienda.\r\n" * 40


def batch(number: int) -> Callable[[Transaction], None]:
    ids = range(number * BATCH + 1, (number + 1) * BATCH + 1)
    cases = [samples.a_case(n, participants=(samples.ANA, f"c{n}@tienda.example")) for n in ids]
    of = {n: case.reference for n, case in zip(ids, cases, strict=True)}
    text = "Hola, no carga la tienda y no puedo vender.\n" * 20
    messages = [
        samples.a_message(
            n, reference=of[n], text=text, new_text=text, source=SOURCE, reading={"a": [1] * 50}
        )
        for n in ids
    ]
    events = [
        samples.an_event(n, reference=of[n], event=e) for n in ids for e in ("case.opened", "case.classified")
    ]
    mails = [samples.a_mail(n, reference=of[n], draft={"variables": {"words": text}}) for n in ids]
    entries = [samples.an_entry(n, reference=of[n], message_id=f"m{n}", digest=f"d{n}") for n in ids]
    alarms = {of[n]: [samples.an_alarm(k, reference=of[n]) for k in range(3)] for n in ids}

    def work(tx: Transaction) -> None:
        tx.take_numbers("NO-2026", BATCH)
        tx.ledger("soporte", 11, ids)
        tx.digests(m.digest for m in messages)
        tx.known_messages(m.message_id for m in messages if m.message_id)
        tx.save_cases(cases)
        tx.add_messages(messages)
        tx.add_events(events)
        tx.add_outbox(mails)
        tx.add_ledger(entries)
        tx.replace_all_alarms(alarms)

    return work


def bare(path: Path, copy_of: Path) -> tuple[float, float]:
    """Insert the rows that our store wrote into empty tables with sqlite3's executemany, in as many commits."""
    source = sqlite3.connect(copy_of)
    target = sqlite3.connect(path, isolation_level=None)
    target.execute("pragma journal_mode=wal")
    target.execute("pragma synchronous=full")
    for (sql,) in source.execute(
        "select sql from sqlite_master where sql is not null and name not like 'alembic%'"
    ):
        target.execute(sql)
    rows = {t.name: source.execute(f"select * from {t.name}").fetchall() for t in metadata.sorted_tables}
    cpu, wall = time.process_time(), time.perf_counter()
    for number in range(ROUNDS):
        target.execute("begin immediate")
        for name, all_rows in rows.items():
            share = len(all_rows) // ROUNDS
            part = all_rows[number * share : (number + 1) * share]
            if part:
                target.executemany(f"insert into {name} values ({','.join('?' * len(part[0]))})", part)
        target.execute("commit")
    spent = (time.process_time() - cpu) / ROUNDS, (time.perf_counter() - wall) / ROUNDS
    source.close()
    target.close()
    return spent


async def measure(store: SqlStore) -> tuple[float, float]:
    cpus, walls = [], []
    for number in range(ROUNDS):
        work = batch(number)
        cpu, wall = time.process_time(), time.perf_counter()
        await store.write(work)
        cpus.append(time.process_time() - cpu)
        walls.append(time.perf_counter() - wall)
    return statistics.median(cpus), statistics.median(walls)


async def commits(store: SqlStore, at_once: int, total: int = 400) -> float:
    """Return small commits a second with so many callers."""
    started = time.perf_counter()

    async def caller(number: int) -> None:
        for _ in range(total // at_once):
            await store.write(lambda tx: tx.set_note(f"n{number}", "x"))

    await asyncio.gather(*[caller(n) for n in range(at_once)])
    return total / (time.perf_counter() - started)


async def sweep(store: SqlStore, alarms: int = 100_000) -> list[tuple[str, float]]:
    """Return milliseconds of the questions that the daemon asks all the time, with so many alarms pending."""
    cases = [samples.a_case(n) for n in range(1_000_000, 1_000_000 + alarms // 10)]
    for start in range(0, len(cases), 1000):
        part = cases[start : start + 1000]
        wanted = {
            c.reference: [samples.an_alarm(k + 60, reference=c.reference, turn=k) for k in range(10)]
            for c in part
        }
        await store.write(
            lambda tx, part=part, wanted=wanted: (tx.save_cases(part), tx.replace_all_alarms(wanted))
        )
    await store.write(
        lambda tx: tx.finish_alarms([a.id for a in tx.due_alarms(samples.NOW, 10_000)], samples.NOW)
    )
    questions: list[tuple[str, Callable[[Transaction], object]]] = [
        ("due-sweep, nothing due", lambda tx: tx.due_alarms(samples.NOW - samples.minutes(99), 500)),
        ("next alarm", lambda tx: tx.next_alarm_at()),
        ("next outgoing mail", lambda tx: tx.next_outbox_at()),
        (
            "claim, nothing due",
            lambda tx: tx.claim_outbox(samples.NOW - samples.minutes(99), "l", samples.NOW, 50),
        ),
    ]

    def timed(question: Callable[[Transaction], object], tx: Transaction) -> float:
        started = time.perf_counter()
        for _ in range(50):
            question(tx)
        return (time.perf_counter() - started) / 50 * 1000

    return [(name, await store.write(lambda tx, q=q: timed(q, tx))) for name, q in questions]


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--postgres", metavar="URL")
    parser.add_argument("--alarms", type=int, default=100_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ours = Path(folder) / "ours.db"
        store = await open_store(f"sqlite:///{ours}")
        cpu, wall = await measure(store)
        bare_cpu, bare_wall = bare(Path(folder) / "bare.db", ours)
        print(f"sqlite    batch of {BATCH}: cpu {cpu * 1e3:6.1f} ms, wall {wall * 1e3:6.1f} ms", end="")
        print(f"   bare sqlite3: cpu {bare_cpu * 1e3:.1f} ms, wall {bare_wall * 1e3:.1f} ms", end="")
        print(f"   ratio cpu {cpu / bare_cpu:.1f}, wall {wall / bare_wall:.1f}")
        await report("sqlite", store, chosen.alarms)
        await store.close()
    if chosen.postgres:
        store = await open_store(chosen.postgres)
        cpu, wall = await measure(store)
        print(f"postgres  batch of {BATCH}: cpu {cpu * 1e3:6.1f} ms, wall {wall * 1e3:6.1f} ms")
        await report("postgres", store, chosen.alarms)
        await store.close()


async def report(name: str, store: SqlStore, alarms: int) -> None:
    for at_once in (1, 8):
        print(f"{name:9} small commits, {at_once} at once: {await commits(store, at_once):7.0f}/s")
    for question, milliseconds in await sweep(store, alarms):
        print(f"{name:9} {question}, {alarms} alarms pending: {milliseconds:.3f} ms")


if __name__ == "__main__":
    asyncio.run(main())
