import asyncio
import threading
import time
from dataclasses import replace

import pytest

from tests.adapters.mailbox_imap.conftest import QUICK, Open
from tests.servers.dovecot import Dovecot
from tests.servers.imap_scripted import ScriptedImap
from tests.servers.proxy import Proxy
from triage.adapters.mailbox_imap import ImapMailbox, Tls
from triage.errors import Temporary

MAIL = b"Subject: x\r\n\r\nhola\r\n"
dovecot_needed = pytest.mark.dovecot


@dovecot_needed
@pytest.mark.parametrize("tls", [Tls.NONE, Tls.IMPLICIT])
async def test_mail_between_the_last_command_and_idle_is_not_slept_through(
    dovecot: Dovecot, opened: Open, user: str, tls: Tls
) -> None:
    port = dovecot.ports.imaps if tls is Tls.IMPLICIT else dovecot.ports.imap
    mailbox = opened(port, user, host="localhost", tls=tls, ca=dovecot.certificates.ca)
    await mailbox.connect()
    for number in range(1, 4):
        await asyncio.to_thread(dovecot.append, user, MAIL)
        start = time.monotonic()
        assert await mailbox.wait(5) is True
        assert time.monotonic() - start < 4
        assert len(await mailbox.uids_after(0)) == number


@dovecot_needed
async def test_mail_announced_in_the_answer_to_another_command_counts(
    dovecot: Dovecot, opened: Open, user: str
) -> None:
    await asyncio.to_thread(dovecot.append, user, MAIL)
    mailbox = opened(dovecot.ports.imap, user)
    await mailbox.connect()
    uids = await mailbox.uids_after(0)
    await asyncio.to_thread(dovecot.append, user, MAIL)
    await mailbox.settle(uids)  # Dovecot tells of the new one here, and not again in the IDLE
    assert await mailbox.wait(5) is True
    assert len(await mailbox.uids_after(uids[-1])) == 1
    assert await mailbox.wait(0.01) is False


@pytest.mark.parametrize("ending", ["finish", "cut"])
@dovecot_needed
async def test_a_connection_that_ends_is_an_error_and_not_silence(
    dovecot: Dovecot, opened: Open, user: str, ending: str
) -> None:
    async with Proxy(dovecot.ports.imap) as proxy:
        mailbox = opened(proxy.port, user)
        await mailbox.connect()
        waiting = asyncio.ensure_future(mailbox.wait(5))
        await until_idle(mailbox)
        getattr(proxy, ending)()
        with pytest.raises(Temporary, match="connection lost while waiting"):
            await waiting


@dovecot_needed
async def test_swallowed_packets_are_found_out_at_the_end_of_one_idle(
    dovecot: Dovecot, opened: Open, user: str
) -> None:
    async with Proxy(dovecot.ports.imap) as proxy:
        mailbox = opened(proxy.port, user, timeouts=replace(QUICK, idle=0.1, read=0.2))
        await mailbox.connect()
        proxy.stall()
        with pytest.raises(Temporary, match="no answer while waiting"):
            await mailbox.wait(60)


@dovecot_needed
async def test_an_idle_is_renewed_as_long_as_nothing_comes(dovecot: Dovecot, opened: Open, user: str) -> None:
    mailbox = opened(dovecot.ports.imap, user, timeouts=replace(QUICK, idle=0.02))
    await mailbox.connect()
    assert await mailbox.wait(0.1) is False
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(mailbox.wait(20))
        await asyncio.to_thread(dovecot.deliver, user, MAIL)
    assert waiting.result() is True


async def test_an_announcement_in_two_segments_is_put_together(opened: Open) -> None:
    async with ScriptedImap() as server:

        async def idle(writer: asyncio.StreamWriter, tag: bytes, _: bytes) -> None:
            for part in (b"+ idling\r\n", b"* 3 EX", b"ISTS\r\n"):
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0.02)
            server.on(rb"IDLE", b"+ idling\r\n")

        server.on(rb"IDLE", idle)
        mailbox = opened(server.port)
        await mailbox.connect()
        assert await mailbox.wait(5) is True


