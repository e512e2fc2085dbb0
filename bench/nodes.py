"""What several idle nodes on one PostgreSQL ask of it, and how soon one sees what another committed.

`python -m bench.nodes [NODES] [SECONDS]`: real daemons, a real database; statements are counted in the database's log.
"""

import asyncio
import os
import shutil
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from tests.adapters.store_sql.samples import a_mail
from tests.e2e import chaos
from tests.e2e.daemon import Site, configured
from tests.servers import postgres
from tests.servers.dovecot import Dovecot
from tests.servers.smtp_sink import SmtpSink
from triage.adapters.store_sql.store import open_store

MAILS = 20
_TICKS = os.sysconf("SC_CLK_TCK")


def cpu(pid: int) -> float:
    """Return the seconds of CPU a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _pid(site: Site) -> int:
    assert site.process is not None
    return site.process.pid


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def seen_after(url: str, sink: SmtpSink) -> list[float]:
    """Commit mails as another process would, one by one; return the seconds until the relay has each."""
    store, times = await open_store(url), []
    for number in range(MAILS):
        now = datetime.now(UTC)
        row = a_mail(
            number, created_at=now, next_at=now, person=True, content=b"Subject: seen\r\n\r\nseen\r\n"
        )
        began, there = time.perf_counter(), len(sink.mails)
        await store.write(lambda tx, row=row: tx.add_outbox([row]))
        await sink.wait_for(there + 1)
        times.append(time.perf_counter() - began)
        await asyncio.sleep(0.37)  # at another moment of the beat each time
    await store.close()
    return times


async def measure(
    folder: Path, cluster: postgres.Cluster, dovecot: Dovecot, nodes: int, seconds: float
) -> None:
    url, user = cluster.url(), dovecot.new_user()
    async with AsyncExitStack() as stack:
        sink = await stack.enter_async_context(SmtpSink())
        sites: list[Site] = []
        for number in range(nodes):
            (folder / str(number)).mkdir()
            sites.append(
                configured(
                    folder / str(number), imap=dovecot.ports.imap, smtp=sink.port, user=user, store=url
                )
            )
            stack.push_async_callback(sites[-1].end)
            await sites[-1].start()
            await chaos.begun(sites[-1], 1)
        await asyncio.sleep(5)
        before, load = cluster.statements(), [cpu(_pid(site)) for site in sites]
        backends = {pid: cpu(pid) for pid in children(cluster.pid)}
        await asyncio.sleep(seconds)
        asked = (cluster.statements() - before) / seconds / nodes
        busy = [(cpu(_pid(site)) - was) / seconds for site, was in zip(sites, load, strict=True)]
        served = sum(cpu(pid) - backends.get(pid, 0.0) for pid in children(cluster.pid)) / seconds
        print(f"{nodes} idle nodes: {asked:.1f} statements a second and node,", end=" ")
        print(f"{served:.1%} of a core in PostgreSQL, {statistics.mean(busy):.1%} of a core a node")
        times = await seen_after(url, sink)
        print(
            f"a mail that another process committed was sent after {statistics.median(times):.2f} s,", end=" "
        )
        print(f"at worst {max(times):.2f} s")


def main() -> None:
    nodes, seconds = (int(sys.argv[1]) if len(sys.argv) > 1 else 3), float((sys.argv[2:] or ["20"])[0])
    programs = postgres.programs()
    assert programs is not None, "PostgreSQL's server programs are not installed"
    folder, dovecot = Path(tempfile.mkdtemp(prefix="triage-pg-")), Dovecot()
    cluster = postgres.Cluster(folder, programs)
    (folder / "nodes").mkdir()
    try:
        cluster.start({"log_statement": "all"})
        dovecot.start()
        asyncio.run(measure(folder / "nodes", cluster, dovecot, nodes, seconds))
    finally:
        dovecot.close()
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
