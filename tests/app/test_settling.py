"""Marks in the mailbox: repeatable, never in the way, and a server that refuses them is complained of once."""

import json
from datetime import timedelta

import pytest

from tests.app.house import DESK, START, House, a_mail
from triage.app.settling import note_key
from triage.core.model import MailKind
from triage.ports import Transaction

FULL = "NO [OVERQUOTA] not enough disk quota"


async def taken_while_refused(house: House, count: int = 2) -> None:
    house.box.refusal = FULL
    for number in range(1, count + 1):
        house.box.add(a_mail(number), START)
    await house.pump()


async def note(house: House) -> dict[str, object] | None:
    text = await house.store.read(lambda tx: tx.get_note(note_key("soporte")))
    return json.loads(text) if text else None


async def unsettled(house: House) -> list[int]:
    return list(await house.store.read(lambda tx: tx.unsettled("soporte", 1, 100)))


async def test_a_mailbox_that_takes_no_marks_stops_no_mail(house: House) -> None:
    await taken_while_refused(house)
    assert len(await house.cases()) == 2
    assert await house.cursor() == 2
    assert (house.box.settled, await unsettled(house)) == (set(), [1, 2])


async def test_the_admin_is_told_once_and_the_state_says_since_when_and_why(house: House) -> None:
    await taken_while_refused(house)
    for minute in (6, 12):
        house.clock.at = START + timedelta(minutes=minute)
        await house.pump()
    (alarm,) = await house.mails(MailKind.ALARM)
    assert (alarm.to, FULL in str(alarm.draft["variables"])) == (DESK.site.admin, True)
    assert await note(house) == {"since": START.isoformat(), "error": FULL, "messages": 2}


async def test_a_mailbox_that_refused_is_asked_again_after_five_minutes_and_not_before(house: House) -> None:
    await taken_while_refused(house)
    house.box.refusal = ""
    house.clock.at = START + timedelta(minutes=4)
    await house.pump()
    assert house.box.settled == set()
    house.clock.at = START + timedelta(minutes=5)
    await house.pump()
    assert house.box.settled == {1, 2}
    assert (await unsettled(house), await note(house)) == ([], None)


async def test_a_second_refusal_after_it_worked_again_is_told_again(house: House) -> None:
    await taken_while_refused(house)
    house.box.refusal = ""
    house.clock.at = START + timedelta(minutes=5)
    await house.pump()
    house.clock.at = START + timedelta(hours=1)
    await taken_while_refused(house, 3)
    assert len(await house.mails(MailKind.ALARM)) == 2


async def test_another_folder_is_settled_meanwhile(house: House) -> None:
    await taken_while_refused(house)
    other = type(house.box)()
    other.add(a_mail(9), START)
    await house.pump(type(house.watched)("ventas", other, "all"))
    assert other.settled == {1}


@pytest.mark.parametrize("count", [1, 7])
async def test_what_a_crash_left_without_its_mark_gets_it_with_the_next_look(
    house: House, count: int
) -> None:
    for number in range(1, count + 1):
        house.box.add(a_mail(number), START)
    await house.pump()
    house.box.settled.clear()

    def unmark(tx: Transaction) -> None:
        for uid, entry in tx.ledger("soporte", 1, range(1, count + 1)).items():
            tx.forget_ledger("soporte", 1, uid)
            tx.add_ledger(
                [type(entry)("soporte", 1, uid, entry.outcome, entry.at, reference=entry.reference)]
            )

    await house.store.write(unmark)
    await house.pump()
    assert house.box.settled == set(range(1, count + 1))
    assert await unsettled(house) == []
