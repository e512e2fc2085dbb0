"""Ingest of a full mailbox: the daemon against the bare libraries on the same work in the same run.

N realistic mails, half with attachments, in a real Dovecot; done when every case is committed and every
acknowledgement accepted by the sink. The bare run does the same with imapclient, mail-parser, sqlite3 and aiosmtplib in
a straight line: fetch structure and text in batches, parse, insert and commit, send over a kept connection, flag.

    python -m bench.ingest [N]
"""

import asyncio
import imaplib
import random
import sqlite3
import sys
import tempfile
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import imapclient
import mailparser

from tests.e2e.daemon import configured
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtp_sink import SmtpSink

WORDS = (
    "la tienda no carga los pedidos de ayer y el panel muestra un error cuando entramos desde la oficina; el cliente "
    "pagó con tarjeta y no recibió el mail de confirmación, probamos con otro navegador y pasa lo mismo"
).split()


def make(number: int, chance: random.Random) -> bytes:
    """Return one realistic mail: 1 to 3 KB of text, half of them with 50 to 250 KB of attachments."""
    mail = EmailMessage()
    mail["From"] = f"Cliente {number} <cliente{number}@tienda{number % 400}.example>"
    mail["To"] = "soporte@netone.example"
    mail["Subject"] = f"Consulta {number}: {' '.join(chance.sample(WORDS, 4))}"
    mail["Date"] = "Tue, 20 Oct 2026 10:15:00 -0300"
    mail["Message-ID"] = f"<bench.{number}@tienda{number % 400}.example>"
    mail["Authentication-Results"] = f"mx.netone.example; dmarc=pass header.from=tienda{number % 400}.example"
    mail.set_content(" ".join(chance.choices(WORDS, k=chance.randint(150, 450))))
    if number % 2:
        mail.add_alternative(f"<p>{' '.join(chance.choices(WORDS, k=200))}</p>", subtype="html")
        data = chance.randbytes(chance.randint(50_000, 250_000))
        mail.add_attachment(data, maintype="image", subtype="png", filename=f"captura-{number}.png")
    return mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


async def bare(dovecot: Dovecot, user: str, sink: SmtpSink, count: int, folder: Path) -> float:
    """Do the same work with the libraries alone, one step after another."""
    began = time.perf_counter()
    await asyncio.to_thread(_bare_intake, dovecot, user, folder)
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=sink.port, start_tls=False)
    await client.connect()
    for number in range(count):
        mail = EmailMessage()
        mail["From"], mail["To"] = "soporte@netone.example", f"c{number}@x.example"
        mail["Subject"] = f"Re: Consulta {number} [NO-2026-{number:06d}]"
        mail.set_content("Recibimos tu mensaje. " * 20)
        mail.add_alternative("<p>Recibimos tu mensaje.</p>" * 20, subtype="html")
        await client.sendmail("soporte@netone.example", [f"c{number}@x.example"], mail.as_bytes())
    await client.quit()
    return time.perf_counter() - began


def _bare_intake(dovecot: Dovecot, user: str, folder: Path) -> None:
    imaplib._MAXLINE = 20_000_000
    client = imapclient.IMAPClient("127.0.0.1", port=dovecot.ports.imap, ssl=False)
    client._imap.debug = 0
    client.login(user, PASSWORD)
    client.select_folder("INBOX")
    database = sqlite3.connect(folder / "bare.db")
    database.execute("pragma journal_mode=wal")
    database.execute("pragma synchronous=full")
    database.execute("create table cases (id integer primary key, subject text, body text)")
    database.execute("create table outbox (id integer primary key, subject text)")
    uids = client.search("ALL")
    for start in range(0, len(uids), 50):
        chunk = uids[start : start + 50]
        client.fetch(chunk, ["BODYSTRUCTURE", "INTERNALDATE"])
        found = client.fetch(chunk, ["BODY.PEEK[HEADER]", "BODY.PEEK[1]"])
        rows = []
        for data in found.values():
            mail = mailparser.parse_from_bytes(data[b"BODY[HEADER]"] + data[b"BODY[1]"])
            rows.append((str(mail.subject), mail.body))
        database.executemany("insert into cases (subject, body) values (?, ?)", rows)
        database.executemany("insert into outbox (subject) values (?)", [(row[0],) for row in rows])
        database.commit()
        client.add_flags(chunk, ["$Done"])
    client.logout()


async def ours(dovecot: Dovecot, user: str, sink: SmtpSink, count: int, folder: Path) -> float:
    """Start the real process on the full mailbox; from its first look to the last acknowledgement accepted."""
    site = configured(
        folder, imap=dovecot.ports.imap, smtp=sink.port, user=user, limits="{backlog: 4000d, batch: 50}"
    )
    began = time.perf_counter()
    await site.start()
    clients = 0
    while clients < count:
        await asyncio.sleep(0.02)
        clients = sum(m.recipients[0].startswith("cliente") for m in sink.mails)
        if time.perf_counter() - began > 600:
            raise TimeoutError(f"{clients} of {count} after ten minutes: {site.log()[-1500:]}")
    took = time.perf_counter() - began
    await site.stop()
    return took


async def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    chance = random.Random(7)
    now = datetime.now(UTC)
    server = Dovecot()
    server.start()
    try:
        mails = [(make(n, chance), now) for n in range(count)]
        print(f"{count} mails, {sum(len(m) for m, _ in mails) / 1e6:.0f} MB")
        users = [server.new_user(), server.new_user()]
        for user in users:
            server.append_all(user, mails)
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
            async with SmtpSink() as sink:
                plain = await bare(server, users[0], sink, count, Path(one))
            async with SmtpSink() as sink:
                full = await ours(server, users[1], sink, count, Path(two))
        print(f"bare libraries {count / plain:7.0f} a second")
        print(f"triage run     {count / full:7.0f} a second (with its start), ratio {plain / full:.2f}")
    finally:
        server.close()


if __name__ == "__main__":
    asyncio.run(main())
