"""What `ports.Store` promises about figures and about one person's data, on SQLite and on PostgreSQL alike."""

from dataclasses import replace

from tests.adapters.store_sql.samples import ANA, NOW, a_case, a_mail, a_message, an_alarm, an_aside, minutes
from triage.core.model import Address, MailKind, MailState, Severity, State
from triage.core.person import Person
from triage.core.records import Event

REF, OTHER = "NO-2026-000001", "NO-2026-000002"
BETO = "beto@otra.example"


async def test_open_cases_are_counted_by_state_and_severity(store):
    cases = [a_case(1), a_case(2), a_case(3, severity=Severity.LOW, state=State.PLANNED), ended(4)]
    await store.write(lambda tx: tx.save_cases(cases))
    found = await store.read(lambda tx: tx.count_open_cases())
    assert found == {("new", 1): 2, ("planned", 3): 1}


async def test_next_deadlines_are_those_to_act_on_first(store):
    late = a_case(1, deadline=replace(a_case().deadline, act_by=NOW + minutes(500)))
    cases = [late, a_case(2), a_case(3, attended_at=NOW), ended(4)]
    await store.write(lambda tx: tx.save_cases(cases))
    found = await store.read(lambda tx: tx.next_deadlines(5))
    assert [case.reference for case in found] == [OTHER, REF]


async def test_overdue_alarms_waiting_mails_and_what_is_set_aside_are_counted(store):
    mails = [
        a_mail(1, created_at=NOW - minutes(9)),
        a_mail(2, created_at=NOW - minutes(90), state=MailState.ACCEPTED),
    ]

    def fill(tx):
        tx.save_cases([a_case()])
        tx.replace_alarms(REF, [an_alarm(due_at=NOW), an_alarm(step="later", due_at=NOW + minutes(1))])
        tx.add_outbox(mails)
        tx.add_aside(an_aside())

    await store.write(fill)
    found = await store.read(lambda tx: (tx.count_overdue_alarms(NOW), tx.oldest_waiting(), tx.count_aside()))
    assert found == (1, NOW - minutes(9), 1)


async def test_an_empty_store_has_no_oldest_mail_and_no_last_event(store):
    assert await store.read(lambda tx: (tx.oldest_waiting(), tx.last_event_id())) == (None, 0)


async def test_notes_are_found_by_the_beginning_of_their_key(store):
    def fill(tx):
        for key in ("looked/a", "looked/b%", "lookedx", "other"):
            tx.set_note(key, key)

    await store.write(fill)
    assert await store.read(lambda tx: tx.notes_under("looked/")) == {"a": "looked/a", "b%": "looked/b%"}


async def test_a_span_holds_its_start_and_not_its_end(store):
    cases = [a_case(n, arrival=NOW + minutes(n)) for n in (1, 2, 3)]
    events = [Event(NOW + minutes(n), "case.opened", f"NO-2026-00000{n}") for n in (1, 2, 3)]
    await store.write(lambda tx: (tx.save_cases(cases), tx.add_events(events)))
    start, end = NOW + minutes(1), NOW + minutes(3)
    found = await store.read(
        lambda tx: (tx.cases_between(start, end), tx.events_between(start, end, ["case.opened"]))
    )
    assert [case.reference for case in found[0]] == [REF, OTHER]
    assert [event.reference for event in found[1]] == [REF, OTHER]


async def test_events_after_one_come_with_their_ids_in_order(store):
    await store.write(lambda tx: tx.add_events([Event(NOW, f"e{n}") for n in range(4)]))
    last = await store.read(lambda tx: tx.last_event_id())
    found = await store.read(lambda tx: tx.events_after(last - 2, 10))
    assert [(number, event.event) for number, event in found] == [(last - 1, "e2"), (last, "e3")]


async def test_cases_with_an_address_are_its_own_and_those_it_takes_part_in(store):
    cases = [
        a_case(1),
        a_case(2, client=Address(BETO), participants=(ANA,)),
        a_case(3, client=Address(BETO)),
    ]
    await store.write(lambda tx: tx.save_cases(cases))
    found = await store.read(lambda tx: tx.cases_with(ANA))
    assert [case.reference for case in found] == [REF, OTHER]


async def test_ended_cases_are_walked_page_by_page(store):
    await store.write(lambda tx: tx.save_cases([a_case(9), *(ended(n) for n in (1, 2, 3))]))
    first = await store.read(lambda tx: tx.ended_before(NOW + minutes(1), 2))
    rest = await store.read(lambda tx: tx.ended_before(NOW + minutes(1), 2, first[-1].reference))
    assert [case.reference for case in (*first, *rest)] == [REF, OTHER, "NO-2026-000003"]
    assert not await store.read(lambda tx: tx.ended_before(NOW, 2))


