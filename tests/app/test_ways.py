"""What is done with a message on each of its ways: to its case, to who wrote it, and what of it is kept."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.app.batches import (
    ANA,
    CARLA,
    DIEGO,
    FOLDER,
    FORGED,
    LUCIA,
    PROVEN,
    SENT,
    cases,
    mails,
    received,
    take,
    told,
    unreadable,
)
from tests.app.house import DESK, START
from tests.builders import SUPPORT
from triage.app import roster, ways
from triage.app.batch_book import BatchBook
from triage.app.received import BACKLOG, Folder, Received
from triage.core import commands, signing
from triage.core.conversation import Link
from triage.core.desk import Desk
from triage.core.marks import Bounce
from triage.core.model import Address, MailKind, Severity
from triage.core.reception import Route, Way
from triage.core.records import LedgerEntry
from triage.ports import Store, Transaction

FIRST = "NO-2026-000001"
NOW = START + timedelta(minutes=30)
CASE = Link("subject", FIRST, joins=True)


async def follow(
    store: Store, one: Received, way: Way, link: Link | None = None, desk: Desk = DESK, **route: Any
) -> LedgerEntry:
    """Let a message go a way, whatever reception would have said of it; returns its outcome."""
    assert one.message is not None
    assert one.reading is not None

    def work(tx: Transaction) -> LedgerEntry:
        book = BatchBook(tx, desk, FOLDER, NOW)
        book.look_up([one])
        book.load({link.reference} if link else set())
        assert one.message is not None
        assert one.reading is not None
        found = Route(way, "for the test", link, **route)
        ways.follow(book, one, one.message, one.reading, found)
        book.write(0)
        return tx.ledger(FOLDER.mailbox, FOLDER.uidvalidity, [one.fetched.uid])[one.fetched.uid]

    return await store.write(work)


async def stored(store: Store, reference: str = FIRST) -> list[str]:
    return [message.digest for message in await store.read(lambda tx: tx.messages(reference))]


async def loose(store: Store, digest: str) -> bool:
    """Say whether a message is kept, and with no case."""
    found = (await store.read(lambda tx: tx.digests([digest]))).get(digest)
    return found is not None and found.reference is None


@pytest.fixture
async def one_case(store: Store) -> Store:
    await take(store, received(1))
    return store


def of_agent(uid: int = 2, sender: str = LUCIA, **fields: Any) -> Received:
    return received(uid, sender=sender, headers=PROVEN, **fields)


# -- to a case ---------------------------------------------------------------------------------------------------------


async def test_a_new_matter_opens_a_case_with_its_mail_and_its_outcome(store: Store) -> None:
    entry = await follow(store, received(1), Way.OPEN)
    (case,) = await cases(store)
    assert (entry.outcome, entry.reference, case.reference) == ("opened", FIRST, FIRST)
    assert await stored(store) == ["d1"]
    assert [mail.to for mail in await mails(store, MailKind.ACKNOWLEDGEMENT)] == [ANA]


async def test_commands_above_a_mail_handed_on_act_on_the_case_it_opens(store: Store) -> None:
    orders = commands.read("!severity 1\n!take")
    await follow(store, of_agent(1), Way.OPEN, orders=orders)
    (case,) = await cases(store)
    assert (case.severity, case.assignee) == (Severity.HIGH, LUCIA)
    (answer,) = [row for row in await mails(store) if row.draft["template"] == "transcript"]
    assert (answer.to, answer.reference) == (LUCIA, FIRST)


@pytest.mark.parametrize(
    ("way", "outcome"), [(Way.JOIN, "joined"), (Way.NOTE, "noted"), (Way.ANSWERED, "answered")]
)
async def test_what_belongs_to_a_case_is_kept_with_it(one_case: Store, way: Way, outcome: str) -> None:
    entry = await follow(one_case, received(2, to=(Address(ANA),)), way, CASE)
    assert (entry.outcome, entry.reference) == (outcome, FIRST)
    assert await stored(one_case) == ["d1", "d2"]
    (case,) = await cases(one_case)
    assert (case.attended_at is not None) == (way is Way.ANSWERED)


async def test_an_agent_s_reply_goes_on_to_the_client_and_he_hears_which_files_did_not(
    one_case: Store,
) -> None:
    one = replace(of_agent(), left_out=("video.mp4",))
    assert (await follow(one_case, one, Way.REPLIED, CASE, words="Probá ahora.")).outcome == "replied"
    assert [row.to for row in await mails(one_case, MailKind.ANSWER)] == [ANA]
    notes = [row.draft["variables"]["notes"] for row in await mails(one_case) if row.to == LUCIA]
    assert "video.mp4" in str(notes)


async def test_a_reply_whose_files_all_went_along_needs_no_answer(one_case: Store) -> None:
    await follow(one_case, of_agent(), Way.REPLIED, CASE, words="Probá ahora.")
    assert not [row for row in await mails(one_case) if row.draft["template"] == "transcript"]


async def test_orders_are_carried_out_and_answered_line_by_line(one_case: Store) -> None:
    orders = commands.read("!take\n!severity 9")
    entry = await follow(one_case, of_agent(), Way.ORDERS, CASE, orders=orders)
    assert (entry.outcome, (await cases(one_case))[0].assignee) == ("command", LUCIA)
    (answer,) = [row for row in await mails(one_case) if row.draft["template"] == "transcript"]
    assert [line["done"] for line in answer.draft["variables"]["lines"]] == [True, False]


async def test_orders_about_no_case_are_answered_too(store: Store) -> None:
    entry = await follow(store, of_agent(1), Way.ORDERS, orders=commands.read("!help"))
    assert (entry.outcome, entry.reference) == ("command", None)
    assert [(row.to, row.reference) for row in await mails(store)] == [(LUCIA, None)]


async def test_an_agent_who_says_so_is_away_for_the_next_of_the_batch(store: Store) -> None:
    away = of_agent(1, subject="estoy afuera", text="!away 2026-12-31")
    assert away.message is not None
    assert away.reading is not None

    def work(tx: Transaction) -> Desk:
        book = BatchBook(tx, DESK, FOLDER, NOW)
        assert away.message is not None
        assert away.reading is not None
        orders = commands.read("!away 2026-12-31")
        ways.follow(book, away, away.message, away.reading, Route(Way.ORDERS, "", orders=orders))
        return book.desk

    agent = (await store.write(work)).site.agent(LUCIA)
    assert agent is not None
    assert [one.end.isoformat() for one in agent.absent] == ["2026-12-31"]


async def test_an_answer_to_the_survey_is_a_mark_and_reopens_nothing(one_case: Store) -> None:
    closing = commands.read("!close listo")
    await follow(one_case, of_agent(), Way.ORDERS, CASE, orders=closing)
    asked = signing.message_id(DESK.site.secret, DESK.site.domain, f"{FIRST}/survey", ANA, FIRST)
    answer = received(3, subject="Re: ¿Cómo te fue?", text="4\n\nRápidos.", in_reply_to=(asked,))
    assert (await follow(one_case, answer, Way.SURVEY, CASE)).outcome == "survey"
    (mark,) = await told(one_case, "survey.answered")
    assert (mark["mark"], mark["comment"], mark["by"], mark["case"]) == (4, True, ANA, FIRST)
    assert not (await cases(one_case))[0].open


# -- delivery reports --------------------------------------------------------------------------------------------------


def a_report(message_id: str, status: str) -> Received:
    text = f"Your message could not be delivered.\n\n<{ANA}>: {status} User unknown"
    one = received(
        5,
        sender=Address("MAILER-DAEMON@mx.example"),
        subject="Undelivered Mail Returned to Sender",
        text=text,
    )
    assert one.reading is not None
    bounce = Bounce((ANA,), status.startswith("4"), message_id, status)
    return replace(one, reading=replace(one.reading, bounce=bounce))


@pytest.mark.parametrize(("status", "reached"), [("5.1.1", False), ("4.4.1", True)])
async def test_a_report_about_our_mail_is_noted_and_only_a_final_one_changes_the_case(
    one_case: Store, status: str, reached: bool
) -> None:
    (mail,) = await mails(one_case, MailKind.ACKNOWLEDGEMENT)
    entry = await follow(one_case, a_report(mail.message_id, status), Way.BOUNCE)
    assert (entry.outcome, entry.reference) == ("noted", FIRST)
    assert ((await cases(one_case))[0].unreachable is None) == reached


async def test_a_report_about_nothing_of_ours_is_passed_over(one_case: Store) -> None:
    entry = await follow(one_case, a_report("other@elsewhere.example", "5.1.1"), Way.BOUNCE)
    assert (entry.outcome, entry.reference) == ("ignored", None)
    assert (await cases(one_case))[0].unreachable is None


# -- to no case --------------------------------------------------------------------------------------------------------


async def test_a_suggestion_is_kept_counted_and_thanked_for(store: Store) -> None:
    assert (await follow(store, received(1), Way.SUGGESTION)).outcome == "suggestion"
    assert [row.to for row in await mails(store)] == [ANA]
    assert [one["from"] for one in await told(store, "suggestion.received")] == [ANA]
    assert await loose(store, "d1")


@pytest.mark.parametrize(
    "one",
    [replace(received(1), flags=(BACKLOG,)), received(1, headers=(("Precedence", "bulk"),))],
    ids=["found too late", "must not be answered"],
)
async def test_nobody_is_thanked_who_must_not_be_answered(store: Store, one: Received) -> None:
    await follow(store, one, Way.SUGGESTION)
    assert await mails(store) == []
    assert len(await told(store, "suggestion.received")) == 1


async def test_what_came_in_an_agent_s_name_is_set_aside_and_the_others_are_told(one_case: Store) -> None:
    forged = received(2, sender=DIEGO, headers=FORGED, text="!close listo")
    entry = await follow(one_case, forged, Way.SET_ASIDE, CASE)
    assert (entry.outcome, entry.reference) == ("set_aside", FIRST)
    (row,) = await one_case.read(lambda tx: tx.list_aside())
    assert (row.raw, row.sender, row.reference) == (b"the mail", DIEGO, FIRST)
    told_to = {mail.to for mail in await mails(one_case, MailKind.NOTICE)}
    assert LUCIA in told_to
    assert (await cases(one_case))[0].open
    assert await stored(one_case) == ["d1"], "it is no message of the case"


async def test_what_is_ignored_is_kept_with_the_reason(store: Store) -> None:
    assert (await follow(store, received(1), Way.IGNORE)).outcome == "ignored"
    (event,) = await told(store, "message.ignored")
    assert (event["reason"], event["from"], event["digest"]) == ("for the test", ANA, "d1")
    assert await loose(store, "d1")
    assert await mails(store) == []


# -- who of us is there ------------------------------------------------------------------------------------------------


def an_absence(uid: int) -> Received:
    headers = (*PROVEN, ("Auto-Submitted", "auto-replied"))
    return received(uid, sender=LUCIA, headers=headers, text="Vuelvo el 30 de octubre.")


async def unreachable(store: Store) -> set[str]:
    return set((await store.read(lambda tx: roster.desk_of(tx, DESK, NOW))).unreachable)


async def test_an_agent_s_own_automatic_answer_makes_him_away_and_his_next_mail_ends_it(
    one_case: Store,
) -> None:
    await follow(one_case, an_absence(2), Way.NOTE, CASE, absent=LUCIA)
    assert LUCIA in await unreachable(one_case)
    await follow(one_case, of_agent(3), Way.NOTE, CASE)
    assert LUCIA not in await unreachable(one_case)
    assert [one["by"] for one in await told(one_case, "agent.back")] == [LUCIA]


async def test_a_mail_in_his_name_that_is_set_aside_does_not_bring_him_back(one_case: Store) -> None:
    await follow(one_case, an_absence(2), Way.NOTE, CASE, absent=LUCIA)
    await follow(one_case, received(3, sender=LUCIA, headers=FORGED), Way.SET_ASIDE)
    assert LUCIA in await unreachable(one_case)
    assert CARLA not in await unreachable(one_case)


# -- without a decision ------------------------------------------------------------------------------------------------


async def test_what_nobody_could_read_is_kept_whole_beside_a_case_of_its_own(store: Store) -> None:
    def work(tx: Transaction) -> None:
        book = BatchBook(tx, DESK, FOLDER, NOW)
        ways.unreadable(book, unreadable(1))
        book.write(0)

    await store.write(work)
    (row,), (case,) = await store.read(lambda tx: tx.list_aside()), await cases(store)
    assert (row.raw, row.reference, case.client.address) == (b"the mail", case.reference, "")
    assert await mails(store, MailKind.ACKNOWLEDGEMENT) == []


async def sent(store: Store, folder: Folder, route: Route) -> None:
    one = received(
        1, sender=Address(SUPPORT), to=(Address(ANA),), digest="s1", message_id="s1@netone.example"
    )

    def work(tx: Transaction) -> None:
        book = BatchBook(tx, DESK, folder, NOW)
        book.load({FIRST})
        assert one.message is not None
        assert one.reading is not None
        ways.sent(book, one, one.message, one.reading, route)
        book.write(0)

    await store.write(work)


async def test_what_was_sent_elsewhere_attends_and_is_the_assignee_s(one_case: Store) -> None:
    await follow(one_case, of_agent(), Way.ORDERS, CASE, orders=commands.read("!take"))
    await sent(one_case, SENT, Route(Way.ANSWERED, "written elsewhere", CASE))
    (case,) = await cases(one_case)
    assert (case.attended_at, case.assignee) == (START, LUCIA)
    known = await one_case.read(lambda tx: tx.known_messages(["s1@netone.example"]))
    assert [one.direction for one in known["s1@netone.example"]] == ["out"]


async def test_other_sent_mail_is_not_even_kept(one_case: Store) -> None:
    await sent(one_case, SENT, Route(Way.IGNORE, "about no case", CASE))
    assert (await cases(one_case))[0].attended_at is None
    assert await one_case.read(lambda tx: tx.digests(["s1"])) == {}
