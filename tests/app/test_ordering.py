"""Commands in their order, and what each needs gathered: the case merged into, the mail split off, the real client."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from tests.app.house import DESK, START
from triage.app import ordering
from triage.app.ordering import Asked, Line
from triage.app.orders_by_hand import ShellBook
from triage.core import commands, lifecycle, sayings
from triage.core.desk import Desk
from triage.core.events import Opening
from triage.core.model import Address, Case, Classification, Language, Severity, State
from triage.core.records import StoredMessage
from triage.ports import Store, Transaction

LUCIA, DIEGO = DESK.site.agents[0].address, DESK.site.agents[1].address
ANA = "ana@tienda.example"
FIRST, SECOND, THIRD = (f"NO-2026-00000{n}" for n in (1, 2, 3))
NOW = START + timedelta(minutes=10)


def an_opening(reference: str, client: str = ANA) -> Opening:
    found = Classification(Severity.MEDIUM, "part-fails")
    return Opening(
        reference, "soporte", START, Address(client), Language.ES, "Fotos", "no cargan", found, may_ack=False,
        message_id=f"{reference}@tienda.example",
    )  # fmt: skip


@pytest.fixture
async def cases(store: Store) -> Store:
    """Three open cases of one client."""

    def begin(tx: Transaction) -> None:
        tx.take_numbers("NO-2026", 3)
        book = ShellBook(tx, DESK, START)
        for reference in (FIRST, SECOND, THIRD):
            book.keep(lifecycle.open_case(DESK, an_opening(reference), START))

    await store.write(begin)
    return store


@dataclass
class Said:
    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


async def given(store: Store, text: str, reference: str | None = FIRST, **how: Any) -> Said:
    """Carry out what stands at the top of a mail of Lucía's."""
    asked = Asked(NOW, LUCIA, commands.read(text), **how)
    return Said(*await store.write(lambda tx: ordering.carry_out(ShellBook(tx, DESK, NOW), asked, reference)))


async def case(store: Store, reference: str = FIRST) -> Case:
    return (await store.read(lambda tx: tx.cases([reference])))[reference]


async def test_commands_are_carried_out_one_after_the_other_on_what_the_last_one_made(cases: Store) -> None:
    said = await given(cases, "!take\n!severity 1\n!close")
    assert [line.done for line in said.lines] == [True] * 3
    found = await case(cases)
    assert (found.assignee, found.severity, found.state) == (LUCIA, Severity.HIGH, State.CLOSED)


async def test_one_that_cannot_be_done_stops_no_other(cases: Store) -> None:
    said = await given(cases, "!severity 9\n!tkae\n!take")
    assert [line.done for line in said.lines] == [False, False, True]
    assert all(line.said for line in said.lines)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("!take\nlo veo", "text_kept"),
        ("!waiting\n¿qué navegador?", "text_sent"),
        ("!severity 9\nlo veo", "text_dropped"),
        ("!tkae\nlo veo", "text_dropped"),
        ("!take", None),
    ],
)
async def test_what_became_of_the_text_below_is_said(cases: Store, text: str, note: str | None) -> None:
    said = await given(cases, text)
    assert said.notes == ([sayings.say(DESK.site, note)] if note else [])


@pytest.mark.parametrize(
    ("text", "reference"),
    [("!away 2026-10-25\nme voy", FIRST), ("!away off\nhola", None), ("!help\nhola", None)],
)
async def test_text_that_no_case_keeps_is_not_said_to_be_kept(
    cases: Store, text: str, reference: str | None
) -> None:
    said = await given(cases, text, reference)
    assert said.lines[0].done
    assert said.notes == [sayings.say(DESK.site, "text_dropped")]


async def test_text_for_a_client_whom_nobody_knows_stays_as_a_note(cases: Store) -> None:
    nobody = replace(await case(cases), client=Address(""))
    await cases.write(lambda tx: tx.save_cases([nobody]))
    said = await given(cases, "!resolve\nya está")
    assert said.notes == [sayings.say(DESK.site, "text_kept")]
    events = await cases.read(lambda tx: tx.events(FIRST))
    assert events[-1].data["note"] == "ya está"


async def test_the_text_belongs_to_the_last_command_alone(cases: Store) -> None:
    await given(cases, "!take\n!close\nse reinició el servidor")
    events = await cases.read(lambda tx: tx.events(FIRST))
    assert [event.data["note"] for event in events if event.data.get("note")] == ["se reinició el servidor"]
    assert events[-1].data["note"] == "se reinició el servidor"


