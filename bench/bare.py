"""The bare libraries on a full mailbox: what `bench.ingest` is compared with.

All go in a straight line, with imapclient, sqlite3 (WAL, FULL, one commit for fifty mails) and aiosmtplib over one
kept connection. They classify nothing, keep no history, set no alarms and remind nobody.

- `plain` fetches structure and text as the daemon does, parses with mail-parser and builds answers with EmailMessage.
- `lean` does no more than must be: the same parts, the standard library's older parser, and an answer that is a string
  into which address and number are put.
- `whole` is lean with whole mails, whose attachments it keeps in the database (the daemon leaves them on the server).
"""

import asyncio
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


Parsed = tuple[str, str, list[bytes]]  # subject, text, attachments


class Way(NamedTuple):
    """How mails are fetched, how each is parsed, and how an answer is written."""

    fetched: Callable[[imapclient.IMAPClient, Sequence[int]], Iterator[bytes]]
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
            mails = [way.parsed(raw) for raw in way.fetched(client, chunk)]
            kept.executemany("insert into cases (subject, body) values (?, ?)", [mail[:2] for mail in mails])
            kept.executemany("insert into outbox (subject) values (?)", [mail[:1] for mail in mails])
            attached = [(each,) for mail in mails for each in mail[2]]
            kept.executemany("insert into attachments (content) values (?)", attached)
            kept.commit()
            client.add_flags(chunk, ["$Done"])
    client.logout()


def _texts(client: imapclient.IMAPClient, chunk: Sequence[int]) -> Iterator[bytes]:
    """Fetch each mail without its attachments and its HTML."""
    structures = client.fetch(chunk, ["BODYSTRUCTURE", "INTERNALDATE"])
    several = [uid for uid in chunk if structures[uid][b"BODYSTRUCTURE"].is_multipart]
    for section, some in (("1", [uid for uid in chunk if uid not in several]), ("1.1", several)):
        items = ["BODY.PEEK[HEADER]", f"BODY.PEEK[{section}.MIME]", f"BODY.PEEK[{section}]"]
        for data in client.fetch(some, items).values() if some else ():
            mime = data[f"BODY[{section}.MIME]".encode()] if section != "1" else b""
            head = _CONTENT.sub(b"", data[b"BODY[HEADER]"]) if mime else data[b"BODY[HEADER]"]
            yield head.rstrip(b"\r\n") + b"\r\n" + (mime or b"\r\n") + data[f"BODY[{section}]".encode()]


def _wholes(client: imapclient.IMAPClient, chunk: Sequence[int]) -> Iterator[bytes]:
    for data in client.fetch(chunk, ["BODY.PEEK[]", "INTERNALDATE"]).values():
        yield data[b"BODY[]"]


def _by_mail_parser(raw: bytes) -> Parsed:
    mail = mailparser.parse_from_bytes(raw)
    return str(mail.subject), mail.body, []


def _by_the_standard_library(raw: bytes) -> Parsed:
    mail = email.message_from_bytes(raw)
    leaves = [part for part in mail.walk() if not part.is_multipart()]
    contents = [cast("bytes", part.get_payload(decode=True)) for part in leaves]
    text = contents[0].decode(leaves[0].get_content_charset("utf-8"), "replace")
    attached = [content for part, content in zip(leaves, contents, strict=True) if part.get_filename()]
    return mail["Subject"], text, attached


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
    "plain": Way(_texts, _by_mail_parser, _built),
    "lean": Way(_texts, _by_the_standard_library, _filled_in),
    "whole": Way(_wholes, _by_the_standard_library, _filled_in),
}
