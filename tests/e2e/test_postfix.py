"""A real Postfix as the relay, a real Dovecot behind it: a mail that reaches nobody ends on its case and with the agents."""

import asyncio
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.daemon import SUPPORT, Site, configured
from tests.servers.dovecot import Dovecot
from tests.servers.postfix import Postfix, missing

pytestmark = [
    pytest.mark.postfix,
    pytest.mark.dovecot,
    pytest.mark.skipif(bool(missing()), reason=missing() or "-"),
]
AGENTS = ("lucia.ferrari@netone.example", "diego.maidana@netone.example", "carla.benitez@netone.example")


class Stage:
    def __init__(self, dovecot: Dovecot, folder: Path) -> None:
        self.dovecot = dovecot
        self.user = dovecot.new_user()
        self.agents = {address: dovecot.new_user("agente") for address in AGENTS}
        self.postfix = Postfix(dovecot.ports.lmtp, {SUPPORT: self.user, **self.agents})
        self.site = configured(folder, imap=dovecot.ports.imap, smtp=self.postfix.port, user=self.user)

    def client_writes(self, client: str) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = client, SUPPORT, "No carga la tienda"
        mail["Date"], mail["Message-ID"] = formatdate(), f"<1.{client}>"
        mail.set_content("Desde hoy a la mañana la tienda no carga para nadie.\n")
        self.postfix.post(client, SUPPORT, mail.as_bytes(policy=policy.SMTP))

    def inbox(self, user: str) -> list[EmailMessage]:
        with self.dovecot.client(user) as client:
            client.select_folder("INBOX", readonly=True)
            found = client.fetch(client.search("ALL"), ["BODY.PEEK[]"])
        mails = [message_from_bytes(one[b"BODY[]"], policy=policy.default) for one in found.values()]
        return [mail for mail in mails if isinstance(mail, EmailMessage)]

    async def agents_hear_of(self, words: str) -> list[str]:
        """Return whose inbox has a mail with these words in it, as soon as there is one."""
        async with asyncio.timeout(30):
            while True:
                told = [address for address, user in self.agents.items() if self._has(user, words)]
                if told:
                    return told
                await asyncio.sleep(0.2)

    def bounces_of(self, address: str) -> list[EmailMessage]:
        reports = [mail for mail in self.inbox(self.user) if mail.get_content_type() == "multipart/report"]
        return [mail for mail in reports if f"Final-Recipient: rfc822; {address}" in str(mail)]

    def _has(self, user: str, words: str) -> bool:
        bodies = (mail.get_body(("plain",)) for mail in self.inbox(user))
        return any(words in body.get_content() for body in bodies if body is not None)


@pytest.fixture
def stage(dovecot: Dovecot, tmp_path: Path) -> Iterator[Stage]:
    built = Stage(dovecot, tmp_path)
    try:
        built.postfix.start()
        yield built
    finally:
        built.postfix.close()


def with_return_path(site: Site, kind: str) -> None:
    text = site.config.read_text()
    site.config.write_text(text.replace("tls: none}\nagents", f"tls: none, return_path: {kind}}}\nagents"))


def unreachable(cases: list[dict[str, Any]]) -> bool:
    return bool(cases) and cases[0]["unreachable"] is not None


@pytest.mark.parametrize("kind", ["address", "plus"])
async def test_a_bounce_that_postfix_makes_comes_back_and_is_matched(stage: Stage, kind: str) -> None:
    with_return_path(stage.site, kind)
    stage.client_writes("nadie@tienda.example")
    await stage.site.start()
    try:
        (case,) = await stage.site.until(unreachable)
        told = await stage.agents_hear_of("nadie@tienda.example")
    finally:
        code = await stage.site.stop()
    assert code == 0
    assert case["unreachable"]["address"] == "nadie@tienda.example"
    assert case["unreachable"]["status"] == "5.1.1"
    assert [mail["state"] for mail in case["mails"] if mail["kind"] == "acknowledgement"] == ["bounced"]
    assert any(message["class"] == "bounce" for message in case["messages"])
    assert told
    (bounce,) = stage.bounces_of("nadie@tienda.example")
    assert ("+b." in str(bounce["Delivered-To"] or bounce["X-Original-To"] or bounce["To"])) is (
        kind == "plus"
    )


async def test_a_recipient_refused_at_rcpt_is_not_reached_either(stage: Stage) -> None:
    stage.client_writes("nadie@estricta.example")
    await stage.site.start()
    try:
        (case,) = await stage.site.until(unreachable)
        told = await stage.agents_hear_of("nadie@estricta.example")
    finally:
        await stage.site.stop()
    assert case["unreachable"]["status"] == "5.1.1"
    assert [mail["state"] for mail in case["mails"] if mail["kind"] == "acknowledgement"] == ["failed"]
    assert any(event["event"] == "mail.failed" and "550" in event["error"] for event in case["events"])
    assert told
    assert stage.bounces_of("nadie@estricta.example") == []


async def test_a_client_who_exists_gets_his_acknowledgement(stage: Stage) -> None:
    stage.client_writes("ana@tienda.example")
    await stage.site.start()
    try:
        (case,) = await stage.site.until(lambda cases: bool(cases) and bool(cases[0]["acknowledged_at"]))
        async with asyncio.timeout(20):
            while not (arrived := list((stage.postfix.home / "mail/ana/new").glob("*"))):
                await asyncio.sleep(0.1)
    finally:
        await stage.site.stop()
    mail = message_from_bytes(arrived[0].read_bytes(), policy=policy.default)
    assert f"[{case['reference']}]" in str(mail["Subject"])
    assert mail["Return-Path"] == f"<{SUPPORT}>"
    assert case["unreachable"] is None
