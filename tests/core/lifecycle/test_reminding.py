"""Alarms that ring: the latest of what was missed, nothing at night that waits for the desk, nobody without the case."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.builders import CLIENT
from tests.core.lifecycle.playbook import DIEGO, LUCIA, TUESDAY, Play, a_case, desk
from tests.desks import NINE_TO_SIX, a_calendar, a_policy
from triage.core import lifecycle, pacing
from triage.core.desk import Desk
from triage.core.effects import SetAlarms
from triage.core.events import AlarmsRang, ClientWrote
from triage.core.lifecycle import reminding
from triage.core.lifecycle.moves import Decision, alarms_of
from triage.core.lifecycle.rules_changed import rules_changed, touched
from triage.core.model import Address, Case, Kind, Severity, State
from triage.core.records import AlarmRow
from triage.core.sla_policy import SlaPolicy

HOUR = timedelta(hours=1)


def due(case: Case, until: timedelta) -> tuple[AlarmRow, ...]:
    return tuple(alarm for alarm in alarms_of(desk(), case) if alarm.due_at <= TUESDAY + until)


def test_after_a_downtime_only_the_latest_step_is_sent_and_the_queue_hears_of_the_case() -> None:
    case = a_case(1)
    rung = lifecycle.ring(desk(), case, AlarmsRang(due(case, 2 * HOUR)), TUESDAY + 2 * HOUR)
    assert {one.alarm.label for one in rung.due} == {"breach"}
    assert {LUCIA, DIEGO} <= {one.recipient for one in rung.due}
    assert rung.decision.case.breached_at == case.deadline.at


def test_who_answers_for_a_breach_hears_of_it_even_where_a_later_step_is_the_latest() -> None:
    """Severity 1 of a Sunday, breached on a Monday that is a holiday: the desk opens only on Tuesday."""
    case = replace(a_case(1), assignee=DIEGO, state=State.TAKEN)
    breach = next(alarm for alarm in due(case, 2 * HOUR) if alarm.step == "breach")
    opening = replace(breach, step="opening", due_at=breach.due_at + HOUR, data={"to": ["assignee"]})
    now = opening.due_at
    rung = lifecycle.ring(desk(), case, AlarmsRang((breach, opening)), now)
    assert {(one.alarm.label, one.recipient) for one in rung.due} == {("opening", DIEGO), ("opening", LUCIA)}


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


def shop_with(policy: SlaPolicy) -> Desk:
    return replace(desk(), support=replace(desk().support, sla=replace(desk().support.sla, default=policy)))


# -- one case looked at alone ----------------------------------------------------------------------------------------


def test_a_case_looked_at_alone_reminds_at_once_and_its_history_says_whom_of_which_step() -> None:
    case = a_case(2)
    half = next(alarm for alarm in alarms_of(desk(), case) if alarm.label == "50%")
    done = Play(case, half.due_at) >> AlarmsRang((half,))
    assert done.events == ["case.reminded"]
    data = done.decision.events[0].data
    assert (data["step"], data["turn"]) == ("50%", 0)
    assert data["to"] == sorted(mail.to for mail in done.mails)
    assert {mail.template for mail in done.mails} == {"reminder"}


def test_nothing_is_said_of_alarms_of_another_cycle_or_of_a_deadline_that_was_told_before() -> None:
    case = a_case(2)
    step = alarms_of(desk(), case)[1]
    for old in (replace(step, cycle=7), replace(step, version=7)):
        done = Play(case, step.due_at) >> AlarmsRang((old,))
        assert (done.case, done.events, done.mails) == (case, [], [])


@pytest.mark.parametrize(
    "fields",
    [
        {"attended_at": TUESDAY, "state": State.ATTENDED},
        {"breached_at": TUESDAY},
        {"state": State.CLOSED},
        {"deadline": replace(a_case(2).deadline, kind=Kind.FROM)},
    ],
    ids=["attended", "breached already", "ended", "a first possible date"],
)
def test_what_cannot_be_breached_any_more_is_not(fields: dict[str, object]) -> None:
    case = a_case(2, **fields)
    own = AlarmRow(
        case.reference, case.cycle, case.deadline.version, lifecycle.DEADLINE_STEP, case.deadline.at
    )
    done = Play(case, case.deadline.at) >> AlarmsRang((own,))
    assert (done.case, done.events) == (case, [])


def test_a_desk_that_never_opens_again_is_reminded_when_the_alarm_rings() -> None:
    """Special dates alone, and all of them over: there is no better moment to wait for."""
    over = {date(2026, 10, 20): NINE_TO_SIX}
    closed = shop_with(a_policy(a_calendar(weekly={}, special_hours=over)))
    case, now = a_case(2), TUESDAY + 100 * HOUR
    rung = lifecycle.ring(closed, case, AlarmsRang(due(case, HOUR)), now)
    assert rung.later == ()
    assert rung.due


# -- rules that changed ----------------------------------------------------------------------------------------------


def test_an_attended_case_keeps_its_deadline_and_has_no_alarms_under_any_rules() -> None:
    case = a_case(2, state=State.ATTENDED, attended_at=TUESDAY)
    done = rules_changed(shop_with(a_policy()), case, (), TUESDAY)
    assert (done.case, done.effects) == (case, (SetAlarms(case.reference, ()),))
    assert touched(shop_with(a_policy()), case) is None


def test_new_steps_in_the_past_are_not_said_afterwards_and_those_that_were_planned_stay() -> None:
    case = a_case(1)
    pending = alarms_of(desk(), case)
    now = TUESDAY + timedelta(minutes=40)
    (kept,) = rules_changed(desk(), case, [a for a in pending if a.step == "arrival"], now).effects
    assert isinstance(kept, SetAlarms)
    assert {alarm.step for alarm in kept.alarms if alarm.due_at < now} == {"arrival"}
    (new,) = rules_changed(desk(), case, (), now).effects
    assert isinstance(new, SetAlarms)
    assert all(alarm.due_at >= now for alarm in new.alarms)


def test_a_calendar_that_promises_nothing_leaves_what_was_promised() -> None:
    """An admin who emptied the hours by mistake takes no promise back with it."""
    nothing = shop_with(a_policy(a_calendar(weekly={}, special_hours={date(2026, 10, 20): NINE_TO_SIX})))
    case = a_case(2, told_version=0)
    assert touched(nothing, case) is None
    assert rules_changed(nothing, case, (), TUESDAY).case == case


def test_a_case_is_untouched_where_the_table_is_the_same_or_gives_the_same_moment() -> None:
    case = a_case(2)
    assert touched(desk(), case) is None
    assert touched(desk(), replace(case, deadline=replace(case.deadline, calendar_hash="of before"))) is None
    assert touched(desk(), replace(case, state=State.CLOSED)) is None


def test_history_says_who_was_told_of_a_step_among_other_cases() -> None:
    case = a_case(2)
    step = alarms_of(desk(), case)[1]
    alone, among = (pacing.Due(step, who) for who in (DIEGO, LUCIA))
    noted = reminding.noted(Decision(case), (alone,), TUESDAY, (among,))
    assert [event.data.get("listed") for event in noted.events] == [[LUCIA]]
    assert noted.events[0].data["to"] == sorted([DIEGO, LUCIA])
    assert "listed" not in reminding.noted(Decision(case), (alone,), TUESDAY).events[0].data
