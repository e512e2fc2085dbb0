"""What is done by itself: when, once, and what follows when it fails. On a real store with a clock that is set."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.app.house import DESK
from tests.app.test_measuring import Hands
from triage.app.rounds import Round, Rounds, daily, every
from triage.core.drafts_site import Trouble
from triage.errors import Permanent

HERE = ZoneInfo("America/Argentina/Buenos_Aires")
NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)  # a Tuesday, 9:00 there


def test_a_day_and_a_week_are_counted_by_the_local_clock():
    assert daily("03:30", HERE)(NOW) == datetime(2026, 10, 21, 3, 30, tzinfo=HERE)
    assert daily("09:30", HERE)(NOW) == datetime(2026, 10, 20, 9, 30, tzinfo=HERE)
    assert daily("08:00", HERE, 0)(NOW) == datetime(2026, 10, 26, 8, 0, tzinfo=HERE)
    assert every(900)(NOW) == NOW + timedelta(minutes=15)


async def test_a_round_begins_to_count_when_first_seen_and_is_done_once_when_due(store):
    clock, done = Hands(), []

    async def work(now):
        done.append(now)

    made = [
        Rounds(store, lambda: DESK, clock, [Round("r", Trouble.REPORT_FAILED, every(60), work)], lambda: None)
        for _ in range(2)
    ]
    for rounds in made:
        await rounds.do()
    assert done == []
    clock.at += timedelta(seconds=61)
    for rounds in made:
        await rounds.do()
    assert done == [clock.at]


async def test_a_round_that_fails_is_told_to_the_admin_and_waits_for_its_turn(store):
    clock, notified = Hands(), []

    async def work(now):
        raise Permanent("no room")

    rounds = Rounds(
        store,
        lambda: DESK,
        clock,
        [Round("backup", Trouble.BACKUP_FAILED, every(60), work)],
        lambda: notified.append(1),
    )
    await rounds.do()
    clock.at += timedelta(seconds=61)
    await rounds.do()
    await rounds.do()
    (mail,) = await store.read(lambda tx: tx.list_outbox())
    assert (mail.to, mail.draft["variables"]["what"]) == ("sistemas@netone.example", "backup_failed")
    assert "no room" in mail.draft["variables"]["detail"]
    assert notified
