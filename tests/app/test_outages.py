"""A server that is away: one line when it goes, one when it is back, and the admin hears of a long absence only."""

from datetime import datetime, timedelta

import pytest

from tests.app.house import DESK, START, Clock, unfenced
from triage.app.outages import Outages, breaker_opened, relay_found
from triage.core.draft_facts import iso
from triage.core.model import MailKind
from triage.core.records import OutboxRow
from triage.ports import Store

PATIENCE = timedelta(minutes=10)


class Watch:
    """An outage that began at START, told minute by minute."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock = store, Clock()

    async def away(self, minute: int, mailbox: str = "soporte", since: datetime = START) -> None:
        self.clock.at = since + timedelta(minutes=minute)
        # a new one each time: its memory is the store's, so that a restart tells nothing twice
        await Outages(unfenced(self.store), lambda: DESK, self.clock, PATIENCE)(
            mailbox, "no route to host", since
        )

    async def back(self, minute: int, mailbox: str = "soporte") -> None:
        self.clock.at = START + timedelta(minutes=minute)
        await Outages(unfenced(self.store), lambda: DESK, self.clock, PATIENCE)(mailbox, None, START)

    async def events(self) -> list[str]:
        names = ["mailbox.unreachable", "mailbox.back"]
        return [e.event for e in await self.store.read(lambda tx: tx.events_since(START, names))]

    async def mails(self) -> list[OutboxRow]:
        return list(await self.store.read(lambda tx: tx.list_outbox()))


@pytest.fixture
def watch(store: Store) -> Watch:
    return Watch(store)


async def test_a_short_absence_stands_in_the_history_and_wakes_nobody(watch: Watch) -> None:
    for minute in (0, 1, 5):
        await watch.away(minute)
    await watch.back(6)
    assert await watch.events() == ["mailbox.unreachable", "mailbox.back"]
    assert await watch.mails() == []


async def test_a_long_absence_is_told_once_with_its_reason_and_its_end_too(watch: Watch) -> None:
    for minute in (0, 9, 10, 11, 60):
        await watch.away(minute)
    (mail,) = await watch.mails()
    assert mail.to == DESK.site.admin
    assert "no route to host" in str(mail.draft["variables"])
    await watch.back(61)
    assert [row.draft["variables"]["what"] for row in await watch.mails()] == [
        "mailbox_unreachable",
        "mailbox_back",
    ]
    assert await watch.events() == ["mailbox.unreachable", "mailbox.back"]


async def test_being_back_without_having_been_away_is_no_news(watch: Watch) -> None:
    await watch.back(0)
    assert (await watch.events(), await watch.mails()) == ([], [])


async def test_each_mailbox_has_its_own_absence(watch: Watch) -> None:
    await watch.away(10, "soporte")
    await watch.away(10, "ventas")
    await watch.back(11, "ventas")
    assert await watch.events() == ["mailbox.unreachable"] * 2 + ["mailbox.back"]
    assert len(await watch.mails()) == 3


async def test_the_next_absence_is_a_new_one(watch: Watch) -> None:
    await watch.away(10)
    await watch.back(11)
    await watch.away(10, since=START + timedelta(days=1))
    assert len(await watch.mails()) == 3


async def test_a_breaker_that_opens_is_the_admin_s_business(store: Store) -> None:
    await store.write(lambda tx: breaker_opened(lambda: DESK, tx, "61 mails in an hour", START))
    (mail,) = await store.read(lambda tx: tx.list_outbox())
    assert (mail.to, mail.draft["variables"]["what"]) == (DESK.site.admin, "breaker")
    assert "61 mails" in str(mail.draft["variables"])


async def relay(store: Store, minute: int, *, away: bool = False) -> None:
    at = START + timedelta(minutes=minute)
    await store.write(lambda tx: relay_found(lambda: DESK, PATIENCE, tx, START if away else None, at))


async def told(store: Store) -> list[dict[str, object]]:
    mails = await store.read(lambda tx: tx.list_outbox())
    return [mail.draft["variables"] for mail in mails if mail.draft]


async def test_a_relay_that_was_away_for_long_is_mailed_when_it_is_back_with_what_waits(store: Store) -> None:
    for minute in (0, 5, 50):
        await relay(store, minute, away=True)
    assert await told(store) == []
    waiting = OutboxRow("k", MailKind.NOTICE, "a@x.example", "m@x.example", {}, START, START)
    await store.write(lambda tx: tx.add_outbox([waiting]))
    await relay(store, 51)
    await relay(store, 52)
    (alarm,) = await told(store)
    assert (alarm["what"], alarm["about"]) == ("smtp_back", "1")
    assert (alarm["at"], alarm["until"]) == (iso(START), iso(START + timedelta(minutes=51)))
    events = await store.read(lambda tx: tx.events_since(START, ["relay.unreachable", "relay.back"]))
    assert [event.event for event in events] == ["relay.unreachable", "relay.back"]


async def test_a_relay_that_was_away_for_a_moment_stands_in_the_history_only(store: Store) -> None:
    await relay(store, 0)
    await relay(store, 0, away=True)
    await relay(store, 9)
    assert await told(store) == []
    events = await store.read(lambda tx: tx.events_since(START, ["relay.unreachable", "relay.back"]))
    assert [event.event for event in events] == ["relay.unreachable", "relay.back"]
