"""What the processes weigh while mails pass through: `python -m bench.memory [N]`, 50 000 unless told otherwise.

The real reading process, rules, store (SQLite) and templates, without network; each mail opens a case and is acknowledged.
Resident megabytes of the daemon's process and of the reading process at ten moments, and the slope between the first
third and the end: a leak is a slope that stays. Then one mail of 25 MB, whole, the way that costs most.
"""

import asyncio
import random
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench.mails import make
from bench.stages import Costs, as_fetched, desk_of, dispatch_all, turns_of
from tests.e2e.daemon import configured
from triage import settings
from triage.adapters.parser_mailparser.pool import ReaderPool
from triage.adapters.store_sql.store import open_store
from triage.app import batch
from triage.app.received import Folder, receive
from triage.core.message import RawMail
from triage.ports import Fetched

BATCH = 50
NOW = datetime(2026, 10, 20, 13, 15, tzinfo=UTC)
LARGE = 25_000_000


def resident(pid: str = "self") -> float:
    """Return megabytes resident now; 0 where there is no such process."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


def children() -> float:
    """Return megabytes of the heaviest child: the reading process (the others only track it)."""
    found = Path("/proc/self/task").glob("*/children")
    pids = [pid for path in found for pid in path.read_text().split()]
    return max((resident(pid) for pid in pids), default=0.0)


async def main(count: int) -> None:
    chance = random.Random(7)
    marks: list[tuple[int, float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        site = configured(Path(folder), imap=1, smtp=1, user="nobody", limits="{backlog: 4000d}")
        config = settings.locate(site.config)
        desk = desk_of(config)
        store = await open_store(config.store_url())
        turns = turns_of(config, desk, Path(folder))
        place = Folder("soporte", 1)
        async with ReaderPool(here=False) as pool:
            for first in range(1, count + 1, BATCH):
                mails = [as_fetched(make(number, chance)) for number in range(first, first + BATCH)]
                answers = await pool.read_many(mails, desk)
                received = [
                    receive(desk, Fetched(first + index, NOW, mail), answer, NOW)
                    for index, (mail, answer) in enumerate(zip(mails, answers, strict=True))
                ]
                await store.write(
                    lambda tx, some=received: batch.take(tx, desk, place, some, NOW, some[-1].fetched.uid)
                )
                await dispatch_all(Costs(), store, turns, NOW)
                if (first // BATCH) % max(1, count // BATCH // 10) == 0:
                    marks.append((first + BATCH - 1, resident(), children()))
                    print("{:8d} mails  daemon {:6.1f} MB  reading process {:6.1f} MB".format(*marks[-1]))
            _slope(marks)
            before = resident(), children()
            body = b"From: a@x.example\r\nTo: soporte@netone.example\r\n\r\n" + b"linea de texto\r\n" * (
                LARGE // 16
            )
            await pool.read_many([RawMail(raw=body, size=len(body))], desk)
            print(
                f"a mail of {LARGE / 1e6:.0f} MB, whole: daemon {resident() - before[0]:+.1f} MB, "
                f"reading process {children() - before[1]:+.1f} MB afterwards"
            )
        await store.close()


def _slope(marks: list[tuple[int, float, float]]) -> None:
    """Print kilobytes a thousand mails from a third on: before that caches fill."""
    first, last = marks[len(marks) // 3], marks[-1]
    mails = max(1, last[0] - first[0]) / 1000
    grown = [1024 * (last[index] - first[index]) / mails for index in (1, 2)]
    print(f"slope: daemon {grown[0]:+.0f} KB, reading process {grown[1]:+.0f} KB a thousand mails")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000))
