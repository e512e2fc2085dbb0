from dataclasses import replace
from datetime import timedelta

import pytest

from tests.app.house import DESK, START, House, a_mail
from tests.servers.mailbox_memory import MemoryMailbox
from triage import settings
from triage.app import orders_by_hand
from triage.app.orders_by_hand import Given
from triage.core import signing
from triage.core.commands import Action
from triage.core.model import MailKind
from triage.errors import Temporary

SECRET = settings.SAMPLE_SECRET


# -- batches ---------------------------------------------------------------------------------------------------------


async def test_every_mail_gets_its_outcome_its_mark_and_its_place_behind_the_cursor(store):
    house = House(store, batch=3)
    for number in range(10):
        house.box.add(a_mail(number), START)
    await house.pump()
    assert set((await house.outcomes()).values()) == {"opened"}
    assert await house.cursor() == 10
    assert house.box.settled == set(range(1, 11))


async def test_of_many_mails_the_first_batch_is_short_and_so_soon_committed(store):
    house = House(store, batch=10)
    for number in range(25):
        house.box.add(a_mail(number), START)
    await house.pump()
    assert [len(uids) for uids in house.box.fetches] == [2, 10, 10, 3]
    assert await house.cursor() == 25


async def test_a_connection_lost_between_batches_loses_and_doubles_nothing(store):
    house = House(store, batch=2)
    for number in range(6):
        house.box.add(a_mail(number), START)
    house.box.cut_after = 2
    with pytest.raises(Temporary):
        await house.pump()
    await house.pump()
    assert len(await house.cases()) == 6
    assert await house.cursor() == 6


async def test_stopping_leaves_the_rest_for_the_next_start(store):
    house = House(store, batch=1)
    for number in range(5):
        house.box.add(a_mail(number), START)
    taken = []
    cursor = await house.intake.begin(house.watched, await house.box.connect())
    await house.intake.drain(
        house.watched, cursor, taken=lambda: taken.append(1), stopping=lambda: bool(taken)
    )
    assert 1 <= len(await house.cases()) < 5
    await house.pump()
    assert len(await house.cases()) == 5


async def test_an_out_of_office_note_without_a_mark_is_kept_with_its_case_and_stirs_nothing(house):
    house.box.add(a_mail(1), START)
    await house.pump()
    (opened,) = await house.cases()
    ended = Given(Action.CLOSE, "cli:ana", "listo")
    await house.store.write(
        lambda tx: orders_by_hand.give(tx, DESK, house.clock.now(), opened.reference, ended)
    )
    (before,), mails = await house.cases(), await house.mails()
    assert not before.open
    away = "Gracias por su mensaje. Estoy de vacaciones hasta el 2/11. Responderé su correo a mi regreso."
    answer = {"From": "c1@cliente.example", "Subject": f"Re: [{opened.reference}] problema 1"}
    house.clock.at = START + timedelta(hours=3)  # long after what an echo's answer would take
    house.box.add(a_mail(2, away, In_Reply_To="<m1@cliente.example>", **answer), house.clock.at)
    await house.pump()
    assert await house.outcomes() == {1: "opened", 2: "noted"}
    assert await house.cases() == [before], "not reopened"
    assert await house.mails() == mails, "neither acknowledged nor told to anybody"
    kept = await house.store.read(lambda tx: tx.messages(opened.reference))
    assert [message.message_class for message in kept] == ["person", "auto_reply"]
    more = a_mail(3, f"{away} Sigue igual.", In_Reply_To="<m1@cliente.example>", **answer)
    house.box.add(more, house.clock.at)
    await house.pump()
    assert (await house.outcomes())[3] == "joined"
    assert [case.open for case in await house.cases()] == [True], "who says more is heard"


# -- what hurts ------------------------------------------------------------------------------------------------------


async def test_a_message_that_hurts_its_reader_waits_while_the_others_go_on(house):
    house.reader.hurts[b"POISON"] = 9
    house.box.add(a_mail(1, "POISON"), START)
    house.box.add(a_mail(2), START)
    cursor = await house.pump()
    assert await house.outcomes() == {2: "opened"}
    assert await house.cursor() == 0, "a restart would find it again"
    assert house.intake.hurting("soporte")
    house.box.add(a_mail(3), START)
    cursor = await house.drain(cursor)
    assert 3 in await house.outcomes()
    await house.drain(cursor)
    assert (await house.outcomes())[1] == "set_aside"
    assert not house.intake.hurting("soporte")
    assert await house.cursor() == 3
    assert house.reader.tries == 3


async def test_strikes_survive_a_restart_and_three_set_it_aside_whole_with_a_case(store):
    first = House(store)
    first.reader.hurts[b"POISON"] = 9
    raw = a_mail(1, "POISON")
    first.box.add(raw, START)
    await first.pump()
    again = House(store, box=first.box, reader=first.reader)
    cursor = await again.pump()
    await again.drain(cursor)
    aside = await store.read(lambda tx: tx.list_aside())
    assert [row.raw for row in aside] == [raw]
    case = (await again.cases())[0]
    assert aside[0].reference == case.reference
    assert "could not be read" in case.subject
    assert not await again.mails(MailKind.ACKNOWLEDGEMENT)
    assert again.box.settled == {1}


async def test_a_message_that_hurts_once_is_taken_in_like_any_other(house):
    house.reader.hurts[b"POISON"] = 1
    house.box.add(a_mail(1, "POISON"), START)
    await house.drain(await house.pump())
    assert await house.outcomes() == {1: "opened"}


# -- settling --------------------------------------------------------------------------------------------------------


