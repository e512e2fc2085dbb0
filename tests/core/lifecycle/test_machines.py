"""What machines report about a case: monitors, bounces, and the fate of our own mails."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import CLIENT
from tests.core.lifecycle.playbook import DIEGO, LUCIA, TUESDAY, Play, a_case
from triage.core.events import AlarmsRang, ClientNotReached, MachineWrote, MailWent
from triage.core.model import Case, Classification, MailKind, MailState, MessageClass, Severity, State
from triage.core.records import AlarmRow

ROBOT = "nagios@monitor.example"
LATER = TUESDAY + timedelta(minutes=30)


def a_monitors_case(severity: int = 2, **fields: Any) -> Case:
    return a_case(severity, **{"monitored": f"{ROBOT} web1/http", **fields})


def an_alert(minute: int = 30, *, severity: int | None = None, **fields: Any) -> MachineWrote:
    found = Classification(Severity(severity), "site-down") if severity else None
    at = TUESDAY + timedelta(minutes=minute)
    words: dict[str, Any] = {"key": f"n{minute}@monitor.example", "classification": found, **fields}
    return MachineWrote(at, ROBOT, MessageClass.MONITOR, "web1/http CRITICAL", **words)


def a_recovery(minute: int = 40) -> MachineWrote:
    return an_alert(minute, recovered=True)


def went(state: MailState, **fields: Any) -> MailWent:
    given: dict[str, Any] = {
        "at": LATER,
        "kind": MailKind.ACKNOWLEDGEMENT,
        "to": CLIENT,
        "key": "NO-2026-000001/ack",
        "message_id": "out@netone.example",
        **fields,
    }
    return MailWent(state=state, **given)


# -- machines that write ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [MessageClass.AUTO_REPLY, MessageClass.RECEIPT, MessageClass.MONITOR])
def test_what_a_machine_writes_in_a_persons_case_is_noted_and_nothing_else(kind: MessageClass) -> None:
    given = Play(a_case())
    wrote = MachineWrote(LATER, "ausente@tienda-prueba.example", kind, "Estoy de viaje")
    done = given >> wrote
    assert done.events == ["case.noted"]
    assert done.decision.events[0].by == "ausente@tienda-prueba.example"
    assert done.decision.events[0].data["class"] == kind
    assert done.decision.effects == ()
    assert done.case == given.case


def test_an_automatic_answer_in_a_monitors_case_says_nothing_about_what_it_watches() -> None:
    given = Play(a_monitors_case(recovered_at=TUESDAY))
    done = given >> replace(an_alert(), message_class=MessageClass.AUTO_REPLY)
    assert (done.case, done.mails) == (given.case, [])


def test_the_agents_hear_of_the_first_recovery_and_of_the_fault_that_comes_back_but_of_no_repeat() -> None:
    alarmed = Play(a_monitors_case()) >> an_alert(20)
    assert alarmed.mails == []
    well = alarmed >> a_recovery(30)
    assert {mail.template for mail in well.mails} == {"monitored"}
    assert {LUCIA, DIEGO} <= {mail.to for mail in well.mails}
    assert all(mail.variables["recovered"] for mail in well.mails)
    still = well >> a_recovery(40)
    assert still.mails == []
    assert still.case.recovered_at == TUESDAY + timedelta(minutes=30), "since when it is well"
    again = still >> an_alert(50)
    assert again.case.recovered_at is None
    assert not any(mail.variables["recovered"] for mail in again.mails)
    assert {mail.key for mail in again.mails}.isdisjoint(mail.key for mail in well.mails)
    assert (again >> an_alert(60)).mails == []


def test_a_recovery_attends_nobody_and_ends_nothing() -> None:
    done = Play(a_monitors_case()) >> a_recovery()
    assert (done.case.state, done.case.attended_at) == (State.NEW, None)


def test_nobody_is_told_of_a_case_that_has_ended() -> None:
    done = Play(a_monitors_case(state=State.CLOSED)) >> a_recovery()
    assert (done.events, done.mails) == (["case.noted"], [])


def test_a_graver_alert_raises_the_case_and_its_deadline_comes_nearer() -> None:
    given = Play(a_monitors_case(2))
    done = given >> an_alert(severity=1)
    assert done.case.severity is Severity.HIGH
    assert done.case.classification.rule == "site-down"
    assert done.case.deadline.at < given.case.deadline.at
    assert done.events[:2] == ["case.noted", "case.classified"]


@pytest.mark.parametrize(
    ("fields", "alert"),
    [
        ({}, an_alert(severity=2)),
        ({}, an_alert(severity=3)),
        ({}, an_alert(severity=1, recovered=True)),
        ({"correction": Severity.MEDIUM}, an_alert(severity=1)),
        ({"state": State.ATTENDED, "attended_at": TUESDAY}, an_alert(severity=1)),
    ],
    ids=["as grave", "less grave", "a recovery's words", "an agent's word", "attended"],
)
def test_what_does_not_raise_leaves_severity_and_deadline_alone(
    fields: dict[str, object], alert: MachineWrote
) -> None:
    given = Play(a_monitors_case(2, **fields))
    done = given >> alert
    assert (done.case.severity, done.case.deadline) == (Severity.MEDIUM, given.case.deadline)
    assert done.events == ["case.noted"]


# -- bounces ---------------------------------------------------------------------------------------------------------


def test_a_client_who_cannot_be_reached_is_to_be_called_and_the_clock_runs_on() -> None:
    bounced = ClientNotReached(LATER, CLIENT, "5.1.1", "550 5.1.1 no such user")
    done = Play(a_case()) >> bounced
    assert done.events == ["case.unreachable"]
    assert {mail.template for mail in done.mails} == {"client_unreachable"}
    assert done.case.unreachable is not None
    assert (done.case.unreachable.address, done.case.unreachable.status) == (CLIENT, "5.1.1")
    assert (done.case.attended_at, done.alarms) == (None, -1)


def test_a_second_bounce_of_the_same_address_tells_nobody_again_one_of_another_does() -> None:
    once = Play(a_case()) >> ClientNotReached(LATER, CLIENT, "5.1.1")
    twice = once >> ClientNotReached(LATER + timedelta(hours=1), CLIENT, "5.2.2")
    assert (twice.events, twice.mails, twice.case) == ([], [], once.case)
    other = twice >> ClientNotReached(LATER, "beto@tienda-prueba.example", "5.1.1")
    assert other.events == ["case.unreachable"]


# -- the fate of our mails -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [MailState.QUEUED, MailState.SENDING, MailState.DROPPED])
def test_a_mail_that_has_not_gone_anywhere_yet_is_no_event_of_its_case(state: MailState) -> None:
    given = Play(a_case())
    done = given >> went(state)
    assert (done.case, done.decision.events, done.decision.effects) == (given.case, (), ())


@pytest.mark.parametrize(
    "state",
    [MailState.ACCEPTED, MailState.DEFERRED, MailState.UNCERTAIN, MailState.REFUSED, MailState.BOUNCED],
)
def test_what_became_of_a_mail_stands_in_the_history_with_its_error(state: MailState) -> None:
    done = Play(a_case()) >> went(state, error="451 4.7.1 later", to="jefe@tienda-prueba.example")
    event = done.decision.events[0]
    assert event.event == f"mail.{state}"
    assert event.data == {
        "kind": "acknowledgement",
        "to": "jefe@tienda-prueba.example",
        "message_id": "out@netone.example",
        "error": "451 4.7.1 later",
    }
    assert done.mails == []


def test_the_first_acknowledgement_that_is_accepted_acknowledges_once() -> None:
    done = Play(a_case()) >> went(MailState.ACCEPTED, version=1)
    assert done.events == ["mail.accepted", "case.acknowledged"]
    assert (done.case.acknowledged_at, done.case.deadline.told_at) == (LATER, LATER)
    again = done >> went(MailState.ACCEPTED, at=LATER + timedelta(hours=1), version=1)
    assert again.events == ["mail.accepted"]
    assert (again.case.acknowledged_at, again.case.deadline.told_at) == (LATER, LATER)


@pytest.mark.parametrize("version", [0, 7])
def test_a_mail_that_told_no_deadline_of_the_case_marks_none_as_told(version: int) -> None:
    done = Play(a_case()) >> went(MailState.ACCEPTED, version=version)
    assert done.case.deadline.told_at is None


def test_an_old_notice_that_arrives_late_tells_its_own_version_and_not_the_later_one() -> None:
    moved = Play(a_case(2)).order("!severity 1")
    done = moved >> went(MailState.ACCEPTED, version=1)
    assert [deadline.told_at for deadline in done.case.earlier] == [LATER]
    assert done.case.deadline.told_at is None
    again = done >> went(MailState.ACCEPTED, at=LATER + timedelta(hours=1), version=1)
    assert [deadline.told_at for deadline in again.case.earlier] == [LATER], "told when it was told first"


def test_a_new_version_of_the_same_moment_was_told_with_the_old_one() -> None:
    """A raise at night that kept the earlier promise: what the client read is still what holds."""
    raised = Play(a_case(2), TUESDAY + timedelta(hours=22, minutes=30)).order("!severity 1")
    assert raised.case.deadline.at == raised.case.earlier[0].at
    done = raised >> went(MailState.ACCEPTED, version=1)
    assert done.case.deadline.told_at == LATER


def test_a_version_that_reads_the_same_to_the_client_was_told_with_the_old_one() -> None:
    first = a_case().deadline
    later = replace(first, version=2, at=first.at + timedelta(seconds=20))
    done = Play(a_case(earlier=(first,), deadline=later, told_version=2)) >> went(
        MailState.ACCEPTED, version=1
    )
    assert done.case.deadline.told_at == LATER


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("550 5.1.1 <ana@tienda-prueba.example>: no such user", "5.1.1"),
        ("552 4.2.2 mailbox full", "4.2.2"),
        ("550 unknown user, 10.5.1.1 refused", "550 unknown user, 10.5.1.1 refused"),
        ("x" * 100, "x" * 60),
    ],
)
def test_a_mail_to_the_client_refused_for_good_is_a_bounce_with_the_servers_status(
    error: str, status: str
) -> None:
    done = Play(a_case()) >> went(MailState.FAILED, error=error)
    assert done.events == ["mail.failed", "case.unreachable"]
    assert done.case.unreachable is not None
    assert done.case.unreachable.status == status
    assert {mail.template for mail in done.mails} == {"client_unreachable"}


def test_only_the_author_of_an_answer_is_asked_about_one_in_doubt() -> None:
    assert (Play(a_case()) >> went(MailState.UNCERTAIN)).mails == []
    (asked,) = (Play(a_case()) >> went(MailState.UNCERTAIN, author=LUCIA, kind=MailKind.ANSWER)).mails
    assert asked.to == LUCIA


def test_a_case_taken_back_from_its_area_is_not_attended_by_the_notice_that_it_went_there() -> None:
    told = Play(a_case(state=State.TAKEN)) >> went(
        MailState.ACCEPTED, kind=MailKind.NOTICE, template="escalated"
    )
    assert (told.case.state, told.case.attended_at) == (State.TAKEN, None)


# -- reminders that were lost ----------------------------------------------------------------------------------------


def lost(case: Case, to: str = DIEGO, **fields: Any) -> MailWent:
    key = f"{case.reference}/{case.cycle}/{case.deadline.version}/80%/0/{to}"
    return went(MailState.FAILED, **{"kind": MailKind.REMINDER, "to": to, "key": key, **fields})


def test_a_reminder_that_could_not_be_delivered_goes_to_those_of_the_step() -> None:
    done = Play(a_case()) >> lost(a_case())
    assert done.events == ["mail.failed", "case.reminded"]
    assert DIEGO not in {mail.to for mail in done.mails}
    assert LUCIA in {mail.to for mail in done.mails}
    (step,) = {mail.variables["step"] for mail in done.mails}
    assert step == "80%"


def test_the_keys_of_what_the_others_get_are_those_they_have_already() -> None:
    """So that the outbox, which keeps a key once for ever, sends the step to nobody twice."""
    case = a_case()
    own = AlarmRow(case.reference, 1, 1, "80%", LATER, 0)
    usual = Play(case, LATER) >> AlarmsRang((own,))
    told = {mail.key for mail in (Play(case) >> lost(case)).mails}
    assert told == {mail.key for mail in usual.mails if mail.to != DIEGO}


def test_who_was_told_of_the_step_in_whichever_mail_is_not_told_again() -> None:
    case = a_case()
    rang = Play(case, LATER) >> AlarmsRang((AlarmRow(case.reference, 1, 1, "80%", LATER, 0),))
    assert (Play(case) >> lost(case, history=rang.decision.events)).mails == []


@pytest.mark.parametrize(
    "fields",
    [
        {"state": State.ATTENDED, "attended_at": TUESDAY},
        {"state": State.MERGED},
        {"cycle": 2},
        {"state": State.CLOSED},
    ],
)
def test_nobody_is_reminded_in_his_place_of_what_does_not_matter_any_more(fields: dict[str, object]) -> None:
    done = Play(a_case(**fields)) >> lost(a_case())
    assert (done.events, done.mails) == (["mail.failed"], [])


def test_a_reminder_of_a_deadline_that_has_moved_is_not_repeated() -> None:
    moved = Play(a_case(2)).order("!severity 1")
    assert (moved >> lost(a_case(2))).mails == []


def test_a_key_of_another_form_reminds_nobody() -> None:
    assert (Play(a_case()) >> lost(a_case(), key="reminders/2026-10-20T13:30:00Z/x")).mails == []
