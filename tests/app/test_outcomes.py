"""What becomes of our mails ends on their case and with the people who can do something about it."""

from dataclasses import replace
from datetime import timedelta

from tests.app.house import DESK, START, House, a_mail
from triage.app import roster
from triage.app.alarms import Alarms
from triage.app.outcomes import Outcomes
from triage.core.model import Case, MailKind, MailState
from triage.core.records import OutboxRow

LATER = START + timedelta(minutes=2)


async def opened(house: House) -> tuple[Case, OutboxRow]:
    house.box.add(a_mail(1), START)
    await house.pump()
    [case] = await house.cases()
    rows = await house.store.read(lambda tx: tx.list_outbox(reference=case.reference))
    return case, next(row for row in rows if row.kind is MailKind.ACKNOWLEDGEMENT)


async def became(house: House, row: OutboxRow, state: MailState, error: str = "") -> None:
    after = replace(row, state=state, last_error=error)
    await house.store.write(lambda tx: Outcomes(lambda: DESK)(tx, [after], LATER))


async def test_an_accepted_acknowledgement_is_written_on_the_case(house: House) -> None:
    case, row = await opened(house)
    await became(house, row, MailState.ACCEPTED)
    [after] = await house.cases()
    assert (case.acknowledged_at, after.acknowledged_at) == (None, LATER)


async def test_a_client_refused_at_rcpt_is_unreachable_with_the_servers_status_and_agents_are_told(
    house: House,
) -> None:
    case, row = await opened(house)
    error = "RCPT: 550 5.1.1 <ana@x>: Recipient address rejected: User unknown"
    await became(house, row, MailState.FAILED, error)
    [after] = await house.cases()
    assert after.unreachable is not None
    assert (after.unreachable.address, after.unreachable.status) == (case.client.address, "5.1.1")
    assert after.attended_at is None
    mails = await house.store.read(lambda tx: tx.list_outbox(reference=case.reference))
    told = [mail for mail in mails if mail.draft["template"] == "client_unreachable"]
    assert told
    assert {mail.to for mail in told} <= {agent.address for agent in DESK.site.agents}
    assert all("5.1.1" in str(mail.draft) for mail in told)
    events = await house.store.read(lambda tx: tx.events(case.reference))
    assert {"mail.failed", "case.unreachable"} <= {event.event for event in events}


async def test_a_refusal_by_the_governor_is_on_the_case_with_its_reason(house: House) -> None:
    case, row = await opened(house)
    await became(house, row, MailState.REFUSED, "more than 6 equal mails to ana@x in an hour")
    events = await house.store.read(lambda tx: tx.events(case.reference))
    assert [e.data["error"] for e in events if e.event == "mail.refused"] == [
        "more than 6 equal mails to ana@x in an hour"
    ]
    assert (await house.cases())[0].unreachable is None


async def test_an_agent_whose_mail_fails_counts_as_away_and_another_is_reminded(house: House) -> None:
    case, _ = await opened(house)
    house.clock.at = LATER
    await Alarms(house.store, lambda: DESK, house.clock).ring()
    rows = await house.store.read(lambda tx: tx.list_outbox(reference=case.reference))
    lost = next(row for row in rows if row.kind is MailKind.REMINDER)
    await became(house, lost, MailState.FAILED, "550 5.1.1 User unknown")
    desk = await house.store.read(lambda tx: roster.desk_of(tx, DESK, LATER))
    assert lost.to in desk.unreachable
    assert (await house.cases())[0].unreachable is None


async def among_several(house: House) -> tuple[list[Case], list[OutboxRow]]:
    """Open two cases at once, ring their alarms, and return the mails that remind of both."""
    for number in (1, 2):
        house.box.add(a_mail(number), START)
    await house.pump()
    house.clock.at = LATER
    await Alarms(house.store, lambda: DESK, house.clock).ring()
    rows = await house.mails(MailKind.REMINDER)
    return await house.cases(), [row for row in rows if row.reference is None]


async def test_a_lost_mail_about_several_cases_is_told_to_others_of_each_case(house: House) -> None:
    cases, told = await among_several(house)
    assert len(told) > 1
    for row in told[:-1]:
        await became(house, row, MailState.FAILED, "550 5.1.1 User unknown")
    assert [row for row in await house.mails(MailKind.REMINDER) if row.reference] == []  # the last one has it
    await became(house, told[-1], MailState.FAILED, "550 5.1.1 User unknown")
    instead = [row for row in await house.mails(MailKind.REMINDER) if row.reference]
    assert {row.reference for row in instead} == {case.reference for case in cases}
    assert {row.to for row in instead}.isdisjoint(row.to for row in told)


async def test_nobody_is_told_in_his_place_of_a_case_attended_meanwhile(house: House) -> None:
    (attended, open_one), told = await among_several(house)
    done = replace(attended, attended_at=LATER)
    await house.store.write(lambda tx: tx.save_cases([done]))
    for row in told:
        await became(house, row, MailState.FAILED, "550 5.1.1 User unknown")
    instead = [row for row in await house.mails(MailKind.REMINDER) if row.reference]
    assert {row.reference for row in instead} == {open_one.reference}


async def test_the_only_agent_of_a_case_whose_mail_fails_is_replaced_at_once(house: House) -> None:
    case, _ = await opened(house)
    taken = replace(case, assignee=DESK.site.agents[0].address)
    await house.store.write(lambda tx: tx.save_cases([taken]))
    house.clock.at = LATER
    await Alarms(house.store, lambda: DESK, house.clock).ring()
    (lost,) = await house.mails(MailKind.REMINDER)
    await became(house, lost, MailState.FAILED, "550 5.1.1 User unknown")
    others = {row.to for row in await house.mails(MailKind.REMINDER)} - {lost.to}
    assert others
