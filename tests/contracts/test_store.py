"""What `ports.Store` promises, on SQLite and on PostgreSQL alike."""

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.adapters.store_sql.samples import (
    ANA,
    NOW,
    a_case,
    a_mail,
    a_message,
    a_whole_case,
    a_whole_mail,
    a_whole_message,
    an_alarm,
    an_aside,
    an_entry,
    an_event,
    minutes,
    unfilled,
)
from triage.adapters.store_sql.store import open_store
from triage.core.model import Address, MailKind, MailState, State
from triage.core.records import Cursor, OutboxOutcome
from triage.ports import Transaction

REF = "NO-2026-000001"


# -- transactions ------------------------------------------------------------------------------------------------


async def test_what_a_write_returns_is_committed_and_read_by_another_store(store, url):
    assert await store.write(lambda tx: (tx.set_note("a", "1"), tx.get_note("a"))[1]) == "1"
    other = await open_store(url)
    assert await other.read(lambda tx: tx.get_note("a")) == "1"
    await other.close()


async def test_an_exception_in_a_write_undoes_all_of_it_and_reaches_the_caller(store):
    def work(tx: Transaction) -> None:
        tx.set_note("a", "1")
        tx.save_cases([a_case()])
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        await store.write(work)
    assert await store.read(lambda tx: (tx.get_note("a"), tx.cases([REF]))) == (None, {})


async def test_works_written_at_once_fail_and_succeed_each_for_itself(store):
    def work(number: int, tx: Transaction) -> int:
        tx.set_note(f"n{number}", "here")
        if number % 3 == 0:
            raise LookupError(number)
        return number

    works = [store.write(lambda tx, n=n: work(n, tx)) for n in range(60)]
    results = await asyncio.gather(*works, return_exceptions=True)
    for number, result in enumerate(results):
        there = await store.read(lambda tx, n=number: tx.get_note(f"n{n}"))
        if number % 3 == 0:
            assert isinstance(result, LookupError)
            assert there is None
        else:
            assert (result, there) == (number, "here")


async def test_an_error_of_our_own_sql_does_not_undo_the_work_beside_it(store):
    def clash(tx: Transaction) -> None:
        tx.add_outbox([a_mail(1)])
        tx.replace_alarms("NO-2026-999999", [an_alarm(reference="NO-2026-999999"), an_alarm(due_at=None)])

    results = await asyncio.gather(
        *[store.write(clash if n % 2 else lambda tx: tx.take_numbers("a", 1)) for n in range(8)],
        return_exceptions=True,
    )
    assert sorted(r for r in results if isinstance(r, int)) == [1, 2, 3, 4]
    assert await store.read(lambda tx: tx.list_outbox()) == []


async def test_an_alarm_of_no_case_is_refused_at_commit(store):
    with pytest.raises(sa.exc.IntegrityError):
        await store.write(lambda tx: tx.replace_alarms(REF, [an_alarm()]))


async def test_a_read_cannot_write(store):
    with pytest.raises(Exception, match=r"readonly|read-only"):
        await store.read(lambda tx: tx.set_note("a", "1"))


async def test_a_read_sees_one_snapshot(store, url):
    other = await open_store(url)
    loop = asyncio.get_running_loop()

    def work(tx: Transaction) -> tuple[str | None, str | None]:
        before = tx.get_note("a")
        asyncio.run_coroutine_threadsafe(other.write(lambda t: t.set_note("a", "1")), loop).result(20)
        return before, tx.get_note("a")

    assert await store.read(work) == (None, None)
    await other.close()


async def test_a_savepoint_undoes_only_its_own_writes(store):
    def work(tx: Transaction) -> None:
        tx.set_note("before", "1")
        with contextlib.suppress(LookupError), tx.savepoint():
            tx.set_note("inside", "1")
            raise LookupError
        tx.set_note("after", "1")

    await store.write(work)
    found = await store.read(lambda tx: [tx.get_note(key) for key in ("before", "inside", "after")])
    assert found == ["1", None, "1"]


async def test_concurrent_read_modify_writes_lose_no_update(store, url):
    other = await open_store(url)
    await store.write(lambda tx: tx.save_cases([a_case(cycle=0)]))

    def work(tx: Transaction) -> None:
        case = tx.cases([REF], lock=True)[REF]
        tx.save_cases([replace(case, cycle=case.cycle + 1)])

    await asyncio.gather(*[(store, other)[n % 2].write(work) for n in range(100)])
    assert (await store.read(lambda tx: tx.cases([REF])))[REF].cycle == 100
    await other.close()


