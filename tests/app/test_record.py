"""Decisions written down: all in the caller's transaction, each mail once for ever."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.core.lifecycle.playbook import TUESDAY, Play, an_opening, desk
from triage.app.record import record
from triage.core import lifecycle
from triage.core.effects import SendMail, SetAlarms, Withdraw
from triage.core.lifecycle import Decision
from triage.core.model import MailState, State
from triage.core.records import AlarmRow
from triage.ports import Store

REFERENCE = "NO-2026-000001"


def opened() -> Decision:
    return lifecycle.open_case(desk(), an_opening(), TUESDAY)


def mail_of(decision: Decision) -> SendMail:
    return next(effect for effect in decision.effects if isinstance(effect, SendMail))


async def written(store: Store, *decisions: Decision) -> int:
    """Record decisions; returns how many mails are written by then."""
    await store.write(lambda tx: record(tx, desk(), decisions, TUESDAY))
    return len(await store.read(lambda tx: tx.list_outbox()))


async def test_a_case_its_history_its_mail_and_its_alarms_are_one_commit(store: Store) -> None:
    assert await written(store, opened()) == 1
    case = (await store.read(lambda tx: tx.cases([REFERENCE])))[REFERENCE]
    assert case == opened().case
    assert [e.event for e in await store.read(lambda tx: tx.events(REFERENCE))] == [
        "case.opened",
        "case.classified",
    ]
    assert [row.key for row in await store.read(lambda tx: tx.list_outbox())] == [mail_of(opened()).key]
    assert await store.read(lambda tx: tx.count_alarms()) > 0


async def test_what_fails_in_the_middle_leaves_nothing(store: Store) -> None:
    def broken(tx):
        record(tx, desk(), [opened()], TUESDAY)
        raise RuntimeError("the next thing failed")

    with pytest.raises(RuntimeError):
        await store.write(broken)
    assert await store.read(lambda tx: tx.cases([REFERENCE])) == {}
    assert await store.read(lambda tx: tx.list_outbox()) == []
    assert await store.read(lambda tx: tx.count_alarms()) == 0


async def test_the_same_mail_decided_twice_is_one_mail(store: Store) -> None:
    assert [await written(store, opened()), await written(store, opened())] == [1, 1]


async def test_of_several_decisions_the_last_case_and_alarms_count_and_every_event(store: Store) -> None:
    first = opened()
    taken = Play(first.case).order("!take").decision
    closed = Play(taken.case).order("!close").decision
    await written(store, first, taken, closed)
    case = (await store.read(lambda tx: tx.cases([REFERENCE])))[REFERENCE]
    assert case.state is State.CLOSED
    assert await store.read(lambda tx: tx.alarms(REFERENCE)) == []
    names = [e.event for e in await store.read(lambda tx: tx.events(REFERENCE))]
    assert names == ["case.opened", "case.classified", "case.taken", "case.closed"]


async def test_decisions_about_nothing_write_nothing(store: Store) -> None:
    assert await written(store) == 0


@pytest.mark.parametrize(
    ("state", "then"),
    [
        (MailState.QUEUED, MailState.DROPPED),
        (MailState.DEFERRED, MailState.DROPPED),
        (MailState.SENDING, MailState.SENDING),
        (MailState.ACCEPTED, MailState.ACCEPTED),
        (MailState.FAILED, MailState.FAILED),
    ],
)
async def test_only_what_still_waits_is_withdrawn(store: Store, state: MailState, then: MailState) -> None:
    await written(store, opened())
    (row,) = await store.read(lambda tx: tx.list_outbox())
    await store.write(lambda tx: tx.set_outbox_state([row.id], state, TUESDAY, ""))
    back = Decision(opened().case, effects=(Withdraw(REFERENCE, (row.key,), "undone by an agent"),))
    await written(store, back)
    (after,) = await store.read(lambda tx: tx.list_outbox())
    assert after.state is then
    assert ("undone" in after.last_error) is (then is MailState.DROPPED)


async def test_a_withdrawal_drops_the_mails_it_names_and_no_other_of_the_case(store: Store) -> None:
    first = opened()
    other = replace(mail_of(first), key="another")
    await written(store, replace(first, effects=(*first.effects, other)))
    await written(store, Decision(first.case, effects=(Withdraw(REFERENCE, ("another", "none"), "undone"),)))
    states = {row.key: row.state for row in await store.read(lambda tx: tx.list_outbox())}
    assert states == {mail_of(first).key: MailState.QUEUED, "another": MailState.DROPPED}


async def test_alarms_that_are_set_anew_take_the_place_of_those_before(store: Store) -> None:
    await written(store, opened())
    one = AlarmRow(REFERENCE, 1, 1, "breach", TUESDAY + timedelta(hours=2))
    await written(store, Decision(opened().case, effects=(SetAlarms(REFERENCE, (one,)),)))
    assert [alarm.step for alarm in await store.read(lambda tx: tx.alarms(REFERENCE))] == ["breach"]
