"""The mailbox beside bare imapclient, on one Dovecot in one run: `python -m bench.mailbox`.

Prints messages a second for both, the latency from delivery (LMTP) to the wait's return for IDLE and for eager
NOOPs, and what a 25 MB mail adds to the process. Ratios count; the machine's mood does not.
"""

import asyncio
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from imapclient import IMAPClient

from tests.servers.dovecot import PASSWORD, Dovecot
from triage.adapters.mailbox_imap import ImapConfig, ImapMailbox, Tls

MAILS = 1_000
ROUNDS = 25
ARRIVED = datetime(2026, 10, 20, 15, 15, 30, tzinfo=UTC)


def mails(number: int) -> list[tuple[bytes, datetime]]:
    """Half of them with an attachment of some 150 KB, as support mail has."""
    head = "From: Cliente <c{0}@x.example>\r\nTo: soporte@netone.example\r\nSubject: caso {0}\r\nMIME-Version: 1.0\r\n"
    text = "Hola, desde las nueve el sitio no abre y el panel da error.\r\n" * 12
    trace = (
        "Received: from a.example by b.example with ESMTPS id {0}; Tue, 20 Oct 2026 12:15:30 -0300\r\n" * 6
    )
    file = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0\r\n" * 2_000
    found = []
    for index in range(number):
        start = (trace + head).format(index)
        both = (
            "Content-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\nContent-Type: text/plain\r\n\r\n"
            f"{text}\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>{text}</p>\r\n--c--\r\n"
        )
        mixed = (
            f"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{both}\r\n--b\r\n"
            "Content-Type: image/png; name=captura.png\r\nContent-Disposition: attachment\r\n"
            f"Content-Transfer-Encoding: base64\r\n\r\n{file}\r\n--b--\r\n"
        )
        found.append(((start + (mixed if index % 2 else both)).encode(), ARRIVED))
    return found


def rate(label: str, seconds: float, number: int = MAILS) -> float:
    print(f"  {label:58} {number / seconds:8.0f} /s")
    return seconds


def bare(client: IMAPClient, uids: Sequence[int], items: list[str], batch: int = 50) -> float:
    start = time.perf_counter()
    for first in range(0, len(uids), batch):
        client.fetch(uids[first : first + batch], items)
    return time.perf_counter() - start


async def fetching(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.append_all(user, mails(MAILS))
    config = ImapConfig("127.0.0.1", dovecot.ports.imap, user, lambda: PASSWORD, tls=Tls.NONE)
    print(f"fetching {MAILS} mails, half with an attachment")
    with dovecot.client(user) as client:
        client.select_folder("INBOX", readonly=True)
        uids = client.search("ALL")
        bare(client, uids, ["BODYSTRUCTURE"])  # Dovecot computes structures once
        rate("bare imapclient, whole mails, batches of 50", bare(client, uids, ["BODY.PEEK[]"]))
        client._imap.debug = 0
        items = ["INTERNALDATE", "BODYSTRUCTURE", "BODY.PEEK[HEADER]", "BODY.PEEK[1]"]
        rate("the same, debug off", bare(client, uids, ["BODY.PEEK[]"]))
        one = rate("bare, structure + header + first part, debug off", bare(client, uids, items))
    for batch in (10, 50, 200):
        mailbox = ImapMailbox(replace(config, limits=replace(config.limits, batch=batch)))
        await mailbox.connect()
        start = time.perf_counter()
        found = await mailbox.fetch(await mailbox.uids_after(0))
        taken = rate(f"the mailbox, batches of {batch}", time.perf_counter() - start)
        if batch == 50:
            start = time.perf_counter()
            await mailbox.settle([item.uid for item in found])
            rate("settling by keyword", time.perf_counter() - start)
            print(f"  the mailbox takes {taken / one:.2f} of the bare library's time")
        await mailbox.close()


async def latency(dovecot: Dovecot, label: str, change: Callable[[ImapConfig], ImapConfig]) -> None:
    user = dovecot.new_user()
    mailbox = ImapMailbox(
        change(ImapConfig("127.0.0.1", dovecot.ports.imap, user, lambda: PASSWORD, tls=Tls.NONE))
    )
    await mailbox.connect()
    taken = []
    for number in range(ROUNDS):
        waiting = asyncio.ensure_future(mailbox.wait(10))
        await asyncio.sleep(0.15 + number % 7 * 0.03)
        await asyncio.to_thread(dovecot.deliver, user, b"Subject: x\r\n\r\nhola\r\n")
        delivered = time.perf_counter()
        assert await waiting
        taken.append(max(0.0, time.perf_counter() - delivered))
        await mailbox.uids_after(0)
    await mailbox.close()
    worst = max(taken)
    print(f"  {label:58} median {statistics.median(taken) * 1000:4.0f} ms, worst {worst * 1000:4.0f} ms")


async def memory(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    line = b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0\r\n"
    head = b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    file = b"--b\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    dovecot.append(user, head + b"--b\r\n\r\nhola\r\n" + file + line * 320_000 + b"--b--\r\n")
    mailbox = ImapMailbox(ImapConfig("127.0.0.1", dovecot.ports.imap, user, lambda: PASSWORD, tls=Tls.NONE))
    await mailbox.connect()
    before = most = resident()
    await mailbox.fetch([1])
    fetched = resident() - before
    async for _ in await mailbox.fetch_section(1, "2"):
        most = max(most, resident())
    await mailbox.close()
    print(
        f"a mail of 25 MB adds {fetched / 1e6:.1f} MB fetched, {(most - before) / 1e6:.1f} MB with its attachment streamed"
    )


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


async def main() -> None:
    dovecot = Dovecot()
    try:
        dovecot.start()
        await memory(dovecot)
        await fetching(dovecot)
        print(f"from delivery to the end of the wait, {ROUNDS} mails")
        await latency(dovecot, "IDLE", lambda config: config)
        for every in (0.2, 0.1, 0.05):
            await latency(
                dovecot,
                f"eager, a NOOP every {every} s",
                lambda config, every=every: replace(config, eager=every),
            )
    finally:
        dovecot.close()


if __name__ == "__main__":
    asyncio.run(main())