# -- intake ------------------------------------------------------------------------------------------------------


async def test_a_cursor_is_absent_then_set_then_replaced(store):
    assert await store.read(lambda tx: tx.cursor("soporte")) is None
    await store.write(lambda tx: tx.set_cursor(Cursor("soporte", 11, 5)))
    await store.write(lambda tx: tx.set_cursor(Cursor("soporte", 4_294_967_295, 4_294_967_295)))
    found = await store.read(lambda tx: tx.cursor("soporte"))
    assert found == Cursor("soporte", 4_294_967_295, 4_294_967_295)


async def test_the_first_outcome_of_a_uid_stands(store):
    whole = an_entry(2, reason="r", reference=REF, message_id="m", digest="d", settled=True)
    assert await store.write(lambda tx: tx.add_ledger([an_entry(1), whole])) == 2
    again = an_entry(1, outcome="joined")
    assert await store.write(lambda tx: tx.add_ledger([again, an_entry(3), an_entry(1, uidvalidity=12)])) == 2
    found = await store.read(lambda tx: tx.ledger("soporte", 11, [1, 2, 9]))
    assert found == {1: an_entry(1), 2: whole}
    assert list(await store.read(lambda tx: tx.ledger_uids("soporte", 11))) == [1, 2, 3]


async def test_many_uids_are_looked_up_at_once(store):
    await store.write(lambda tx: tx.add_ledger([an_entry(n) for n in range(1, 1502)]))
    assert len(await store.read(lambda tx: tx.ledger("soporte", 11, range(1, 2000)))) == 1501


async def test_settling_empties_the_list_of_what_is_unsettled(store):
    await store.write(lambda tx: tx.add_ledger([an_entry(n) for n in (3, 1, 2)]))
    assert list(await store.read(lambda tx: tx.unsettled("soporte", 11, 2))) == [1, 2]
    await store.write(lambda tx: tx.mark_settled("soporte", 11, [1, 2, 77]))
    assert list(await store.read(lambda tx: tx.unsettled("soporte", 11, 9))) == [3]


async def test_strikes_are_counted_per_message(store):
    assert [await store.write(lambda tx: tx.strike("soporte", 11, 5)) for _ in range(3)] == [1, 2, 3]
    assert await store.write(lambda tx: tx.strike("soporte", 12, 5)) == 1


async def test_numbers_of_a_series_never_repeat_however_many_take_them(store, url):
    other = await open_store(url)
    takes = [
        (store, other)[n % 2].write(lambda tx, n=n: (tx.take_numbers("NO-2026", n), n)) for n in range(1, 21)
    ]
    numbers = [first + i for first, count in await asyncio.gather(*takes) for i in range(count)]
    assert sorted(numbers) == list(range(1, 211))
    assert await store.write(lambda tx: tx.take_numbers("NO-2027", 1)) == 1
    await other.close()


# -- cases -------------------------------------------------------------------------------------------------------


async def test_a_case_comes_back_with_every_field(store):
    case = a_whole_case()
    assert unfilled(case) == []
    assert unfilled(case.classification) == []
    await store.write(lambda tx: tx.save_cases([case]))
    found = (await store.read(lambda tx: tx.cases([case.reference])))[case.reference]
    assert found == case
    assert type(found.severity) is type(case.severity)
    assert found.arrival.utcoffset() == timedelta(0)


async def test_saving_a_case_again_replaces_it(store):
    await store.write(lambda tx: tx.save_cases([a_case(), a_case(2)]))
    taken = a_case(state=State.TAKEN, assignee="lucia@netone.example")
    await store.write(lambda tx: tx.save_cases([taken]))
    assert await store.read(lambda tx: tx.cases([REF, "NO-2026-000002", "?"])) == {
        REF: taken,
        "NO-2026-000002": a_case(2),
    }


async def test_of_a_case_saved_twice_in_one_call_the_last_stands(store):
    await store.write(lambda tx: tx.save_cases([a_case(), a_case(state=State.TAKEN)]))
    assert (await store.read(lambda tx: tx.cases([REF])))[REF].state is State.TAKEN


async def test_cases_are_listed_newest_first_and_by_state(store):
    some = [a_case(n, state=State.CLOSED if n % 2 else State.NEW) for n in range(1, 8)]
    await store.write(lambda tx: tx.save_cases(some))
    assert [c.reference[-1] for c in await store.read(lambda tx: tx.list_cases())] == list("7654321")
    closed = await store.read(lambda tx: tx.list_cases([State.CLOSED]))
    assert [c.reference[-1] for c in closed] == list("7531")
    assert await store.read(lambda tx: tx.count_cases()) == {"closed": 4, "new": 3}


