from datetime import UTC, datetime, timedelta

import pytest

from tests.app.house import START, Clock, House, a_mail
from triage.app import beginning
from triage.app.beginning import Beginning
from triage.core.records import Cursor

SINCE = datetime(2026, 10, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("uid", "arrived", "passed"),
    [
        (5, SINCE - timedelta(days=1), True),
        (5, SINCE, False),
        (5, None, False),
        (11, SINCE - timedelta(days=1), False),  # put there later: somebody wants it seen
    ],
)
def test_what_lay_there_before_the_first_look_is_passed_over(uid, arrived, passed):
    assert Beginning(0, 10, SINCE).passes_over(uid, arrived) is passed


def test_nothing_is_old_where_all_mail_is_ours():
    assert not Beginning(0).passes_over(1, SINCE - timedelta(days=900))


async def test_a_beginning_is_kept_with_its_cursor(store):
    begun = Beginning(7, 9, SINCE)
    await store.write(lambda tx: beginning.save(tx, "soporte", 1, begun))
    assert await store.read(lambda tx: beginning.load(tx, "soporte", 1)) == begun
    assert await store.read(lambda tx: beginning.load(tx, "soporte", 2)) is None
    assert await store.read(lambda tx: tx.cursor("soporte")) == Cursor("soporte", 1, 7)


async def test_ten_thousand_old_mails_at_the_first_start_cost_nothing(store):
    house = House(store, start="now")
    for number in range(10_000):
        house.box.mails[number + 1] = (b"", START - timedelta(days=30))
    cursor = await house.pump()
    assert (cursor.last_uid, house.box.fetches) == (10_000, [])
    house.box.add(a_mail(1), START)
    await house.drain(cursor)
    assert await house.outcomes() == {10_001: "opened"}


async def test_a_start_by_date_takes_what_came_from_that_local_day_on(store):
    house = House(store, start="2026-10-20")
    house.box.add(a_mail(1), datetime(2026, 10, 20, 2, 59, tzinfo=UTC))  # the 19th in Buenos Aires
    house.box.add(a_mail(2), datetime(2026, 10, 20, 3, 1, tzinfo=UTC))
    await house.pump()
    assert (await house.outcomes()).get(1) in {None, "skipped"}
    assert (await house.outcomes())[2] == "opened"


async def test_after_a_uidvalidity_reset_known_mail_is_known_and_old_mail_stays_old(store):
    house = House(store, start="now", clock=Clock(START))
    house.box.add(a_mail(1), START - timedelta(days=2))
    cursor = await house.pump()
    house.box.add(a_mail(2), START + timedelta(minutes=1))
    house.clock.at = START + timedelta(minutes=2)
    await house.drain(cursor)
    arrived = house.box.add(a_mail(3), START + timedelta(minutes=3))
    house.box.uidvalidity = 2
    house.clock.at = START + timedelta(minutes=4)
    await house.pump()
    outcomes = await house.outcomes(validity=2)
    assert outcomes.get(1) in {None, "skipped"}
    assert outcomes[2] == "duplicate"
    assert outcomes[arrived] == "opened"
    assert len(await house.cases()) == 2
