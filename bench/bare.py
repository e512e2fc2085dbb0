"""The bare libraries on a full mailbox: what `bench.ingest` is compared with.

All go in a straight line, with imapclient, sqlite3 (WAL, FULL, one commit for fifty mails) and aiosmtplib over one
kept connection. They classify nothing, keep no history, set no alarms and remind nobody.

- `plain` fetches structure and text as the daemon does, parses with mail-parser and builds answers with EmailMessage.
- `lean` does no more than must be: the same parts, the standard library's older parser, and an answer that is a string
  into which address and number are put.
- `kept` is lean, and fetches the attachments as well, decodes them and keeps them in the database (the daemon leaves
  them on the server).
"""

import asyncio
import binascii
import email
import imaplib
import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple, cast

import aiosmtplib
import imapclient
import mailparser

from bench.sink import Sink
from tests.servers.dovecot import PASSWORD, Dovecot

_BATCH = 50
_CONTENT = re.compile(rb"^Content-[^\n]*\n(?:[ \t][^\n]*\n)*", re.IGNORECASE | re.MULTILINE)
_TEXT = "Recibimos tu mensaje. " * 20
_HTML = "<p>Recibimos tu mensaje.</p>" * 20
_ANSWER = (
    "From: soporte@netone.example\r\nTo: {to}\r\nSubject: Re: Consulta {number} [NO-2026-{number:06d}]\r\n"
    "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=limit\r\n\r\n"
    f"--limit\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{_TEXT}\r\n"
    f"--limit\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{_HTML}\r\n--limit--\r\n"
)


Fetched = tuple[bytes, list[bytes]]  # header and text, attachments decoded
Parsed = tuple[str, str]  # subject, text


class Way(NamedTuple):
    """Whether attachments are fetched, how a mail is parsed, and how an answer is written."""

    attached: bool
    parsed: Callable[[bytes], Parsed]
    answer: Callable[[int, str], bytes]


async def seconds(way: Way, dovecot: Dovecot, user: str, sink: Sink, count: int, folder: Path) -> float:
    """Take the whole mailbox in and answer `count` clients; return how long that took."""
    began = time.perf_counter()
    await asyncio.to_thread(_intake, way, dovecot, user, folder)
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=sink.port, start_tls=False)
    await client.connect()
    for number in range(count):
        to = f"cliente{number}@x.example"
        await client.sendmail("soporte@netone.example", [to], way.answer(number, to))
    await client.quit()
    return time.perf_counter() - began


def _intake(way: Way, dovecot: Dovecot, user: str, folder: Path) -> None:
    imaplib._MAXLINE = 20_000_000  # type: ignore[attr-defined]
    client = imapclient.IMAPClient("127.0.0.1", port=dovecot.ports.imap, ssl=False)
    client._imap.debug = 0
    client.login(user, PASSWORD)
    client.select_folder("INBOX")
    uids = client.search("ALL")
    with closing(sqlite3.connect(folder / "bare.db")) as kept:
        kept.execute("pragma journal_mode=wal")
        kept.execute("pragma synchronous=full")
        kept.execute("create table cases (id integer primary key, subject text, body text)")
        kept.execute("create table outbox (id integer primary key, subject text)")
        kept.execute("create table attachments (id integer primary key, content blob)")
        for start in range(0, len(uids), _BATCH):
            chunk = uids[start : start + _BATCH]
            fetched = list(_fetched(client, chunk, attached=way.attached))
            mails = [way.parsed(raw) for raw, _ in fetched]
            kept.executemany("insert into cases (subject, body) values (?, ?)", mails)
            kept.executemany("insert into outbox (subject) values (?)", [mail[:1] for mail in mails])
            attached = [(each,) for _, contents in fetched for each in contents]
            kept.executemany("insert into attachments (content) values (?)", attached)
            kept.commit()
            client.add_flags(chunk, ["$Done"])
    client.logout()


def _fetched(client: imapclient.IMAPClient, chunk: Sequence[int], *, attached: bool) -> Iterator[Fetched]:
    """Fetch each mail without its HTML, and its attachment only if asked to."""
    structures = client.fetch(chunk, ["BODYSTRUCTURE", "INTERNALDATE"])
    several = [uid for uid in chunk if structures[uid][b"BODYSTRUCTURE"].is_multipart]
    for section, some in (("1", [uid for uid in chunk if uid not in several]), ("1.1", several)):
        items = ["BODY.PEEK[HEADER]", f"BODY.PEEK[{section}.MIME]", f"BODY.PEEK[{section}]"]
        if attached and some is several:
            items.append("BODY.PEEK[2]")
        for data in client.fetch(some, items).values() if some else ():
            mime = data[f"BODY[{section}.MIME]".encode()] if section != "1" else b""
            head = _CONTENT.sub(b"", data[b"BODY[HEADER]"]) if mime else data[b"BODY[HEADER]"]
            text = head.rstrip(b"\r\n") + b"\r\n" + (mime or b"\r\n") + data[f"BODY[{section}]".encode()]
            yield text, [binascii.a2b_base64(data[b"BODY[2]"])] if b"BODY[2]" in data else []


def _by_mail_parser(raw: bytes) -> Parsed:
    mail = mailparser.parse_from_bytes(raw)
    return str(mail.subject), mail.body


def _by_the_standard_library(raw: bytes) -> Parsed:
    mail = email.message_from_bytes(raw)
    text = cast("bytes", mail.get_payload(decode=True))
    return mail["Subject"], text.decode(mail.get_content_charset("utf-8"), "replace")


def _built(number: int, to: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = "soporte@netone.example", to
    mail["Subject"] = f"Re: Consulta {number} [NO-2026-{number:06d}]"
    mail.set_content(_TEXT)
    mail.add_alternative(_HTML, subtype="html")
    return mail.as_bytes()


def _filled_in(number: int, to: str) -> bytes:
    return _ANSWER.format(to=to, number=number).encode()


WAYS = {
    "plain": Way(attached=False, parsed=_by_mail_parser, answer=_built),
    "lean": Way(attached=False, parsed=_by_the_standard_library, answer=_filled_in),
    "kept": Way(attached=True, parsed=_by_the_standard_library, answer=_filled_in),
}