async def test_who_takes_part_is_written_again_after_a_save_that_was_undone(store):
    beto = "beto@cliente.example"
    await store.write(lambda tx: tx.save_cases([a_case()]))

    def work(tx: Transaction) -> None:
        case = tx.cases([REF], lock=True)[REF]
        joined = replace(case, participants=(beto,))
        with contextlib.suppress(LookupError), tx.savepoint():
            tx.save_cases([joined])
            raise LookupError("mine")
        assert tx.open_cases_of(beto) == []
        tx.save_cases([joined])
        assert [each.reference for each in tx.open_cases_of(beto)] == [REF]
        tx.save_cases([case])

    await store.write(work)
    assert await store.read(lambda tx: tx.open_cases_of(beto)) == []
    assert [each.reference for each in await store.read(lambda tx: tx.open_cases_of(ANA))] == [REF]


async def test_many_rows_go_in_together_in_their_order_and_those_that_are_there_stay(store):
    entries = [an_entry(uid=uid, reason=f"the {uid}.") for uid in range(1, 54)]
    added = await store.write(lambda tx: (tx.add_ledger(entries[5:25]), tx.add_ledger(entries)))
    assert added == (20, 33)
    events = [replace(an_event(), data={"number": number}) for number in range(53)]
    await store.write(lambda tx: (tx.save_cases([a_case()]), tx.add_events(events)))
    found = await store.read(lambda tx: tx.events(REF))
    assert [event.data["number"] for event in found] == list(range(53))


async def test_open_cases_of_an_address_follow_who_takes_part_and_what_has_ended(store):
    beto = "beto@tienda.example"
    cases = [
        a_case(1),
        a_case(2, state=State.CLOSED),
        a_case(3, participants=(beto, ANA)),
        a_case(4, client=Address(beto)),
        a_case(5, state=State.ATTENDED),
    ]
    await store.write(lambda tx: tx.save_cases(cases))
    assert [c.reference[-1] for c in await store.read(lambda tx: tx.open_cases_of(ANA))] == ["5", "3", "1"]
    assert [c.reference[-1] for c in await store.read(lambda tx: tx.open_cases_of(beto))] == ["4", "3"]
    await store.write(
        lambda tx: tx.save_cases([replace(cases[2], participants=()), replace(cases[1], state=State.NEW)])
    )
    assert [c.reference[-1] for c in await store.read(lambda tx: tx.open_cases_of(beto))] == ["4"]
    assert [c.reference[-1] for c in await store.read(lambda tx: tx.open_cases_of(ANA))] == [
        "5",
        "3",
        "2",
        "1",
    ]


async def test_what_no_database_can_hold_is_replaced_and_stops_nothing(store):
    bad = "a\0b\ud800c"
    await store.write(
        lambda tx: (
            tx.save_cases([a_case(subject=bad, excerpt="\0")]),
            tx.add_messages([a_message(text=bad, subject=bad, attachments=({"name": bad},))]),
            tx.add_events([an_event(data={"why": bad})]),
            tx.add_outbox([a_mail(reference=REF, draft={"subject": bad})]),
            tx.add_aside(an_aside(subject=bad)),
        )
    )
    assert (await store.read(lambda tx: tx.cases([REF])))[REF].subject == "a\ufffdb\ufffdc"
    assert (await store.read(lambda tx: tx.messages(REF)))[0].text == "a\ufffdb\ufffdc"
    assert len(await store.read(lambda tx: tx.events(REF))) == 1
    assert len(await store.read(lambda tx: tx.list_outbox(reference=REF))) == 1


# -- messages and events -----------------------------------------------------------------------------------------


async def test_a_message_comes_back_with_every_field(store):
    message = a_whole_message()
    assert unfilled(message) == []
    await store.write(lambda tx: tx.add_messages([message]))
    assert await store.read(lambda tx: tx.messages(REF)) == [message]
    assert await store.read(lambda tx: tx.digests(["d9", "?"])) == {"d9": message}


async def test_the_opening_message_comes_first_and_then_time_counts(store):
    order = [a_message(5), a_message(9, direction="out"), a_message(2)]
    await store.write(lambda tx: tx.add_messages(order))
    assert [m.digest for m in await store.read(lambda tx: tx.messages(REF))] == ["d5", "d2", "d9"]
    assert await store.read(lambda tx: tx.count_messages([REF, "none"])) == {REF: 2, "none": 0}


