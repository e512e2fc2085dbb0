"""Agents' answers, clients' further mails, and what becomes of an answer in doubt."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.core.lifecycle.playbook import DIEGO, LUCIA, TUESDAY, Play, a_case
from triage.core.events import AgentAnswered, AgentReplied, ClientWrote, MailWent
from triage.core.model import Address, Classification, MailKind, MailState, Severity, State

BETO = "beto@tienda-prueba.example"


def reply(agent: str, minute: int, text: str = "Ya está.") -> AgentReplied:
    return AgentReplied(TUESDAY + timedelta(minutes=minute), agent, text, f"r{minute}@netone.example")


def test_an_answer_goes_to_the_client_in_the_agent_s_name_and_attends_once() -> None:
    done = Play(a_case()) >> reply(LUCIA, 10)
    (mail,) = done.mails
    assert (mail.to, mail.sender_name, mail.auto, mail.person, mail.author) == (
        "ana@tienda-prueba.example", "Lucía Ferrari - NetOne", "", True, LUCIA,
    )  # fmt: skip
    assert mail.in_reply_to == "m1@tienda-prueba.example"
    assert (done.case.state, done.case.attended_at) == (State.ATTENDED, TUESDAY + timedelta(minutes=10))
    again = done >> reply(LUCIA, 20)
    assert again.events == ["case.noted"]
    assert again.case.attended_at == done.case.attended_at


def test_files_go_along() -> None:
    file = {"name": "a.pdf", "content_type": "application/pdf", "content": "JVBERg=="}
    done = Play(a_case()) >> AgentReplied(TUESDAY, LUCIA, "Adjunto.", "r@x", (file,))
    assert done.mails[0].attachments == (file,)


def test_who_wrote_in_the_conversation_gets_a_mail_of_his_own_who_was_only_in_copy_none() -> None:
    wrote = ClientWrote(TUESDAY + timedelta(minutes=5), Address(BETO), "yo también", "yo también", "m2@x.example",
                        participants=("jefe@tienda-prueba.example",))  # fmt: skip
    done = (Play(a_case()) >> wrote) >> reply(LUCIA, 20)
    assert [mail.to for mail in done.mails] == ["ana@tienda-prueba.example", BETO]
    assert len({mail.key for mail in done.mails}) == 2


def test_the_second_of_two_agents_at_once_is_warned() -> None:
    done = (Play(a_case()) >> reply(LUCIA, 10, "Reiniciamos.")) >> reply(DIEGO, 12)
    assert [(mail.template, mail.to) for mail in done.mails] == [
        ("answer", "ana@tienda-prueba.example"),
        ("second_answer", DIEGO),
    ]
    assert "Reiniciamos." in str(done.mails[1].variables)


def test_no_warning_after_the_client_wrote_again_or_much_later() -> None:
    first = Play(a_case()) >> reply(LUCIA, 10)
    wrote = ClientWrote(
        TUESDAY + timedelta(minutes=15), Address("ana@tienda-prueba.example"), "no", "no anda", "m3@x"
    )
    assert [mail.template for mail in ((first >> wrote) >> reply(DIEGO, 20)).mails] == ["answer"]
    assert [mail.template for mail in (first >> reply(DIEGO, 200)).mails] == ["answer"]


def test_an_answer_with_support_in_copy_counts_too() -> None:
    done = Play(a_case()) >> AgentAnswered(TUESDAY + timedelta(minutes=3), DIEGO, "mail", "a@x", (BETO,))
    assert (done.case.state, done.case.assignee) == (State.ATTENDED, DIEGO)
    assert BETO in done.case.participants


def test_the_author_of_an_answer_in_doubt_is_asked() -> None:
    went = MailWent(TUESDAY, MailKind.ANSWER, "ana@tienda-prueba.example", MailState.UNCERTAIN, "k", "id@x", "answer",
                    author=LUCIA, text="Ya está.", error="connection lost")  # fmt: skip
    done = Play(a_case()) >> went
    assert [(mail.template, mail.to) for mail in done.mails] == [("answer_uncertain", LUCIA)]


def test_an_escalation_attends_when_the_client_was_told() -> None:
    escalated = Play(a_case()).order("!escalate desarrollo")
    assert escalated.case.attended_at is None
    assert "desarrollo@netone.example" in {mail.to for mail in escalated.mails}
    told = escalated >> MailWent(
        TUESDAY + timedelta(minutes=30),
        MailKind.NOTICE,
        "ana@tienda-prueba.example",
        MailState.ACCEPTED,
        "k",
        "id@x",
        "escalated",
    )
    assert (told.case.state, told.case.attended_at) == (State.ATTENDED, TUESDAY + timedelta(minutes=30))


@pytest.mark.parametrize(("asked", "told"), [("¿Qué navegador usás?", ["client_wrote"]), ("Ya está.", [])])
def test_polite_words_answer_what_an_agent_asked(asked: str, told: list[str]) -> None:
    """ "Chrome, ¡gracias!" is courtesy alone by its words; who asked must hear of it."""
    thanks = ClientWrote(
        TUESDAY + timedelta(minutes=25),
        Address("ana@tienda-prueba.example"),
        "Chrome",
        "Chrome, gracias",
        "m5@x",
        thanks_only=True,
    )
    assert [mail.template for mail in (Play(a_case()) >> reply(LUCIA, 20, asked) >> thanks).mails] == told
    waiting = Play(a_case()).order("!take").order("!waiting", text=asked)
    assert (waiting >> thanks).case.state is State.TAKEN
    attended = Play(a_case()) >> reply(LUCIA, 10)
    assert [mail.template for mail in (attended.order("!waiting", text=asked) >> thanks).mails] == told
    ended = Play(a_case()) >> reply(LUCIA, 20, asked)
    assert (ended.order("!close") >> thanks).case.state is State.CLOSED


AREA = ClientWrote(
    TUESDAY + timedelta(minutes=5),
    Address("desarrollo@netone.example"),
    "es el CDN",
    "es el CDN",
    "m2@netone.example",
)


def test_an_area_that_writes_about_a_case_gets_no_copy_of_what_the_client_is_told() -> None:
    done = (Play(a_case()) >> AREA) >> reply(LUCIA, 20)
    (mail,) = done.mails
    assert mail.to == "ana@tienda-prueba.example"
    assert mail.in_reply_to == "m1@tienda-prueba.example"


@pytest.mark.parametrize("line", ["!take", "!waiting", "!resolve", "!close"])
def test_what_an_area_writes_goes_to_who_has_the_case_and_changes_nothing(line: str) -> None:
    """Its words are none of the client's: they reopen nothing, end no wait, raise nothing, and the client hears nothing."""
    given = Play(a_case()).order("!take").order(line)
    done = given >> replace(AREA, classification=Classification(Severity.HIGH, "site-down"))
    assert [(mail.template, mail.to) for mail in done.mails] == [("client_wrote", LUCIA)]
    assert done.mails[0].variables["from_area"] == "desarrollo"
    assert done.events == ["case.joined"]
    assert replace(done.case, participants=()) == replace(given.case, participants=())


