import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from tests.app.house import Clock
from tests.servers.mailbox_memory import MemoryMailbox
from triage.app.sent_copies import SentCopies, Shelf
from triage.core.model import MailKind, MailState
from triage.core.records import OutboxRow

NOW = datetime(2026, 10, 20, 12, 15, tzinfo=UTC)
ROW = OutboxRow(
    key="ack:1",
    kind=MailKind.ACKNOWLEDGEMENT,
    to="ana@cliente.example",
    message_id="1@netone.example",
    draft={},
    created_at=NOW,
    next_at=NOW,
    mailbox="soporte",
    state=MailState.ACCEPTED,
    accepted_at=NOW,
    content=b"Subject: x\r\n\r\nhola\r\n",
)


def copies(box: MemoryMailbox) -> tuple[SentCopies, Shelf]:
    shelf = Shelf(box, "Sent")
    ours = frozenset({"lucia@netone.example"})
    return SentCopies({"soporte": shelf}, Clock(), lambda: ours, longest_pause=0.001), shelf


async def test_a_copy_of_what_a_client_got_is_filed() -> None:
    box = MemoryMailbox()
    filing, _ = copies(box)
    filing.file(ROW)
    await filing.file_waiting()
    assert box.appended == [("Sent", ROW.content)]


async def test_mail_to_our_own_people_and_of_other_mailboxes_gets_no_copy() -> None:
    box = MemoryMailbox()
    filing, _ = copies(box)
    filing.file(replace(ROW, to="lucia@netone.example"))
    filing.file(replace(ROW, mailbox="ventas"))
    filing.file(replace(ROW, content=None))
    await filing.file_waiting()
    assert box.appended == []


async def test_a_server_that_is_away_costs_the_copy_and_nothing_else() -> None:
    box = MemoryMailbox(away="nobody listens")
    filing, shelf = copies(box)
    filing.file(ROW)
    await filing.file_waiting()
    assert (box.appended, shelf.lost) == ([], 1)
    box.away = ""
    filing.file(ROW)
    await filing.file_waiting()
    assert len(box.appended) == 1


async def test_too_many_waiting_copies_are_dropped_and_never_block() -> None:
    filing, shelf = copies(MemoryMailbox())
    for _ in range(1_003):
        filing.file(ROW)
    assert shelf.lost == 3


async def test_stopping_files_what_waits() -> None:
    box = MemoryMailbox()
    filing, _ = copies(box)
    stop = asyncio.Event()
    running = asyncio.create_task(filing.run(stop))
    for _ in range(5):
        filing.file(ROW)
    await asyncio.sleep(0)
    stop.set()
    await running
    assert len(box.appended) == 5
