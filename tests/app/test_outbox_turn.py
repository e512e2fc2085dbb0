"""One turn: what is written in its transaction, and that nothing of it stays when the transaction fails."""

from datetime import datetime, timedelta

import pytest

from tests.app.outbox_house import START as NOW
from tests.app.outbox_house import Words, a_row
from triage.adapters.handover_file import HandoverFile
from triage.app.outbox_turn import BREAKER_NOTE, OutboxTurns, Turn
from triage.core import delivery
from triage.core.delivery import Trace
from triage.core.governor import Limits, Rate
from triage.core.model import MailState
from triage.errors import Temporary

LEASE = timedelta(minutes=2)


class Left(HandoverFile):
    """What dead processes left, by the row's id."""

    def __init__(self, traces):
        self.traces = traces

    def trace(self, row):
        return self.traces.get(row.id, Trace.UNTOUCHED)


def turns(traces=None, **more):
    return OutboxTurns(Words(), Words(), Left(traces or {}), LEASE, **more)


async def take(store, made, *, now=NOW, room=10, done=(), **more):
    turn = Turn(now, done, room, "lease", **more)
    return await store.write(lambda tx: made.perform(tx, turn))


async def rows(store):
    return await store.read(lambda tx: tx.list_outbox())


async def test_claimed_rows_come_with_the_bytes_that_were_stored(store):
    await store.write(lambda tx: tx.add_outbox([a_row(), a_row(2)]))
    turned = await take(store, turns(), room=1)
    stored = (await rows(store))[0]
    assert [row.content for row in turned.ready] == [stored.content]
    assert (turned.claimed, stored.state, stored.lease) == (1, MailState.SENDING, "lease")
    assert turned.next_at == NOW


async def test_a_turn_that_cannot_be_committed_leaves_every_row_as_it_was(store):
    await store.write(lambda tx: tx.add_outbox([a_row()]))

    def broken(tx):
        turns().perform(tx, Turn(NOW, (), 10, "lease"))
        raise Temporary("disk full")

    with pytest.raises(Temporary):
        await store.write(broken)
    [row] = await rows(store)
    assert (row.state, row.content) == (MailState.QUEUED, None)
    assert await store.read(lambda tx: tx.tallies([f"to:{Limits().whom('client1@x.example')}"], 0)) == {}


async def test_a_late_outcome_of_a_lease_that_was_judged_changes_nothing(store):
    await store.write(lambda tx: tx.add_outbox([a_row()]))
    [row] = (await take(store, turns())).ready
    later = NOW + timedelta(minutes=3)
    judged = await take(store, turns({row.id: Trace.BEGUN}), now=later, room=0)
    assert [(r.state, r.attempts) for r in judged.recorded] == [(MailState.UNCERTAIN, 1)]
    late = await take(store, turns(), now=later, done=[delivery.failed(row, later, "550")], room=0)
    assert late.recorded == []
    assert (await rows(store))[0].state is MailState.DEFERRED


async def test_an_outcome_counts_more_than_what_is_made_of_a_lapsed_lease(store):
    await store.write(lambda tx: tx.add_outbox([a_row()]))
    [row] = (await take(store, turns())).ready
    later = NOW + timedelta(minutes=3)
    done = [delivery.accepted(row, later)]
    turned = await take(store, turns({row.id: Trace.UNKNOWN}), now=later, done=done, room=0)
    assert [(r.state, r.doubts) for r in turned.recorded] == [(MailState.ACCEPTED, 0)]


async def test_a_renewed_lease_is_not_judged(store):
    await store.write(lambda tx: tx.add_outbox([a_row()]))
    await take(store, turns())
    later = NOW + timedelta(minutes=3)
    assert (await take(store, turns(), now=later, renew=["lease"])).recorded == []


