"""Ingest of a full mailbox: the daemon against the bare libraries on the same work in the same run.

    python -m bench.ingest [N] [--postgres]

N realistic mails, half of them with attachments, in a real Dovecot; done when every case is committed and every
acknowledgement accepted by a relay of its own process. The bare libraries do it in three ways (`bench/bare.py`),
before ours and after it, and the mean counts: virtual machines change their speed from minute to minute.

Correct by content: the text and the attachments' names of every stored message are compared with what was written,
and every client must have got exactly one acknowledgement.
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from bench import bare
from bench import sink as sinks
from bench.databases import database
from bench.mails import Truth, differences, full_mailbox
from bench.sink import Sink
from tests.e2e.daemon import configured
from tests.servers.dovecot import Dovecot
from triage.adapters.store_sql.engine import parse_url, reading_engine

LONGEST = 600.0  # seconds


class Run:
    """One run of a real process on the full mailbox and what it came to; seconds from when this was made."""

    def __init__(self, sink: Sink, count: int) -> None:
        self._sink = sink
        self._count = count
        self._began = time.perf_counter()
        self.first = 0.0
        self.acknowledged = 0.0
        self.cpu = 0.0
        self.memory = 0
        self.at_the_end = 0
        self.problems: list[str] = []

    async def watch(self, pid: int, ended: Callable[[], bool], log: Path) -> None:
        """Wait for the last acknowledgement. Raises RuntimeError where the process ends or takes too long before."""
        while self._sink.clients.value < self._count:
            await asyncio.sleep(0.01)
            passed = time.perf_counter() - self._began
            if not self.first and self._sink.clients.value:
                self.first = passed
            if (passed > LONGEST or ended()) and self._sink.clients.value < self._count:
                said = log.read_text(errors="replace")[-1500:]
                raise RuntimeError(f"{self._sink.clients.value} of {self._count}: {said}")
        self.acknowledged = time.perf_counter() - self._began
        self.cpu, self.memory = _spent(pid)
        self.at_the_end = self._sink.others.value


async def ours(
    dovecot: Dovecot, user: str, sink: Sink, truths: Sequence[Truth], folder: Path, store: str
) -> Run:
    """Start the real process on the full mailbox and wait for the last acknowledgement."""
    site = configured(
        folder,
        imap=dovecot.ports.imap,
        smtp=sink.port,
        user=user,
        store=store,
        limits="{backlog: 4000d, batch: 50}",
    )
    result = Run(sink, len(truths))
    await site.start()
    process = site.process
    assert process is not None
    try:
        await result.watch(process.pid, lambda: process.returncode is not None, site.log_path)
    finally:
        await site.stop()
    result.problems = _compare(store, truths) + sink.differences(len(truths))
    return result


def _spent(pid: int) -> tuple[float, int]:
    """Return seconds of CPU of a process and its children so far, and its resident memory in bytes."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = sum(int(fields[index]) for index in (11, 12))
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        ticks += round(_spent(int(child))[0] * os.sysconf("SC_CLK_TCK"))
    return ticks / os.sysconf("SC_CLK_TCK"), int(fields[21]) * os.sysconf("SC_PAGE_SIZE")


def _compare(store: str, truths: Sequence[Truth]) -> list[str]:
    """Compare every stored message with what was written."""
    engine = reading_engine(parse_url(store))
    with engine.begin() as connection:
        query = sa.text("select message_id, text, attachments from messages where direction = 'in'")
        stored = {
            f"<{identity}>": (text, [each["name"] for each in json.loads(attachments)])
            for identity, text, attachments in connection.execute(query)
        }
        cases = connection.execute(sa.text("select count(*) from cases")).scalar_one()
    engine.dispose()
    return ([] if cases == len(truths) else [f"{cases} cases"]) + differences(stored, truths)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("count", nargs="?", type=int, default=1000)
    parser.add_argument("--postgres", action="store_true", help="ours on a PostgreSQL of its own")
    given = parser.parse_args()
    mails, truths = full_mailbox(given.count)
    server = Dovecot()
    with closing(server), tempfile.TemporaryDirectory() as folder:
        server.start()
        print(f"{given.count} mails, {sum(len(raw) for raw, _ in mails) / 1e6:.0f} MB")
        users = [server.new_user(), server.new_user()]
        for user in users:
            server.append_all(user, mails)
        bares = [await _bare_once(server, users[0], given.count)]
        with (
            sinks.running(Path(folder) / "sink") as sink,
            database(Path(folder), postgres=given.postgres) as url,
        ):
            result = await ours(server, users[1], sink, truths, Path(folder), url)
        bares.append(await _bare_once(server, users[0], given.count))
    for name, each in bares[0].items():
        both = (each, bares[1][name])
        print(
            f"bare, {name:16} {', '.join(f'{given.count / took:.0f}' for took in both)} a second, before and after"
        )
    _print(given.count, {name: statistics.mean(each[name] for each in bares) for name in bares[0]}, result)


async def _bare_once(dovecot: Dovecot, user: str, count: int) -> dict[str, float]:
    """Return the seconds that each bare way takes."""
    took = {}
    for name, way in bare.WAYS.items():
        with tempfile.TemporaryDirectory() as folder, sinks.running(Path(folder) / "sink") as sink:
            took[name] = await bare.seconds(way, dovecot, user, sink, count, Path(folder))
    return took


def _print(count: int, bares: dict[str, float], result: Run) -> None:
    full = result.acknowledged
    rest = full - result.first
    print(f"{'':22} a second  {'  '.join(f'to {name:>5}' for name in bares)}")
    for name, took in (("triage run", full), ("  after its start", rest)):
        ratios = "  ".join(f"{each / took:8.2f}" for each in bares.values())
        print(f"{name:22} {count / took:8.0f}  {ratios}")
    print(f"  first acknowledged  {result.first:7.2f} s after the start")
    print(
        f"  CPU                 {1000 * result.cpu / count:7.2f} ms a mail, memory {result.memory / 1e6:.0f} MB"
    )
    print(f"  mails to agents     {result.at_the_end:7d} accepted by then")
    print(
        "content               " + ("as written" if not result.problems else f"WRONG {result.problems[:5]}")
    )


if __name__ == "__main__":
    asyncio.run(main())