def test_a_polite_word_of_an_area_is_news() -> None:
    """ "Listo" is a client's courtesy, and an area's way to say that it is done."""
    done = Play(a_case()).order("!take") >> replace(AREA, thanks_only=True)
    assert [mail.to for mail in done.mails] == [LUCIA]


def test_an_area_whose_own_case_it_is_is_a_client() -> None:
    """ "The wiki is down", says the shop floor: its answer ends the wait, and its relapse begins anew."""
    own = Play(a_case(client=AREA.sender)).order("!take")
    assert (own.order("!waiting", text="¿qué página?") >> AREA).case.state is State.TAKEN
    again = own.order("!close") >> AREA
    assert (again.case.state, again.case.cycle) == (State.TAKEN, 2)
    told = own >> AREA
    assert [(mail.to, mail.variables["from_area"]) for mail in told.mails] == [(LUCIA, "desarrollo")]


def test_an_area_is_told_that_its_answer_does_not_go_to_the_client() -> None:
    mails = Play(a_case()).order("!escalate desarrollo").mails
    (handed,) = [mail for mail in mails if mail.to == AREA.sender.address]
    assert (handed.variables["reason"], handed.variables["no_agent"]) == ("area", True)


# -- a client writes again after the end ------------------------------------------------------------------------------

RELAPSE = ClientWrote(
    TUESDAY + timedelta(days=3), Address("ana@tienda-prueba.example"), "volvió", "Volvió a fallar.", "m9@x"
)


def ended(**fields: Any) -> Play:
    return (Play(a_case(**fields)).order("!close")).at(RELAPSE.at + timedelta(minutes=1))


def test_who_writes_again_after_the_end_is_told_the_new_deadline_once() -> None:
    again = ended() >> RELAPSE
    assert again.events == ["case.joined", "case.reopened"]
    (mail,) = (mail for mail in again.mails if mail.to_client)
    assert (mail.template, mail.variables["why"], mail.variables["earlier"]) == (
        "deadline_moved",
        "reopened",
        {},
    )
    assert mail.tells == again.case.told_version == again.case.deadline.version == 2
    assert (again >> replace(RELAPSE, message_id="m10@x")).to_client == []


def test_who_was_never_told_a_deadline_is_told_none_when_a_case_is_reopened() -> None:
    assert (ended(told_version=0) >> RELAPSE).to_client == []


def test_a_deadline_that_is_past_when_the_relapse_is_read_is_not_told() -> None:
    again = ended().at(RELAPSE.at + timedelta(days=9)) >> RELAPSE
    assert (again.to_client, again.case.told_version) == ([], 0)


def test_what_an_agent_reopens_is_the_agent_s_to_tell() -> None:
    assert Play(a_case()).order("!close").order("!reopen").to_client == []