async def test_a_message_id_is_known_from_what_came_in_and_from_our_own_mails(store):
    mail = a_mail(1, reference=REF, message_id="shared@x")
    await store.write(
        lambda tx: (
            tx.add_outbox([mail]),
            tx.add_messages([a_message(1), a_message(2, message_id="shared@x")]),
        )
    )
    found = await store.read(lambda tx: tx.known_messages(["m1@tienda.example", "shared@x", "none"]))
    assert set(found) == {"m1@tienda.example", "shared@x"}
    ours, theirs = found["shared@x"]
    assert (ours.direction, ours.recipient, ours.kind, ours.key) == ("out", ANA, "acknowledgement", mail.key)
    assert (theirs.direction, theirs.reference) == ("in", REF)


async def test_events_keep_the_order_in_which_they_were_written(store):
    events = [
        an_event(5),
        an_event(1, event="case.joined", by=ANA, data={"n": [1, {"ñ": None}]}),
        an_event(9, reference=None, event="mailbox.back"),
    ]
    await store.write(lambda tx: tx.add_events(events))
    assert await store.read(lambda tx: tx.events(REF)) == events[:2]
    since = await store.read(
        lambda tx: tx.events_since(NOW + timedelta(seconds=5), ["case.opened", "case.joined", "mailbox.back"])
    )
    assert since == [events[0], events[2]]
    assert await store.read(lambda tx: tx.events_since(NOW, [])) == []


# -- outbox ------------------------------------------------------------------------------------------------------


async def test_a_mail_comes_back_with_every_field(store):
    mail = a_whole_mail()
    assert unfilled(mail, "id", "lease") == []
    await store.write(lambda tx: tx.add_outbox([mail]))
    (added,) = await store.read(lambda tx: tx.list_outbox())
    assert added.id
    assert added == replace(mail, id=added.id)
    assert await store.read(lambda tx: tx.outbox([added.id, 999])) == {added.id: added}


async def test_a_key_is_written_once_for_ever(store):
    await store.write(lambda tx: tx.add_outbox([a_mail(1), a_mail(1, to="x@y"), a_mail(2)]))
    await store.write(lambda tx: tx.add_outbox([a_mail(2, to="x@y"), a_mail(3)]))
    written = await store.read(lambda tx: tx.list_outbox())
    assert [(row.key, row.to) for row in written] == [(f"acknowledgement/{n}", ANA) for n in (1, 2, 3)]


async def test_a_key_written_by_many_at_once_is_there_once(store, url):
    other = await open_store(url)
    await asyncio.gather(
        *[
            (store, other)[n % 2].write(lambda tx: tx.add_outbox([a_mail(k) for k in range(5)]))
            for n in range(12)
        ]
    )
    written = await store.read(lambda tx: tx.list_outbox())
    assert sorted(row.key for row in written) == [f"acknowledgement/{k}" for k in range(5)]
    await other.close()


async def test_due_mails_are_claimed_oldest_first_and_only_once(store):
    rows = [
        a_mail(1, next_at=NOW - minutes(1)),
        a_mail(2, next_at=NOW - minutes(3), state=MailState.DEFERRED, attempts=2, content=b"x"),
        a_mail(3, next_at=NOW + minutes(1)),
        a_mail(4, state=MailState.ACCEPTED),
        a_mail(5, next_at=NOW - minutes(2)),
    ]
    await store.write(lambda tx: tx.add_outbox(rows))
    assert await store.read(lambda tx: tx.next_outbox_at()) == NOW - minutes(3)
    claimed = await store.write(lambda tx: tx.claim_outbox(NOW, "one", NOW + minutes(2), 2))
    assert [(r.key[-1], r.state, r.lease, r.attempts, r.content) for r in claimed] == [
        ("2", MailState.SENDING, "one", 2, b"x"),
        ("5", MailState.SENDING, "one", 0, None),
    ]
    rest = await store.write(lambda tx: tx.claim_outbox(NOW, "two", NOW + minutes(2), 9))
    assert [r.key[-1] for r in rest] == ["1"]
    assert await store.read(lambda tx: tx.next_outbox_at()) == NOW + minutes(1)
    assert await store.read(lambda tx: tx.count_outbox()) == {"sending": 3, "queued": 1, "accepted": 1}