async def test_only_mails_about_no_case_get_their_history_here(store):
    heard = []
    made = turns(on_outcome=lambda tx, told, now: heard.extend(row.key for row in told))
    await store.write(lambda tx: tx.add_outbox([a_row(), a_row(2, reference="NO-2026-000001")]))
    ready = (await take(store, made)).ready
    await take(store, made, done=[delivery.failed(row, NOW, "550 no") for row in ready], room=0)
    events = await store.read(lambda tx: tx.events_since(NOW, ["mail.failed"]))
    assert heard == ["ack:2"]
    assert [(e.reference, e.data["to"], e.data["error"]) for e in events] == [
        (None, "client1@x.example", "550 no")
    ]


async def test_outcomes_may_be_recorded_without_telling(store):
    def broken(tx, told, now):
        raise ValueError("bug")

    made = turns(on_outcome=broken)
    await store.write(lambda tx: tx.add_outbox([a_row(reference="NO-2026-000001")]))
    ready = (await take(store, made)).ready
    done = [delivery.accepted(row, NOW) for row in ready]
    with pytest.raises(ValueError, match="bug"):
        await take(store, made, done=done, room=0)
    await take(store, made, done=done, room=0, tell=False)
    assert (await rows(store))[0].state is MailState.ACCEPTED


async def test_the_breaker_is_remembered_in_the_store(store):
    alarms = []
    limits = Limits(address=Rate(99, 99), repeat=Rate(99, 99), breaker_free=1, breaker_hour=1)
    made = turns(limits=limits, on_breaker=lambda tx, reason, now: alarms.append(reason))
    await store.write(lambda tx: tx.add_outbox([a_row(n, to="loop@x.example") for n in range(5)]))
    turned = await take(store, made)
    assert (len(turned.ready), turned.held) == (2, 3)
    assert len(alarms) == 1
    note = await store.read(lambda tx: tx.get_note(BREAKER_NOTE))
    assert datetime.fromisoformat(note) == NOW + timedelta(hours=1)
    await store.write(lambda tx: tx.add_outbox([a_row(9)]))
    assert (await take(store, made)).held == 1
    held = [row for row in await rows(store) if row.state is MailState.DEFERRED]
    assert {row.attempts for row in held} == {0}
    assert all("stopped" in row.last_error for row in held)


async def test_a_turn_with_nothing_to_do_says_when_to_come_back(store):
    assert (await take(store, turns())).next_at is None
    await store.write(lambda tx: tx.add_outbox([a_row(next_at=NOW + timedelta(hours=1))]))
    assert (await take(store, turns())).next_at == NOW + timedelta(hours=1)


async def test_after_a_clock_was_put_back_a_day_a_deferred_mail_waits_minutes_and_not_a_day(store):
    await store.write(lambda tx: tx.add_outbox([a_row()]))
    made, tomorrow = turns(), NOW + timedelta(days=1)
    [claimed] = (await take(store, made, now=tomorrow)).ready
    await take(store, made, now=tomorrow, room=0, done=[delivery.deferred(claimed, tomorrow, "greylisted")])
    turned = await take(store, made)
    assert (turned.claimed, turned.next_at) == (0, NOW + delivery.pause(claimed.key, 1))
    assert (await take(store, made, now=turned.next_at)).claimed == 1


async def test_what_a_dead_process_left_is_judged_by_its_trace(store):
    await store.write(lambda tx: tx.add_outbox([a_row(n, person=n != 3) for n in (1, 2, 3, 4)]))
    await take(store, turns())
    first, _, third, fourth = [row.id for row in await rows(store)]
    left = {first: Trace.BEGUN, third: Trace.BEGUN, fourth: Trace.ACCEPTED}
    later = await take(store, turns(left), now=NOW + LEASE * 2, room=0)
    assert [row.state for row in await rows(store)] == [
        MailState.UNCERTAIN,
        MailState.QUEUED,
        MailState.DEFERRED,
        MailState.ACCEPTED,
    ]
    assert [row.attempts for row in await rows(store)] == [1, 0, 1, 1]
    assert {row.id for row in later.recorded} == {first, third, fourth}
