"""From delivery into Dovecot to the acknowledgement accepted by the relay: `python -m bench.latency [MAILS]`.

The real daemon beside the bare libraries (IDLE notice, fetch, send) on one Dovecot and one relay in one run; median
and 99th percentile, and the ratio of the medians. Also what waiting costs: the daemon's CPU time while idle.
"""

import asyncio
import email
import random
import select
import smtplib
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from imapclient import IMAPClient

from tests.e2e.chaos import Mail
from tests.e2e.daemon import configured
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtp_sink import SmtpSink

IDLE_SECONDS = 10.0


class Bare(threading.Thread):
    """IDLE, fetch, send: what the libraries do by themselves, with no thought in between."""

    def __init__(self, dovecot: Dovecot, user: str, smtp: int) -> None:
        super().__init__(daemon=True)
        self.dovecot, self.user, self.smtp = dovecot, user, smtp
        self.stopping = False
        self.ready = threading.Event()

    def run(self) -> None:
        with (
            IMAPClient("127.0.0.1", self.dovecot.ports.imap, ssl=False) as imap,
            smtplib.SMTP("127.0.0.1", self.smtp) as smtp,
        ):
            imap.login(self.user, PASSWORD)
            imap.select_folder("INBOX")
            done = 0
            while not self.stopping:
                for uid in [u for u in imap.search(["UID", f"{done + 1}:*"]) if u > done]:
                    raw = imap.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
                    smtp.sendmail("s@netone.example", ["c@x.example"], answer(raw))
                    done = uid
                imap.idle()
                self.ready.set()
                if not buffered(imap):
                    select.select([imap.socket()], [], [], 1)
                imap.idle_done()


def buffered(imap: IMAPClient) -> bool:
    """Say whether a notice came together with the go-ahead; the file would block if asked with nothing there."""
    sock = imap.socket()
    sock.setblocking(False)
    try:
        return bool(imap._imap.file.peek(1))
    except OSError:
        return False
    finally:
        sock.setblocking(True)


def answer(raw: bytes) -> bytes:
    client = str(email.message_from_bytes(raw)["Message-ID"])
    head = f"From: s@netone.example\r\nTo: c@x.example\r\nSubject: Re\r\nIn-Reply-To: {client}\r\nAuto-Submitted: auto-replied\r\n"
    return head.encode() + b"\r\nRecibimos su mensaje.\r\n" * 20


async def measure(dovecot: Dovecot, user: str, sink: SmtpSink, number: int) -> list[float]:
    """Deliver one mail after another at odd moments; return the seconds until its answer was accepted."""
    chosen, took = random.Random(1), []
    for index in range(number):
        await asyncio.sleep(chosen.uniform(0.3, 1.3))
        mail = Mail(f"l{index}.{user}", f"c{index}.{user}")
        await asyncio.to_thread(dovecot.deliver, user, mail.raw())
        start = time.monotonic()
        async with asyncio.timeout(30):
            while (at := accepted(sink, mail.message_id)) is None:
                await asyncio.sleep(0.002)
        took.append(max(at - start, 0.0))
    return took


def accepted(sink: SmtpSink, message_id: str) -> float | None:
    wanted = f"<{message_id}>".encode()
    for mail in reversed(sink.mails[-20:]):
        if wanted in mail.content and b"auto-replied" in mail.content:
            return mail.at
    return None


def tell(label: str, took: list[float]) -> float:
    ordered = sorted(took)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    print(f"  {label:34} median {statistics.median(took) * 1000:6.0f} ms   p99 {p99 * 1000:6.0f} ms")
    return statistics.median(took)


async def daemon(dovecot: Dovecot, number: int, eager: str) -> tuple[list[float], float]:
    """Return the latencies of the real process, and the CPU seconds a second that it takes while idle."""
    with tempfile.TemporaryDirectory() as folder:
        async with SmtpSink() as sink:
            user = dovecot.new_user()
            site = configured(Path(folder), imap=dovecot.ports.imap, smtp=sink.port, user=user)
            text = site.config.read_text().replace("poll: 1s", f"poll: 60s\n    eager: {eager}")
            site.config.write_text(text)
            await site.start()
            try:
                while '"daemon.started"' not in site.log():
                    await asyncio.sleep(0.05)
                await asyncio.sleep(1)
                took = await measure(dovecot, user, sink, number)
                assert site.process is not None
                before = cpu(site.process.pid)
                await asyncio.sleep(IDLE_SECONDS)
                return took, (cpu(site.process.pid) - before) / IDLE_SECONDS
            finally:
                await site.stop()


def cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


async def main(number: int) -> None:
    dovecot = Dovecot()
    dovecot.start()
    try:
        user = dovecot.new_user()
        async with SmtpSink() as sink:
            bare = Bare(dovecot, user, sink.port)
            bare.start()
            await asyncio.to_thread(bare.ready.wait)
            alone = await measure(dovecot, user, sink, number)
            bare.stopping = True
            await asyncio.to_thread(bare.join, 5)
        print(f"{number} mails, one at a time")
        base = tell("bare: IDLE notice, fetch, send", alone)
        for label, eager in (("triage, IDLE", "0"), ("triage, eager (default here)", "null")):
            took, idle = await daemon(dovecot, number, eager)
            median = tell(label, took)
            print(f"  {'':34} ratio of medians {median / base:.2f}, idle {idle * 100:.1f} % of a core")
    finally:
        dovecot.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 60))
