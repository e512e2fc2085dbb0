"""Cases as people and scripts are shown them: the keys of the interface, whole instants, the opening message first."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from tests.app.house import START, House, a_mail
from triage.app import showing
from triage.core.model import MailKind, Unreachable
from triage.core.records import Event

KEYS = {
    "reference", "state", "severity", "product", "subject", "client", "language", "arrival", "column", "kind", "deadline",
    "act_by", "attended_at", "breached_at", "assignee", "area", "planned_date", "messages", "acknowledged_at", "cycle",
    "unreachable", "rule", "related", "merged_into", "ended_why",
}  # fmt: skip
MORE = {"classification", "messages", "events", "deadlines", "mails"}


async def one_case(house: House) -> None:
    house.box.add(a_mail(1), START)
    await house.pump()


async def shown(house: House, **how: Any) -> list[dict[str, Any]]:
    return await house.store.read(lambda tx: showing.rows(tx, None, **how))


async def test_a_row_has_the_keys_of_the_interface_and_every_one_of_them(house: House) -> None:
    await one_case(house)
    (row,) = await shown(house)
    assert set(row) == KEYS
    assert (row["reference"], row["state"], row["messages"], row["attended_at"]) == (
        "NO-2026-000001",
        "new",
        1,
        None,
    )
    assert row["arrival"] == "2026-10-20T12:15:00Z"
    (full,) = await shown(house, full=True)
    assert set(full) == KEYS | MORE


async def test_a_case_whose_client_cannot_be_reached_and_has_a_date_says_both(house: House) -> None:
    await one_case(house)
    (case,) = await house.cases()
    gone = Unreachable("c1@cliente.example", "5.1.1", START)
    await house.store.write(
        lambda tx: tx.save_cases([replace(case, unreachable=gone, planned_date=date(2026, 12, 1))])
    )
    (row,) = await shown(house)
    assert row["unreachable"] == {
        "address": "c1@cliente.example",
        "status": "5.1.1",
        "at": "2026-10-20T12:15:00Z",
    }
    assert row["planned_date"] == "2026-12-01"


async def test_only_the_states_asked_for_are_listed(house: House) -> None:
    await one_case(house)
    assert await house.store.read(lambda tx: showing.rows(tx, ["closed"])) == []
    assert len(await house.store.read(lambda tx: showing.rows(tx, ["new"]))) == 1


async def test_the_opening_message_stands_first_and_our_mails_to_the_clients_side_are_messages_too(
    house: House,
) -> None:
    await one_case(house)
    house.box.add(
        a_mail(2, "Sigue igual.", From="<c1@cliente.example>", In_Reply_To="<m1@cliente.example>"),
        START - timedelta(minutes=30),
    )
    await house.pump()
    (full,) = await shown(house, full=True)
    messages = full["messages"]
    assert isinstance(messages, list)
    assert (messages[0]["direction"], messages[0]["class"]) == ("in", "person")
    assert messages[0]["message_id"] == "m1@cliente.example"
    assert {one["class"] for one in messages if one["direction"] == "out"} == {MailKind.ACKNOWLEDGEMENT}
    mails = full["mails"]
    assert isinstance(mails, list)
    assert len(mails) > 1, "agents are told as well, and that is no message to the client"


async def test_every_version_of_the_deadline_is_told_with_its_arithmetic(house: House) -> None:
    await one_case(house)
    (case,) = await house.cases()
    second = replace(case.deadline, version=2, told_at=START)
    await house.store.write(
        lambda tx: tx.save_cases([replace(case, earlier=(case.deadline,), deadline=second)])
    )
    (full,) = await shown(house, full=True)
    deadlines = full["deadlines"]
    assert isinstance(deadlines, list)
    assert [(one["version"], one["told_at"]) for one in deadlines] == [(1, None), (2, "2026-10-20T12:15:00Z")]
    assert all(one["derivation"] for one in deadlines)


def test_an_event_is_one_flat_object() -> None:
    event = Event(START, "case.taken", "NO-2026-000001", "lucia@x.example", {"to": "x"})
    assert showing.event_json(event) == {
        "at": "2026-10-20T12:15:00Z", "event": "case.taken", "case": "NO-2026-000001", "by": "lucia@x.example", "to": "x",
    }  # fmt: skip


def test_no_instant_is_null() -> None:
    assert showing.iso(None) is None
