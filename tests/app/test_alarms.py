"""Alarms ring from the table; one case that nobody foresaw silences no other."""

from datetime import timedelta

from tests.app.house import DESK, START, Clock, House, a_mail
from triage.app.alarms import Alarms, already_sent
from triage.core.model import MailKind
from triage.core.pacing import Due
from triage.core.records import AlarmRow


async def reminders(store) -> list[str]:
    rows = await store.read(lambda tx: tx.list_outbox())
    return [row.reference for row in rows if row.kind is MailKind.REMINDER]


async def test_a_poisoned_alarm_is_put_off_and_the_other_cases_are_reminded(house: House) -> None:
    house.box.add(a_mail(1), START)
    house.box.add(a_mail(2), START)
    await house.pump()
    first, second = sorted(case.reference for case in await house.cases())
    poison = AlarmRow(first, 1, 1, "arrival", START, data={"to": 5})
    await house.store.write(lambda tx: tx.replace_alarms(first, [poison]))
    clock = Clock(START + timedelta(minutes=1))
    await Alarms(house.store, lambda: DESK, clock).ring()
    told = await reminders(house.store)
    assert second in told
    assert first not in told
    waiting = await house.store.read(lambda tx: tx.alarms(first))
    assert [alarm.due_at for alarm in waiting if alarm.step == "arrival"] == [
        clock.now() + timedelta(hours=1)
    ]


async def test_what_was_rung_is_not_rung_again_after_a_restart(house: House) -> None:
    house.box.add(a_mail(1), START)
    await house.pump()
    clock = Clock(START + timedelta(minutes=1))
    await Alarms(house.store, lambda: DESK, clock).ring()
    before = await reminders(house.store)
    assert before
    await Alarms(house.store, lambda: DESK, clock).ring()
    assert await reminders(house.store) == before


async def test_a_case_that_was_only_named_among_many_is_not_told_again_at_once(house: House) -> None:
    for number in range(60):
        house.box.add(a_mail(number), START)
    await house.pump()
    clock = Clock(START + timedelta(minutes=1))
    await Alarms(house.store, lambda: DESK, clock).ring()
    rows = [
        row for row in await house.store.read(lambda tx: tx.list_outbox()) if row.kind is MailKind.REMINDER
    ]
    assert {len(row.draft["variables"]["others"]) for row in rows} == {10}
    named = {one["reference"] for one in rows[0].draft["variables"]["others"]}
    rung = await house.store.read(
        lambda tx: already_sent(
            tx, [Due(a, rows[0].to) for a in tx.alarms(min(named))], DESK.support.reminders, clock.now()
        )
    )
    assert named <= {sent.reference for sent in rung}
