"""Commands from the shell on a real store: the same decisions, written in one transaction. Covers roster and ordering."""

from datetime import timedelta
from typing import Any

import pytest

from tests.core.lifecycle.playbook import DIEGO, LUCIA, TUESDAY, an_opening, desk
from triage.app import orders_by_hand, roster
from triage.app.orders_by_hand import Given
from triage.app.record import record
from triage.core import lifecycle
from triage.core.commands import Action
from triage.core.model import Case, MailState
from triage.core.records import StoredMessage
from triage.core.site import Absence
from triage.ports import Store, Transaction

FIRST, SECOND = "NO-2026-000001", "NO-2026-000002"
NOW = TUESDAY + timedelta(minutes=10)


@pytest.fixture
async def store(store: Store) -> Store:
    """The same with two cases."""

    def begin(tx: Transaction) -> None:
        tx.take_numbers("NO-2026", 2)
        for reference in (FIRST, SECOND):
            opened = lifecycle.open_case(desk(), an_opening(reference=reference, may_ack=False), TUESDAY)
            record(tx, desk(), [opened], TUESDAY)

    await store.write(begin)
    return store


async def give(store: Store, action: Action, argument: str = "", reference: str = FIRST, **how: Any) -> Any:
    given = Given(action, "cli:juan", argument, **how)
    return await store.write(lambda tx: orders_by_hand.give(tx, desk(), NOW, reference, given))


async def case(store: Store, reference: str = FIRST) -> Case:
    return (await store.read(lambda tx: tx.cases([reference])))[reference]


async def test_a_command_is_carried_out_in_the_user_s_name(store: Store) -> None:
    line = await give(store, Action.TAKE, agent=LUCIA)
    assert line.done
    assert (await case(store)).assignee == LUCIA
    events = await store.read(lambda tx: tx.events(FIRST))
    assert events[-1].by == "cli:juan"


async def test_an_unknown_case_is_none_and_a_refusal_says_why(store: Store) -> None:
    assert await give(store, Action.TAKE, reference="NO-2026-000099") is None
    line = await give(store, Action.SEVERITY, "9")
    assert not line.done
    assert line.said


async def test_two_cases_are_merged_in_one_transaction(store: Store) -> None:
    assert (await give(store, Action.MERGE, f"[{SECOND.lower()}]")).done
    assert (await case(store)).merged_into == SECOND
    assert FIRST in (await case(store, SECOND)).related
    # a third one merged into the first lands where that one went
    assert await store.read(lambda tx: tx.alarms(FIRST)) == []
    assert not (await give(store, Action.MERGE, FIRST, reference=SECOND)).done


async def test_a_solution_that_still_waits_is_withdrawn_by_undo(store: Store) -> None:
    assert (await give(store, Action.RESOLVE, text="Ya está.")).done
    assert (await give(store, Action.UNDO)).done
    rows = await store.read(lambda tx: tx.list_outbox(reference=FIRST))
    assert {row.state for row in rows if row.draft["template"] == "solution"} == {MailState.DROPPED}
    assert (await case(store)).state == "new"


async def test_a_further_mail_is_split_off_and_moves_with_its_case(store: Store) -> None:
    def another(tx: Transaction) -> None:
        for number, text in ((1, "Hola"), (2, "Otra cosa: no anda el buscador.")):
            message = StoredMessage(
                digest=f"d{number}", at=TUESDAY + timedelta(minutes=number), direction="in", sender="ana@tienda-prueba.example",
                subject=f"Re: [{FIRST}] Otra", first_line=text, text=text, new_text=text, reference=FIRST,
                message_id=f"m{number}@tienda-prueba.example", reading={"may_ack": True, "language": "es"},
            )  # fmt: skip
            tx.add_messages([message])

    await store.write(another)
    line = await give(store, Action.SPLIT)
    assert line.done, line.said
    opened = await case(store, "NO-2026-000003")
    assert (opened.related, opened.arrival, opened.subject) == (
        (FIRST,),
        TUESDAY + timedelta(minutes=2),
        "Re: Otra",
    )
    assert [m.digest for m in await store.read(lambda tx: tx.messages("NO-2026-000003"))] == ["d2"]
    assert [m.digest for m in await store.read(lambda tx: tx.messages(FIRST))] == ["d1"]
    assert not (await give(store, Action.SPLIT)).done


async def test_the_roster_is_laid_over_the_desk_in_every_transaction(store: Store) -> None:
    def away(tx: Transaction) -> None:
        roster.keep_absence(tx, LUCIA, Absence(NOW.date(), NOW.date()))
        roster.keep_silence(tx, DIEGO, NOW + timedelta(days=1))

    await store.write(away)
    found = await store.read(lambda tx: roster.desk_of(tx, desk(), NOW))
    lucia = found.site.agent(LUCIA)
    assert lucia is not None
    assert lucia.absent
    assert found.unreachable == {DIEGO}
    await store.write(lambda tx: roster.keep_heard(tx, DIEGO, NOW))
    assert (await store.read(lambda tx: roster.desk_of(tx, desk(), NOW))).unreachable == frozenset()
