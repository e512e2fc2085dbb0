"""Ingest of a full mailbox: the daemon against the bare libraries on the same work in the same run.

    python -m bench.ingest [N] [--postgres]

N realistic mails, half of them with attachments, in a real Dovecot; done when every case is committed and every
acknowledgement accepted by a relay of its own process. The bare run does the same with imapclient, mail-parser,
sqlite3 and aiosmtplib in a straight line: fetch structure and text in batches, parse, insert and commit, flag, send
over a kept connection. It classifies nothing, keeps no history, sets no alarms and reminds nobody. It runs before and
after ours, and the mean counts: virtual machines change their speed from minute to minute.

Correct by content: the text and the attachments' names of every stored message are compared with what was written,
and every client must have got exactly one acknowledgement.
"""

import argparse
import asyncio
import imaplib
import json
import os
import re
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import imapclient
import mailparser
import sqlalchemy as sa

from bench import sink as sinks
from bench.databases import database
from bench.mails import Truth, differences, full_mailbox
from bench.sink import Sink
from tests.e2e.daemon import configured
from tests.servers.dovecot import PASSWORD, Dovecot
from triage.adapters.store_sql.engine import parse_url, reading_engine

LONGEST = 600.0  # seconds
_CONTENT = re.compile(rb"^Content-[^\n]*\n(?:[ \t][^\n]*\n)*", re.IGNORECASE | re.MULTILINE)


async def bare(dovecot: Dovecot, user: str, sink: Sink, count: int, folder: Path) -> float:
    """Do the same work with the libraries alone, one step after another."""
    began = time.perf_counter()
    await asyncio.to_thread(_bare_intake, dovecot, user, folder)
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=sink.port, start_tls=False)
    await client.connect()
    for number in range(count):
        mail = EmailMessage()
        to = f"cliente{number}@x.example"
        mail["From"], mail["To"] = "soporte@netone.example", to
        mail["Subject"] = f"Re: Consulta {number} [NO-2026-{number:06d}]"
        mail.set_content("Recibimos tu mensaje. " * 20)
        mail.add_alternative("<p>Recibimos tu mensaje.</p>" * 20, subtype="html")
        await client.sendmail("soporte@netone.example", [to], mail.as_bytes())
    await client.quit()
    return time.perf_counter() - began


def _bare_intake(dovecot: Dovecot, user: str, folder: Path) -> None:
    imaplib._MAXLINE = 20_000_000  # type: ignore[attr-defined]
    client = imapclient.IMAPClient("127.0.0.1", port=dovecot.ports.imap, ssl=False)
    client._imap.debug = 0
    client.login(user, PASSWORD)
    client.select_folder("INBOX")
    kept = sqlite3.connect(folder / "bare.db")
    kept.execute("pragma journal_mode=wal")
    kept.execute("pragma synchronous=full")
    kept.execute("create table cases (id integer primary key, subject text, body text)")
    kept.execute("create table outbox (id integer primary key, subject text)")
    uids = client.search("ALL")
    for start in range(0, len(uids), 50):
        chunk = uids[start : start + 50]
        structures = client.fetch(chunk, ["BODYSTRUCTURE", "INTERNALDATE"])
        several = [uid for uid in chunk if structures[uid][b"BODYSTRUCTURE"].is_multipart]
        found = {}
        for section, some in (("1", [uid for uid in chunk if uid not in several]), ("1.1", several)):
            items = ["BODY.PEEK[HEADER]", f"BODY.PEEK[{section}.MIME]", f"BODY.PEEK[{section}]"]
            for uid, data in (client.fetch(some, items) if some else {}).items():
                mime = data[f"BODY[{section}.MIME]".encode()] if section != "1" else b""
                head = _CONTENT.sub(b"", data[b"BODY[HEADER]"]) if mime else data[b"BODY[HEADER]"]
                found[uid] = (
                    head.rstrip(b"\r\n") + b"\r\n" + (mime or b"\r\n") + data[f"BODY[{section}]".encode()]
                )
        rows = []
        for raw in found.values():
            mail = mailparser.parse_from_bytes(raw)
            rows.append((str(mail.subject), mail.body))
        kept.executemany("insert into cases (subject, body) values (?, ?)", rows)
        kept.executemany("insert into outbox (subject) values (?)", [(row[0],) for row in rows])
        kept.commit()
        client.add_flags(chunk, ["$Done"])
    client.logout()


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
        plain = [await _bare_once(server, users[0], given.count)]
        with (
            sinks.running(Path(folder) / "sink") as sink,
            database(Path(folder), postgres=given.postgres) as url,
        ):
            result = await ours(server, users[1], sink, truths, Path(folder), url)
        plain.append(await _bare_once(server, users[0], given.count))
    print(f"bare before and after {', '.join(f'{given.count / each:.0f}' for each in plain)} a second")
    _print(given.count, statistics.mean(plain), result)


async def _bare_once(dovecot: Dovecot, user: str, count: int) -> float:
    with tempfile.TemporaryDirectory() as folder, sinks.running(Path(folder) / "sink") as sink:
        return await bare(dovecot, user, sink, count, Path(folder))


def _print(count: int, plain: float, result: Run) -> None:
    full = result.acknowledged
    rest = full - result.first
    print(f"bare libraries        {count / plain:7.0f} a second")
    print(f"triage run            {count / full:7.0f} a second with its start, ratio {plain / full:.2f}")
    print(f"  after its start     {count / rest:7.0f} a second, ratio {plain / rest:.2f}")
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
