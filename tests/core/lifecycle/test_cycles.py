"""Opening, reopening and further messages: where a cycle begins, what may raise it, what does not begin one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import CLIENT
from tests.core.lifecycle.playbook import LUCIA, TUESDAY, Play, a_case, an_opening, desk
from triage.core import lifecycle
from triage.core.effects import SendMail, SetAlarms
from triage.core.events import AgentAnswered, ClientWrote
from triage.core.model import Address, Classification, Severity, State
from triage.core.rules import DEFAULT_RULE

LATER = TUESDAY + timedelta(minutes=30)


def wrote(severity: int | None = None, **fields: Any) -> ClientWrote:
    found = Classification(Severity(severity), "site-down") if severity else None
    given: dict[str, Any] = {
        "at": LATER,
        "sender": Address(CLIENT),
        "first_line": "Sigue",
        "text": "Sigue igual.",
        **fields,
    }
    return ClientWrote(classification=found, **given)


# -- opening ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"may_ack": False, "ack_reason": "authentication failed"}, "authentication failed"),
        ({"classification": Classification(Severity.MEDIUM, "quiet", acknowledge=False)}, "rule"),
    ],
    ids=["may not", "the rule says so"],
)
def test_a_case_that_opens_silently_promises_nothing_and_says_why(
    fields: dict[str, object], said: str
) -> None:
    opened = lifecycle.open_case(desk(), an_opening(**fields), TUESDAY)
    assert not any(isinstance(effect, SendMail) for effect in opened.effects)
    assert any(isinstance(effect, SetAlarms) and effect.alarms for effect in opened.effects)
    assert opened.case.told_version == 0
    assert opened.events[0].data["acknowledge"] == said


def test_a_deadline_already_past_is_acknowledged_without_being_quoted() -> None:
    opened = lifecycle.open_case(desk(), an_opening(), TUESDAY + timedelta(days=3))
    (mail,) = [effect for effect in opened.effects if isinstance(effect, SendMail)]
    assert (opened.case.told_version, mail.tells) == (0, 0)


def test_the_history_says_who_forwarded_it_and_why_it_could_not_be_read() -> None:
    opening = an_opening(forwarded_by=LUCIA, unreadable="encrypted")
    event = lifecycle.open_case(desk(), opening, TUESDAY).events[0]
    assert (event.by, event.data["unreadable"]) == (LUCIA, "encrypted")


# -- further messages ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.TAKEN, State.CLOSED, State.RESOLVED])
def test_thanks_are_kept_and_neither_disturb_nor_reopen(state: State) -> None:
    ended = {} if state is State.TAKEN else {"ended_at": TUESDAY, "attended_at": TUESDAY}
    done = Play(a_case(state=state, **ended)) >> wrote(thanks_only=True)
    assert (done.events, done.mails, done.alarms) == (["case.joined"], [], -1)
    assert (done.case.state, done.case.cycle) == (state, 1)


def test_a_graver_message_raises_an_open_case_and_brings_its_deadline_nearer() -> None:
    given = Play(a_case(2))
    done = given >> wrote(1)
    assert (done.case.severity, done.case.classification.rule) == (Severity.HIGH, "site-down")
    assert done.case.deadline.at < given.case.deadline.at
    assert "deadline_moved" in done.to_client
    assert [mail.variables["why"] for mail in done.mails if mail.to_client] == ["raised"]  # no person looked


@pytest.mark.parametrize(
    ("severity", "fields"),
    [
        (2, {}),
        (3, {}),
        (1, {"correction": Severity.MEDIUM}),
        (1, {"state": State.ATTENDED, "attended_at": TUESDAY}),
    ],
    ids=["as grave", "less grave", "an agent's word", "attended"],
)
def test_what_does_not_raise_moves_no_deadline(severity: int, fields: dict[str, object]) -> None:
    given = Play(a_case(2, **fields))
    done = given >> wrote(severity)
    assert (done.case.severity, done.case.deadline) == (Severity.MEDIUM, given.case.deadline)
    assert "case.classified" not in done.events


def test_severity_given_by_hand_once_attended_moves_no_deadline_any_more() -> None:
    given = Play(a_case(2, state=State.ATTENDED, attended_at=TUESDAY))
    done = given.order("!severity 1")
    assert (done.case.severity, done.case.deadline) == (Severity.HIGH, given.case.deadline)
    assert (done.events, done.to_client, done.alarms) == (["case.classified"], [], -1)


# -- reopening -------------------------------------------------------------------------------------------------------


def an_ended_case(severity: int = 2, **fields: object) -> Play:
    done = Play(a_case(severity, **fields)).order("!resolve")
    return Play(done.case, LATER)


def test_who_writes_to_a_solved_case_begins_a_cycle_with_a_promise_of_its_own() -> None:
    done = an_ended_case() >> wrote()
    assert done.events == ["case.joined", "case.reopened"]
    assert (done.case.cycle, done.case.cycle_start, done.case.arrival) == (2, LATER, TUESDAY)
    assert (done.case.attended_at, done.case.ended_at) == (None, None)
    assert (done.to_client, done.case.told_version) == (["deadline_moved"], done.case.deadline.version)
    assert done.case.deadline.version == done.case.earlier[-1].version + 1
    assert done.case.deadline.base == LATER
    assert done.alarms > 0
    assert done.case.excerpt == "Sigue igual."


def test_a_graver_message_that_reopens_a_case_classifies_it_anew() -> None:
    """The case must be able to say which words made it a 1, whatever an agent said of the first cycle."""
    for given in (an_ended_case(2), Play(Play(a_case(1)).order("!severity 2").case).order("!resolve")):
        done = given >> wrote(1)
        assert (done.case.severity, done.case.correction) == (Severity.HIGH, None)
        assert done.case.classification == Classification(Severity.HIGH, "site-down")
        assert done.events == ["case.joined", "case.reopened", "case.classified"]


@pytest.mark.parametrize("severity", [2, 3])
def test_a_message_that_is_not_graver_reopens_with_the_severity_and_the_words_of_before(
    severity: int,
) -> None:
    given = an_ended_case(2)
    done = given >> wrote(severity)
    assert done.case.classification == given.case.classification
    assert done.events == ["case.joined", "case.reopened"]


# -- pauses ----------------------------------------------------------------------------------------------------------


def test_an_answer_while_the_case_waits_ends_the_pause_and_tells_no_other_deadline() -> None:
    waiting = Play(a_case(2)).order("!waiting")
    answered = AgentAnswered(TUESDAY + timedelta(hours=1), LUCIA)
    done = waiting >> answered
    assert done.case.attended_at == answered.at
    assert [span.end for span in done.case.pauses] == [answered.at]
    assert done.case.deadline.at - waiting.case.deadline.at == answered.at - waiting.case.pauses[-1].start
    assert (done.case.deadline.told_at, done.to_client, done.events) == (None, [], ["case.attended"])


@pytest.mark.parametrize(
    ("severity", "waited", "told"),
    [
        (3, timedelta(minutes=15), []),
        (3, timedelta(days=1), ["deadline_moved"]),
        (2, timedelta(seconds=20), []),
        (2, timedelta(minutes=1), ["deadline_moved"]),
    ],
)
def test_the_client_hears_of_a_deadline_that_moves_when_he_reads_another(
    severity: int, waited: timedelta, told: list[str]
) -> None:
    asked = Play(a_case(severity)).order("!waiting", text="¿Cuál?")
    since = asked.case.pauses[-1].start
    waiting = asked.at(since + waited)
    done = waiting >> wrote(severity, at=since + waited)
    assert done.case.deadline.at > waiting.case.deadline.at
    assert "deadline.moved" in done.events
    assert done.to_client == told
    assert done.case.told_version == done.case.deadline.version


def test_an_end_while_the_case_waits_ends_the_pause_too() -> None:
    done = Play(a_case(2)).order("!waiting").order("!close")
    assert done.case.pauses[-1].end is not None
    assert replace(done.case, pauses=()).ended_at is not None


@pytest.mark.parametrize("ended", [False, True], ids=["open", "ended"])
def test_where_no_rule_spoke_the_default_raises_nothing(ended: bool) -> None:
    given = Play(a_case(3))
    given = given.order("!resolve") if ended else given
    guess = replace(wrote(2), classification=Classification(Severity.MEDIUM, DEFAULT_RULE))
    done = given >> guess
    assert (done.case.severity, done.case.cycle) == (Severity.LOW, 2 if ended else 1)
    assert "case.classified" not in done.events


@pytest.mark.parametrize(
    ("had", "said", "kept"),
    [("TornadoStore", "unknown", "TornadoStore"), ("TornadoStore", "Radio", "TornadoStore"), ("unknown", "Radio", "Radio")],
)  # fmt: skip
@pytest.mark.parametrize("ended", [False, True], ids=["raises", "reopens"])
def test_the_product_a_case_has_outlives_a_graver_message_that_names_none_or_another(
    ended: bool, had: str, said: str, kept: str
) -> None:
    given = Play(
        a_case(2, classification=Classification(Severity.MEDIUM, "part-fails", product=had, area="redes"))
    )
    given = given.order("!resolve") if ended else given
    found = Classification(Severity.HIGH, "site-down", product=said, area="desarrollo")
    done = given >> replace(wrote(), classification=found)
    assert (done.case.severity, done.case.classification.rule) == (Severity.HIGH, "site-down")
    assert (done.case.product, done.case.classification.area) == (kept, "redes")