async def test_what_clients_wait_for_is_claimed_before_older_mails_to_agents_but_not_all_of_a_claim(store):
    agents = [a_mail(n, kind=MailKind.REMINDER, next_at=NOW - minutes(60 - n)) for n in range(10)]
    clients = [a_mail(n, kind=MailKind.ACKNOWLEDGEMENT, next_at=NOW - minutes(30 - n)) for n in range(10, 20)]
    await store.write(lambda tx: tx.add_outbox([*agents, *clients]))
    claimed = [
        row.kind for row in await store.write(lambda tx: tx.claim_outbox(NOW, "one", NOW + minutes(2), 10))
    ]
    assert claimed == [MailKind.ACKNOWLEDGEMENT] * 8 + [MailKind.REMINDER] * 2
    rest = await store.write(lambda tx: tx.claim_outbox(NOW, "two", NOW + minutes(2), 10))
    assert [row.kind for row in rest] == [MailKind.ACKNOWLEDGEMENT] * 2 + [MailKind.REMINDER] * 8


async def test_claims_by_several_stores_never_give_a_mail_twice(store, url):
    stores = [store, *[await open_store(url) for _ in range(2)]]
    await store.write(lambda tx: tx.add_outbox([a_mail(n) for n in range(300)]))
    claimed: list[int] = []

    async def worker(number: int) -> None:
        lease = f"w{number}"
        while rows := await stores[number % 3].write(
            lambda tx: tx.claim_outbox(NOW, lease, NOW + minutes(1), 7)
        ):
            assert len(rows) <= 7
            claimed.extend(row.id for row in rows)

    await asyncio.gather(*[worker(n) for n in range(6)])
    assert len(claimed) == len(set(claimed)) == 300
    for other in stores[1:]:
        await other.close()


async def test_an_outcome_under_the_lease_is_written_and_a_late_one_is_fenced_off(store):
    await store.write(lambda tx: tx.add_outbox([a_mail(1), a_mail(2)]))
    one, two = await store.write(lambda tx: tx.claim_outbox(NOW, "old", NOW + minutes(1), 9))
    done = OutboxOutcome(one.id, "old", MailState.ACCEPTED, NOW + minutes(0.5), attempts=1)
    (row,) = await store.write(lambda tx: tx.record_outcomes([done]))
    assert (row.state, row.accepted_at, row.attempts, row.lease) == (
        MailState.ACCEPTED, NOW + minutes(0.5), 1, "")  # fmt: skip
    assert await store.read(lambda tx: tx.outbox([one.id])) == {one.id: row}

    assert await store.read(lambda tx: tx.next_outbox_at()) == NOW + minutes(1), "when the lease ends"
    (lapsed,) = await store.write(lambda tx: tx.expired_leases(NOW + minutes(2)))
    assert (lapsed.id, lapsed.lease) == (two.id, "old")
    await store.write(
        lambda tx: tx.set_outbox_state([two.id], MailState.QUEUED, NOW + minutes(2), "worker died")
    )
    late = OutboxOutcome(two.id, "old", MailState.ACCEPTED, NOW + minutes(3))
    assert await store.write(lambda tx: tx.record_outcomes([late])) == []
    (again,) = await store.write(lambda tx: tx.claim_outbox(NOW + minutes(2), "new", NOW + minutes(5), 9))
    assert (again.id, again.last_error) == (two.id, "worker died")
    assert await store.write(lambda tx: tx.record_outcomes([late])) == []
    deferred = OutboxOutcome(
        two.id, "new", MailState.DEFERRED, NOW + minutes(3), next_at=NOW + minutes(9), error="451", doubts=1
    )
    (row,) = await store.write(lambda tx: tx.record_outcomes([deferred]))
    assert (row.state, row.next_at, row.last_error, row.doubts, row.attempts) == (
        MailState.DEFERRED, NOW + minutes(9), "451", 1, 0)  # fmt: skip


async def test_a_renewed_lease_does_not_run_out(store):
    await store.write(lambda tx: tx.add_outbox([a_mail(1)]))
    await store.write(lambda tx: tx.claim_outbox(NOW, "w", NOW + minutes(1), 9))
    await store.write(lambda tx: tx.renew_leases(["w", "gone"], NOW + minutes(5)))
    assert await store.write(lambda tx: tx.expired_leases(NOW + minutes(2))) == []
    assert len(await store.write(lambda tx: tx.expired_leases(NOW + minutes(6)))) == 1