@pytest.mark.parametrize("reference", [None, "NO-2026-000099"])
async def test_without_a_case_help_helps_and_nothing_else_is_done(
    cases: Store, reference: str | None
) -> None:
    said = await given(cases, "!help\n!take\n!tkae", reference)
    assert [line.done for line in said.lines] == [True, False, False]
    assert "!tkae" in said.lines[2].line


# -- being away ------------------------------------------------------------------------------------------------------


async def test_an_absence_is_no_case_s_matter_and_holds_from_the_next_decision_on(cases: Store) -> None:
    said = await given(cases, "!away 2026-10-25", None)
    assert said.lines[0].done
    assert "2026-10-25" in said.lines[0].said
    desk: Desk = await cases.read(lambda tx: ShellBook(tx, DESK, NOW).desk)
    agent = desk.site.agent(LUCIA)
    assert agent is not None
    assert len(agent.absent) == 1
    back = await given(cases, "!away off", None)
    assert back.lines[0].done
    assert not (await given(cases, "!away 2020-01-01", None)).lines[0].done


# -- merging ---------------------------------------------------------------------------------------------------------


async def test_who_merges_into_a_merged_case_merges_into_where_that_one_went(cases: Store) -> None:
    await given(cases, f"!merge {SECOND}", THIRD)
    said = await given(cases, f"!merge {THIRD}")
    assert said.lines[0].done, said.lines[0].said
    assert (await case(cases)).merged_into == SECOND


async def test_a_circle_of_merged_cases_is_refused_and_ends(cases: Store) -> None:
    found = await cases.read(lambda tx: tx.cases([SECOND, THIRD]))
    circle = [
        replace(found[SECOND], state=State.MERGED, merged_into=THIRD),
        replace(found[THIRD], state=State.MERGED, merged_into=SECOND),
    ]
    await cases.write(lambda tx: tx.save_cases(circle))
    assert not (await given(cases, f"!merge {SECOND}")).lines[0].done


@pytest.mark.parametrize("argument", ["", "otro", "NO-2026-000099"])
async def test_what_names_no_case_merges_nothing(cases: Store, argument: str) -> None:
    assert not (await given(cases, f"!merge {argument}")).lines[0].done


# -- splitting and opening -------------------------------------------------------------------------------------------


def a_message(number: int, **fields: Any) -> StoredMessage:
    plain: dict[str, Any] = {
        "digest": f"d{number}", "at": START + timedelta(minutes=number), "direction": "in", "sender": ANA,
        "subject": f"Re: [{FIRST}] Otra", "first_line": "Otra", "text": "No anda el buscador.",
        "new_text": "No anda el buscador.", "reference": FIRST, "mailbox": "soporte",
        "message_id": f"x{number}@tienda.example", "reading": {"may_ack": True, "language": "es"},
    }  # fmt: skip
    return StoredMessage(**{**plain, **fields})


async def stored(store: Store, *messages: StoredMessage) -> None:
    await store.write(lambda tx: tx.add_messages(messages))


async def of(store: Store, reference: str) -> list[str]:
    return [one.digest for one in await store.read(lambda tx: tx.messages(reference))]


async def test_the_client_s_latest_mail_is_split_off_never_the_first_nor_a_colleague_s(cases: Store) -> None:
    opening = a_message(1, message_id=f"{FIRST}@tienda.example")
    await stored(
        cases, opening, a_message(2), a_message(3, sender=DIEGO), a_message(4, message_class="auto_reply")
    )
    said = await given(cases, "!split")
    assert said.lines[0].done, said.lines[0].said
    assert await of(cases, "NO-2026-000004") == ["d2"]
    new = await case(cases, "NO-2026-000004")
    assert (new.subject, new.client.address, new.arrival) == ("Re: Otra", ANA, START + timedelta(minutes=2))
    assert not (await given(cases, "!split")).lines[0].done


async def test_a_mail_that_opened_no_case_is_opened_once_by_its_digest(cases: Store) -> None:
    await stored(cases, a_message(1, reference=None, reading={"may_ack": False, "trust": "authenticated"}))
    assert (await given(cases, "!open D1", None)).lines[0].done
    assert await of(cases, "NO-2026-000004") == ["d1"]
    assert not (await given(cases, "!open d1", None)).lines[0].done
    rows = await cases.read(lambda tx: tx.list_outbox(reference="NO-2026-000004"))
    assert [row.to for row in rows if row.kind == "acknowledgement"] == [ANA]


