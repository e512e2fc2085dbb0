"""A site in operation: the real process with Dovecot, looked at from outside as its admin does."""

import asyncio
import email
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.e2e.daemon import Site, configured
from tests.servers.dovecot import Dovecot, free_ports
from tests.servers.smtp_sink import SmtpSink

pytestmark = pytest.mark.dovecot
ANA = "ana@tienda-prueba.example"
LUCIA = "lucia.ferrari@netone.example"
SECRETS = ("an end-to-end secret", "secreto")


def mail(sender: str, to: str, subject: str, text: str, number: int) -> bytes:
    head = (
        f"Authentication-Results: mx.netone.example; dmarc=pass header.from={sender.partition('@')[2]}",
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {subject}",
        f"Date: {datetime.now(UTC):%a, %d %b %Y %H:%M:%S +0000}",
        f"Message-ID: <m{number}@{sender.partition('@')[2]}>",
        "Content-Type: text/plain; charset=utf-8",
    )
    return ("\r\n".join(head) + f"\r\n\r\n{text}\r\n").encode()


async def ask(port: int, path: str) -> tuple[int, str]:
    for _ in range(100):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.write(f"GET {path} HTTP/1.1\r\n\r\n".encode())
        answer = (await reader.read()).decode()
        writer.close()
        return int(answer.split(" ")[1]), answer.partition("\r\n\r\n")[2]
    raise AssertionError(f"nobody listens on {port}")


def processes() -> str:
    """The command lines of every process, as `ps` shows them to anybody."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return "\n".join(found)


def text_of(content: bytes) -> str:
    """The text that a reader without HTML sees."""
    parts = email.message_from_bytes(content).walk()
    text = next(part for part in parts if part.get_content_type() == "text/plain").get_payload(decode=True)
    assert isinstance(text, bytes)
    return text.decode()


def survey_link(text: str) -> tuple[str, str] | None:
    """Subject and body of the mail that tapping "5" prepares."""
    links = [unquote_link(one) for one in re.findall(r"mailto:[^\s<>]+", text) if "survey" in one]
    return next((link for link in links if link[1] == "5"), None)


def unquote_link(link: str) -> tuple[str, str]:
    query = parse_qs(urlsplit(link.rstrip(">)")).query)
    return query["subject"][0], query["body"][0]


@pytest.fixture
async def sink():
    async with SmtpSink() as opened:
        yield opened


@pytest.fixture
def site(dovecot: Dovecot, sink: SmtpSink, tmp_path: Path) -> tuple[Site, str, int]:
    user, (port,) = dovecot.new_user(), free_ports(1)
    made = configured(tmp_path, imap=dovecot.ports.imap, smtp=sink.port, user=user)
    more = f"http: {{listen: '127.0.0.1:{port}'}}\nsuggestions: sugerencias@netone.example\n"
    made.config.write_text(made.config.read_text() + more)
    return made, user, port


async def test_from_the_first_mail_to_the_survey_the_report_and_being_forgotten(
    dovecot: Dovecot, sink: SmtpSink, site: tuple[Site, str, int]
) -> None:
    triage, user, port = site
    await triage.start()
    dovecot.append(user, mail(ANA, "soporte@netone.example", "No carga el sitio", "La tienda está caída.", 1))
    (case,) = await triage.until(lambda cases: any(c["acknowledged_at"] for c in cases))
    reference = case["reference"]
    assert (await ask(port, "/healthz"))[0] == 200
    assert (await ask(port, "/readyz"))[0] == 200
    status, page = await ask(port, "/metrics")
    assert status == 200
    assert 'triage_messages_total{outcome="opened"} 1.0' in page
    assert "triage_acknowledgement_seconds_count 1.0" in page
    assert ANA not in page

    dovecot.append(user, mail(LUCIA, "soporte@netone.example", f"Re: [{reference}]", "!resolve\nListo.", 2))
    await triage.until(lambda cases: cases[0]["state"] == "resolved")
    async with asyncio.timeout(30):
        while not (tapped := [link for m in sink.mails if (link := survey_link(text_of(m.content)))]):
            await asyncio.sleep(0.1)
    subject, body = tapped[0]
    dovecot.append(user, mail(ANA, "soporte@netone.example", subject, f"{body}\n\nMuy bien", 3))
    idea = mail(ANA, "sugerencias@netone.example", "Una idea", "Estaría bueno filtrar los pedidos.", 4)
    dovecot.append(user, idea)
    (case,) = await triage.until(lambda cases: len(dovecot.flags(user)) == 4 and _settled(dovecot, user))
    assert case["state"] == "resolved"
    assert [e["mark"] for e in case["events"] if e["event"] == "survey.answered"] == [5]

    shown = processes()
    code, out, err = await triage.triage("status", "--json")
    assert code == 0, out + err
    today = datetime.now(UTC).date().isoformat()
    code, out, err = await triage.triage("report", "--from", "2020-01-01", "--to", today, "--json")
    told = json.loads(out)
    assert (told["survey"]["answers"], told["survey"]["comments"], told["suggestions"]) == (1, 1, 1), err
    backup = triage.folder / "copy.db"
    assert (await triage.triage("db", "backup", str(backup)))[0] == 0
    code, out, err = await triage.triage("client", "erase", ANA, "--yes")
    assert code == 0, err
    assert await triage.stop() == 0
    for where in (triage.log().encode(), shown.encode(), backup.read_bytes(), (out + err).encode()):
        assert not [secret for secret in SECRETS if secret.encode() in where]


def _settled(dovecot: Dovecot, user: str) -> bool:
    return all(b"$Triaged" in _bytes(flags) for flags in dovecot.flags(user).values())


def _bytes(flags: object) -> bytes:
    return repr(flags).encode()


async def test_passwords_that_are_refused_are_told_nowhere(
    sink: SmtpSink, site: tuple[Site, str, int]
) -> None:
    triage, _, _ = site
    wrong = ("equivocadisima-imap", "equivocadisima-smtp")
    (triage.folder / "password").write_text(wrong[0])
    (triage.folder / "smtp-password").write_text(wrong[1])
    account = "tls: none, user: triage, password: {file: smtp-password}}"
    triage.config.write_text(
        triage.config.read_text().replace(f"port: {sink.port}, tls: none}}", f"port: {sink.port}, {account}")
    )
    await triage.start()
    async with asyncio.timeout(60):
        while "mailbox.unreachable" not in triage.log():
            assert triage.process is not None
            assert triage.process.returncode is None, triage.log()
            await asyncio.sleep(0.2)
    shown = processes()
    told = [await triage.triage(*command) for command in (["check"], ["status"], ["check", "--probe"])]
    assert (told[0][0], "password" in told[0][1] + told[0][2]) == (2, True), told[0]
    copy = triage.folder / "copy.db"
    assert (await triage.triage("db", "backup", str(copy)))[0] == 0
    await triage.stop()
    everything = "\n".join((triage.log(), shown, copy.read_bytes().decode(errors="replace"), repr(told)))
    assert [secret for secret in (*wrong, SECRETS[0]) if secret in everything] == []
