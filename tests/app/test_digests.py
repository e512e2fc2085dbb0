"""The daily digest: who gets which cases, who none, and which ignored mails may have deserved one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.app.house import DESK, START, House, a_mail
from triage.app import digests, roster
from triage.core import signing
from triage.core.desk import Desk
from triage.core.model import MessageClass, State
from triage.core.records import Event, OutboxRow
from triage.core.reminders import Digest
from triage.core.site import Absence
from triage.ports import Store

LUCIA, DIEGO, CARLA = (agent.address for agent in DESK.site.agents)
NEXT_DAY = START + timedelta(days=1, hours=1)  # every deadline of severity 2 is past


async def overdue(house: House, *assignees: str | None) -> None:
    """Cases of severity 2 that nobody attended, each in somebody's hands."""
    for number, _ in enumerate(assignees, start=1):
        house.box.add(a_mail(number), START)
    await house.pump()
    cases = sorted(await house.cases(), key=lambda case: case.reference)
    given = [replace(case, assignee=who) for case, who in zip(cases, assignees, strict=True)]
    await house.store.write(lambda tx: tx.save_cases(given))


async def sent(store: Store, desk: Desk = DESK) -> dict[str, OutboxRow]:
    await store.write(lambda tx: digests.send(tx, desk, START, NEXT_DAY))
    return {row.to: row for row in await store.read(lambda tx: tx.list_outbox()) if row.kind == "digest"}


def named(row: OutboxRow) -> list[str]:
    sections = row.draft["variables"]["sections"]
    return [case["reference"] for section in sections for case in section["cases"]]


async def ignored(store: Store, *classes: str, digest: str = "d", message_id: str = "") -> None:
    events = [
        Event(START + timedelta(hours=n), "message.ignored", data={
            "class": kind, "digest": f"{digest}{n}" if digest else "", "from": f"{n}@x.example", "subject": f"s{n}",
            "reason": "an automatic answer", "message_id": message_id,
        })
        for n, kind in enumerate(classes)
    ]  # fmt: skip
    await store.write(lambda tx: tx.add_events(events))


async def test_an_agent_hears_of_his_own_cases_and_of_nobody_s_a_lead_of_all(house: House) -> None:
    await overdue(house, None, DIEGO, CARLA)
    found = await sent(house.store)
    assert {who: len(named(row)) for who, row in found.items()} == {LUCIA: 3, DIEGO: 2, CARLA: 2}
    assert "NO-2026-000003" not in named(found[DIEGO])


async def test_with_nothing_to_say_no_mail_goes_out_unless_the_site_wants_one(store: Store) -> None:
    assert await sent(store) == {}
    reminders = replace(DESK.support.reminders, digest=Digest(when_empty=True))
    eager = replace(DESK, support=replace(DESK.support, reminders=reminders))
    assert set(await sent(store, eager)) == {LUCIA, DIEGO, CARLA}


async def test_a_site_without_a_digest_in_its_rules_tells_of_ignored_mails_all_the_same(house: House) -> None:
    await overdue(house, None)
    await ignored(house.store, MessageClass.PERSON)
    silent = replace(
        DESK, support=replace(DESK.support, reminders=replace(DESK.support.reminders, digest=None))
    )
    found = await sent(house.store, silent)
    assert [named(row) for row in found.values()] == [[], [], []]


async def test_who_is_away_or_cannot_be_reached_gets_none(house: House) -> None:
    await overdue(house, None)

    def away(tx):
        roster.keep_absence(tx, DIEGO, Absence(NEXT_DAY.date(), NEXT_DAY.date()))
        roster.keep_silence(tx, CARLA, NEXT_DAY + timedelta(days=1))

    await house.store.write(away)
    assert set(await sent(house.store)) == {LUCIA}


async def test_who_was_taken_to_be_away_is_told_until_when_and_the_others_who_is(house: House) -> None:
    def silences(tx):
        roster.keep_silence(tx, LUCIA, NEXT_DAY - timedelta(hours=1))
        roster.keep_silence(tx, DIEGO, NEXT_DAY + timedelta(days=2))

    await house.store.write(silences)
    found = await sent(house.store)
    assert set(found) == {LUCIA}, "nothing else to tell anybody"
    told = found[LUCIA].draft["variables"]
    diego = DESK.site.agents[1].name
    last = (NEXT_DAY + timedelta(days=2)).astimezone(DESK.site.zone).date()
    assert told["away"] == [{"name": diego, "last_day": last.isoformat()}]
    assert told["was_away"] == (NEXT_DAY - timedelta(hours=1)).astimezone(DESK.site.zone).date().isoformat()


@pytest.mark.parametrize("state", [State.CLOSED, State.RESOLVED, State.MERGED])
async def test_what_has_ended_is_told_nobody(house: House, state: State) -> None:
    await overdue(house, DIEGO)
    (case,) = await house.cases()
    await house.store.write(lambda tx: tx.save_cases([replace(case, state=state)]))
    assert await sent(house.store) == {}


async def test_mails_that_opened_no_case_are_listed_persons_first_each_with_a_way_to_open_it(
    store: Store,
) -> None:
    await ignored(store, MessageClass.LIST, MessageClass.PERSON, MessageClass.OWN, MessageClass.BOUNCE)
    found = await sent(store)
    told = found[DIEGO].draft["variables"]["ignored"]
    assert [one["sender"] for one in told] == ["1@x.example", "0@x.example", "2@x.example", "3@x.example"]
    assert told[0]["reason"] == "respuesta automática"
    urls = {row.draft["variables"]["ignored"][0]["url"] for row in found.values()}
    assert len(urls) == 3, "each is signed for the agent who gets it"


async def test_an_ignored_mail_of_which_nothing_was_kept_cannot_be_opened_and_is_not_listed(
    store: Store,
) -> None:
    await ignored(store, MessageClass.PERSON, digest="")
    assert await sent(store) == {}


async def test_a_mail_of_our_own_that_came_back_is_not_listed_one_that_only_looks_so_is(store: Store) -> None:
    ours = signing.message_id(DESK.site.secret, DESK.site.domain, "reminder:1", LUCIA, "NO-2026-000001")
    await ignored(store, MessageClass.OWN, message_id=ours)
    assert await sent(store) == {}
    await ignored(store, MessageClass.OWN, digest="e", message_id=ours.replace("@", "0@"))
    assert len((await sent(store))[DIEGO].draft["variables"]["ignored"]) == 1


async def test_the_digest_of_a_day_is_one_mail_however_often_it_is_written(house: House) -> None:
    await overdue(house, None)
    first = await sent(house.store)
    again = await sent(house.store)
    assert {row.id for row in first.values()} == {row.id for row in again.values()}
