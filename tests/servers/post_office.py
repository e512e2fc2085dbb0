"""A private Postfix and Dovecot as one post office, and the mail programs of the people in the newcomer's walk.

    python -m tests.servers.post_office serve FOLDER        until SIGTERM; FOLDER/places says where everything is
    python -m tests.servers.post_office send FOLDER FROM SUBJECT [ANSWERED.eml] < text      to support
    python -m tests.servers.post_office wait FOLDER ADDRESS WORDS SECONDS > mail.eml
    python -m tests.servers.post_office unsettled FOLDER    UIDs at support without our mark; not those of probes

Knows no triage: what it says and sees is what any mail program would. Called by .ci/walk.
"""

import json
import signal
import smtplib
import sys
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Any

from imapclient import IMAPClient

from tests.servers.dovecot import PASSWORD, Dovecot, free_ports
from tests.servers.postfix import Postfix

SUPPORT = "soporte@netone.example"
CLIENT = "ana@tienda.example"
_ENDS = (signal.SIGTERM, signal.SIGINT)
OURS = (SUPPORT, "lucia@netone.example", "sistemas@netone.example")


def serve(folder: Path) -> None:
    """Run both servers until SIGTERM."""
    dovecot = Dovecot()
    users = {address: dovecot.new_user(address.partition("@")[0]) for address in OURS}
    try:
        postfix = Postfix(dovecot.ports.lmtp, users)
        try:
            dovecot.start()
            postfix.start()
            places = {
                "imap": dovecot.ports.imap,
                "imaps": dovecot.ports.imaps,
                "smtp": postfix.port,
                "http": free_ports(1)[0],
                "ca": str(dovecot.certificates.ca),
                "users": users,
                "client": str(postfix.home / "mail/ana/new"),
            }
            # Renamed into place: who waits for it reads a whole one.
            (folder / "places.new").write_text(json.dumps(places))
            (folder / "places.new").rename(folder / "places")
            # Blocked only now: the servers would inherit it, and hear no SIGTERM either.
            signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
            signal.sigwait(_ENDS)
        finally:
            postfix.close()
    finally:
        dovecot.close()


def send(folder: Path, sender: str, subject: str, answered: str = "") -> None:
    """Write to support, perhaps as an answer to a mail that was saved, its words quoted below as people do."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Date"] = sender, SUPPORT, formatdate()
    mail["Message-ID"] = make_msgid(domain=sender.partition("@")[2])
    text = sys.stdin.read()
    if answered:
        old = _read(Path(answered).read_bytes())
        mail["Subject"], mail["In-Reply-To"] = f"Re: {old['Subject']}", str(old["Message-ID"])
        body = old.get_body(("plain",))
        lines = body.get_content().splitlines() if body is not None else []
        text += "\nEl soporte escribió:\n" + "".join(f"> {line}\n" for line in lines)
    else:
        mail["Subject"] = subject
    mail.set_content(text)
    with smtplib.SMTP("127.0.0.1", _places(folder)["smtp"], timeout=20) as relay:
        relay.sendmail(sender, [SUPPORT], mail.as_bytes())


def wait(folder: Path, address: str, words: str, seconds: str) -> None:
    """Print the newest mail of somebody's that has these words in it, as soon as there is one; else exit 1."""
    until = time.monotonic() + float(seconds)
    while True:
        for raw in _mails(folder, address):
            mail = _read(raw)
            body = mail.get_body(("plain",))
            if words in str(mail["Subject"]) or (body is not None and words in body.get_content()):
                sys.stdout.buffer.write(raw)
                return
        if time.monotonic() > until:
            sys.exit(f"{address} got no mail with {words!r} in {seconds} s")
        time.sleep(0.2)


def unsettled(folder: Path) -> None:
    places = _places(folder)
    with IMAPClient("127.0.0.1", places["imap"], ssl=False, timeout=20) as client:
        client.login(places["users"][SUPPORT], PASSWORD)
        client.select_folder("INBOX", readonly=True)
        sys.stdout.write(" ".join(map(str, client.search("UNKEYWORD $Triaged NOT SUBJECT canary"))))


def _mails(folder: Path, address: str) -> Iterator[bytes]:
    """Yield somebody's mails, the newest first: the client's from her maildir, ours over IMAP."""
    places = _places(folder)
    if address == CLIENT:
        files = sorted(Path(places["client"]).glob("*"), key=lambda path: path.stat().st_mtime, reverse=True)
        yield from (path.read_bytes() for path in files)
        return
    with IMAPClient("127.0.0.1", places["imap"], ssl=False, timeout=20) as client:
        client.login(places["users"][address], PASSWORD)
        client.select_folder("INBOX", readonly=True)
        found = client.fetch(client.search("ALL"), ["BODY.PEEK[]"])
    yield from (found[uid][b"BODY[]"] for uid in sorted(found, reverse=True))


def _read(raw: bytes) -> EmailMessage:
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def _places(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "places").read_text())
    return found


def main(command: str, folder: str, *more: str) -> None:
    match command:
        case "serve":
            serve(Path(folder))
        case "send":
            send(Path(folder), *more)
        case "wait":
            wait(Path(folder), *more)
        case "unsettled":
            unsettled(Path(folder))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
