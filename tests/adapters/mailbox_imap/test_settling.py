import asyncio
from collections.abc import Callable

import pytest

from tests.adapters.mailbox_imap.conftest import Open
from tests.servers.dovecot import Dovecot
from tests.servers.imap_scripted import ScriptedImap
from tests.servers.proxy import Proxy
from triage.adapters.mailbox_imap import Settling
from triage.errors import Permanent

MAIL = b"Subject: x\r\n\r\nhola\r\n"
pytestmark = pytest.mark.dovecot


def without(*words: bytes) -> Callable[[bytes], bytes]:
    """Hide what the server can do."""

    def rewrite(data: bytes) -> bytes:
        for word in words:
            data = data.replace(b" " + word, b" X" + word[1:])
        return data

    return rewrite


async def test_without_keywords_mail_is_moved_where_a_folder_is_named(
    dovecot: Dovecot, opened: Open, user: str
) -> None:
    await asyncio.to_thread(dovecot.append, user, MAIL)
    async with Proxy(dovecot.ports.imap, rewrite=lambda data: data.replace(rb" \*)", b")")) as proxy:
        silent = opened(proxy.port, user)
        assert (await silent.connect()).keywords is False
        [uid] = await silent.uids_after(0)
        await silent.settle([uid])
        assert dovecot.flags(user) == {uid: frozenset()}
        moving = opened(proxy.port, user, move_to="Atendidos & más")
        await moving.connect()
        await moving.settle([uid])
    assert dovecot.flags(user) == {}
    assert len(dovecot.flags(user, "Atendidos & más")) == 1


async def test_without_move_only_our_own_messages_are_expunged(
    dovecot: Dovecot, opened: Open, user: str
) -> None:
    for _ in range(3):
        await asyncio.to_thread(dovecot.append, user, MAIL)
    with dovecot.client(user) as person:
        person.select_folder("INBOX")
        person.delete_messages([2])
    async with Proxy(dovecot.ports.imap, rewrite=without(b"MOVE")) as proxy:
        mailbox = opened(proxy.port, user, settle=Settling.MOVE, move_to="Listo")
        assert (await mailbox.connect()).move is False
        await mailbox.settle([1])
    assert dovecot.flags(user) == {2: {"\\Deleted"}, 3: frozenset()}
    assert len(dovecot.flags(user, "Listo")) == 1


async def test_without_move_and_uidplus_the_original_only_stays_marked(
    dovecot: Dovecot, opened: Open, user: str
) -> None:
    await asyncio.to_thread(dovecot.append, user, MAIL)
    async with Proxy(dovecot.ports.imap, rewrite=without(b"MOVE", b"UIDPLUS")) as proxy:
        mailbox = opened(proxy.port, user, settle=Settling.MOVE, move_to="Listo")
        await mailbox.connect()
        await mailbox.settle([1])
    assert dovecot.flags(user) == {1: {"\\Deleted"}}


async def test_thousands_are_settled_in_commands_of_bearable_length(opened: Open) -> None:
    async with ScriptedImap() as server:
        mailbox = opened(server.port)
        await mailbox.connect()
        await mailbox.settle(range(1, 1_202))
        stored = [line for line in server.lines if line.startswith(b"UID STORE")]
    assert len(stored) == 3
    assert all(line.endswith(b"+FLAGS.SILENT ($Triaged)") for line in stored)


async def test_a_mail_moves_once_however_often_it_is_settled(
    dovecot: Dovecot, opened: Open, user: str
) -> None:
    await asyncio.to_thread(dovecot.append, user, MAIL)
    mailbox = opened(dovecot.ports.imap, user, settle=Settling.MOVE, move_to="Listo")
    await mailbox.connect()
    for _ in range(3):
        await mailbox.settle([1])
    assert len(dovecot.flags(user, "Listo")) == 1


async def test_a_folder_that_cannot_be_made_is_permanent(opened: Open) -> None:
    async with ScriptedImap() as server:
        server.on(rb"UID MOVE", b"TAG NO [TRYCREATE] no such folder\r\n")
        server.on(rb"CREATE", b"TAG NO [NOPERM] you may not\r\n")
        mailbox = opened(server.port, settle=Settling.MOVE, move_to="Listo")
        await mailbox.connect()
        with pytest.raises(Permanent, match="Listo is missing and cannot be made"):
            await mailbox.settle([1])


async def test_a_full_mailbox_refuses_and_the_connection_stays_good(opened: Open) -> None:
    async with ScriptedImap() as server:
        server.on(rb"UID STORE", b"TAG NO [OVERQUOTA] full\r\n")
        mailbox = opened(server.port)
        await mailbox.connect()
        for _ in range(2):
            with pytest.raises(Permanent, match=r"the server refuses to settle message 1: .*OVERQUOTA"):
                await mailbox.settle([1])


async def test_people_at_work_in_the_same_folder_are_not_disturbed(
    dovecot: Dovecot, opened: Open, user: str
) -> None:
    for _ in range(4):
        await asyncio.to_thread(dovecot.append, user, MAIL)
    mailbox = opened(dovecot.ports.imap, user)
    await mailbox.connect()
    uids = await mailbox.uids_after(0)
    with dovecot.client(user) as person:
        person.select_folder("INBOX")
        person.add_flags([1], [b"\\Seen", b"\\Flagged"])
        person.delete_messages([2])
        person.expunge()
        person.create_folder("Lucía")
        person.move([3], "Lucía")
    found = await mailbox.fetch(uids)
    await mailbox.settle(uids)
    assert [item.uid for item in found if item.mail] == [1, 4]
    assert dovecot.flags(user) == {1: {"\\Seen", "\\Flagged", "$Triaged"}, 4: {"$Triaged"}}
    assert await mailbox.uids_after(0) == [1, 4]
