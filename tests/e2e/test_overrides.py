"""A site's own words in the real process: per mailbox, language and severity, the nearest one wins in text and HTML."""

import asyncio
import email
import email.policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.e2e.daemon import SUPPORT, Site, configured
from tests.servers.dovecot import Dovecot
from tests.servers.smtp_sink import SmtpSink

pytestmark = pytest.mark.dovecot

MAILS = {
    "ana": "Hola, el sitio está caído para todos y no podemos vender nada desde hace una hora.\n",
    "bruno": "Hola, cuando edito un producto y guardo, la foto no se actualiza. Me pasa desde ayer.\n",
    "carol": "Hello, our whole site is down for everybody and we have not been able to sell for an hour.\n",
}


def a_mail(name: str) -> bytes:
    mail = EmailMessage()
    mail["From"] = f"{name}@tienda-prueba.example"
    mail["To"] = SUPPORT
    mail["Subject"] = "Site down" if name == "carol" else "Consulta"
    mail["Message-ID"] = f"<override-{name}@tienda-prueba.example>"
    mail.set_content(MAILS[name])
    return mail.as_bytes()


def parts(content: bytes) -> tuple[str, str]:
    mail = email.message_from_bytes(content, policy=email.policy.default)
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    return str(plain.get_content()) if plain else "", str(page.get_content()) if page else ""


def override(root: Path, folder: str, words: str) -> None:
    place = root / folder / "es"
    place.mkdir(parents=True)
    (place / "acknowledgement.txt").write_text(f"{words}: {{{{ case.reference }}}}.\n")


async def test_the_nearest_override_answers_its_mailbox_language_and_severity(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    user = dovecot.new_user()
    async with SmtpSink() as sink:
        site = configured(tmp_path, imap=dovecot.ports.imap, smtp=sink.port, user=user)
        site.config.write_text(f"templates: words\n{site.config.read_text()}")
        override(tmp_path / "words", ".", "Palabras de la casa")
        override(tmp_path / "words", "soporte/1", "Palabras de guardia")
        override(tmp_path / "words", "ventas", "Palabras de otro buzón")
        await site.start()
        for name in MAILS:
            dovecot.append(user, a_mail(name))
        await site.until(lambda cases: sum(c["acknowledged_at"] is not None for c in cases) == len(MAILS))
        severity = {case["client"].split("@")[0]: case["severity"] for case in await site.cases()}
        assert await site.stop() == 0, site.log()[-2000:]
        told = {m.recipients[0].split("@")[0]: parts(m.content) for m in sink.mails}
    assert (severity["ana"], severity["carol"]) == (1, 1)
    assert severity["bruno"] != 1
    assert all("Palabras de guardia: " in part for part in told["ana"])
    assert all("Palabras de la casa: " in part for part in told["bruno"])
    assert not any("Palabras" in part for part in told["carol"])
    assert not any("otro buzón" in part for both in told.values() for part in both)


async def test_the_shipped_templates_are_rendered_after_the_start_and_not_before_the_first_answer(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    user = dovecot.new_user()
    dovecot.append(user, a_mail("ana"))
    async with SmtpSink() as sink:
        site: Site = configured(tmp_path, imap=dovecot.ports.imap, smtp=sink.port, user=user)
        await site.start()
        async with asyncio.timeout(60):
            while '"event": "templates.checked"' not in site.log():
                await asyncio.sleep(0.1)
        answered = [mail for mail in sink.mails if "ana@tienda-prueba.example" in mail.recipients]
        assert await site.stop() == 0, site.log()[-2000:]
    assert answered
    assert "templates.faulty" not in site.log()
