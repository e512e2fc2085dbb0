"""Open cases under changed rules: once for each version of them, in one transaction."""

from dataclasses import replace
from datetime import timedelta

from tests.app.house import DESK, START, House, a_mail, slower_desk
from triage.app import replan
from triage.core.desk import Desk
from triage.core.model import Case, State

LATER = START + timedelta(minutes=5)


def other_rules(change: str = "recompute") -> Desk:
    desk = slower_desk(change)
    return replace(desk, support=replace(desk.support, hash="other"))


async def one_case(house: House, **fields: object) -> Case:
    house.box.add(a_mail(1, "La tienda no abre, a nadie."), START)
    await house.pump()
    (case,) = await house.cases()
    await house.store.write(lambda tx: tx.save_cases([replace(case, **fields)]))
    return await the_case(house)


async def the_case(house: House) -> Case:
    (case,) = await house.cases()
    return case


async def planned(house: House, desk: Desk) -> list[str]:
    events = await house.store.write(lambda tx: replan.replan(tx, desk, LATER))
    return [event.event for event in events]


async def test_each_version_of_the_rules_is_due_once(house: House) -> None:
    assert await house.store.read(lambda tx: replan.is_due(tx, DESK))
    await planned(house, DESK)
    assert not await house.store.read(lambda tx: replan.is_due(tx, DESK))
    assert await house.store.read(lambda tx: replan.is_due(tx, other_rules()))


async def test_under_the_same_rules_no_case_changes(house: House) -> None:
    before = await one_case(house)
    alarms = await house.store.read(lambda tx: tx.alarms(before.reference))
    assert await planned(house, DESK) == []
    assert await the_case(house) == before
    assert await house.store.read(lambda tx: tx.alarms(before.reference)) == alarms


async def test_a_deadline_that_moves_moves_its_alarms_and_the_client_is_told(house: House) -> None:
    before = await one_case(house)
    assert await planned(house, other_rules()) == ["deadline.moved"]
    after = await the_case(house)
    assert after.deadline.at > before.deadline.at
    assert {a.version for a in await house.store.read(lambda tx: tx.alarms(after.reference))} == {2}
    told = [row.draft["template"] for row in await house.mails()]
    assert "deadline_moved" in told
    assert await planned(house, other_rules()) == [], "a second time changes nothing"


async def test_a_promise_that_was_told_is_kept_where_the_rules_say_so(house: House) -> None:
    before = await one_case(house)
    assert await planned(house, other_rules("keep")) == []
    assert (await the_case(house)).deadline == before.deadline


async def test_what_has_ended_is_left_alone(house: House) -> None:
    before = await one_case(house, state=State.CLOSED, ended_at=LATER)
    assert await planned(house, other_rules()) == []
    assert await the_case(house) == before