async def test_mails_written_by_a_clock_that_was_put_back_keep_their_wait_and_no_more(store):
    """A day ahead until just now: one due at once, one deferred for ten minutes, one meant for in three days."""
    ahead, slack = NOW + timedelta(days=1), minutes(1)
    rows = [
        a_mail(1, next_at=ahead, created_at=ahead),
        a_mail(2, next_at=ahead + minutes(10), created_at=ahead, state=MailState.DEFERRED, attempts=3),
        a_mail(3, next_at=ahead + timedelta(days=3), created_at=ahead),
        a_mail(4, next_at=NOW + timedelta(days=3), created_at=NOW),
        a_mail(5, next_at=NOW + minutes(5), created_at=NOW + minutes(0.5), state=MailState.DEFERRED),
        a_mail(6, next_at=ahead, created_at=ahead, state=MailState.ACCEPTED),
    ]
    await store.write(lambda tx: tx.add_outbox(rows))
    for _ in range(2):  # the second time there is nothing left to put right
        await store.write(lambda tx: tx.pull_back_outbox(NOW, minutes(2), slack))
        found = await store.read(lambda tx: tx.list_outbox())
        assert [row.next_at - NOW for row in found] == [
            timedelta(0), minutes(10), timedelta(days=3), timedelta(days=3), minutes(5), timedelta(days=1)]  # fmt: skip
    assert [row.key[-1] for row in await store.write(lambda tx: tx.claim_outbox(NOW, "one", NOW, 9))] == ["1"]


async def test_a_claim_of_a_clock_that_was_put_back_ends_a_lease_from_now(store):
    ahead = NOW + timedelta(days=1)
    await store.write(lambda tx: tx.add_outbox([a_mail(1), a_mail(2)]))
    await store.write(lambda tx: tx.claim_outbox(ahead, "dead", ahead + minutes(2), 1))
    await store.write(lambda tx: tx.claim_outbox(NOW, "alive", NOW + minutes(2), 1))
    await store.write(lambda tx: tx.pull_back_outbox(NOW, minutes(2), minutes(1)))
    assert await store.write(lambda tx: tx.expired_leases(NOW + minutes(1.9))) == []
    assert len(await store.write(lambda tx: tx.expired_leases(NOW + minutes(2.1)))) == 2


async def test_an_expired_row_is_given_to_one_of_those_who_ask(store, url):
    other = await open_store(url)
    await store.write(lambda tx: tx.add_outbox([a_mail(n) for n in range(40)]))
    await store.write(lambda tx: tx.claim_outbox(NOW, "dead", NOW + minutes(1), 99))

    def rescue(tx: Transaction) -> list[int]:
        rows = tx.expired_leases(NOW + minutes(2))
        tx.set_outbox_state([row.id for row in rows], MailState.UNCERTAIN, NOW + minutes(2), "lease ran out")
        return [row.id for row in rows]

    rescued = await asyncio.gather(*[(store, other)[n % 2].write(rescue) for n in range(6)])
    assert sorted(i for ids in rescued for i in ids) == sorted({i for ids in rescued for i in ids})
    assert await store.read(lambda tx: tx.count_outbox()) == {"uncertain": 40}
    await other.close()


async def test_content_is_kept_with_its_mail(store):
    await store.write(lambda tx: tx.add_outbox([a_mail(1), a_mail(2)]))
    one, two = await store.read(lambda tx: tx.list_outbox())
    await store.write(lambda tx: tx.store_content({one.id: b"one\0", two.id: b"two"}))
    assert [row.content for row in await store.read(lambda tx: tx.list_outbox())] == [b"one\0", b"two"]


async def test_mails_are_listed_by_case_and_by_state(store):
    rows = [a_mail(1, reference=REF), a_mail(2, reference=REF, state=MailState.FAILED), a_mail(3)]
    await store.write(lambda tx: tx.add_outbox(rows))
    keys = await store.read(
        lambda tx: (
            [r.key[-1] for r in tx.list_outbox()],
            [r.key[-1] for r in tx.list_outbox(reference=REF)],
            [r.key[-1] for r in tx.list_outbox(states=[MailState.FAILED, "queued"])],
            [r.key[-1] for r in tx.list_outbox(reference=REF, states=[MailState.FAILED])],
            [r.key[-1] for r in tx.list_outbox(message_ids=[rows[2].message_id, "none@x"])],
        )
    )
    assert keys == (["1", "2", "3"], ["1", "2"], ["1", "2", "3"], ["2"], ["3"])


