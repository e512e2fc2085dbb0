"""Taking back the last risky command, and being honest about what has left."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.core.lifecycle.playbook import DIEGO, LUCIA, Play, a_case, an_opening
from triage.core.events import AgentReplied, ClientWrote
from triage.core.model import Address, Severity, State


def given(**fields: Any) -> Play:
    return Play(a_case(**fields))


@pytest.mark.parametrize("line", ["!close", "!spam"])
def test_an_end_is_undone_with_its_clock_and_alarms(line: str) -> None:
    before = given(state=State.TAKEN, assignee=LUCIA)
    done = before.order(line)
    assert done.alarms == 0
    back = done.order("!undo")
    assert back.events == ["case.undone"]
    assert back.alarms > 0
    assert replace(back.case, undo=None) == before.case


def test_a_merge_is_undone() -> None:
    target = a_case(reference="NO-2026-000002")
    back = given().order("!merge NO-2026-000002", target=target).order("!undo")
    assert (back.case.state, back.case.merged_into, back.case.ended_at) == (State.NEW, None, None)


def test_a_merge_that_is_undone_parts_the_people_again() -> None:
    eva = ("eva@otra.example",)
    target = a_case(
        reference="NO-2026-000002", client=Address("beto@otra.example"), participants=eva, writers=eva
    )
    merged = given(participants=eva).order("!merge NO-2026-000002", target=target)
    (grown,) = merged.decision.also
    assert grown.case.writers == (*eva, "ana@tienda-prueba.example")
    (parted,) = merged.order("!undo", target=grown.case).decision.also
    assert (parted.case.participants, parted.case.writers) == (eva, eva)


def test_a_solution_that_still_waits_is_withdrawn() -> None:
    done = given().order("!resolve", text="ya está")
    keys = frozenset(mail.key for mail in done.mails)
    back = done.order("!undo", unsent=keys)
    assert set(back.withdrawn) == keys
    assert (back.case.state, back.case.attended_at) == (State.NEW, None)


@pytest.mark.parametrize("line", ["!resolve", "!resolve provisional"])
def test_a_solution_that_has_left_is_taken_back_and_the_client_is_told(line: str) -> None:
    before = given(state=State.TAKEN, assignee=LUCIA)
    done = before.order(line, text="ya está")
    back = done.order("!undo", unsent=frozenset())
    assert replace(back.case, undo=None) == before.case
    assert back.to_client == ["still_open"]
    assert back.alarms > 0
    assert "le llega otro" in back.decision.said


def test_a_survey_that_still_waits_is_withdrawn_when_only_the_solution_has_left() -> None:
    done = given().order("!resolve", text="ya está")
    (survey,) = [mail.key for mail in done.mails if mail.template == "survey"]
    back = done.order("!undo", unsent=frozenset({survey}))
    assert back.withdrawn == [survey]
    assert back.to_client == ["still_open"]


def test_a_client_who_was_attended_before_is_promised_nothing_anew() -> None:
    attended = given().order("!attended phone: hola").order("!resolve", text="ya está")
    (mail,) = [m for m in attended.order("!undo", unsent=frozenset()).mails if m.to_client]
    assert mail.variables["running"] is False


def test_a_severity_is_undone_and_the_client_who_was_told_is_corrected() -> None:
    before = given()
    done = before.order("!severity 1")
    back = done.order("!undo")
    assert (back.case.severity, back.case.deadline.at) == (before.case.severity, before.case.deadline.at)
    assert back.case.deadline.version > done.case.deadline.version
    assert back.to_client == ["deadline_moved"]


def test_a_severity_whose_notice_still_waits_is_undone_without_a_word_to_the_client() -> None:
    done = given().order("!severity 1")
    back = done.order("!undo", unsent=frozenset(mail.key for mail in done.mails))
    assert back.withdrawn == [mail.key for mail in done.mails]
    assert back.to_client == []


def test_it_is_too_late_after_a_while() -> None:
    done = given().order("!close")
    late = Play(done.case, done.now + timedelta(hours=3)).order("!undo")
    assert not late.decision.done
    assert "tarde" in late.decision.said


def test_what_happened_meanwhile_is_not_undone_with_it() -> None:
    done = given().order("!close")
    wrote = ClientWrote(
        done.now, Address("ana@tienda-prueba.example"), "sigue", "sigue igual", "m9@x.example"
    )
    after = done >> wrote
    back = after.order("!undo")
    assert not back.decision.done
    assert "cambió" in back.decision.said


def test_what_a_colleague_ordered_meanwhile_stays() -> None:
    known = given().order("!severity 1").order("!product TornadoStore", agent=DIEGO).order("!undo")
    assert (known.case.severity, known.case.classification.product) == (Severity.MEDIUM, "TornadoStore")
    given_away = given().order("!resolve provisional").order("!assign diego", agent=DIEGO).order("!undo")
    assert (given_away.case.state, given_away.case.assignee) == (State.NEW, DIEGO)


def test_a_case_that_a_colleague_has_answered_meanwhile_stays_attended() -> None:
    done = given().order("!resolve provisional")
    answered = done >> AgentReplied(done.now, DIEGO, "Probá ahora.", "r1@netone.example")
    back = answered.order("!undo")
    assert "cambió" in back.decision.said
    assert back.case == answered.case


def test_undo_works_once() -> None:
    back = given().order("!close").order("!undo")
    assert not back.order("!undo").decision.done


def test_what_changes_nothing_leaves_nothing_to_undo() -> None:
    assert given(state=State.CLOSED).order("!close").case.undo is None
    assert given().order("!severity 2").case.undo is None
    assert an_opening().may_ack
