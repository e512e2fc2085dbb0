"""Alarms that ring: the latest of what was missed, nothing at night that waits for the desk, nobody without the case."""

from dataclasses import replace
from datetime import date, timedelta

from tests.builders import CLIENT
from tests.core.lifecycle.playbook import DIEGO, LUCIA, TUESDAY, Play, a_case, desk
from triage.core import lifecycle, pacing
from triage.core.events import AlarmsRang, ClientWrote
from triage.core.lifecycle.moves import alarms_of
from triage.core.lifecycle.rules_changed import rules_changed, touched
from triage.core.model import Address, Case, Severity, State
from triage.core.records import AlarmRow

HOUR = timedelta(hours=1)


def due(case: Case, until: timedelta) -> tuple[AlarmRow, ...]:
    return tuple(alarm for alarm in alarms_of(desk(), case) if alarm.due_at <= TUESDAY + until)


def test_after_a_downtime_only_the_latest_step_is_sent_and_the_queue_hears_of_the_case() -> None:
    case = a_case(1)
    rung = lifecycle.ring(desk(), case, AlarmsRang(due(case, 2 * HOUR)), TUESDAY + 2 * HOUR)
    assert {one.alarm.label for one in rung.due} == {"breach"}
    assert {LUCIA, DIEGO} <= {one.recipient for one in rung.due}
    assert rung.decision.case.breached_at == case.deadline.at


def test_a_desk_reminder_that_rings_late_waits_for_the_opening() -> None:
    case = a_case(2)
    night = TUESDAY + 14 * HOUR
    rung = lifecycle.ring(desk(), case, AlarmsRang(due(case, 14 * HOUR)), night)
    assert rung.due == ()
    assert {alarm.due_at for alarm in rung.later} == {TUESDAY + 23 * HOUR}
    assert all(alarm.put_off for alarm in rung.later)


def test_a_put_off_reminder_is_dropped_when_somebody_else_took_the_case() -> None:
    case = a_case(2)
    put_off = pacing.moved(due(case, HOUR)[0], TUESDAY + HOUR, only=DIEGO)
    now = TUESDAY + HOUR
    assert [one.recipient for one in lifecycle.ring(desk(), case, AlarmsRang((put_off,)), now).due] == [DIEGO]
    taken = replace(case, assignee=LUCIA, state=State.TAKEN)
    assert lifecycle.ring(desk(), taken, AlarmsRang((put_off,)), now).due == ()


def test_a_raise_that_keeps_the_promise_rings_the_new_steps_and_tells_the_client_nothing() -> None:
    """Severity 2, due Wednesday 10:00, raised on Wednesday 08:30, out of hours (sla/README)."""
    before = Play(a_case(2), TUESDAY + timedelta(hours=22, minutes=30))
    raised = before.order("!severity 1")
    assert raised.case.deadline.at == before.case.deadline.at
    assert raised.case.deadline.version == before.case.deadline.version + 1
    assert raised.case.told_version == raised.case.deadline.version
    assert raised.to_client == []
    rung = lifecycle.ring(
        desk(), raised.case, AlarmsRang(due(raised.case, timedelta(hours=22, minutes=30))), before.now
    )
    assert rung.due


def test_a_case_that_goes_on_after_a_pause_is_not_announced_again() -> None:
    waiting = Play(a_case(2)).order("!waiting")
    assert waiting.alarms == 0
    wrote = ClientWrote(waiting.now, Address(CLIENT), "Sí", "Sí, sigue igual.")
    resumed = waiting >> wrote
    assert due(resumed.case, HOUR)
    assert resumed.alarms < len(alarms_of(desk(), resumed.case))


def test_a_planned_case_is_reminded_before_its_date() -> None:
    planned = Play(a_case(3)).order("!date 2026-12-15")
    assert planned.alarms > 0
    alarms = alarms_of(desk(), planned.case)
    assert all(alarm.label.startswith("planned 2026-12-15") for alarm in alarms)
    rung = lifecycle.ring(desk(), planned.case, AlarmsRang(alarms[:1]), alarms[0].due_at)
    assert rung.due
    later = replace(planned.case, planned_date=date(2026, 12, 20))
    assert lifecycle.ring(desk(), later, AlarmsRang(alarms[:1]), alarms[0].due_at).due == ()


def test_a_told_promise_survives_a_decree_and_an_untold_one_follows_it() -> None:
    case = a_case(2)
    decreed = replace(case.deadline, at=case.deadline.at + 24 * HOUR, calendar_hash="other")
    told = replace(case, deadline=decreed, told_version=1)
    assert touched(desk(), told) is not None
    assert rules_changed(desk(), told, (), TUESDAY).case.deadline == decreed
    untold = replace(told, told_version=0)
    moved = rules_changed(desk(), untold, (), TUESDAY)
    assert moved.case.deadline.at == case.deadline.at
    assert moved.case.severity is Severity.MEDIUM
