"""The outbox's loop against a real SQLite store."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from tests.app.house import Clock
from tests.app.outbox_house import LUCIA, START, House, Running, Script, a_row
from triage.adapters.handover_file import HandoverFile
from triage.app.outbox_turn import Turn
from triage.app.workers import DispatchSummary, Pace
from triage.core.delivery import Trace
from triage.core.governor import Limits, Rate
from triage.core.model import MailKind, MailState
from triage.errors import Temporary
from triage.ports import Delivery, Sent


async def test_what_is_due_is_sent_with_the_bytes_that_are_stored(store, tmp_path):
    house = House(store, tmp_path)
    await house.add(a_row(reference="NO-2026-000001"), a_row(2, next_at=START + timedelta(hours=1)))
    summary = await house.once()
    row = await house.row()
    assert summary == DispatchSummary(accepted=1)
    assert (row.state, row.attempts, row.accepted_at) == (MailState.ACCEPTED, 1, START)
    assert house.mailer.sent == [(f"soporte+b.{row.id}@netone.example", "client1@x.example", row.content)]
    assert house.told == [("ack:1", MailState.ACCEPTED)]
    assert [copy.content for copy in house.copies] == [row.content]
    assert (await house.row("ack:2")).state is MailState.QUEUED
    assert not (await house.once()).worked


async def test_a_deferred_mail_is_sent_later_with_the_same_bytes(store, tmp_path):
    house = House(store, tmp_path, Script(Sent(Delivery.DEFERRED, 451, "RCPT: 451 greylisted")))
    await house.add(a_row())
    assert (await house.once()).deferred == 1
    row = await house.row()
    assert (row.state, row.attempts, row.last_error) == (MailState.DEFERRED, 1, "RCPT: 451 greylisted")
    assert not (await house.once()).worked
    house.clock.at = row.next_at
    assert (await house.once()).accepted == 1
    assert house.words.rendered["ack:1"] == 1
    assert house.mailer.sent[0][2] == house.mailer.sent[1][2]
    assert await house.events() == ["mail.deferred", "mail.accepted"]


async def test_a_refused_mail_fails_and_its_case_hears_of_it(store, tmp_path):
    house = House(store, tmp_path, Script(Sent(Delivery.REFUSED, 550, "RCPT: 550 no such user")))
    await house.add(a_row(reference="NO-2026-000001"))
    assert (await house.once()).failed == 1
    assert (await house.row()).state is MailState.FAILED
    assert house.told == [("ack:1", MailState.FAILED)]


async def test_an_automatic_mail_in_doubt_is_sent_once_more_and_never_again(store, tmp_path):
    house = House(store, tmp_path, Script(Delivery.UNCERTAIN, Delivery.UNCERTAIN))
    await house.add(a_row(reference="NO-2026-000001"))
    assert (await house.once()).uncertain == 1
    row = await house.row()
    assert (row.state, row.doubts) == (MailState.DEFERRED, 1)
    house.clock.at = row.next_at
    assert (await house.once()).uncertain == 1
    assert (await house.row()).state is MailState.UNCERTAIN
    house.later(days=1)
    assert not (await house.once()).worked
    assert len(house.mailer.sent) == 2
    assert house.told == [("ack:1", MailState.UNCERTAIN)] * 2
    assert house.mailer.sent[0] == house.mailer.sent[1]


async def test_a_persons_words_in_doubt_are_held(store, tmp_path):
    house = House(store, tmp_path, Script(Delivery.UNCERTAIN))
    await house.add(a_row(person=True, kind=MailKind.ANSWER, reference="NO-2026-000001"))
    await house.once()
    house.later(days=2)
    assert not (await house.once()).worked
    assert (await house.row()).state is MailState.UNCERTAIN
    assert len(house.mailer.sent) == 1


async def died_with(house, marks):
    """Claim what is due as a process that dies: `marks` are what it noted of the rows, by key."""
    dead = HandoverFile(house.handover._folder)
    dead.open("dead")
    lease_until = house.clock.at + timedelta(minutes=2)
    for row in await house.store.write(lambda tx: tx.claim_outbox(house.clock.at, "dead.1", lease_until, 10)):
        if row.key in marks:
            dead.note(row, marks[row.key])
    dead.close(recorded=False)
    house.later(minutes=3)


@pytest.mark.parametrize("person", [False, True])
async def test_of_a_dead_process_only_what_it_had_begun_and_not_heard_of_is_in_doubt(store, tmp_path, person):
    house = House(store, tmp_path)
    kind = MailKind.ANSWER if person else MailKind.ACKNOWLEDGEMENT
    await house.add(*(a_row(n, person=person, kind=kind) for n in (1, 2, 3, 4)))
    marks = {"ack:2": Trace.BEGUN, "ack:3": Trace.ACCEPTED, "ack:4": Trace.UNTOUCHED}
    await died_with(house, marks)
    await house.once()
    rows = await house.rows()
    assert [rows[f"ack:{n}"].doubts for n in (1, 2, 3, 4)] == [0, 1, 0, 0]
    assert rows["ack:2"].state is (MailState.UNCERTAIN if person else MailState.ACCEPTED)
    assert {rows[f"ack:{n}"].state for n in (1, 3, 4)} == {MailState.ACCEPTED}
    to = {recipient for _, recipient, _ in house.mailer.sent}
    assert to == {f"client{n}@x.example" for n in ((1, 4) if person else (1, 2, 4))}
    assert any(copy.key == "ack:3" for copy in house.copies), (
        "the copy of what went before the death is filed too"
    )


async def test_a_mail_that_four_processes_died_with_after_data_rests_in_doubt(store, tmp_path):
    house = House(store, tmp_path)
    await house.add(a_row())
    for _ in range(4):
        await died_with(house, {"ack:1": Trace.BEGUN})
        await house.store.write(lambda tx: house.turns.perform(tx, Turn(house.clock.at)))
    assert not (await house.once()).worked
    row = await house.row()
    assert (row.state, row.doubts) == (MailState.UNCERTAIN, 4)


async def test_processes_that_die_before_they_begin_never_use_a_mail_up(store, tmp_path):
    house = House(store, tmp_path)
    await house.add(a_row())
    for _ in range(40):
        await died_with(house, {})
        await house.store.write(lambda tx: house.turns.perform(tx, Turn(house.clock.at)))
    assert (await house.once()).accepted == 1
    assert (await house.row()).attempts == 1


async def test_an_acknowledgement_that_is_days_late_is_not_sent(store, tmp_path):
    house = House(store, tmp_path)
    await house.add(a_row(), a_row(2, expires_at=START + timedelta(hours=1)), a_row(3, kind=MailKind.NOTICE))
    house.later(days=3)
    summary = await house.once()
    assert (summary.dropped, summary.accepted) == (2, 1)
    assert "too old" in (await house.row()).last_error


async def test_a_mail_that_cannot_be_rendered_fails_and_the_others_go(store, tmp_path):
    house = House(store, tmp_path)
    await house.add(a_row(draft={"bad": True}), a_row(2, draft={"bug": True}), a_row(3))
    summary = await house.once()
    assert (summary.failed, summary.accepted) == (2, 1)
    assert "templates/es/x.txt:3" in (await house.row()).last_error
    assert "KeyError" in (await house.row("ack:2")).last_error
    assert sorted(await house.events()) == ["mail.accepted", "mail.failed", "mail.failed"]


async def test_the_governor_refuses_with_a_reason(store, tmp_path):
    house = House(store, tmp_path, limits=Limits(address=Rate(3, 5)))
    await house.add(*(a_row(n, to="loop@x.example", reference=f"NO-2026-00000{n}") for n in range(1, 6)))
    summary = await house.once()
    assert (summary.accepted, summary.refused) == (3, 2)
    assert "more than 3 mails to loop@x.example in an hour" in (await house.row("ack:5")).last_error
    assert ("ack:5", MailState.REFUSED) in house.told
    house.later(hours=2)
    await house.add(*(a_row(n, to="loop@x.example", created_at=house.clock.at) for n in range(6, 9)))
    assert (await house.once()).refused == 1  # the day's limit


async def test_the_breaker_holds_clients_mail_back_and_calls_once(store, tmp_path):
    limits = Limits(address=Rate(99, 99), repeat=Rate(99, 99), breaker_free=2, breaker_hour=3)
    house = House(store, tmp_path, limits=limits)
    await house.add(*(a_row(n, to="loop@x.example") for n in range(1, 11)))
    await house.add(a_row(20, to=LUCIA), a_row(21, person=True))
    summary = await house.once()
    assert (summary.accepted, summary.held) == (2 + 3 + 2, 5)
    assert len(house.alerts) == 1
    await house.add(a_row(30))
    assert (await house.once()).held == 1  # nobody is written to by a machine while it is open
    assert (await house.row("ack:30")).attempts == 0
    house.later(hours=1, minutes=20)
    assert (await house.once()).accepted >= 1


async def test_a_thousand_first_acknowledgements_do_not_trip_the_breaker(store, tmp_path):
    house = House(store, tmp_path, limits=Limits(breaker_hour=5))
    await house.add(*(a_row(n) for n in range(1000)))
    assert await house.once() == DispatchSummary(accepted=1000)
    assert house.alerts == []


async def test_the_store_being_away_loses_no_outcome(store, tmp_path):
    house = House(store, tmp_path)
    await house.add(a_row(), a_row(2))
    calls = Counter()

    class Flaky:
        async def write(self, work):
            calls["write"] += 1
            if calls["write"] == 2:
                raise Temporary("disk full")
            return await store.write(work)

    house.dispatcher._store = Flaky()
    assert (await house.once()).accepted == 2


@pytest.mark.parametrize("folder", [".", "gone"], ids=["traced", "no trace can be written"])
async def test_a_full_disk_does_not_make_mails_go_twice_that_were_accepted_meanwhile(store, tmp_path, folder):
    """The store comes back after the leases ended: what we know of a mail counts, not what it left behind."""

    class Slow(Script):
        async def send(self, *args):
            sent = await super().send(*args)
            house.later(minutes=3)
            return sent

    class Full:
        writes = 0

        async def write(self, work):
            self.writes += 1
            if self.writes == 2:
                raise Temporary("disk full")
            return await store.write(work)

    house = House(store, tmp_path / folder, Slow())
    house.dispatcher._store = Full()
    await house.add(a_row())
    assert (await house.once()).accepted == 1
    house.later(hours=1)
    await house.once()
    assert (await house.row()).state is MailState.ACCEPTED
    assert len(house.mailer.sent) == 1


async def test_a_case_that_cannot_be_told_does_not_make_its_mail_go_twice(store, tmp_path):
    house = House(store, tmp_path)

    def tell(tx, rows, now):
        if any(row.key == "ack:1" for row in rows):
            raise ValueError("bug")
        house.told.extend(row.key for row in rows)

    house = House(store, tmp_path, on_outcome=tell)
    await house.add(*(a_row(n, reference="NO-2026-000001") for n in (1, 2, 3)))
    await house.once()
    assert {row.state for row in (await house.rows()).values()} == {MailState.ACCEPTED}
    assert sorted(house.told) == ["ack:2", "ack:3"]
    assert len(house.mailer.sent) == 3


# -- the loop --------------------------------------------------------------------------------------------------------


async def test_the_loop_sends_what_is_announced_without_waiting(store, tmp_path):
    house = House(store, tmp_path)
    async with Running(house) as running:
        for number in range(3):
            await house.add(a_row(number))
            house.dispatcher.notify()
            await running.until(lambda want=number: len(house.copies) > want)
    assert len(house.copies) == 3


async def test_a_batch_costs_one_turn_to_claim_and_one_to_record(store, tmp_path):
    house = House(store, tmp_path, pace=Pace(batch=10, flush_after=0.02))
    await house.add(*(a_row(n) for n in range(10)))
    house.rests.clear()
    async with Running(house) as running:
        await running.until(lambda: len(house.copies) == 10 and house.rests[-1] > 0)
        later = asyncio.get_running_loop().time() + 0.03
        await running.until(lambda: asyncio.get_running_loop().time() > later)
        assert house.rests.count(0.0) == 2


async def test_what_is_due_beyond_one_claim_is_claimed_at_once(store, tmp_path):
    mailer = Script()
    mailer.gate = asyncio.Event()
    house = House(store, tmp_path, mailer, pace=Pace(batch=10, workers=1))
    await house.add(*(a_row(n) for n in range(40)))
    async with Running(house) as running:
        await running.until(lambda: mailer.sent and house.rests[-1] > 0)
        states = Counter(row.state for row in (await house.rows()).values())
        assert states == {MailState.SENDING: 30, MailState.QUEUED: 10}, "three batches on hand"
        mailer.gate.set()
        await running.until(lambda: len(house.copies) == 40)


async def test_stopping_gives_back_what_was_not_begun(store, tmp_path):
    mailer = Script()
    mailer.gate = asyncio.Event()
    house = House(store, tmp_path, mailer, pace=Pace(workers=2, batch=10))
    await house.add(*(a_row(n) for n in range(10)))
    async with Running(house) as running:
        await running.until(lambda: len(mailer.sent) == 2 and house.rests[-1] > 0)
        running.stop.set()
        for _ in range(20):  # the conductor rests: hearing of it takes turns of the loop and nothing else
            await asyncio.sleep(0)
        mailer.gate.set()
    states = Counter(row.state for row in (await house.rows()).values())
    assert states == {MailState.ACCEPTED: 2, MailState.QUEUED: 8}
    assert all(row.attempts == (row.state is MailState.ACCEPTED) for row in (await house.rows()).values())


@pytest.mark.parametrize(
    "moves", [[45] * 5, [45, -86_400]], ids=["time passes", "and the clock is put back a day"]
)
async def test_a_lease_is_renewed_while_its_mail_is_on_its_way(store, tmp_path, moves):
    mailer = Script()
    mailer.gate = asyncio.Event()
    clock = Clock(START)
    house = House(store, tmp_path, mailer, clock, pace=Pace(workers=1, batch=1), lease=timedelta(seconds=60))
    await house.add(a_row())
    async with Running(house) as running:
        await running.until(lambda: mailer.sent and house.rests[-1] > 0)
        for seconds in moves:
            clock.at += timedelta(seconds=seconds)
            rested = len(house.rests)
            house.dispatcher.notify()
            await running.until(lambda rested=rested: len(house.rests) > rested and house.rests[-1] > 0)
        assert await store.read(lambda tx: tx.expired_leases(clock.at)) == []
        assert await store.read(lambda tx: tx.next_outbox_at()) == clock.at + timedelta(seconds=60)
        mailer.gate.set()
    assert (await house.row()).state is MailState.ACCEPTED
    assert len(mailer.sent) == 1


async def test_a_lease_is_renewed_by_the_first_turn_that_the_store_takes(store, tmp_path):
    """A renewal that was rolled back is none: the mail on its way would be judged as left by a dead process."""

    class Full:
        fails = 0

        async def write(self, work):
            if self.fails:
                self.fails -= 1
                raise Temporary("disk full")
            return await store.write(work)

    mailer, full = Script(), Full()
    mailer.gate = asyncio.Event()
    house = House(store, tmp_path, mailer, pace=Pace(workers=1, batch=1))
    house.dispatcher._store = full
    await house.add(a_row())
    async with Running(house) as running:
        await running.until(lambda: mailer.sent and house.rests[-1] > 0)
        full.fails = 1
        house.later(minutes=3)
        house.dispatcher.notify()
        await running.until(lambda: not full.fails)
        await running.until(lambda: house.rests[-1] > 0)
        assert await store.read(lambda tx: tx.next_outbox_at()) == house.clock.at + timedelta(minutes=2)
        mailer.gate.set()
    assert (await house.row()).state is MailState.ACCEPTED
    assert len(mailer.sent) == 1
