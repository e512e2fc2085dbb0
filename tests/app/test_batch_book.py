"""The book of a batch: what it looks up, what later messages find in it, and that all of it is written or nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.app.batches import ANA, FOLDER, LUCIA, cases, mails, received, take, told
from tests.app.house import DESK, START
from triage.app.batch_book import BatchBook, TakenElsewhere
from triage.app.happenings import opening
from triage.app.received import Received
from triage.core import letters_agent, lifecycle, signing
from triage.core.commands import Action, Command
from triage.core.events import AgentOrdered, EventName
from triage.core.lifecycle import Decision
from triage.core.model import State
from triage.core.reception import Route, Way
from triage.core.records import Event, LedgerEntry
from triage.ports import Store, Transaction

NOW = START + timedelta(minutes=1)


def a_book(tx: Transaction, now: datetime = NOW) -> BatchBook:
    return BatchBook(tx, DESK, FOLDER, now)


def opened(book: BatchBook, one: Received) -> Decision:
    """Open a case from a message, and keep both."""
    found = opening(DESK, one, Route(Way.OPEN, "new"), book.number(), FOLDER)
    decision = lifecycle.open_case(book.desk, found, book.now)
    book.keep(decision)
    assert one.message is not None
    assert one.reading is not None
    book.store(one, one.message, one.reading, found.reference)
    book.enter(one, Way.OPEN, "new", found.reference)
    return decision


def closed(case_of: Decision) -> AgentOrdered:
    return AgentOrdered(NOW, LUCIA, Command(Action.CLOSE, "listo", "!close listo"))


# -- numbers -----------------------------------------------------------------------------------------------------------


async def test_numbers_are_drawn_in_a_row_and_taken_only_when_the_batch_is_written(store: Store) -> None:
    def draw(tx: Transaction, *, write: bool) -> list[str]:
        book = a_book(tx)
        drawn = [book.number(), book.number()]
        if write:
            book.write(0)
        return drawn

    assert await store.write(lambda tx: draw(tx, write=False)) == ["NO-2026-000001", "NO-2026-000002"]
    assert await store.write(lambda tx: draw(tx, write=True)) == ["NO-2026-000001", "NO-2026-000002"]
    assert await store.write(lambda tx: draw(tx, write=True)) == ["NO-2026-000003", "NO-2026-000004"]


async def test_the_year_of_a_number_is_the_site_s(store: Store) -> None:
    here_still_old = datetime(2027, 1, 1, 2, 59, tzinfo=UTC)  # 23:59 of the 31st in Buenos Aires
    numbers = await store.write(
        lambda tx: [a_book(tx, at).number() for at in (here_still_old, here_still_old + timedelta(minutes=1))]
    )
    assert numbers == ["NO-2026-000001", "NO-2027-000001"]


# -- looking up --------------------------------------------------------------------------------------------------------


async def looked_up(store: Store, *batch: Received) -> BatchBook:
    def look(tx: Transaction) -> BatchBook:
        book = a_book(tx)
        book.look_up(batch)
        return book

    return await store.write(look)


async def test_it_finds_the_cases_that_a_batch_names_by_subject_by_id_and_by_ours(store: Store) -> None:
    await take(store, received(1), received(2), received(3), received(4))
    own = signing.message_id(DESK.site.secret, DESK.site.domain, "key", ANA, "NO-2026-000003")
    book = await looked_up(
        store,
        received(11, subject="Re: [NO-2026-000001] Consulta"),
        received(12, in_reply_to=("m2@tienda-prueba.example",)),
        received(13, in_reply_to=(own,)),
    )
    assert sorted(book.cases) == ["NO-2026-000001", "NO-2026-000002", "NO-2026-000003"]


async def test_with_a_merged_case_comes_the_one_that_goes_on_however_long_the_chain(store: Store) -> None:
    await take(store, received(1), received(2), received(3))
    first, second, third = await cases(store)
    chain = [
        replace(first, state=State.MERGED, merged_into=second.reference),
        replace(second, state=State.MERGED, merged_into=third.reference),
    ]
    await store.write(lambda tx: tx.save_cases(chain))
    book = await looked_up(store, received(11, subject=f"Re: [{first.reference}] Consulta"))
    assert set(book.cases) == {first.reference, second.reference, third.reference}


async def test_a_case_that_no_message_named_is_loaded_when_it_is_asked_for(store: Store) -> None:
    await take(store, received(1))
    (case,) = await cases(store)
    found, nothing = await store.write(
        lambda tx: [a_book(tx).case(reference) for reference in (case.reference, "NO-2026-000099")]
    )
    assert (found, nothing) == (case, None)


async def test_a_message_of_the_batch_is_known_by_digest_and_by_id_to_those_behind_it(store: Store) -> None:
    def work(tx: Transaction) -> BatchBook:
        book = a_book(tx)
        opened(book, received(1))
        return book

    book = await store.write(work)
    assert book.digests["d1"].reference == "NO-2026-000001"
    assert [one.reference for one in book.known["m1@tienda-prueba.example"]] == ["NO-2026-000001"]


# -- what is not written yet -------------------------------------------------------------------------------------------


async def test_what_waits_to_be_written_is_shown_of_its_case_alone(store: Store) -> None:
    def work(tx: Transaction) -> BatchBook:
        book = a_book(tx)
        opened(book, received(1))
        opened(book, received(2))
        return book

    book = await store.write(work)
    events, keys, messages = book.unwritten("NO-2026-000002")
    assert {event.reference for event in events} == {"NO-2026-000002"}
    assert keys
    assert all("NO-2026-000002" in key for key in keys)
    assert [message.digest for message in messages] == ["d2"]
    assert await cases(store) == [], "a book that is not written leaves nothing"


async def test_what_a_decision_leads_to_elsewhere_is_decided_for_those_behind_it_too(store: Store) -> None:
    def work(tx: Transaction) -> BatchBook:
        book = a_book(tx)
        first, second = opened(book, received(1)), opened(book, received(2))
        book.keep(replace(first, also=(lifecycle.decide(DESK, second.case, closed(second), NOW),)))
        book.write(0)
        return book

    book = await store.write(work)
    assert book.cases["NO-2026-000002"].state is State.CLOSED
    assert [case.state for case in await cases(store)] == [State.NEW, State.CLOSED]


# -- keeping and writing -----------------------------------------------------------------------------------------------


async def test_a_mail_beside_any_decision_belongs_to_its_case_or_to_none(store: Store) -> None:
    def work(tx: Transaction) -> None:
        book = a_book(tx)
        case = opened(book, received(1)).case
        for about, one in ((case, received(2)), (None, received(3))):
            assert one.message is not None
            book.send(about, letters_agent.transcript(DESK, about, LUCIA, [], one.message, ["una nota"]))
        book.write(0)

    await store.write(work)
    assert {row.reference for row in await mails(store) if row.to == LUCIA} == {"NO-2026-000001", None}


async def test_a_message_changes_its_case_where_it_was_moved(store: Store) -> None:
    await take(store, received(1), received(2))

    def move(tx: Transaction) -> None:
        book = a_book(tx)
        book.move("d2", "NO-2026-000001")
        book.write(0)

    await store.write(move)
    moved = await store.read(lambda tx: tx.messages("NO-2026-000001"))
    assert [message.digest for message in moved] == ["d1", "d2"]


async def test_who_is_said_to_be_away_is_away_for_the_rest_of_the_batch_and_after_it(store: Store) -> None:
    def work(tx: Transaction) -> BatchBook:
        book = a_book(tx)
        assert LUCIA not in book.desk.unreachable
        book.silent(NOW, LUCIA, NOW + timedelta(days=1), "auto_reply")
        book.write(0)
        return book

    assert LUCIA in (await store.write(work)).desk.unreachable
    assert LUCIA in (await store.write(a_book)).desk.unreachable
    assert [one["by"] for one in await told(store, "agent.away")] == [LUCIA]


async def test_what_is_set_aside_is_kept_whole_and_told(store: Store) -> None:
    await store.write(lambda tx: a_book(tx).set_aside(received(4), "nothing proves it", b"raw", None))
    (row,) = await store.read(lambda tx: tx.list_aside())
    assert (row.uid, row.uidvalidity, row.raw, row.sender, row.subject) == (4, 1, b"raw", ANA, "Consulta")
    assert await told(store, "message.set_aside") == [], "told when the book is written"


async def test_no_more_is_stored_of_a_mail_than_the_folder_says(store: Store) -> None:
    def work(tx: Transaction) -> None:
        book = BatchBook(tx, DESK, replace(FOLDER, stored_bytes=3), NOW)
        opened(book, received(1))
        book.write(0)

    await store.write(work)
    (message,) = await store.read(lambda tx: tx.messages("NO-2026-000001"))
    assert message.source == b"the"


async def test_where_another_daemon_gave_the_outcome_first_nothing_is_written(store: Store) -> None:
    theirs = LedgerEntry(mailbox="soporte", uidvalidity=1, uid=1, outcome="ignored", at=NOW)
    await store.write(lambda tx: tx.add_ledger([theirs]))

    def work(tx: Transaction) -> None:
        book = a_book(tx)
        opened(book, received(1))
        book.happened(Event(NOW, EventName.AGENT_BACK, by=LUCIA))
        book.write(1)

    with pytest.raises(TakenElsewhere):
        await store.write(work)
    assert (await cases(store), await mails(store)) == ([], [])
    assert (await store.read(lambda tx: tx.ledger("soporte", 1, [1])))[1].outcome == "ignored"
    assert await store.read(lambda tx: tx.cursor("soporte")) is None
