from datetime import UTC, datetime
from typing import Any

import aiosmtplib

from triage.adapters.mailbox_imap import ImapConfig, ImapMailbox, Timeouts, Tls
from triage.adapters.servers_embedded import EmbeddedServers, Posted

NOW = datetime(2026, 10, 24, 14, 0, tzinfo=UTC)
USER = "soporte@netone.example"
MAIL = b"From: a@b.example\r\nSubject: x\r\n\r\nca\xc3\xaddo\r\n"


def servers(**settings: Any) -> EmbeddedServers:
    return EmbeddedServers({USER: "x"}, now=lambda: NOW, **settings)


async def send(embedded: EmbeddedServers, *recipients: str) -> None:
    await aiosmtplib.send(
        MAIL, sender="a@b.example", recipients=list(recipients), hostname="127.0.0.1", port=embedded.smtp_port
    )


async def test_mail_for_a_local_address_appears_once_and_all_of_it_is_on_record() -> None:
    seen: list[Posted] = []
    async with servers(aliases={"ayuda@netone.example": USER}, on_mail=seen.append) as embedded:
        await send(embedded, USER, "Ayuda@netone.example", "cliente@x.example")
        await send(embedded, "cliente@x.example")
        assert len(await embedded.messages(USER)) == 1
    assert [mail.local for mail in embedded.posted] == [(USER,), ()]
    assert embedded.posted == seen
    assert seen[0] == Posted(
        "a@b.example", (USER, "Ayuda@netone.example", "cliente@x.example"), MAIL, NOW, (USER,)
    )


async def test_the_clock_given_dates_what_comes_in() -> None:
    async with servers() as embedded:
        await send(embedded, USER)
        mailbox = mailbox_on(embedded)
        await mailbox.connect()
        [found] = await mailbox.fetch(await mailbox.uids_after(0))
        await mailbox.close()
    assert found.internal_date == NOW
    assert found.mail is not None
    assert found.mail.leaves[0].body == "caído\r\n".encode()


async def test_the_servers_stop_though_clients_are_connected_and_idle() -> None:
    async with servers() as embedded:
        mailbox = mailbox_on(embedded)
        await mailbox.connect()
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=embedded.smtp_port)
        await client.connect()
    client.close()
    await mailbox.close()


async def test_what_changed_before_an_idle_is_announced_in_it() -> None:
    async with servers() as embedded:
        mailbox = mailbox_on(embedded)
        await mailbox.connect()
        await embedded.append(USER, MAIL, NOW)
        assert await mailbox.wait(20) is True
        await mailbox.close()


def mailbox_on(embedded: EmbeddedServers) -> ImapMailbox:
    timeouts = Timeouts(connect=5, read=5, command=10, idle=5)
    return ImapMailbox(
        ImapConfig("127.0.0.1", embedded.imap_port, USER, lambda: "x", tls=Tls.NONE, timeouts=timeouts)
    )
