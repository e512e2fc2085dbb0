"""A person's rights on a real store: everything is handed out, nothing is left, figures stay."""

import asyncio
import json
import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.adapters.store_sql.samples import ANA, NOW, a_case, a_mail, a_message, an_alarm, an_aside, an_entry
from triage.app import personal
from triage.core.model import Address, MailState, State
from triage.core.records import Event

REF, OTHER = "NO-2026-000001", "NO-2026-000002"
BETO, LUCIA = "beto@otra.example", "lucia@netone.example"
SECRET = "mi clave de la tienda es girasol"


@pytest.fixture
async def store(store):
    await store.write(_fill)
    return store


def _fill(tx):
    other = a_case(2, client=Address(BETO, "Beto"), participants=(ANA,), subject="otra cosa")
    tx.save_cases([replace(a_case(), excerpt=SECRET), other])
    tx.replace_alarms(REF, [an_alarm()])
    tx.add_messages(
        [
            a_message(1, reference=REF, sender=ANA, text=SECRET),
            a_message(2, reference=OTHER, sender=BETO),
            a_message(3, reference=OTHER, sender=ANA, text=SECRET),
            a_message(4, reference=None, sender=ANA, text=SECRET),
        ]
    )
    tx.add_outbox(
        [
            a_mail(1, reference=REF, to=ANA),
            a_mail(2, reference=REF, to=LUCIA, draft={"excerpt": SECRET}),
            a_mail(3, reference=OTHER, to=BETO),
            a_mail(4, reference=None, to=LUCIA, draft={"cases": [REF]}),
        ]
    )
    tx.add_events(
        [
            Event(NOW, "case.opened", REF, ANA, {"subject": SECRET, "client": ANA}),
            Event(NOW, "case.taken", REF, LUCIA),
            Event(NOW, "case.joined", OTHER, ANA),
            Event(NOW, "message.ignored", data={"from": ANA, "subject": SECRET, "class": "person"}),
        ]
    )
    tx.add_ledger([an_entry(reference=REF, message_id="hola@mail.ana.example")])
    tx.add_aside(an_aside(sender=ANA))


async def test_export_holds_everything_of_the_person_and_nothing_of_others(store):
    told = await store.read(lambda tx: personal.export(tx, ANA, NOW))
    text = json.dumps(told)
    assert [case["reference"] for case in told["cases"]] == [REF]
    assert told["takes_part_in"] == [OTHER]
    assert [len(told[key]) for key in ("messages", "mails", "events", "set_aside")] == [3, 2, 4, 1]
    assert text.count(SECRET) >= 3
    assert "otra cosa" not in text


async def test_erasing_leaves_figures_and_no_word(store, tmp_path):
    done = await store.write(lambda tx: personal.erase(tx, ANA, frozenset({LUCIA}), NOW))
    assert (done.cases, done.others) == ((REF,), (OTHER,))
    left = await store.read(lambda tx: personal.export(tx, ANA, NOW))
    assert [len(left[key]) for key in ("cases", "takes_part_in", "messages", "mails", "events")] == [0] * 5
    case = (await store.read(lambda tx: tx.cases([REF])))[REF]
    assert (case.severity, case.state, case.ended_why) == (1, State.CLOSED, "erased")
    history = await store.read(lambda tx: tx.events(REF))
    assert [(event.event, event.by) for event in history] == [
        ("case.opened", "erased"),
        ("case.taken", LUCIA),
    ]
    others = await store.read(lambda tx: (tx.messages(OTHER), tx.list_outbox(), tx.alarms(REF)))
    assert [message.sender for message in others[0]] == [BETO]
    assert [row.to for row in others[1]] == [BETO]
    assert not others[2]


async def test_after_erasing_the_file_itself_holds_nothing_of_the_person(store, tmp_path):
    await store.write(lambda tx: personal.erase(tx, ANA, frozenset(), NOW))
    await store.close()
    with sqlite3.connect(tmp_path / "triage.db") as database:
        database.execute("pragma wal_checkpoint(truncate)")
    raw = b"".join(path.read_bytes() for path in tmp_path.glob("triage.db*"))
    assert [word for word in (ANA, SECRET, "mail.ana.example") if word.encode() in raw] == []


async def test_the_outcome_of_a_message_stays_so_that_it_is_not_taken_in_again(store):
    entry = an_entry()
    await store.write(lambda tx: personal.erase(tx, ANA, frozenset(), NOW))
    found = await store.read(lambda tx: tx.ledger(entry.mailbox, entry.uidvalidity, [entry.uid]))
    assert found[entry.uid].message_id is None


async def test_erasing_somebody_unknown_changes_nothing(store):
    done = await store.write(lambda tx: personal.erase(tx, "nadie@x.example", frozenset(), NOW))
    assert done == personal.Erased()


async def test_old_cases_become_figures_and_young_ones_stay(store):
    ended = [
        a_case(n, state=State.CLOSED, ended_at=NOW - timedelta(days=age)) for n, age in ((7, 400), (8, 10))
    ]
    await store.write(lambda tx: tx.save_cases(ended))
    terms = personal.Terms(ended=timedelta(days=365))
    assert await personal.grow_old(store, terms, [], NOW) == {"cases": 1, "messages": 0, "mails": 0}
    assert await personal.grow_old(store, terms, [], NOW) == {"cases": 0, "messages": 0, "mails": 0}
    found = await store.read(lambda tx: tx.cases(["NO-2026-000007", "NO-2026-000008"]))
    assert [found[ref].client.address for ref in sorted(found)] == ["", ANA]


async def test_without_terms_nothing_grows_old(store):
    later = NOW + timedelta(days=9_000)
    assert await personal.grow_old(store, personal.Terms(), [], later) == {
        "cases": 0,
        "messages": 0,
        "mails": 0,
    }


async def test_mail_that_opened_no_case_grows_old_too(store):
    terms = personal.Terms(ignored=timedelta(days=30))
    counts = await personal.grow_old(store, terms, [], NOW + timedelta(days=60))
    assert counts["messages"] == 1


async def test_what_grew_old_goes_in_small_transactions_with_room_for_others_between(store):
    loose = {"reference": None, "state": MailState.ACCEPTED}
    await store.write(lambda tx: tx.add_outbox([a_mail(n, **loose) for n in range(1_000, 1_450)]))
    others, stop = [], asyncio.Event()

    async def keep_writing():
        while not stop.is_set():
            others.append(await store.write(lambda tx: len(tx.list_outbox(states=[MailState.ACCEPTED]))))

    writing = asyncio.ensure_future(keep_writing())
    later = NOW + timedelta(days=60)
    counts = await personal.grow_old(store, personal.Terms(mails=timedelta(days=30)), [], later)
    stop.set()
    await writing
    assert counts["mails"] == 450
    assert len({left for left in others if left > 0}) > 1, "another writer saw it half done"
