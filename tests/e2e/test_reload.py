"""The real process while an admin edits: a wrong rules.yaml in the middle, mended again; SIGTERM; a wrong start."""

import asyncio
import email
import email.policy
import shutil
import signal
import socket
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.e2e.daemon import RULES, SUPPORT, Site, configured
from tests.servers.dovecot import Dovecot
from tests.servers.smtp_sink import SmtpSink

pytestmark = pytest.mark.dovecot


def a_mail(number: int) -> bytes:
    mail = EmailMessage()
    mail["From"] = f"ana{number}@tienda-prueba.example"
    mail["To"] = SUPPORT
    mail["Subject"] = f"Consulta {number}"
    mail["Message-ID"] = f"<reload-{number}@tienda-prueba.example>"
    mail.set_content("Hola, el sitio está caído y no podemos vender.\n")
    return mail.as_bytes()


def words(content: bytes) -> str:
    part = email.message_from_bytes(content, policy=email.policy.default).get_body(("plain",))
    return str(part.get_content()) if part else ""


def saved(path: Path, text: str) -> None:
    """Save as editors do: a new file renamed into place."""
    new = path.with_name("rules.yaml.new")
    new.write_text(text)
    new.rename(path)


async def said(site: Site, words: str, times: int = 1, seconds: float = 40) -> None:
    async with asyncio.timeout(seconds):
        while site.log().count(words) < times:
            assert site.process is not None
            assert site.process.returncode is None, site.log()[-2000:]
            await asyncio.sleep(0.1)


async def answered(site: Site, number: int) -> None:
    await site.until(lambda cases: sum(c["acknowledged_at"] is not None for c in cases) >= number)


async def test_a_wrong_rules_file_leaves_the_old_in_force_until_it_is_mended(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    user = dovecot.new_user()
    async with SmtpSink() as sink:
        site = configured(tmp_path, imap=dovecot.ports.imap, smtp=sink.port, user=user)
        rules = tmp_path / "rules.yaml"
        shutil.copy(RULES, rules)
        site.config.write_text(site.config.read_text().replace(f"rules: {RULES}", "rules: rules.yaml"))
        right = rules.read_text()
        await site.start()
        await said(site, "daemon.started")

        saved(rules, right.replace("\nsla:", "\nsla: []\nslb:", 1))
        await said(site, '"event": "rules.refused"')
        dovecot.append(user, a_mail(1))
        await answered(site, 1)

        saved(rules, right + "# mended\n")
        await said(site, '"event": "rules.reloaded"')
        assert site.process is not None
        site.process.send_signal(signal.SIGHUP)
        await said(site, '"event": "rules.reloaded"', times=2)
        dovecot.append(user, a_mail(2))
        await answered(site, 2)
        assert await site.stop() == 0, site.log()[-2000:]

        told = [words(m.content) for m in sink.mails if m.recipients == ("sistemas@netone.example",)]
    refused = [text for text in told if "rules.yaml" in text]
    assert len(refused) == 1, told
    assert "slb: unknown key" in refused[0]


async def test_sigterm_drains_and_the_supervisor_hears_all_of_it(dovecot: Dovecot, tmp_path: Path) -> None:
    """A mail that is on its way when SIGTERM comes is finished and recorded."""
    user = dovecot.new_user()
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)
        async with SmtpSink(delay=2) as sink:
            site = configured(tmp_path, imap=dovecot.ports.imap, smtp=sink.port, user=user)
            dovecot.append(user, a_mail(1))
            await site.start({"NOTIFY_SOCKET": str(tmp_path / "notify")})
            async with asyncio.timeout(60):
                while not sink.connections:
                    await asyncio.sleep(0.05)
            assert await site.stop() == 0, site.log()[-2000:]
            (case,) = await site.cases()
            assert case["acknowledged_at"] is not None
            assert [m for m in sink.mails if b"auto-replied" in m.content]
        heard = []
        while True:
            try:
                heard.append(manager.recv(4_000))
            except BlockingIOError:
                break
    assert heard[0] == b"READY=1"
    assert b"WATCHDOG=1" in heard
    assert heard[-1] == b"STOPPING=1"


async def test_a_configuration_error_ends_with_2_and_every_problem(tmp_path: Path) -> None:
    site = configured(tmp_path, imap=1, smtp=1, user="nobody")
    (tmp_path / "rules.yaml").write_text("sla: []\nnonsense: true\n")
    site.config.write_text(
        site.config.read_text().replace(f"rules: {RULES}", "rules: rules.yaml\ntemplates: templates")
    )
    broken = tmp_path / "templates" / "es" / "acknowledgement.txt"
    broken.parent.mkdir(parents=True)
    broken.write_text("{{ no_such_thing }}")
    code, _, err = await site.triage("run")
    assert code == 2
    assert "rules.yaml:2:1: nonsense: unknown key" in err
    assert "acknowledgement.txt:1" in err