async def test_a_full_mailbox_is_told_of_once_and_intake_goes_on(house):
    house.box.refusal = "NO [OVERQUOTA] Quota exceeded"
    house.box.add(a_mail(1), START)
    cursor = await house.pump()
    house.box.add(a_mail(2), START)
    await house.drain(cursor)
    assert len(await house.cases()) == 2
    alarms = await house.mails(MailKind.ALARM)
    assert [mail.to for mail in alarms] == ["sistemas@netone.example"]
    assert "OVERQUOTA" in str(await house.store.read(lambda tx: tx.get_note("settling/soporte")))


async def test_what_could_not_be_settled_is_settled_when_the_server_lets_us(house):
    house.box.refusal = "NO [OVERQUOTA] Quota exceeded"
    house.box.add(a_mail(1), START)
    cursor = await house.pump()
    house.box.refusal = ""
    await house.drain(cursor)
    assert not house.box.settled, "not asked again at once"
    house.clock.at += timedelta(minutes=6)
    await house.drain(cursor)
    assert house.box.settled == {1}
    assert await house.store.read(lambda tx: tx.get_note("settling/soporte")) is None


# -- time --------------------------------------------------------------------------------------------------------------


async def test_after_four_days_offline_deadlines_count_from_the_arrival(store):
    house = House(store)
    arrived = START
    house.box.add(a_mail(1, "El sitio esta caido, nadie puede entrar."), arrived)
    house.clock.at = START + timedelta(days=4)
    await house.pump()
    case = (await house.cases())[0]
    assert case.arrival == arrived
    assert case.deadline.at < house.clock.at
    acknowledgement = (await house.mails(MailKind.ACKNOWLEDGEMENT))[0]
    assert case.told_version == 0, "a deadline already past is not quoted"
    assert acknowledgement.to == "c1@cliente.example"
    alarms = await store.read(lambda tx: tx.alarms(case.reference))
    assert min(alarm.due_at for alarm in alarms) <= house.clock.at, "the lead hears of it at once"


async def test_a_backlog_answers_nobody_until_a_person_decides(house):
    house.box.add(a_mail(1), START)
    house.clock.at = START + timedelta(days=8)
    await house.pump()
    case = (await house.cases())[0]
    assert "backlog" in case.flags
    assert not [mail for mail in await house.mails() if mail.to == "c1@cliente.example"]


# -- several mailboxes -------------------------------------------------------------------------------------------------


async def test_the_same_message_through_two_mailboxes_is_one_case_received_twice(house):
    other = replace(house.watched, name="ventas", mailbox=MemoryMailbox())
    house.box.add(a_mail(1), START)
    other.mailbox.add(b"Received: by another.example; Tue, 20 Oct 2026 09:15:03 -0300\r\n" + a_mail(1), START)
    await house.pump()
    await house.pump(other)
    assert len(await house.cases()) == 1
    entry = (await house.store.read(lambda tx: tx.ledger("ventas", 1, [1])))[1]
    assert (entry.outcome, entry.reference) == ("duplicate", (await house.cases())[0].reference)
    assert len(await house.mails(MailKind.ACKNOWLEDGEMENT)) == 1


# -- the folder of sent mail -------------------------------------------------------------------------------------------


def sent_of(house):
    return replace(house.watched, name="soporte/sent", mailbox=MemoryMailbox(), sent=True, after="soporte")


async def test_an_answer_written_in_another_program_attends_the_case(house):
    house.box.add(a_mail(1), START)
    await house.pump()
    sent = sent_of(house)
    house.clock.at = START + timedelta(minutes=30)
    sent.mailbox.add(
        a_mail(
            9,
            "Ya esta solucionado.",
            From="Soporte <soporte@netone.example>",
            To="c1@cliente.example",
            In_Reply_To="<m1@cliente.example>",
        ),
        START + timedelta(minutes=20),
    )
    await house.pump(sent)
    case = (await house.cases())[0]
    assert case.attended_at == START + timedelta(minutes=20)
    assert case.assignee is None
    assert await house.outcomes("soporte/sent") == {1: "answered"}
    known = await house.store.read(lambda tx: tx.known_messages(["m9@cliente.example"]))
    assert known["m9@cliente.example"][0].reference == case.reference, "a reply to it will join"


async def test_what_we_filed_ourselves_is_known_by_its_signed_id(house):
    house.box.add(a_mail(1), START)
    await house.pump()
    case = (await house.cases())[0]
    own = signing.message_id(SECRET, "netone.example", "x", "c1@cliente.example", case.reference)
    sent = sent_of(house)
    sent.mailbox.add(
        a_mail(
            2,
            From="soporte@netone.example",
            To="c1@cliente.example",
            Message_ID=f"<{own}>",
            In_Reply_To="<m1@cliente.example>",
        ),
        START,
    )
    await house.pump(sent)
    assert await house.outcomes("soporte/sent") == {1: "ignored"}
    assert (await house.cases())[0].attended_at is None


@pytest.mark.parametrize(
    "fields",
    [
        {"To": "otra@persona.example", "In_Reply_To": "<m1@cliente.example>"},
        {"To": "c1@cliente.example"},
        {"To": "c1@cliente.example", "In_Reply_To": "<m1@cliente.example>", "Auto_Submitted": "auto-replied"},
    ],
)
async def test_sent_mail_to_others_about_nothing_or_by_programs_attends_nothing(house, fields):
    house.box.add(a_mail(1), START)
    await house.pump()
    sent = sent_of(house)
    sent.mailbox.add(a_mail(2, From="soporte@netone.example", **fields), START)
    await house.pump(sent)
    assert await house.outcomes("soporte/sent") == {1: "ignored"}
    assert (await house.cases())[0].attended_at is None
