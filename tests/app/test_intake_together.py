"""Two daemons on one store: whoever comes second finds what the first one did."""

import asyncio
from dataclasses import replace

import pytest

from tests.app.house import START, House, a_mail
from tests.servers.mailbox_memory import MemoryMailbox
from triage.adapters.store_sql.store import open_store

MAILS = 40


@pytest.fixture
async def stores(url):
    """The same database opened twice, as two processes have it."""
    opened = [await open_store(url) for _ in range(2)]
    yield opened
    for one in opened:
        await one.close()


async def test_the_same_messages_through_two_mailboxes_at_one_moment_are_one_case_each(stores):
    first, second = (House(store, box=MemoryMailbox(), batch=7) for store in stores)
    for number in range(MAILS):
        first.box.add(a_mail(number), START)
    for number in reversed(range(MAILS)):
        second.box.add(a_mail(number), START)
    sales = replace(second.watched, name="ventas")
    await asyncio.gather(first.pump(), second.pump(sales))
    assert len(await first.cases()) == MAILS
    outcomes = [*(await first.outcomes()).values(), *(await first.outcomes("ventas")).values()]
    assert sorted(outcomes) == ["duplicate"] * MAILS + ["opened"] * MAILS


async def test_two_daemons_on_one_folder_give_every_message_one_outcome(stores):
    box = MemoryMailbox()
    for number in range(MAILS):
        box.add(a_mail(number), START)
    houses = [House(store, box=box, batch=7) for store in stores]
    await asyncio.gather(*(house.pump() for house in houses))
    assert len(await houses[0].cases()) == MAILS
    assert set((await houses[0].outcomes()).values()) == {"opened"}
    assert len(await houses[0].outcomes()) == MAILS
