"""The Mailbox port on pymap, Dovecot and Cyrus: what the daemon may rely on, whichever server there is."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.servers.cyrus import Cyrus
from tests.servers.dovecot import PASSWORD, Dovecot
from triage.adapters.mailbox_imap import ImapConfig, ImapMailbox, Settling, Tls
from triage.adapters.servers_embedded import EmbeddedServers
from triage.errors import Permanent, Temporary

ARRIVED = datetime(2026, 10, 20, 12, 15, 30, tzinfo=timezone(timedelta(hours=-3)))

PLAIN = b"""From: Ana <ana@cliente.example>\r\nTo: soporte@netone.example\r\nSubject: caido\r\nMessage-ID: <1@x>\r\n\r\nNo abre el sitio.\r\n"""

MIXED = b"""From: Ana <ana@cliente.example>\r\nSubject: con captura\r\nMIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r
Content-Type: multipart/alternative; boundary=c\r\n\r\n--c\r
Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\ncat=C3=A1logo\r\n--c\r
Content-Type: text/html\r\n\r\n<p>cat&aacute;logo</p>\r\n--c--\r\n\r\n--b\r
Content-Type: image/png; name="captura.png"\r\nContent-Disposition: attachment; filename="captura.png"\r
Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n"""


@dataclass(slots=True)
class Server:
    """One account on one kind of server, and how mail gets into it."""

    config: ImapConfig
    refused: ImapConfig
    append: Callable[[bytes, datetime, str], Awaitable[None]]
    flags: Callable[[str], Awaitable[Mapping[int, frozenset[str]]]]

    async def put(self, raw: bytes, at: datetime = ARRIVED, folder: str = "INBOX") -> None:
        await self.append(raw, at, folder)


@pytest.fixture(
    params=[
        "pymap",
        pytest.param("dovecot", marks=pytest.mark.dovecot),
        pytest.param("cyrus", marks=pytest.mark.cyrus),
    ]
)
async def server(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    if request.param == "dovecot":
        dovecot: Dovecot = request.getfixturevalue("dovecot")
        yield on_a_real_one(dovecot, dovecot.ports.imap)
        return
    if request.param == "cyrus":
        cyrus: Cyrus = request.getfixturevalue("cyrus")
        yield on_a_real_one(cyrus, cyrus.port)
        return
    user = "soporte@netone.example"
    async with EmbeddedServers({user: PASSWORD}, now=lambda: ARRIVED) as embedded:

        async def append(raw: bytes, at: datetime, folder: str) -> None:
            await embedded.append(user, raw, at, folder)

        config = ImapConfig("127.0.0.1", embedded.imap_port, user, lambda: PASSWORD, tls=Tls.NONE)
        yield Server(
            config, with_another_password(config), append, lambda folder: embedded.messages(user, folder)
        )


def on_a_real_one(server: Dovecot | Cyrus, port: int) -> Server:
    user = server.new_user()

    async def append(raw: bytes, at: datetime, folder: str) -> None:
        await asyncio.to_thread(server.append, user, raw, at, folder)

    async def flags(folder: str) -> Mapping[int, frozenset[str]]:
        return await asyncio.to_thread(server.flags, user, folder)

    config = ImapConfig("127.0.0.1", port, user, lambda: PASSWORD, tls=Tls.NONE)
    # our Cyrus asks for no password, but a realm it does not know is refused
    stranger = replace(config, user=f"{user}@elsewhere.example")
    return Server(
        config, stranger if isinstance(server, Cyrus) else with_another_password(config), append, flags
    )


def with_another_password(config: ImapConfig) -> ImapConfig:
    return replace(config, credentials=lambda: "otra")


@pytest.fixture
async def mailbox(server: Server) -> AsyncIterator[ImapMailbox]:
    mailbox = ImapMailbox(server.config)
    yield mailbox
    await mailbox.close()


async def test_the_status_names_what_the_server_can_do(mailbox: ImapMailbox) -> None:
    status = await mailbox.connect()
    assert status.uidvalidity > 0
    assert (status.keywords, status.move, status.idle) == (True, True, True)
    assert await mailbox.uids_after(status.uidnext - 1) == []


async def test_mail_that_came_after_the_connection_was_opened_is_found(
    server: Server, mailbox: ImapMailbox
) -> None:
    status = await mailbox.connect()
    await server.put(PLAIN)
    await server.put(MIXED)
    uids = await mailbox.uids_after(status.uidnext - 1)
    assert len(uids) == 2
    assert await mailbox.uids_after(uids[0]) == uids[1:]
    assert await mailbox.uids_after(uids[1]) == []


async def test_a_plain_mail_comes_with_its_arrival_header_and_text(
    server: Server, mailbox: ImapMailbox
) -> None:
    await server.put(PLAIN)
    await mailbox.connect()
    [found] = await mailbox.fetch(await mailbox.uids_after(0))
    assert found.internal_date == ARRIVED
    assert found.mail is not None
    assert found.mail.header.startswith(b"From: Ana")
    assert found.mail.size == len(PLAIN)
    [leaf] = found.mail.leaves
    assert (leaf.section, leaf.content_type, leaf.truncated) == ("1", "text/plain", False)
    assert leaf.body == b"No abre el sitio.\r\n"


async def test_texts_travel_and_attachments_stay(server: Server, mailbox: ImapMailbox) -> None:
    await server.put(MIXED)
    await mailbox.connect()
    [found] = await mailbox.fetch(await mailbox.uids_after(0))
    assert found.mail is not None
    plain, html, picture = found.mail.leaves
    assert (plain.section, plain.encoding, plain.parameters) == (
        "1.1",
        "quoted-printable",
        {"charset": "utf-8"},
    )
    # pymap counts the line end before a boundary as the part's
    assert [(leaf.body or b"").rstrip() for leaf in (plain, html)] == [
        b"cat=C3=A1logo",
        b"<p>cat&aacute;logo</p>",
    ]
    assert (picture.section, picture.filename, picture.body) == ("2", "captura.png", None)
    stream = await mailbox.fetch_section(found.uid, "2")
    assert b"".join([piece async for piece in stream]).strip() == b"iVBORw0KGgo="


async def test_fetching_sets_no_flag(server: Server, mailbox: ImapMailbox) -> None:
    await server.put(MIXED)
    await mailbox.connect()
    [found] = await mailbox.fetch(await mailbox.uids_after(0))
    await anext(await mailbox.fetch_section(found.uid, "2"))
    assert set((await server.flags("INBOX")).values()) == {frozenset()}


async def test_a_vanished_message_is_absent_and_its_parts_are_gone(
    server: Server, mailbox: ImapMailbox
) -> None:
    await server.put(PLAIN)
    await mailbox.connect()
    [uid] = await mailbox.uids_after(0)
    assert [found.uid for found in await mailbox.fetch([uid, uid + 7])] == [uid]
    with pytest.raises(Permanent, match="is gone"):
        await mailbox.fetch_section(uid + 7, "1")


async def test_many_messages_come_in_the_order_of_their_uids(server: Server, mailbox: ImapMailbox) -> None:
    for number in range(30):
        await server.put(
            (PLAIN, MIXED)[number % 2].replace(b"\r\n\r\n", b"\r\nX-Number: %d\r\n\r\n" % number, 1)
        )
    mailbox = ImapMailbox(replace(server.config, limits=replace(server.config.limits, batch=7)))
    await mailbox.connect()
    uids = await mailbox.uids_after(0)
    found = await mailbox.fetch(list(reversed(uids)))
    assert [item.uid for item in found] == uids
    assert [
        b"X-Number: %d\r\n" % number in item.mail.header for number, item in enumerate(found) if item.mail
    ] == [True] * 30


async def test_settling_sets_the_keyword_and_may_be_repeated(server: Server, mailbox: ImapMailbox) -> None:
    await server.put(PLAIN)
    await server.put(MIXED)
    await mailbox.connect()
    first, second = await mailbox.uids_after(0)
    await mailbox.settle([])
    await mailbox.settle([first])
    await mailbox.settle([first, second + 9])
    assert await server.flags("INBOX") == {first: frozenset({"$Triaged"}), second: frozenset()}


async def test_settling_by_move_makes_the_folder(server: Server) -> None:
    await server.put(PLAIN)
    await server.put(MIXED)
    mailbox = ImapMailbox(replace(server.config, settle=Settling.MOVE, move_to="Atendidos"))
    try:
        await mailbox.connect()
        first, second = await mailbox.uids_after(0)
        await mailbox.settle([first])
        await mailbox.settle([first, second + 9])
        assert list(await server.flags("INBOX")) == [second]
        assert len(await server.flags("Atendidos")) == 1
    finally:
        await mailbox.close()


async def test_a_copy_is_filed_with_its_date_in_a_folder_that_is_made(
    server: Server, mailbox: ImapMailbox
) -> None:
    await mailbox.connect()
    await mailbox.append("Enviados", PLAIN, ARRIVED)
    [flags] = (await server.flags("Enviados")).values()
    assert flags == {"\\Seen"}
    sent = ImapMailbox(replace(server.config, folder="Enviados", settle=Settling.NONE))
    await sent.connect()
    [copy] = await sent.fetch(await sent.uids_after(0))
    await sent.close()
    assert copy.internal_date == ARRIVED


async def test_uids_since_a_day_keep_that_whole_day_in_its_own_zone(
    server: Server, mailbox: ImapMailbox
) -> None:
    for hours in (-13, -12, 0, 30):
        await server.put(PLAIN, ARRIVED + timedelta(hours=hours))
    await mailbox.connect()
    uids = await mailbox.uids_after(0)
    assert await mailbox.uids_since(ARRIVED) == uids[1:]
    assert await mailbox.uids_since(ARRIVED + timedelta(days=9)) == []


async def test_a_message_is_found_by_its_whole_message_id(server: Server, mailbox: ImapMailbox) -> None:
    identity = re.search(rb"Message-ID: <(.+)>", PLAIN, re.IGNORECASE)
    assert identity is not None
    await server.put(MIXED)
    await server.put(PLAIN)
    await server.put(PLAIN)
    await mailbox.connect()
    assert await mailbox.find(identity[1].decode()) == max(await mailbox.uids_after(0))
    assert await mailbox.find(identity[1].decode()[1:]) is None
    assert await mailbox.find('nobody"s\r\n@x.example') is None
    assert await mailbox.find("ñandú@x.example") is None


async def test_waiting_ends_with_new_mail(server: Server, mailbox: ImapMailbox) -> None:
    await mailbox.connect()
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(mailbox.wait(20))
        await asyncio.sleep(0)
        await server.put(PLAIN)
    assert waiting.result() is True


async def test_waiting_ends_in_silence_after_its_time(mailbox: ImapMailbox) -> None:
    await mailbox.connect()
    assert await mailbox.wait(0.05) is False


async def test_a_wait_can_be_woken_even_before_it_begins(mailbox: ImapMailbox) -> None:
    await mailbox.connect()
    mailbox.wake()
    assert await mailbox.wait(20) is False
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(mailbox.wait(20))
        await asyncio.sleep(0)
        mailbox.wake()
    assert waiting.result() is False


async def test_a_cancelled_wait_leaves_the_connection_in_order(server: Server, mailbox: ImapMailbox) -> None:
    await mailbox.connect()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(mailbox.wait(20), 0.05)
    await server.put(PLAIN)
    assert len(await mailbox.uids_after(0)) == 1


async def test_eager_waiting_hears_of_new_mail_too(server: Server) -> None:
    mailbox = ImapMailbox(replace(server.config, eager=0.02))
    await mailbox.connect()
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(mailbox.wait(20))
        await asyncio.sleep(0)
        await server.put(PLAIN)
    assert waiting.result() is True
    await mailbox.close()


async def test_a_wrong_password_is_permanent_and_says_what_to_do(server: Server) -> None:
    mailbox = ImapMailbox(server.refused)
    with pytest.raises(Permanent, match="check user, password or token"):
        await mailbox.connect()
    await mailbox.close()


async def test_a_missing_folder_is_permanent_and_the_right_one_is_named(server: Server) -> None:
    await server.put(PLAIN, folder="Soporte")
    mailbox = ImapMailbox(replace(server.config, folder="soporte"))
    with pytest.raises(Permanent, match=r"no folder soporte .*there are: .*did you mean Soporte\?"):
        await mailbox.connect()
    await mailbox.close()


async def test_without_a_connection_everything_is_temporary(mailbox: ImapMailbox) -> None:
    with pytest.raises(Temporary, match="not connected"):
        await mailbox.uids_after(0)
    with pytest.raises(Temporary):
        await mailbox.wait(1)
    with pytest.raises(Temporary):
        await mailbox.settle([1])


async def test_nobody_at_the_port_is_temporary(server: Server, unused_port: int) -> None:
    mailbox = ImapMailbox(replace(server.config, port=unused_port))
    with pytest.raises(Temporary, match="nobody listens"):
        await mailbox.connect()
    await mailbox.close()


async def test_connecting_again_is_allowed_and_closing_twice_harmless(mailbox: ImapMailbox) -> None:
    first = await mailbox.connect()
    assert await mailbox.connect() == first
    await mailbox.close()
    await mailbox.close()


async def test_the_facts_name_capabilities_folders_and_the_newest_arrival(
    server: Server, mailbox: ImapMailbox
) -> None:
    await mailbox.connect()
    assert (await mailbox.facts()).newest is None
    await server.put(PLAIN)
    facts = await mailbox.facts()
    assert facts.newest == ARRIVED.astimezone(UTC)
    assert "IDLE" in facts.capabilities
    assert "INBOX" in facts.folders


@pytest.fixture
def unused_port() -> int:
    from tests.servers.dovecot import free_ports

    return free_ports(1)[0]
