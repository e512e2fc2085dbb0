"""What each command does to a case, its clock, its alarms and its client."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.core.lifecycle.playbook import DIEGO, LUCIA, Play, a_case, desk
from triage.core import promises
from triage.core.events import AgentAnswered, AlarmsRang
from triage.core.lifecycle import DEADLINE_STEP, reminding
from triage.core.model import Address, ClientFile, Source, State
from triage.core.records import AlarmRow


def given(severity: int = 2, **fields: object) -> Play:
    return Play(a_case(severity, **fields))


@pytest.mark.parametrize(
    ("line", "state", "event", "told"),
    [
        ("!take", "taken", "case.taken", []),
        (f"!assign {DIEGO}", "taken", "case.taken", []),
        ("!assign diego", "taken", "case.taken", []),
        ("!attended phone: le dijimos", "attended", "case.attended", []),
        ("!waiting", "waiting", "case.waiting", []),
        ("!note llamar", "new", "case.noted", []),
        ("!product TornadoStore", "new", "case.classified", []),
        ("!escalate Desarrollo", "escalated", "case.escalated", ["escalated"]),
        ("!date 15/12/2026 presupuesto", "planned", "case.planned", ["planned_date"]),
        ("!resolve provisional", "attended", "case.attended", ["solution"]),
        ("!resolve", "resolved", "case.resolved", ["solution", "survey"]),
        ("!close", "closed", "case.closed", []),
        ("!spam", "closed", "case.closed", []),
        ("!snooze 2h", "new", "case.snoozed", []),
    ],
)
def test_a_command_leads_to_its_state_and_tells_the_client_what_the_model_promises(
    line: str, state: str, event: str, told: list[str]
) -> None:
    done = given().order(line)
    assert done.decision.done, done.decision.said
    assert done.case.state == state
    assert event in done.events
    assert [template for template in done.to_client if template != "survey" or "survey" in told] == told


@pytest.mark.parametrize(
    "line", ["!take", "!waiting", "!escalate desarrollo", "!date 2026-12-15", "!severity 1", "!snooze 2h"]
)
def test_an_ended_case_must_be_reopened_first(line: str) -> None:
    before = given(state=State.CLOSED)
    done = before.order(line)
    assert not done.decision.done
    assert done.case == before.case
    assert (done.events, done.mails) == ([], [])
    assert "cerrado" in done.decision.said


@pytest.mark.parametrize(
    "line",
    ["!assign nadie", "!severity 4", "!severity", "!product radio", "!escalate luna", "!date mañana", "!date 2026-10-19",
     "!date 2026-12-15 quizás", "!resolve porvisional", "!resolve ya está", "!snooze mucho", "!merge", "!split",
     "!forward-as-client", "!undo", "!reopen", "!away", "!tkae"],
)  # fmt: skip
def test_what_cannot_be_done_changes_nothing_and_says_why(line: str) -> None:
    before = given()
    done = before.order(line, text="algo")
    assert not done.decision.done
    assert done.case == before.case
    assert (done.events, done.mails) == ([], [])
    assert done.decision.said


def test_the_text_below_stays_inside_except_where_the_client_is_told() -> None:
    for line in ("!take", "!severity 1", "!close", "!product TornadoStore", "!snooze 2h"):
        done = given().order(line, text="es un cliente difícil")
        assert "case.noted" in done.events, line
        assert all("difícil" not in str(mail.variables) for mail in done.mails if mail.to_client), line
    for line in ("!waiting", "!escalate desarrollo", "!date 2026-12-15", "!resolve"):
        done = given().order(line, text="lo vemos con el equipo")
        assert any("lo vemos" in str(mail.variables) for mail in done.mails if mail.to_client), line


def test_a_command_hidden_in_text_for_the_client_stops_it() -> None:
    done = given().order("!waiting", text="¿nos mandás?\n!cerrar")
    assert not done.decision.done
    assert done.mails == []


def test_a_pause_stops_the_alarms_and_the_client_s_question_is_a_person_s() -> None:
    done = given().order("!waiting", text="¿Qué navegador?")
    assert done.alarms == 0
    (question,) = done.mails
    assert (question.person, question.auto, question.author) == (True, "", LUCIA)


def test_a_severity_given_by_hand_moves_the_deadline_and_tells_it() -> None:
    before = given()
    done = before.order("!severity 1")
    assert done.case.deadline.at < before.case.deadline.at
    assert done.to_client == ["deadline_moved"]
    assert "deadline.moved" in done.events


def test_a_colleague_who_gets_a_case_hears_of_it() -> None:
    assert [mail.to for mail in given().order(f"!assign {DIEGO}").mails] == [DIEGO]
    assert given().order(f"!assign {LUCIA}").mails == []


def test_a_command_from_the_shell_bears_its_user_and_takes_no_case_by_the_way() -> None:
    done = given().order("!attended", agent="cli:juan", by="cli:juan")
    assert done.decision.events[0].by == "cli:juan"
    assert done.case.assignee is None


def test_a_used_link_does_not_work_again_where_that_would_hurt() -> None:
    closed = given().order("!close", nonce="zzzzzabcd")
    assert closed.case.spent == ("zzzzzabcd",)
    reopened = closed.order("!reopen")
    again = reopened.order("!close", nonce="zzzzzabcd")
    assert not again.decision.done
    assert "ya se usó" in again.decision.said


def test_help_why_and_history_change_nothing() -> None:
    for line in ("!help", "!why", "!history"):
        before = given()
        done = before.order(line)
        assert done.case == before.case
        assert done.decision.done
        assert done.decision.said


@pytest.mark.parametrize(
    ("line", "via", "note"),
    [
        ("!attended", "told", None),
        ("!attended phone", "phone", None),
        ("!attended phone: le dijimos", "phone", "le dijimos"),
        ("!attended le dijimos por teléfono", "told", "le dijimos por teléfono"),
        ("!attended : le dijimos", "told", "le dijimos"),
    ],
)
def test_how_the_client_was_attended_and_what_was_said_are_told_apart(
    line: str, via: str, note: str | None
) -> None:
    (event,) = given().order(line).decision.events
    assert (event.data["via"], event.data.get("note")) == (via, note)


@pytest.mark.parametrize("line", ["!note", "!open"])
def test_a_command_that_lacks_what_it_is_about_changes_nothing(line: str) -> None:
    before = given()
    done = before.order(line)
    assert (done.decision.done, done.case) == (False, before.case)
    assert done.decision.said


@pytest.mark.parametrize("state", [State.CLOSED, State.MERGED])
def test_what_has_ended_is_not_solved(state: State) -> None:
    done = given(state=state).order("!resolve", text="ya está")
    assert (done.decision.done, done.mails) == (False, [])


def test_a_monitors_case_is_attended_when_its_area_has_it_for_there_is_nobody_else_to_tell() -> None:
    robot = "ana@tienda-prueba.example"
    done = given(monitored=f"{robot} web1").order("!escalate desarrollo")
    assert done.to_client == []
    assert [mail.to for mail in done.mails] == ["desarrollo@netone.example"]
    assert done.case.state is State.ATTENDED
    assert done.events == ["case.escalated", "case.attended"]


@pytest.mark.parametrize("line", ["!attended phone", "!resolve"])
def test_who_is_attended_while_the_clock_stands_still_is_judged_by_the_deadline_that_moved_on(
    line: str,
) -> None:
    asked = Play(a_case(1)).order("!waiting", "¿Qué pedido es?")
    late = replace(asked, now=asked.case.deadline.at + timedelta(hours=3))
    done = late.order(line)
    assert done.case.attended_at == late.now
    assert promises.kept(done.case)
    assert done.case.deadline.version == 2
    assert "deadline_moved" not in done.to_client


def test_an_answer_in_time_that_is_read_late_leaves_no_breach_behind() -> None:
    play = Play(a_case(1))
    rung = reminding.ring(
        desk(), play.case, AlarmsRang((AlarmRow(play.case.reference, 1, 1, DEADLINE_STEP, play.case.deadline.at),)),
        play.case.deadline.at,
    )  # fmt: skip
    assert rung.decision.case.breached_at == play.case.deadline.at
    late = Play(rung.decision.case, play.case.deadline.at + timedelta(hours=5))
    answer = AgentAnswered(play.case.deadline.at - timedelta(minutes=5), LUCIA)
    assert promises.kept((late >> answer).case)
    assert not promises.kept((late >> replace(answer, at=late.now)).case)


def test_an_answer_after_the_deadline_is_a_breach_even_where_nothing_rang_at_it() -> None:
    play = Play(a_case(1))
    late = play >> AgentAnswered(play.case.deadline.at + timedelta(minutes=1), LUCIA)
    assert late.events == ["case.attended", "case.breached"]
    assert late.case.breached_at == play.case.deadline.at
    dateless = Play(a_case(3))
    whenever = dateless >> AgentAnswered(dateless.case.deadline.at + timedelta(days=9), LUCIA)
    assert whenever.case.breached_at is None


# -- how long ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "hours"),
    [("2h", 2), ("2 hs", 2), ("2 Horas", 2), ("1 hora", 1), ("90 minutos", 1.5), ("30m", 0.5), ("1 día", 24), ("2 dias", 48), ("1 day", 24)],
)  # fmt: skip
def test_a_snooze_lasts_as_long_as_people_say(said: str, hours: float) -> None:
    play = given()
    until = play.order(f"!snooze {said}").case.snoozed_until
    assert until is not None
    assert until - play.order("!snooze 1m").case.snoozed_until == timedelta(hours=hours, minutes=-1)


# -- files -----------------------------------------------------------------------------------------------------------


def a_mail_with(*sizes: int) -> Source:
    files = tuple(
        ClientFile(f"foto{n}.png", "image/png", size, str(n), "base64") for n, size in enumerate(sizes, 2)
    )
    return Source("soporte", 1, 7, 9_000, "m1@tienda-prueba.example", files)


def test_an_agent_gets_the_clients_files_himself_and_the_case_goes_on_as_it_was() -> None:
    before = given()
    done = before.order("!files", sources=(a_mail_with(10, 20),))
    (mail,) = done.mails
    assert (mail.to, [file["name"] for file in mail.attachments]) == (LUCIA, ["foto2.png", "foto3.png"])
    assert (done.case, done.events) == (before.case, [])
    assert done.decision.said == "van aparte, en un mail"


def test_what_is_too_much_for_one_mail_comes_in_several() -> None:
    half = desk().files_on_request * 2 // 3
    done = given().order("!files", sources=(a_mail_with(half, half),))
    assert [(m.variables["part"], m.variables["parts"]) for m in done.mails] == [(1, 2), (2, 2)]
    assert len({mail.key for mail in done.mails}) == 2


@pytest.mark.parametrize(
    ("agent", "sources"),
    [("cli:juan", (a_mail_with(10),)), (LUCIA, ()), (LUCIA, (a_mail_with(),))],
    ids=["nobody to mail them to", "no mail of a client", "none had a file"],
)
def test_files_that_are_not_there_or_are_for_nobody_are_refused(
    agent: str, sources: tuple[Source, ...]
) -> None:
    done = given().order("!files", agent=agent, sources=sources)
    assert (done.decision.done, done.mails) == (False, [])
    assert done.decision.said


@pytest.mark.parametrize(
    "line", ["!resolve", "!resolve provisional", "!date 2026-12-15", "!escalate desarrollo", "!waiting"]
)
def test_what_is_said_to_the_client_again_in_other_words_is_a_mail_of_its_own(line: str) -> None:
    first = given().order(line, text="primero")
    second = first.order(line, text="segundo")
    (one,) = [mail for mail in first.mails if mail.to_client and mail.template != "survey"]
    (two,) = [mail for mail in second.mails if mail.to_client and mail.template != "survey"]
    assert (one.variables["text"], two.variables["text"]) == ("primero", "segundo")
    assert one.key != two.key
    at_once = replace(first, now=first.now - timedelta(minutes=10)).order(line, text="segundo")
    assert one.key not in {mail.key for mail in at_once.mails}


@pytest.mark.parametrize("line", ["!resolve", "!date 2026-12-15", "!escalate desarrollo"])
def test_a_notice_without_words_that_tells_nothing_new_is_not_sent_again(line: str) -> None:
    again = given().order(line).order(line)
    assert again.decision.done
    assert set(again.to_client) <= {"survey"}  # whose key lets it go once


def test_a_date_that_is_changed_back_is_told() -> None:
    first = given().order("!date 2026-12-15")
    back = first.order("!date 2026-12-20").order("!date 2026-12-15")
    assert back.to_client == ["planned_date"]
    assert back.mails[0].key != first.mails[0].key


def test_a_case_that_is_solved_after_an_undo_is_told_as_solved() -> None:
    first = given().order("!resolve")
    again = first.order("!undo", unsent=frozenset()).order("!resolve")
    assert again.to_client[0] == "solution"
    assert again.mails[0].key != first.mails[0].key


@pytest.mark.parametrize("line", ["!resolve", "!date 2026-12-15", "!escalate desarrollo", "!waiting"])
@pytest.mark.parametrize("client", ["", "nagios@vigia.example"])
def test_words_for_a_client_stay_as_a_note_where_there_is_none(client: str, line: str) -> None:
    monitored = f"{client} web1" if client else ""
    done = given(client=Address(client), monitored=monitored).order(line, text="ya está")
    assert done.to_client == []
    assert [event.data["note"] for event in done.decision.events if event.data.get("note")] == ["ya está"]