async def test_a_mail_sent_off_by_hand_is_as_new_and_keeps_its_bytes(store):
    rows = [a_mail(1, content=b"bytes"), a_mail(2)]
    await store.write(lambda tx: tx.add_outbox(rows))
    first, second = await store.write(lambda tx: tx.claim_outbox(NOW, "lease", NOW + minutes(1), 9))
    doubt = OutboxOutcome(first.id, "lease", MailState.UNCERTAIN, NOW, error="cut", attempts=2, doubts=2)
    await store.write(lambda tx: tx.record_outcomes([doubt]))
    later, end = NOW + minutes(90), NOW + minutes(900)
    await store.write(
        lambda tx: tx.requeue_outbox({first.id: end, second.id: end, 999: end}, later, "cli:ana")
    )
    found = await store.read(lambda tx: tx.outbox([first.id, second.id]))
    for row, before in ((found[first.id], first), (found[second.id], second)):
        assert (row.state, row.next_at, row.expires_at) == (MailState.QUEUED, later, end)
        assert (row.attempts, row.doubts, row.lease) == (0, 0, "")
        assert row.draft == {**before.draft, "by_hand": "cli:ana"}
        assert (row.message_id, row.content) == (before.message_id, before.content)
    late = OutboxOutcome(second.id, "lease", MailState.ACCEPTED, NOW)
    assert await store.write(lambda tx: tx.record_outcomes([late])) == []


async def test_when_a_machine_wrote_to_an_address(store):
    rows = [
        a_mail(1, created_at=NOW - minutes(5)),
        a_mail(2, created_at=NOW - minutes(3)),
        a_mail(3, created_at=NOW - minutes(2), person=True),
        a_mail(4, created_at=NOW - minutes(1), state=MailState.REFUSED),
        a_mail(5, created_at=NOW - minutes(50), to="b@x"),
    ]
    await store.write(lambda tx: tx.add_outbox(rows))
    found = await store.read(lambda tx: tx.written_to([ANA, "b@x", "c@x"], NOW - minutes(10)))
    assert found == {ANA: [NOW - minutes(5), NOW - minutes(3)]}


async def test_tallies_add_up_whoever_adds(store, url):
    other = await open_store(url)
    await asyncio.gather(
        *[
            (store, other)[n % 2].write(lambda tx: tx.add_tallies({("b", 7): 1, ("a", 7): 2}))
            for n in range(20)
        ]
    )
    await store.write(lambda tx: tx.add_tallies({("a", 3): 1}))
    assert await store.read(lambda tx: tx.tallies(["a", "b", "c"], 4)) == {"a": {7: 40}, "b": {7: 20}}
    await store.write(lambda tx: tx.forget_tallies(7))
    assert await store.read(lambda tx: tx.tallies(["a"], 0)) == {"a": {7: 40}}
    await other.close()


# -- alarms ------------------------------------------------------------------------------------------------------


async def test_alarms_are_due_in_their_order_and_fire_once(store):
    alarms = [an_alarm(3), an_alarm(1, turn=2, data={"to": ["a"]}), an_alarm(2, version=4, cycle=2)]
    await store.write(lambda tx: (tx.save_cases([a_case()]), tx.replace_alarms(REF, alarms)))
    assert await store.read(lambda tx: tx.next_alarm_at()) == NOW + minutes(1)
    due = await store.write(lambda tx: tx.due_alarms(NOW + minutes(2), 9))
    assert [replace(alarm, id=0) for alarm in due] == [alarms[1], alarms[2]]
    assert len(await store.read(lambda tx: tx.due_alarms(NOW + minutes(9), 1))) == 1
    await store.write(lambda tx: tx.finish_alarms([alarm.id for alarm in due], NOW + minutes(2)))
    assert await store.read(lambda tx: tx.due_alarms(NOW + minutes(2), 9)) == []
    assert await store.read(lambda tx: tx.next_alarm_at()) == NOW + minutes(3)
    assert await store.read(lambda tx: tx.count_alarms()) == 1


async def test_what_was_put_off_survives_a_new_plan_but_not_the_end_of_all_plans(store):
    put_off = an_alarm(9, step="50%>diego@netone.example@20261020T170000")
    await store.write(lambda tx: (tx.save_cases([a_case()]), tx.replace_alarms(REF, [an_alarm(1)])))
    await store.write(lambda tx: tx.add_alarms([put_off, put_off]))
    await store.write(lambda tx: tx.replace_alarms(REF, [an_alarm(2)]))
    assert len(await store.read(lambda tx: tx.alarms(REF))) == 2
    await store.write(lambda tx: tx.replace_alarms(REF, []))
    assert await store.read(lambda tx: tx.alarms(REF)) == []


async def test_reminders_are_found_by_recipient_since_an_instant(store):
    mine = replace(a_mail(1), kind=MailKind.REMINDER, to="diego@netone.example", created_at=NOW)
    old = replace(a_mail(2), kind=MailKind.REMINDER, to="diego@netone.example", created_at=NOW - minutes(90))
    other = replace(a_mail(3), kind=MailKind.NOTICE, to="diego@netone.example", created_at=NOW)
    await store.write(lambda tx: tx.add_outbox([mine, old, other]))
    since = NOW - minutes(60)
    found = await store.read(
        lambda tx: tx.mails_since(MailKind.REMINDER, ["diego@netone.example", "x"], since)
    )
    assert [row.key for row in found] == [mine.key]


