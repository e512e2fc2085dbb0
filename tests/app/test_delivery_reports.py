"""Delivery reports: matched to our own mail by proof alone, and told to those who can do something about it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.app.batches import ANA, DIEGO, FOLDER, LUCIA, cases, mails, received, take, told
from tests.app.house import DESK, START, Clock
from tests.builders import SUPPORT, a_message
from triage.app import delivery_reports, roster
from triage.app.alarms import Alarms
from triage.app.batch_book import BatchBook
from triage.core import signing
from triage.core.marks import Bounce
from triage.core.model import Address, MailKind, MailState
from triage.core.records import OutboxRow
from triage.ports import Store, Transaction

NOW = START + timedelta(minutes=10)
GONE = "5.1.1"
FIRST, SECOND = "NO-2026-000001", "NO-2026-000002"


def a_report_of(message_id: str | None, to: str = ANA, status: str = GONE, diagnostic: str = "") -> Bounce:
    return Bounce(
        (to,), temporary=False, original_message_id=message_id, status=status, diagnostic=diagnostic
    )


async def acknowledged(store: Store, *uids: int) -> list[OutboxRow]:
    await take(store, *(received(uid, digest=f"d{uid}") for uid in uids or (1,)))
    return await mails(store, MailKind.ACKNOWLEDGEMENT)


async def found(store: Store, bounce: Bounce, *to: str) -> OutboxRow | None:
    """Return which mail a report is about; `to`: where the report went."""
    report = a_message(to=tuple(Address(one) for one in to))
    return await store.read(
        lambda tx: delivery_reports.reported(BatchBook(tx, DESK, FOLDER, NOW), report, bounce)
    )


async def lost(store: Store, mail: OutboxRow, status: str = GONE) -> None:
    def work(tx: Transaction) -> None:
        book = BatchBook(tx, DESK, FOLDER, NOW)
        bounce = a_report_of(mail.message_id, mail.to, status, "User unknown")
        again = delivery_reports.reported(book, a_message(), bounce)
        assert again is not None
        delivery_reports.not_delivered(book, NOW, again, bounce)
        book.write(0)

    await store.write(work)


# -- which mail --------------------------------------------------------------------------------------------------------


async def test_a_report_is_about_the_mail_whose_id_it_returns(store: Store) -> None:
    first, second = await acknowledged(store, 1, 2)
    assert first.message_id != second.message_id
    one = await found(store, a_report_of(second.message_id))
    assert one is not None
    assert one.id == second.id


async def test_a_report_that_returns_no_id_is_known_by_the_path_it_came_back_on(store: Store) -> None:
    (mail,) = await acknowledged(store)
    path = signing.return_path(DESK.site.secret, SUPPORT, mail.id)
    one = await found(store, a_report_of(None), path)
    assert one is not None
    assert one.id == mail.id


@pytest.mark.parametrize("to", ["soporte+b1.aaaaaaaaaaaaaaaa@netone.example", SUPPORT])
async def test_nothing_is_believed_of_a_report_that_nothing_proves(store: Store, to: str) -> None:
    await acknowledged(store)
    assert await found(store, a_report_of("guessed@netone.example"), to) is None
    assert await found(store, a_report_of(None), to) is None


# -- who hears of it ---------------------------------------------------------------------------------------------------


async def test_a_client_who_cannot_be_reached_is_written_on_the_case_and_agents_are_told(
    store: Store,
) -> None:
    (mail,) = await acknowledged(store)
    await lost(store, mail)
    (case,) = await cases(store)
    assert case.unreachable is not None
    assert (case.unreachable.address, case.unreachable.status) == (ANA, GONE)
    after = (await store.read(lambda tx: tx.outbox([mail.id])))[mail.id]
    assert (after.state, after.last_error) == (MailState.BOUNCED, f"{GONE} User unknown")
    letters = [row for row in await mails(store) if row.draft["template"] == "client_unreachable"]
    assert letters
    assert {row.to for row in letters} <= {agent.address for agent in DESK.site.agents}


async def test_an_agent_s_mail_that_bounces_makes_him_away_and_his_client_stays_reachable(
    store: Store,
) -> None:
    await acknowledged(store)
    notice = OutboxRow("k", MailKind.NOTICE, LUCIA, "n@netone.example", {}, START, START, reference=FIRST)
    await store.write(lambda tx: tx.add_outbox([notice]))
    await lost(store, notice)
    (case,) = await cases(store)
    assert case.unreachable is None
    assert LUCIA in (await store.read(lambda tx: roster.desk_of(tx, DESK, NOW))).unreachable
    assert [(one["by"], one["why"]) for one in await told(store, "agent.away")] == [(LUCIA, GONE)]


async def test_a_lost_mail_of_no_case_is_told_with_its_reason(store: Store) -> None:
    digest = OutboxRow("k", MailKind.DIGEST, DIEGO, "n@netone.example", {}, START, START)
    await store.write(lambda tx: tx.add_outbox([digest]))
    await lost(store, digest)
    (event,) = await told(store, "mail.bounced")
    assert (event["to"], event["kind"], event["error"]) == (DIEGO, "digest", f"{GONE} User unknown")


async def test_where_all_reminders_of_several_cases_were_lost_others_are_told_of_each(store: Store) -> None:
    await take(store, received(1), received(2))
    await Alarms(store, lambda: DESK, Clock(NOW)).ring()
    told_of_both = [row for row in await mails(store, MailKind.REMINDER) if row.reference is None]
    assert len(told_of_both) > 1
    for mail in told_of_both:
        assert [row for row in await mails(store, MailKind.REMINDER) if row.reference] == []
        await lost(store, mail)
    instead = [row for row in await mails(store, MailKind.REMINDER) if row.reference]
    assert {row.reference for row in instead} == {FIRST, SECOND}
    assert {row.to for row in instead}.isdisjoint(row.to for row in told_of_both)


async def test_a_copied_person_who_cannot_be_reached_is_the_case_s_matter_too(store: Store) -> None:
    copied = "beto@tienda-prueba.example"
    await take(store, received(1, cc=(Address(copied),)))
    (mail,) = await mails(store, MailKind.ACKNOWLEDGEMENT)
    answer = replace(mail, key="to beto", to=copied, message_id="b@netone.example", state=MailState.QUEUED)
    await store.write(lambda tx: tx.add_outbox([answer]))
    await lost(store, answer)
    (case,) = await cases(store)
    assert case.unreachable is not None
    assert case.unreachable.address == copied
