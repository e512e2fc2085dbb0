"""An admin's hand on the outbox: what may be retried or dropped, and what is left to its worker."""

from datetime import timedelta

import pytest

from tests.adapters.store_sql.samples import NOW, a_mail
from triage.app import outbox_by_hand
from triage.core.delivery import MAX_AGES
from triage.core.model import MailState
from triage.core.records import OutboxRow
from triage.ports import Store

LATER = NOW + timedelta(days=3)


async def put(store: Store, *states: MailState, **fields: object) -> list[int]:
    rows = [a_mail(n, state=state, reference="NO-2026-000001", **fields) for n, state in enumerate(states, 1)]
    await store.write(lambda tx: tx.add_outbox(rows))
    return [row.id for row in await store.read(lambda tx: tx.list_outbox())]


async def mail(store: Store, one: int) -> OutboxRow:
    return (await store.read(lambda tx: tx.outbox([one])))[one]


async def retried(store: Store, *ids: int) -> dict[int, str]:
    return dict(await store.write(lambda tx: outbox_by_hand.retry(tx, ids, LATER, "cli:juan", MAX_AGES)))


async def dropped(store: Store, *ids: int) -> dict[int, str]:
    return dict(await store.write(lambda tx: outbox_by_hand.drop(tx, ids, "no use", LATER, "cli:juan")))


@pytest.mark.parametrize("state", MailState)
async def test_all_may_be_retried_but_what_has_gone_or_is_going(store: Store, state: MailState) -> None:
    (one,) = await put(store, state, attempts=4, doubts=1, lease="w1" if state is MailState.SENDING else "")
    refusal = (await retried(store, one))[one]
    after = await mail(store, one)
    if state in {MailState.SENDING, MailState.ACCEPTED}:
        assert refusal
        assert (after.state, after.attempts) == (state, 4)
    else:
        assert refusal == ""
        assert (after.state, after.next_at, after.attempts, after.doubts) == (MailState.QUEUED, LATER, 0, 0)
        assert after.expires_at == LATER + MAX_AGES[after.kind]


@pytest.mark.parametrize("state", MailState)
async def test_all_may_be_dropped_but_what_has_gone_or_is_going_or_is_dropped(
    store: Store, state: MailState
) -> None:
    (one,) = await put(store, state)
    refusal = (await dropped(store, one))[one]
    after = await mail(store, one)
    if state in {MailState.SENDING, MailState.ACCEPTED, MailState.BOUNCED, MailState.DROPPED}:
        assert refusal
        assert after.state is state
    else:
        assert (refusal, after.state, after.last_error) == (
            "",
            MailState.DROPPED,
            "dropped by cli:juan: no use",
        )


async def test_each_is_answered_for_itself_and_a_number_that_is_none_stops_no_other(store: Store) -> None:
    failed, sent = await put(store, MailState.FAILED, MailState.ACCEPTED)
    done = await retried(store, failed, 99, sent, failed)
    assert (done[failed], done[99]) == ("", "no such mail")
    assert "taken it" in done[sent]


async def test_the_history_of_the_case_says_who_did_what_to_which_mail(store: Store) -> None:
    failed, queued = await put(store, MailState.FAILED, MailState.QUEUED)
    await retried(store, failed)
    await dropped(store, queued)
    events = await store.read(lambda tx: tx.events("NO-2026-000001"))
    assert [(event.event, event.by) for event in events] == [
        ("mail.retried", "cli:juan"),
        ("mail.dropped", "cli:juan"),
    ]
    assert (events[0].data["was"], events[1].data["why"]) == ("failed", "no use")
    assert events[0].data["message_id"] == (await mail(store, failed)).message_id


async def test_a_row_says_when_it_is_tried_next_only_while_it_waits(store: Store) -> None:
    states = (MailState.QUEUED, MailState.DEFERRED, MailState.FAILED)
    await put(store, *states)
    rows = await store.read(lambda tx: outbox_by_hand.rows(tx, states))
    assert [(row["state"], row["next_at"] is not None) for row in rows] == [
        ("queued", True),
        ("deferred", True),
        ("failed", False),
    ]
    assert all(row["last_error"] is None for row in rows)


def test_what_is_listed_unless_asked_is_all_that_has_not_ended_well() -> None:
    assert set(MailState) - set(outbox_by_hand.UNFINISHED) == {MailState.ACCEPTED, MailState.DROPPED}