async def test_what_an_address_wrote_and_was_written_is_found_and_dropped(store):
    digest = a_mail(3, reference=None, draft={"sections": [{"client": ANA}]}, to="lucia@netone.example")

    def fill(tx):
        tx.add_messages([a_message(1, sender=ANA), a_message(2, sender=BETO)])
        tx.add_outbox([a_mail(1, to=ANA), a_mail(2, to=BETO), digest])
        tx.add_events([Event(NOW, "message.ignored", data={"from": ANA}), Event(NOW, "x", by=ANA)])

    await store.write(fill)
    found = await store.read(
        lambda tx: (
            tx.messages_from(ANA),
            tx.outbox_to(ANA),
            [e.event for _, e in tx.events_naming(Person(ANA))],
        )
    )
    assert (len(found[0]), len(found[1]), found[2]) == (1, 1, ["message.ignored", "x"])
    assert await store.write(lambda tx: tx.drop_person(Person(ANA))) == 3
    left = await store.read(lambda tx: (tx.messages_from(ANA), tx.outbox_to(ANA), tx.list_outbox()))
    assert (left[0], left[1], [row.to for row in left[2]]) == ([], [], [BETO])


async def test_events_are_rewritten_in_their_place(store):
    await store.write(lambda tx: tx.add_events([Event(NOW, f"e{n}", REF, ANA, {"n": n}) for n in range(3)]))

    def scrub(tx):
        tx.rewrite_events({n: replace(e, by="erased", data={}) for n, e in tx.events_of([REF])[1:2]})

    await store.write(scrub)
    found = await store.read(lambda tx: tx.events(REF))
    assert [(event.event, event.by, dict(event.data)) for event in found] == [
        ("e0", ANA, {"n": 0}),
        ("e1", "erased", {}),
        ("e2", ANA, {"n": 2}),
    ]


async def test_a_cases_contents_are_dropped_and_nobody_elses(store):
    def fill(tx):
        tx.save_cases([a_case(1), a_case(2)])
        tx.add_messages([a_message(1, reference=REF), a_message(2, reference=OTHER)])
        tx.add_outbox([a_mail(1, reference=REF), a_mail(2, reference=OTHER)])
        tx.drop_contents([REF])

    await store.write(fill)
    left = await store.read(
        lambda tx: (tx.messages(REF), tx.messages(OTHER), [row.reference for row in tx.list_outbox()])
    )
    assert (list(left[0]), len(left[1]), left[2]) == ([], 1, [OTHER])


async def test_mails_about_no_case_go_when_they_name_one_or_are_old(store):
    loose = {"reference": None, "state": MailState.ACCEPTED}
    rows = [
        a_mail(1, **loose, draft={"cases": [REF]}),
        a_mail(2, **loose, created_at=NOW - minutes(60)),
        a_mail(3, reference=None, created_at=NOW - minutes(60)),
    ]
    await store.write(lambda tx: tx.add_outbox(rows))
    await store.write(lambda tx: tx.drop_mails_naming([REF]))
    assert await store.write(lambda tx: tx.drop_loose_mails(NOW - minutes(1), 10)) == 1
    assert [row.key for row in await store.read(lambda tx: tx.list_outbox())] == [rows[2].key]


async def test_mails_of_one_kind_to_one_address_are_dropped_up_to_an_instant(store):
    loose = {"reference": None, "kind": MailKind.CANARY, "to": ANA}
    rows = [
        a_mail(1, **loose, created_at=NOW - minutes(2)),
        a_mail(2, **loose, created_at=NOW),
        a_mail(3, **{**loose, "to": "eva@x.example"}, created_at=NOW - minutes(2)),
        a_mail(4, **{**loose, "kind": MailKind.DIGEST}, created_at=NOW - minutes(2)),
    ]
    await store.write(lambda tx: tx.add_outbox(rows))
    await store.write(lambda tx: tx.drop_mails(MailKind.CANARY, ANA, NOW))
    left = await store.read(lambda tx: tx.list_outbox())
    assert [row.key for row in left] == [row.key for row in rows[1:]]


async def test_messages_without_a_case_are_dropped_in_portions_with_their_senders(store):
    ignored = Event(NOW - minutes(60), "message.ignored", data={"from": ANA, "subject": "oferta"})

    def fill(tx):
        old = [a_message(n, reference=None, at=NOW - minutes(60)) for n in (1, 2, 3)]
        tx.add_messages([*old, a_message(4, reference=None, at=NOW), a_message(5, reference=REF)])
        tx.add_events([ignored] * 3)

    await store.write(fill)
    counts = [await store.write(lambda tx: tx.drop_messages_without_case(NOW, 2)) for _ in range(3)]
    assert counts == [2, 1, 0]
    assert [await store.write(lambda tx: tx.drop_ignored_senders(NOW, 2)) for _ in range(3)] == [2, 1, 0]
    assert not await store.read(lambda tx: tx.events_naming(Person(ANA)))


def ended(number):
    return a_case(number, state=State.CLOSED, ended_at=NOW)