async def test_replacing_alarms_drops_what_is_pending_and_never_sets_a_fired_one_again(store):
    await store.write(
        lambda tx: (
            tx.save_cases([a_case(), a_case(2)]),
            tx.replace_all_alarms(
                {REF: [an_alarm(1), an_alarm(2)], "NO-2026-000002": [an_alarm(5, reference="NO-2026-000002")]}
            ),
        )
    )
    (first, _) = await store.read(lambda tx: tx.alarms(REF))
    await store.write(lambda tx: tx.finish_alarms([first.id], NOW))
    moved = an_alarm(1, due_at=NOW + minutes(50))
    await store.write(lambda tx: tx.replace_alarms(REF, [moved, an_alarm(3), an_alarm(3)]))
    assert [alarm.step for alarm in await store.read(lambda tx: tx.alarms(REF))] == ["half-3"]
    await store.write(lambda tx: tx.replace_alarms(REF, []))
    assert await store.read(lambda tx: (tx.alarms(REF), tx.count_alarms())) == ([], 1)
    await store.write(lambda tx: tx.replace_alarms(REF, [replace(moved, version=2)]))
    assert [alarm.version for alarm in await store.read(lambda tx: tx.alarms(REF))] == [2]


async def test_several_daemons_fire_each_alarm_once(store, url):
    stores = [store, await open_store(url)]
    cases = [a_case(n) for n in range(1, 41)]
    wanted = {c.reference: [an_alarm(1, reference=c.reference)] for c in cases}
    await store.write(lambda tx: (tx.save_cases(cases), tx.replace_all_alarms(wanted)))

    def fire(tx: Transaction) -> list[str]:
        due = tx.due_alarms(NOW + minutes(5), 7)
        held = tx.cases([alarm.reference for alarm in due], lock=True)
        tx.save_cases(replace(case, cycle=case.cycle + 1) for case in held.values())
        tx.finish_alarms([alarm.id for alarm in due], NOW)
        return [alarm.reference for alarm in due]

    fired: list[str] = []
    while await store.read(lambda tx: tx.count_alarms()):
        for references in await asyncio.gather(*[stores[n % 2].write(fire) for n in range(4)]):
            fired += references
    assert sorted(fired) == sorted(wanted)
    assert {c.cycle for c in await store.read(lambda tx: tx.list_cases())} == {2}
    await stores[1].close()


# -- the rest ----------------------------------------------------------------------------------------------------


async def test_what_is_set_aside_is_kept_whole_until_removed(store):
    whole = an_aside(
        2, uidvalidity=11, message_id="m@x", sender=ANA, subject="¿Qué?", reference=REF, raw=bytes(range(256))
    )
    assert unfilled(whole, "id") == []
    first = await store.write(lambda tx: tx.add_aside(an_aside(1)))
    second = await store.write(lambda tx: tx.add_aside(whole))
    assert await store.read(lambda tx: tx.aside(second)) == replace(whole, id=second)
    assert [row.id for row in await store.read(lambda tx: tx.list_aside())] == [first, second]
    await store.write(lambda tx: tx.remove_aside(first))
    assert await store.read(lambda tx: (tx.aside(first), len(tx.list_aside()))) == (None, 1)


async def test_a_note_is_set_replaced_and_taken_away(store):
    for value in ("1", "2", None, None):
        await store.write(lambda tx, value=value: tx.set_note("k", value))
        assert await store.read(lambda tx: tx.get_note("k")) == value


async def test_empty_sets_are_no_error(store):
    def work(tx: Transaction) -> list[object]:
        tx.add_messages([])
        tx.add_events([])
        tx.save_cases([])
        tx.add_outbox([])
        tx.mark_settled("soporte", 11, [])
        tx.store_content({})
        tx.finish_alarms([], NOW)
        tx.set_outbox_state([], "queued", NOW, "")
        tx.replace_all_alarms({})
        tx.add_tallies({})
        tx.renew_leases([], NOW)
        return [
            tx.add_ledger([]),
            tx.record_outcomes([]),
            tx.cases([]),
            tx.known_messages([]),
            tx.next_alarm_at(),
            tx.next_outbox_at(),
        ]

    assert await store.write(work) == [0, [], {}, {}, None, None]
