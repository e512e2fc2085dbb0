"""A batch in one transaction: its messages in their order, each knowing what the earlier ones did."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.app.batches import ANA, FOLDER, LUCIA, PROVEN, SENT, cases, mails, received, take, told, unreadable
from tests.app.house import DESK, START
from triage.app import personal
from triage.app.received import Received
from triage.core import signing
from triage.core.model import Address, MailKind, State
from triage.ports import Store

NOW = START + timedelta(minutes=1)
BETO = "beto@otra-firma.example"


async def cursor(store: Store) -> tuple[int, int] | None:
    found = await store.read(lambda tx: tx.cursor("soporte"))
    return (found.uidvalidity, found.last_uid) if found else None


async def test_a_later_message_of_the_batch_joins_what_an_earlier_one_opened(store: Store) -> None:
    answer = received(
        2, in_reply_to=("m1@tienda-prueba.example",), subject="Re: Consulta", text="También hoy."
    )
    taken = await take(store, received(1), answer)
    assert taken.outcomes == {1: "opened", 2: "joined"}
    (case,) = await cases(store)
    stored = await store.read(lambda tx: tx.messages(case.reference))
    assert [message.digest for message in stored] == ["d1", "d2"]
    assert len(await mails(store, MailKind.ACKNOWLEDGEMENT)) == 1


async def test_the_same_message_twice_is_received_once_in_one_batch_or_in_two(store: Store) -> None:
    first = received(1)
    again = [replace(first, fetched=replace(first.fetched, uid=uid)) for uid in (2, 3)]
    assert (await take(store, first, again[0])).outcomes == {1: "opened", 2: "duplicate"}
    assert (await take(store, again[1])).outcomes == {3: "duplicate"}
    (case,) = await cases(store)
    ledger = await store.read(lambda tx: tx.ledger("soporte", 1, [2, 3]))
    assert {entry.reference for entry in ledger.values()} == {case.reference}


async def test_what_has_an_outcome_is_passed_over_and_its_outcome_told(store: Store) -> None:
    await take(store, received(1))
    taken = await take(store, received(1, text="Otra cosa", digest="other"), received(2))
    assert taken.outcomes == {1: "opened", 2: "opened"}
    assert len(await cases(store)) == 2
    assert {event.reference for event in taken.events} == {"NO-2026-000002"}


async def test_what_lay_there_before_our_time_opens_nothing(store: Store) -> None:
    assert (await take(store, replace(received(1), old=True))).outcomes == {1: "skipped"}
    assert await cases(store) == []


async def test_the_cursor_moves_on_and_never_back_but_for_a_new_uidvalidity(store: Store) -> None:
    await take(store, upto=0)
    assert await cursor(store) is None
    await take(store, upto=7)
    await take(store, upto=5)
    assert await cursor(store) == (1, 7)
    await take(store, folder=replace(FOLDER, uidvalidity=2), upto=3)
    assert await cursor(store) == (2, 3)


async def test_what_no_reader_could_read_opens_a_case_that_says_so_and_stops_no_other(store: Store) -> None:
    assert (await take(store, unreadable(1), received(2))).outcomes == {1: "set_aside", 2: "opened"}
    first, _ = await cases(store)
    assert (first.subject, first.client.address) == ("message could not be read", "")


async def test_a_message_that_ends_the_batch_leaves_nothing_of_the_others(store: Store) -> None:
    broken = replace(received(2), classification=None)
    with pytest.raises(AssertionError):
        await take(store, received(1), broken, upto=2)
    assert (await cases(store), await mails(store), await cursor(store)) == ([], [], None)
    await take(store, received(1))
    assert [case.reference for case in await cases(store)] == ["NO-2026-000001"], "no number was drawn either"


async def test_our_own_canary_is_no_message(store: Store) -> None:
    (box,) = DESK.site.mailboxes
    own = Address(box.address)
    subject = signing.canary(DESK.site.secret, box.address, START)
    one = received(1, sender=own, to=(own,), subject=subject)
    assert (await take(store, one, now=NOW)).outcomes == {1: "canary"}
    assert await told(store, "message.ignored") == []


# -- monitors ----------------------------------------------------------------------------------------------------------


def an_alert(uid: int, what: str = "web-01", **fields: object) -> Received:
    return received(
        uid,
        sender=Address("nagios@vigia.example"),
        subject=f"PROBLEM: {what}/HTTP is CRITICAL",
        text=f"Host: {what}\nService: HTTP\nState: CRITICAL",
        **fields,
    )


async def test_a_monitor_that_goes_on_about_the_same_thing_writes_into_its_case(store: Store) -> None:
    site = replace(DESK.site, monitors=("nagios@vigia.example",))
    desk = replace(DESK, site=site)
    taken = await take(store, an_alert(1, desk=desk), an_alert(2, desk=desk), desk=desk)
    assert taken.outcomes == {1: "opened", 2: "noted"}
    later = await take(store, an_alert(3, desk=desk), an_alert(4, "web-02", desk=desk), desk=desk)
    assert later.outcomes == {3: "noted", 4: "opened"}
    assert len(await cases(store)) == 2


async def test_whoever_forges_a_monitor_s_name_does_not(store: Store) -> None:
    desk = replace(DESK, site=replace(DESK.site, monitors=("nagios@vigia.example",)))
    forged = (("Authentication-Results", "mx.netone.example; dmarc=fail header.from=vigia.example"),)
    taken = await take(store, an_alert(1, desk=desk), an_alert(2, desk=desk, headers=forged), desk=desk)
    assert taken.outcomes[2] != "noted"


async def test_who_was_forgotten_and_answers_an_old_mail_of_ours_is_a_client_like_any_other(
    store: Store,
) -> None:
    await take(store, received(1))
    (acknowledged,) = await mails(store, MailKind.ACKNOWLEDGEMENT)
    await store.write(lambda tx: personal.erase(tx, ANA, frozenset(), NOW))
    anew = received(2, at=NOW, in_reply_to=(acknowledged.message_id,), text="La tienda está caída.")
    assert (await take(store, anew, now=NOW)).outcomes == {2: "opened"}
    assert [row.to for row in await mails(store, MailKind.ACKNOWLEDGEMENT)] == [ANA]
    assert [case.state for case in await cases(store)] == [State.CLOSED, State.NEW]


def of_lucia(uid: int, reference: str, text: str) -> Received:
    return received(
        uid, at=NOW, sender=LUCIA, headers=PROVEN, text=text, subject=f"Re: [{reference}] Consulta"
    )


@pytest.mark.parametrize("answered", ["NO-2026-000001", "NO-2026-000002"])
async def test_a_merge_of_strangers_is_undone_by_mail_and_neither_reads_the_other_s_answers(
    store: Store, answered: str
) -> None:
    """Mail about the merged case leads to the one that goes on; there the agent's answers went to both clients."""
    await take(store, received(1), received(2, sender=BETO, subject="Otra", text="Las fotos no cargan."))
    merged = of_lucia(3, "NO-2026-000001", "!merge NO-2026-000002")
    await take(store, merged, of_lucia(4, answered, "!undo"), now=NOW)
    first, second = await cases(store)
    assert (first.state, first.merged_into) == (State.NEW, None)
    assert (second.participants, second.writers) == ((), ())
    await take(store, of_lucia(5, "NO-2026-000002", "Ya cargan."), now=NOW)
    assert [row.to for row in await mails(store, MailKind.ANSWER)] == [BETO]


# -- the folder of sent mail -------------------------------------------------------------------------------------------


async def test_what_stands_among_the_sent_mail_answers_the_case_it_answers(store: Store) -> None:
    await take(store, received(1))
    answer = received(
        1,
        sender=Address(LUCIA),
        to=(Address("ana@tienda-prueba.example"),),
        in_reply_to=("m1@tienda-prueba.example",),
        digest="s1",
        message_id="s1@netone.example",
    )
    assert (await take(store, answer, folder=SENT)).outcomes == {1: "answered"}
    assert (await cases(store))[0].attended_at == START


async def test_sent_mail_that_cannot_be_read_is_nobody_s_matter(store: Store) -> None:
    assert (await take(store, unreadable(1), folder=SENT)).outcomes == {1: "ignored"}
    assert await cases(store) == []
    (entry,) = (await store.read(lambda tx: tx.ledger(SENT.mailbox, 1, [1]))).values()
    assert "no message at all" in entry.reason