async def test_a_mail_proves_nothing_of_whom_its_reply_to_names(cases: Store) -> None:
    victim = {"trust": "authenticated", "client": {"address": "victima@otra.example"}}
    await stored(cases, a_message(1, reference=None, reading={"trust": "authenticated"}))
    await stored(cases, a_message(2, reference=None, reading=victim))
    for digest, reference, proven in (("d1", "NO-2026-000004", True), ("d2", "NO-2026-000005", False)):
        assert (await given(cases, f"!open {digest}", None)).lines[0].done
        assert (await case(cases, reference)).authenticated is proven


@pytest.mark.parametrize(
    "fields",
    [{"reading": {"trust": "failed"}}, {"message_class": "list", "reading": {"may_ack": False}}],
    ids=["forged", "a list's"],
)
async def test_who_was_forged_or_is_no_person_is_not_acknowledged_even_then(
    cases: Store, fields: dict[str, object]
) -> None:
    await stored(cases, a_message(1, reference=None, **fields))
    assert (await given(cases, "!open d1", None)).lines[0].done
    rows = await cases.read(lambda tx: tx.list_outbox(reference="NO-2026-000004"))
    assert not [row for row in rows if row.kind == "acknowledgement"]


@pytest.mark.parametrize("argument", ["", "nothing", "d1", "d2"])
async def test_a_mail_of_a_case_or_of_ours_is_not_opened(cases: Store, argument: str) -> None:
    await stored(cases, a_message(1), a_message(2, reference=None, direction="out"))
    assert not (await given(cases, f"!open {argument}", None)).lines[0].done


# -- the real client -------------------------------------------------------------------------------------------------


async def a_colleague_s(store: Store, *messages: StoredMessage) -> None:
    found = await case(store)
    await store.write(lambda tx: tx.save_cases([replace(found, client=Address(DIEGO))]))
    await stored(store, *messages)


FORWARDED = (
    "Les paso esto\n\n---------- Forwarded message ---------\nDe: Beto <beto@otra.example>\n"
    "Date: 20 oct 2026\nSubject: no anda\nTo: <diego@netone.example>\n\nNo abre."
)


@pytest.mark.parametrize(
    ("line", "forwarded", "client"),
    [
        ("!forward-as-client Beto Paz <Beto@Otra.example>.", None, Address("beto@otra.example", "Beto Paz")),
        (
            "!forward-as-client",
            Address("carlos@otra.example", "Carlos"),
            Address("carlos@otra.example", "Carlos"),
        ),
        ("!forward-as-client", None, Address("beto@otra.example", "Beto")),
    ],
    ids=["as typed", "whose mail he forwards now", "whose mail the case began with"],
)
async def test_a_case_is_handed_to_the_client_who_is_named_forwarded_or_was_at_first(
    cases: Store, line: str, forwarded: Address | None, client: Address
) -> None:
    await a_colleague_s(cases, a_message(1, sender=DIEGO, text=FORWARDED, subject="Fwd: no anda"))
    said = await given(cases, line, forwarded=forwarded)
    assert said.lines[0].done, said.lines[0].said
    assert (await case(cases)).client == client


async def test_with_nobody_to_be_found_nobody_becomes_the_client(cases: Store) -> None:
    await a_colleague_s(cases, a_message(1, sender=DIEGO, text="No abre."))
    assert not (await given(cases, "!forward-as-client")).lines[0].done


# -- history and tokens ----------------------------------------------------------------------------------------------


async def test_the_history_includes_what_this_very_mail_has_done(cases: Store) -> None:
    said = await given(cases, "!take\n!history")
    assert "tomó el caso" in said.lines[1].said


async def test_a_link_s_token_is_spent_by_the_command_it_was_made_for(cases: Store) -> None:
    how = {"nonce": "zzzzzabcd", "tap_action": commands.Action.CLOSE}
    await given(cases, "!take\n!close", **how)
    assert (await case(cases)).spent == ("zzzzzabcd",)
    await given(cases, "!reopen")
    again = await given(cases, "!take\n!close", **how)
    assert [line.done for line in again.lines] == [True, False]