async def test_an_announcement_before_the_go_ahead_counts(opened: Open) -> None:
    async with ScriptedImap() as server:
        server.on(rb"IDLE", b"* 3 EXISTS\r\n* OK by the way\r\n+ idling\r\n")
        mailbox = opened(server.port)
        await mailbox.connect()
        assert await mailbox.wait(60) is True
        assert server.connections == 1


async def test_idle_chatter_is_no_news(opened: Open) -> None:
    async with ScriptedImap() as server:
        server.on(rb"IDLE", b"+ idling\r\n* OK Still here\r\n* 1 EXPUNGE\r\n* 1 FETCH (FLAGS (\\Seen))\r\n")
        mailbox = opened(server.port)
        await mailbox.connect()
        assert await mailbox.wait(0.1) is False


async def test_a_bye_ends_the_wait_with_the_servers_words(opened: Open) -> None:
    async with ScriptedImap() as server:

        async def bye(writer: asyncio.StreamWriter, tag: bytes, _: bytes) -> None:
            writer.write(b"+ idling\r\n* BYE shutting down for the night\r\n")
            writer.close()

        server.on(rb"IDLE", bye)
        mailbox = opened(server.port)
        await mailbox.connect()
        with pytest.raises(Temporary, match="shutting down for the night"):
            await mailbox.wait(5)


@dovecot_needed
async def test_an_admin_who_kicks_us_is_noticed(dovecot: Dovecot, opened: Open, user: str) -> None:
    mailbox = opened(dovecot.ports.imap, user)
    await mailbox.connect()
    waiting = asyncio.ensure_future(mailbox.wait(5))
    await until_idle(mailbox)
    await asyncio.to_thread(dovecot.kick, user)
    with pytest.raises(Temporary, match="connection lost while waiting"):
        await waiting


async def test_a_server_that_refuses_idle_is_temporary(opened: Open) -> None:
    async with ScriptedImap() as server:
        server.on(rb"IDLE", b"TAG NO not today\r\n")
        mailbox = opened(server.port)
        await mailbox.connect()
        with pytest.raises(Temporary):
            await mailbox.wait(5)


@dovecot_needed
async def test_without_idle_the_folder_is_polled(dovecot: Dovecot, opened: Open, user: str) -> None:
    async with Proxy(dovecot.ports.imap, rewrite=lambda data: data.replace(b" IDLE", b" XDLE")) as proxy:
        mailbox = opened(proxy.port, user, poll=0.02)
        assert (await mailbox.connect()).idle is False
        assert await mailbox.wait(0.05) is False
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(mailbox.wait(20))
            await asyncio.to_thread(dovecot.append, user, MAIL)
        assert waiting.result() is True


@dovecot_needed
async def test_another_thread_may_wake_it(dovecot: Dovecot, opened: Open, user: str) -> None:
    mailbox = opened(dovecot.ports.imap, user)
    await mailbox.connect()
    waiting = asyncio.ensure_future(mailbox.wait(5))
    await until_idle(mailbox)
    threading.Thread(target=mailbox.wake).start()
    assert await waiting is False
    assert await mailbox.uids_after(0) == []


@dovecot_needed
async def test_nothing_the_server_says_unasked_is_hoarded(dovecot: Dovecot, opened: Open, user: str) -> None:
    mailbox = opened(dovecot.ports.imap, user)
    await mailbox.connect()
    for _ in range(5):
        await asyncio.to_thread(dovecot.append, user, MAIL)
        await mailbox.wait(5)
        await mailbox.settle(await mailbox.uids_after(0))
    assert mailbox._session.client is not None
    assert mailbox._session.client._imap.untagged_responses == {}


async def until_idle(mailbox: ImapMailbox) -> None:
    """Return when the mailbox's thread has sent its IDLE."""
    async with asyncio.timeout(5):
        while mailbox._session.client is None or mailbox._session.client._idle_tag is None:
            await asyncio.sleep(0.005)
