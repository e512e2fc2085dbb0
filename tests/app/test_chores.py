"""What is done once a day or once after a change: never twice, and after a downtime the latest only."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from tests.app.house import DESK, START, Clock, House, a_mail
from triage.app.chores import Chores
from triage.core import governor
from triage.core.desk import Desk
from triage.ports import Store

OPENING = datetime(2026, 10, 21, 12, tzinfo=UTC)  # Wednesday 9:00 in Buenos Aires
DAY = timedelta(days=1)


@dataclass
class Day:
    """A store, a clock that is set, and the chores; `woken` counts how often the dispatcher was."""

    store: Store
    desk: Desk = DESK
    clock: Clock = field(default_factory=Clock)
    woken: int = 0

    def wake(self) -> None:
        self.woken += 1

    async def at(self, moment: datetime) -> None:
        """Do the chores as a daemon does that was started just now."""
        self.clock.at = moment
        await Chores(self.store, lambda: self.desk, self.clock, self.wake).do()

    async def digests(self) -> int:
        rows = await self.store.read(lambda tx: tx.list_outbox())
        return len({row.key.split("/")[1] for row in rows if row.kind == "digest"})


async def begun(house: House) -> Day:
    """A day with an open case of severity 1, so that there is always something to tell."""
    house.box.add(a_mail(1, "La tienda no abre, a nadie."), START)
    await house.pump()
    day = Day(house.store)
    await day.at(START)
    return day


async def test_the_first_look_begins_the_count_and_tells_nothing(house: House) -> None:
    day = await begun(house)
    assert await day.digests() == 0


async def test_the_digest_goes_out_at_the_opening_and_once(house: House) -> None:
    day = await begun(house)
    for moment in (OPENING - timedelta(minutes=1), OPENING, OPENING + timedelta(minutes=1)):
        await day.at(moment)
        assert await day.digests() == (moment >= OPENING)


async def test_after_a_downtime_the_latest_digest_alone_is_made_up_for(house: House) -> None:
    day = await begun(house)
    await day.at(OPENING + 5 * DAY + timedelta(hours=2))
    assert await day.digests() == 1


async def test_a_digest_that_was_missed_waits_for_the_desk_to_open(house: House) -> None:
    day = await begun(house)
    night = OPENING + timedelta(hours=14)
    await day.at(night)
    assert await day.digests() == 0
    await day.at(OPENING + DAY)
    assert await day.digests() == 1


async def test_the_dispatcher_is_woken_when_something_was_done_and_left_alone_otherwise(house: House) -> None:
    day = await begun(house)
    woken = day.woken
    await day.at(START + timedelta(minutes=1))
    assert day.woken == woken
    await day.at(OPENING)
    assert day.woken == woken + 1


async def test_old_counts_are_forgotten_daily(house: House) -> None:
    day = await begun(house)
    slot = governor.slot(START)
    await house.store.write(lambda tx: tx.add_tallies({("x", slot): 3}))
    await day.at(START + DAY - timedelta(minutes=1))
    assert await house.store.read(lambda tx: tx.tallies(["x"], 0))
    await day.at(START + 3 * DAY)
    assert not await house.store.read(lambda tx: tx.tallies(["x"], 0))


async def test_new_rules_are_applied_at_the_next_look(house: House) -> None:
    day = await begun(house)
    day.desk = replace(DESK, support=replace(DESK.support, hash="other"))
    await day.at(START + timedelta(minutes=1))
    assert await house.store.read(lambda tx: tx.get_note("rules")) == "other"


async def test_who_steps_the_clock_is_told_when_something_is_due_next(house: House) -> None:
    day = await begun(house)
    chores = Chores(house.store, lambda: day.desk, day.clock, day.wake)
    assert await chores.next_at() == OPENING
    closed = replace(DESK.support.sla.default, calendar=replace(DESK.support.sla.default.calendar, weekly={}))
    never = replace(DESK.support, sla=replace(DESK.support.sla, default=closed))
    day.desk = replace(DESK, support=never)
    assert await chores.next_at() == START + DAY, (
        "a desk that never opens has no digest; counts are forgotten"
    )


async def test_it_looks_at_once_and_then_until_it_is_stopped(house: House) -> None:
    stop = asyncio.Event()
    chores = Chores(house.store, lambda: DESK, Clock(), stop.set)
    await asyncio.wait_for(chores.run(stop), 5)
    assert await house.store.read(lambda tx: tx.get_note("chore/digest"))
