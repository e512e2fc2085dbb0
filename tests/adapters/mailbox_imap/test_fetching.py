import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.adapters.mailbox_imap.conftest import QUICK, Open
from tests.servers.dovecot import Dovecot
from tests.servers.imap_scripted import CLOSE, ScriptedImap
from tests.servers.proxy import Chaos, Proxy
from triage.adapters.mailbox_imap import FetchLimits, ImapMailbox
from triage.errors import Permanent, Temporary
from triage.ports import Fetched

ARRIVED = datetime(2026, 10, 20, 15, 15, 30, tzinfo=UTC)
SMALL = b"From: a@b.example\r\nSubject: chico\r\n\r\nhola\r\n"
dovecot_needed = pytest.mark.dovecot


def with_parts(number: int) -> bytes:
    part = (
        b'--b\r\nContent-Type: application/pdf; name="%d.pdf"\r\nContent-Disposition: attachment\r\n\r\nx\r\n'
    )
    head = b"Subject: muchos\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    text = b"--b\r\nContent-Type: text/plain\r\n\r\nadjunto todo\r\n"
    return head + text + b"".join(part % index for index in range(number)) + b"--b--\r\n"


def with_attachment(octets: int) -> bytes:
    head = b"Subject: grande\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    text = b"--b\r\nContent-Type: text/plain\r\n\r\nel registro va adjunto\r\n"
    file = (
        b'--b\r\nContent-Type: application/zip; name="log.zip"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    )
    line = b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0\r\n"
    return head + text + file + line * (octets // len(line)) + b"--b--\r\n"


def texts(found: Fetched) -> list[bytes]:
    assert found.mail is not None
    return [leaf.body for leaf in found.mail.leaves if leaf.body is not None]


@dovecot_needed
async def test_six_thousand_attachments_are_described_in_full(
    dovecot: Dovecot, opened: Open, user: str
) -> None:
    await asyncio.to_thread(dovecot.append, user, with_parts(6_000), ARRIVED)
    mailbox = opened(dovecot.ports.imap, user)
    await mailbox.connect()
    [found] = await mailbox.fetch([1])
    assert found.mail is not None
    assert len(found.mail.leaves) == 6_001
    assert texts(found) == [b"adjunto todo"]


@dovecot_needed
async def test_a_structure_beyond_the_limit_is_fetched_whole_and_stops_no_other(
    dovecot: Dovecot, opened: Open, user: str
) -> None:
    await asyncio.to_thread(
        dovecot.append_all, user, [(SMALL, ARRIVED), (with_parts(2_000), ARRIVED), (SMALL, ARRIVED)]
    )
    mailbox = opened(dovecot.ports.imap, user, limits=FetchLimits(structure=100_000, stored=30_000))
    await mailbox.connect()
    first, poison, last = await mailbox.fetch([1, 2, 3])
    assert texts(first) == texts(last) == [b"hola\r\n"]
    assert poison.mail is not None
    assert poison.mail.raw == with_parts(2_000)[:30_000]
    assert poison.mail.size == len(with_parts(2_000))
    assert poison.internal_date == ARRIVED
    await mailbox.settle([1, 2, 3])


@dovecot_needed
async def test_a_mail_whose_boundary_never_comes_is_fetched_whole(
    dovecot: Dovecot, opened: Open, user: str
) -> None:
    head = b"Subject: roto\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=falta\r\n\r\n"
    raw = head + b"El sitio no responde desde las nueve.\r\n" * 200
    await asyncio.to_thread(dovecot.append, user, raw)
    mailbox = opened(dovecot.ports.imap, user)
    await mailbox.connect()
    [found] = await mailbox.fetch([1])
    assert found.mail is not None
    assert found.mail.raw == raw


GOOD = (
    b'* %d FETCH (UID %d INTERNALDATE "20-Oct-2026 12:15:30 -0300" RFC822.SIZE 30 '
    b'BODY[HEADER]<0> "Subject: x" BODYSTRUCTURE ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 6 1))\r\nTAG OK .\r\n'
)
SECTION = b'* %d FETCH (UID %d BODY[1]<0> "hola")\r\nTAG OK .\r\n'


def three_messages(server: ScriptedImap, second: bytes) -> None:
    """Let a server deliver UIDs 1 and 3, and answer in the given way whenever UID 2 is among those asked for."""
    for uid in (1, 3):
        server.on(rb"UID FETCH %d \(INTERNALDATE" % uid, GOOD % (uid, uid))
        server.on(rb"UID FETCH %d \(BODY.PEEK\[1\]" % uid, SECTION % (uid, uid))
    server.on(rb"UID FETCH (1,2,3|2) ", second)


@pytest.mark.parametrize(
    "answer",
    [
        CLOSE,
        b"* 2 FETCH (UID 2 BODYSTRUCTURE (((((\r\nTAG OK .\r\n",
        b"* 2 FETCH (UID two\r\nTAG OK .\r\n",
        b"* 2 FETCH (UID 2 BODYSTRUCTURE {5000000}\r\nab",
        b"* 2 FETCH (NIL 2 UID 2)\r\nTAG OK .\r\n",
        b"* 2 FETCH (UID 2 BODYSTRUCTURE " + b"(" * 30_000 + b"\r\nTAG OK .\r\n",
        b"TAG NO [SERVERBUG] internal error\r\n",
        b"TAG BAD what\r\n",
        b"* BYE out of memory\r\n",
    ],
    ids=["eof", "open", "uid", "literal", "nil", "deep", "no", "bad", "bye"],
)
async def test_a_message_that_cannot_be_delivered_stops_no_other(opened: Open, answer: bytes) -> None:
    async with ScriptedImap() as server:
        if b"{5000000}" in answer or b"BYE" in answer:

            async def and_close(writer: asyncio.StreamWriter, tag: bytes, _: bytes) -> None:
                writer.write(answer)
                writer.close()

            three_messages(server, b"")
            server.on(rb"UID FETCH (1,2,3|2) ", and_close)
        else:
            three_messages(server, answer)
        mailbox = opened(server.port)
        await mailbox.connect()
        first, poison, last = await mailbox.fetch([3, 1, 2])
        assert texts(first) == texts(last) == [b"hola"]
        assert (poison.uid, poison.mail) == (2, None)
        assert poison.error
        assert len([line for line in server.lines if re.match(rb"UID FETCH 2 ", line)]) <= 3


async def test_a_message_without_a_usable_structure_still_comes_with_its_arrival(opened: Open) -> None:
    async with ScriptedImap() as server:
        three_messages(server, CLOSE)
        dated = b'* 2 FETCH (UID 2 INTERNALDATE "20-Oct-2026 12:15:30 -0300" RFC822.SIZE 30)\r\nTAG OK .\r\n'
        server.on(rb"UID FETCH 2 \(INTERNALDATE RFC822.SIZE\)", dated)
        server.on(
            rb"UID FETCH 2 \(BODY.PEEK\[\]", b'* 2 FETCH (UID 2 BODY[]<0> "Subject: x")\r\nTAG OK .\r\n'
        )
        mailbox = opened(server.port)
        await mailbox.connect()
        found = (await mailbox.fetch([1, 2, 3]))[1]
        assert found.mail is not None
        assert (found.mail.raw, found.internal_date) == (b"Subject: x", ARRIVED)
        server.on(rb"UID FETCH 2 \(BODY.PEEK\[\]", CLOSE)
        found = (await mailbox.fetch([1, 2, 3]))[1]
        assert (found.mail, found.internal_date) == (None, ARRIVED)
        assert "asked for the whole" in found.error


@pytest.mark.parametrize("structure", [b"()", b"NIL", b'("TEXT" "PLAIN")', b"(NIL NIL NIL NIL NIL NIL NIL)"])
async def test_a_structure_that_makes_no_sense_costs_no_reconnection(opened: Open, structure: bytes) -> None:
    async with ScriptedImap() as server:
        server.on(rb"UID FETCH 2 ", b'* 2 FETCH (UID 2 BODY[]<0> "Subject: x")\r\nTAG OK .\r\n')
        described = GOOD.replace(b'("TEXT" "PLAIN" NIL NIL NIL "7BIT" 6 1)', structure) % (2, 2)
        server.on(rb"UID FETCH 2 \(INTERNALDATE", described)
        mailbox = opened(server.port)
        await mailbox.connect()
        [found] = await mailbox.fetch([2])
        assert found.mail is not None
        assert found.mail.raw == b"Subject: x"
        assert server.connections == 1


async def test_a_mail_that_vanishes_between_structure_and_text_is_absent(opened: Open) -> None:
    async with ScriptedImap() as server:
        server.on(rb"UID FETCH", b"TAG OK .\r\n")
        server.on(rb"UID FETCH 2 \(INTERNALDATE", GOOD % (2, 2))
        mailbox = opened(server.port)
        await mailbox.connect()
        assert await mailbox.fetch([2]) == []


async def test_the_year_1970_is_no_arrival(opened: Open) -> None:
    async with ScriptedImap() as server:
        server.on(rb"UID FETCH 2 \(BODY", SECTION % (2, 2))
        old = (GOOD % (2, 2)).replace(b"20-Oct-2026 12:15:30 -0300", b"01-Jan-1970 00:00:00 +0000")
        server.on(rb"UID FETCH 2 \(INTERNALDATE", old)
        mailbox = opened(server.port)
        await mailbox.connect()
        [found] = await mailbox.fetch([2])
        assert found.internal_date is None


async def test_a_server_that_is_gone_for_good_is_temporary(opened: Open) -> None:
    async with ScriptedImap() as server:
        mailbox = opened(server.port)
        await mailbox.connect()
        server.on(rb"UID FETCH", CLOSE)
        server.on(rb"LOGIN", CLOSE)
        with pytest.raises(Temporary):
            await mailbox.fetch([1, 2])


@dovecot_needed
async def test_every_mail_comes_through_a_line_that_keeps_breaking(
    dovecot: Dovecot, opened: Open, user: str
) -> None:
    mails = [(SMALL.replace(b"chico", b"numero %d" % number), ARRIVED) for number in range(120)]
    await asyncio.to_thread(dovecot.append_all, user, mails)
    async with Proxy(dovecot.ports.imap) as proxy:
        mailbox = opened(proxy.port, user, limits=FetchLimits(batch=20), timeouts=replace(QUICK, read=0.3))
        await mailbox.connect()
        proxy.chaos = Chaos(seed=4, share=0.4, within=9_000)
        proxy._random.seed(4)
        proxy.truncate_after(5_000)
        found: dict[int, Fetched] = {}
        for _ in range(40):
            missing = [uid for uid in range(1, 121) if uid not in found]
            if not missing:
                break
            found |= {item.uid: item for item in await fetched(mailbox, missing[:20]) if item.mail}
    assert len(found) == 120
    subjects = [item.mail.header or item.mail.raw for item in found.values() if item.mail]
    assert all(
        b"numero %d\r\n" % (uid - 1) in (text or b"") for uid, text in zip(found, subjects, strict=True)
    )


async def fetched(mailbox: ImapMailbox, uids: list[int]) -> list[Fetched]:
    """Fetch as the daemon does: what is temporary is tried again after a new connection."""
    try:
        if mailbox._session.client is None:
            await mailbox.connect()
        return list(await mailbox.fetch(uids))
    except Temporary:
        return []


@dovecot_needed
async def test_a_large_text_is_cut_and_the_rest_can_be_streamed(
    dovecot: Dovecot, opened: Open, user: str
) -> None:
    text = b"una linea del registro que alguien pego en el cuerpo\r\n" * 60_000
    await asyncio.to_thread(dovecot.append, user, b"Subject: x\r\n\r\n" + text)
    mailbox = opened(dovecot.ports.imap, user)
    await mailbox.connect()
    [found] = await mailbox.fetch([1])
    assert found.mail is not None
    [leaf] = found.mail.leaves
    assert leaf.body == text[: 256 * 1024]
    assert leaf.truncated
    pieces = [piece async for piece in await mailbox.fetch_section(1, "1")]
    assert b"".join(pieces) == text
    assert len(pieces) == 4
    whole = b"".join([piece async for piece in await mailbox.fetch_section(1, "")])
    assert whole == b"Subject: x\r\n\r\n" + text


async def test_a_part_that_the_server_denies_is_permanent(opened: Open) -> None:
    async with ScriptedImap() as server:
        server.on(rb"UID FETCH", b"* 1 FETCH (UID 1 BODY[7]<0> NIL)\r\nTAG OK .\r\n")
        mailbox = opened(server.port)
        await mailbox.connect()
        with pytest.raises(Permanent, match="message 1 of INBOX has no part 7"):
            await mailbox.fetch_section(1, "7")
        assert await mailbox.uids_after(0) == []


@dovecot_needed
async def test_a_mail_of_25_megabytes_adds_less_than_20_to_the_process(
    dovecot: Dovecot, opened: Open, user: str
) -> None:
    await asyncio.to_thread(dovecot.append, user, with_attachment(25_000_000), ARRIVED)
    mailbox = opened(dovecot.ports.imap, user)
    await mailbox.connect()
    before = resident()
    [found] = await mailbox.fetch([1])
    assert texts(found) == [b"el registro va adjunto"]
    octets = 0
    async for piece in await mailbox.fetch_section(1, "2"):
        octets += len(piece)
        assert resident() - before < 20_000_000
    assert found.mail is not None
    assert octets == found.mail.leaves[1].size > 24_000_000


def resident() -> int:
    """Return the octets of memory this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096
