import asyncio
from datetime import UTC, datetime

import pytest

from tests.adapters.mailbox_imap.conftest import Open
from tests.servers.dovecot import Dovecot
from tests.servers.imap_scripted import ScriptedImap
from triage.errors import Permanent, Temporary

MAIL = b"Subject: x\r\n\r\nhola\r\n"


@pytest.mark.dovecot
async def test_a_folder_deleted_under_us_is_lost_and_then_missing(
    dovecot: Dovecot, opened: Open, user: str
) -> None:
    await asyncio.to_thread(dovecot.append, user, MAIL, None, "Soporte")
    mailbox = opened(dovecot.ports.imap, user, folder="Soporte")
    await mailbox.connect()
    with dovecot.client(user) as person:
        person.delete_folder("Soporte")
    with pytest.raises(Temporary):
        await mailbox.uids_after(0)
    with pytest.raises(Permanent, match=r"no folder Soporte .*there are: INBOX"):
        await mailbox.connect()


@pytest.mark.dovecot
async def test_a_folder_made_anew_has_another_uidvalidity(dovecot: Dovecot, opened: Open, user: str) -> None:
    await asyncio.to_thread(dovecot.append, user, MAIL, None, "Soporte")
    mailbox = opened(dovecot.ports.imap, user, folder="Soporte")
    before = await mailbox.connect()
    with dovecot.client(user) as person:
        person.delete_folder("Soporte")
    await asyncio.to_thread(dovecot.append, user, MAIL, None, "Soporte")
    with pytest.raises(Temporary):  # all that Dovecot says here is an untagged NO
        await mailbox.uids_after(0)
    assert (await mailbox.connect()).uidvalidity != before.uidvalidity


async def test_a_fetch_never_goes_on_in_another_folder_of_the_same_name(opened: Open) -> None:
    async with ScriptedImap() as server:
        mailbox = opened(server.port)
        await mailbox.connect()
        server.on(rb"UID FETCH", b"")
        server.on(rb"SELECT", b"* 2 EXISTS\r\n* OK [UIDVALIDITY 8] .\r\n* OK [UIDNEXT 3] .\r\nTAG OK .\r\n")
        with pytest.raises(Temporary, match="UIDVALIDITY of INBOX changed from 7 to 8"):
            await mailbox.fetch([1, 2])


async def test_a_folder_without_uidvalidity_is_permanent(opened: Open) -> None:
    async with ScriptedImap() as server:
        server.on(rb"SELECT", b"* 2 EXISTS\r\nTAG OK .\r\n")
        with pytest.raises(Permanent, match="gives no UIDVALIDITY"):
            await opened(server.port).connect()


async def test_a_missing_uidnext_is_found_by_looking(opened: Open) -> None:
    async with ScriptedImap() as server:
        server.on(rb"SELECT", b"* 2 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\nTAG OK .\r\n")
        server.on(rb"UID SEARCH", b"* SEARCH 41\r\nTAG OK .\r\n")
        assert (await opened(server.port).connect()).uidnext == 42


@pytest.mark.parametrize("code", [b"UNAVAILABLE", b"SERVERBUG"])
async def test_a_folder_refused_for_now_is_temporary(opened: Open, code: bytes) -> None:
    async with ScriptedImap() as server:
        server.on(rb"SELECT", b"TAG NO [" + code + b"] try later\r\n")
        with pytest.raises(Temporary, match="for now"):
            await opened(server.port).connect()


async def test_a_folder_that_may_only_be_read_is_permanent_unless_nothing_is_settled(opened: Open) -> None:
    async with ScriptedImap() as server:
        server.on(
            rb"SELECT",
            b"* 2 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [READ-ONLY] .\r\nTAG OK [READ-ONLY] .\r\n",
        )
        with pytest.raises(Permanent, match="may only be read; use settle: none"):
            await opened(server.port).connect()


async def test_the_last_message_is_not_taken_for_a_new_one(opened: Open) -> None:
    async with ScriptedImap() as server:
        server.on(rb"UID SEARCH", b"* SEARCH 9 12 10\r\nTAG OK .\r\n")
        mailbox = opened(server.port)
        await mailbox.connect()
        assert await mailbox.uids_after(9) == [10, 12]
        assert await mailbox.uids_after(40) == []
        assert server.lines[-4:] == [b"NOOP", b"UID SEARCH UID 10:*", b"NOOP", b"UID SEARCH UID 41:*"]


async def test_a_mere_warning_opens_the_folder_anew_and_goes_on(opened: Open) -> None:
    async with ScriptedImap() as server:
        server.on(rb"NOOP", b"* NO [ALERT] 98 % of the quota is used\r\nTAG OK .\r\n")
        server.on(rb"UID SEARCH", b"* SEARCH 9\r\nTAG OK .\r\n")
        mailbox = opened(server.port)
        await mailbox.connect()
        assert await mailbox.uids_after(0) == [9]
        assert server.lines[-1] == b"UID SEARCH UID 1:*"


async def test_messages_without_a_date_count_as_new_enough(opened: Open) -> None:
    async with ScriptedImap() as server:
        server.on(rb"UID SEARCH", b"* SEARCH 1 2\r\nTAG OK .\r\n")
        server.on(
            rb"UID FETCH",
            b'* 1 FETCH (UID 1 INTERNALDATE "01-Jan-2020 00:00:00 +0000")\r\n'
            b"* 2 FETCH (UID 2 INTERNALDATE NIL)\r\nTAG OK .\r\n",
        )
        mailbox = opened(server.port)
        await mailbox.connect()
        assert await mailbox.uids_since(datetime(2026, 1, 1, tzinfo=UTC)) == [2]
