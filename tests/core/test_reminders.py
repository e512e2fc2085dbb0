from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.desks import NETONE_REMINDERS, a_calendar, a_case, a_policy, both, holidays, hours, local, wall
from triage.core import reminders
from triage.core.model import Severity, State
from triage.core.reminders import Anchor, Escalated, ReminderRules, Step, When
from triage.core.sla_calendar import Clock
from triage.core.sla_policy import Start

POLICY = a_policy()


def planned(case, rules=NETONE_REMINDERS, policy=POLICY) -> list[tuple[str, str]]:
    return [(row.step, wall(row.due_at)) for row in reminders.plan(case, rules, policy)]


def one_step(step: Step, severity: int = 1) -> ReminderRules:
    return ReminderRules(steps={Severity(severity): (step,)})


# -- the worked examples of sla/README -------------------------------------------------------------------------------


def test_severity_1_of_a_tuesday_morning():
    assert planned(a_case(POLICY, local("2026-10-20 10:15"), 1)) == [
        ("arrival", "2026-10-20 10:15"),
        ("arrival+30m", "2026-10-20 10:45"),
        ("50%", "2026-10-20 11:15"),
        ("-15m", "2026-10-20 12:00"),
        ("breach", "2026-10-20 12:15"),
        ("breach+1h", "2026-10-20 13:15"),
        ("breach+1h", "2026-10-20 14:15"),
        ("breach+1h", "2026-10-20 15:15"),
    ]


def test_severity_2_of_the_same_moment():
    assert planned(a_case(POLICY, local("2026-10-20 10:15"), 2)) == [
        ("arrival", "2026-10-20 10:15"),
        ("50%", "2026-10-20 14:45"),
        ("80%", "2026-10-20 17:27"),
        ("-1h", "2026-10-21 09:15"),
        ("breach", "2026-10-21 10:15"),
    ]


def test_severity_2_of_a_saturday():
    assert planned(a_case(POLICY, local("2026-10-24 10:00"), 2)) == [
        ("arrival", "2026-10-26 09:00"),
        ("50%", "2026-10-27 09:00"),
        ("80%", "2026-10-27 14:24"),
        ("-1h", "2026-10-27 17:00"),
        ("breach", "2026-10-28 09:00"),
    ]


def test_severity_3_asks_for_a_date_one_working_day_before():
    assert planned(a_case(POLICY, local("2026-10-20 10:15"), 3)) == [
        ("arrival", "2026-10-20 10:15"),
        ("-9h", "2026-10-22 10:15"),
        ("from", "2026-10-23 10:15"),
    ]


# -- the vocabulary --------------------------------------------------------------------------------------------------


def test_opening_is_the_first_one_after_an_arrival_out_of_hours():
    found = dict(planned(a_case(POLICY, local("2026-10-24 10:00"), 1)))
    assert found["opening"] == "2026-10-26 09:00"
    assert "opening" not in dict(planned(a_case(POLICY, local("2026-10-20 10:15"), 1)))


def test_a_first_date_is_never_breached_and_a_maximum_has_no_from():
    rules = ReminderRules(
        steps=dict.fromkeys(
            Severity, (Step("breach", Anchor.BREACH, ("lead",)), Step("from", Anchor.FROM, ("planning",)))
        )
    )
    assert [step for step, _ in planned(a_case(POLICY, local("2026-10-20 10:15"), 3), rules)] == ["from"]
    assert [step for step, _ in planned(a_case(POLICY, local("2026-10-20 10:15"), 1), rules)] == ["breach"]


def test_a_desk_reminder_skips_nights_weekends_and_holidays():
    policy = a_policy(a_calendar(holidays=holidays("2026-10-26")))
    step = one_step(Step("50%", Anchor.FRACTION, ("lead",), percent=50))
    assert planned(a_case(policy, local("2026-10-23 20:00"), 1), step, policy) == [
        ("50%", "2026-10-27 09:00")
    ]


def test_any_goes_out_at_night():
    step = one_step(Step("50%", Anchor.FRACTION, ("lead",), percent=50, when=When.ANY))
    assert planned(a_case(POLICY, local("2026-10-23 20:00"), 1), step) == [("50%", "2026-10-24 08:00")]


def test_an_offset_longer_than_there_is_time_is_at_the_arrival():
    step = one_step(Step("-3h", Anchor.BEFORE, ("lead",), offset=3 * 3600, when=When.ANY))
    assert planned(a_case(POLICY, local("2026-10-20 10:15"), 1), step) == [("-3h", "2026-10-20 10:15")]


def test_reminders_run_from_the_arrival_even_where_counting_starts_later():
    policy = a_policy(one=both(2, 2, start=Start.NEXT_OPENING))
    step = one_step(Step("50%", Anchor.FRACTION, ("lead",), percent=50, when=When.ANY))
    assert planned(a_case(policy, local("2026-10-26 07:00"), 1), step, policy) == [
        ("50%", "2026-10-26 09:00")
    ]


def test_a_target_used_up_before_the_desk_opens_is_reminded_at_the_arrival():
    policy = a_policy(two=both(2, 2, clock=Clock.BUSINESS_DAYS))
    case = a_case(policy, local("2026-10-20 19:00"), 2)
    assert wall(case.deadline.act_by) == "2026-10-20 18:00"
    found = dict(planned(case, policy=policy))
    assert found["80%"] == "2026-10-21 09:00"


def test_open_time_runs_over_a_lunch_break():
    calendar = a_calendar(weekly=dict.fromkeys(range(5), hours((9, 14), (16, 19))))
    policy = a_policy(calendar)
    found = dict(planned(a_case(policy, local("2026-10-20 13:00"), 2), policy=policy))
    assert found["50%"] == "2026-10-21 09:00"
    assert found["-1h"] == "2026-10-21 12:00"


def test_repeats_are_spaced_by_the_offset_of_the_reminder_clock():
    step = one_step(Step("breach+5h", Anchor.BREACH, ("manager",), offset=5 * 3600, repeat=2), severity=2)
    case = a_case(POLICY, local("2026-10-20 10:15"), 2)
    assert planned(case, step) == [("breach+5h", "2026-10-21 15:15"), ("breach+5h", "2026-10-22 11:15")]
    rows = reminders.plan(case, step, POLICY)
    assert [row.turn for row in rows] == [0, 1]


def test_every_alarm_says_whom_it_is_for_and_which_deadline_it_belongs_to():
    case = a_case(POLICY, local("2026-10-20 10:15"), 1)
    case = replace(case, cycle=2, deadline=replace(case.deadline, version=3))
    row = reminders.plan(case, NETONE_REMINDERS, POLICY)[1]
    assert (row.reference, row.cycle, row.version, row.step) == (case.reference, 2, 3, "arrival+30m")
    assert row.data == {
        "to": ["assignee", "oncall"],
        "when": "any",
        "unless": "taken",
        "severity": 1,
        "order": 1,
    }


def test_an_attended_or_ended_case_has_no_alarms():
    case = a_case(POLICY, local("2026-10-20 10:15"), 1)
    assert planned(replace(case, attended_at=case.arrival)) == []
    assert planned(replace(case, state=State.CLOSED)) == []


def test_a_case_without_steps_for_its_severity_has_no_alarms():
    assert planned(a_case(POLICY, local("2026-10-20 10:15"), 1), ReminderRules()) == []


def test_an_escalated_case_reminds_the_area_until_the_client_was_told():
    case = a_case(
        POLICY,
        local("2026-10-20 10:15"),
        2,
        state=State.ESCALATED,
        area="desarrollo",
        escalated_at=local("2026-10-20 16:30"),
    )
    rows = [row for row in reminders.plan(case, NETONE_REMINDERS, POLICY) if row.step.startswith("escalated")]
    assert [(row.step, wall(row.due_at)) for row in rows] == [
        ("escalated+desarrollo", "2026-10-20 17:30"),
        ("escalated+desarrollo", "2026-10-21 09:30"),
        ("escalated+desarrollo", "2026-10-21 10:30"),
    ]
    assert all(row.data["to"] == ["target"] and reminders.applies(row, case) for row in rows)
    assert not reminders.applies(rows[0], replace(case, told_client_at=local("2026-10-20 17:00")))
    assert reminders.applies(rows[0], replace(case, told_client_at=local("2026-10-20 11:00")))
    assert not reminders.applies(rows[0], replace(case, state=State.TAKEN))


def test_a_planned_case_is_reminded_before_the_date_and_on_it():
    case = a_case(
        POLICY,
        local("2026-10-20 10:15"),
        3,
        state=State.PLANNED,
        planned_date=date(2026, 11, 4),
        attended_at=local("2026-10-21 10:00"),
    )
    rows = reminders.plan(case, NETONE_REMINDERS, POLICY)
    assert [(row.step, wall(row.due_at)) for row in rows] == [
        ("planned 2026-11-04 -9h", "2026-11-03 09:00"),
        ("planned 2026-11-04 from", "2026-11-04 09:00"),
    ]
    assert reminders.applies(rows[0], case)
    assert not reminders.applies(rows[0], replace(case, planned_date=date(2026, 11, 5)))
    assert not reminders.applies(rows[0], replace(case, state=State.RESOLVED))


def test_a_date_on_which_nobody_works_is_reminded_of_a_working_day_before_and_when_work_goes_on():
    case = a_case(POLICY, local("2026-10-20 10:15"), 3, state=State.PLANNED, planned_date=date(2026, 11, 7))
    assert planned(case) == [
        ("planned 2026-11-07 -9h", "2026-11-06 09:00"),
        ("planned 2026-11-07 from", "2026-11-09 09:00"),
    ]


def test_a_planned_case_without_a_day_to_come_has_no_reminders():
    case = a_case(POLICY, local("2026-10-20 10:15"), 3, state=State.PLANNED, planned_date=date(2026, 11, 7))
    once = a_policy(a_calendar(weekly={}, special_hours={date(2026, 10, 20): hours((9, 18))}))
    assert planned(case, policy=once) == []
    assert planned(replace(case, planned_date=None)) == []


@given(st.integers(0, 20 * 1440), st.sampled_from(Severity))
def test_no_desk_reminder_falls_on_a_closed_moment_and_none_before_the_arrival(minutes, severity):
    arrival = local("2026-10-12 00:00") + timedelta(minutes=minutes)
    for row in reminders.plan(a_case(POLICY, arrival, severity), NETONE_REMINDERS, POLICY):
        assert row.due_at >= arrival
        assert row.data["when"] == "any" or POLICY.calendar.is_open(row.due_at)


# -- when they ring --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "matters"),
    [
        ({}, True),
        ({"assignee": "lucia.ferrari@netone.example"}, False),
        ({"state": State.TAKEN}, False),
    ],
)
def test_unless_taken_is_asked_when_it_rings(changes, matters):
    case = a_case(POLICY, local("2026-10-20 10:15"), 1)
    row = next(r for r in reminders.plan(case, NETONE_REMINDERS, POLICY) if r.step == "arrival+30m")
    assert reminders.applies(row, replace(case, **changes)) is matters


@pytest.mark.parametrize(
    "changes",
    [
        {"attended_at": local("2026-10-20 11:00").astimezone(UTC)},
        {"state": State.MERGED},
        {"cycle": 2},
    ],
)
def test_a_reminder_of_a_case_that_moved_on_does_not_matter(changes):
    case = a_case(POLICY, local("2026-10-20 10:15"), 1)
    row = reminders.plan(case, NETONE_REMINDERS, POLICY)[0]
    assert reminders.applies(row, case)
    assert not reminders.applies(row, replace(case, **changes))


def test_a_reminder_of_an_earlier_version_of_the_deadline_does_not_matter():
    case = a_case(POLICY, local("2026-10-20 10:15"), 1)
    row = reminders.plan(case, NETONE_REMINDERS, POLICY)[0]
    assert not reminders.applies(row, replace(case, deadline=replace(case.deadline, version=2)))


def test_after_a_downtime_only_the_latest_step_is_sent():
    case = a_case(POLICY, local("2026-10-20 10:15"), 1)
    rows = reminders.plan(case, NETONE_REMINDERS, POLICY)
    now = local("2026-10-20 14:30")
    missed = [row for row in rows if row.due_at <= now]
    last = reminders.latest(missed)
    assert (last.step, last.turn) == ("breach+1h", 1)


def test_of_steps_at_the_same_moment_the_later_one_in_the_rules_is_the_latest():
    steps = (
        Step("50%", Anchor.FRACTION, ("lead",), percent=50),
        Step("80%", Anchor.FRACTION, ("lead",), percent=80),
    )
    case = a_case(POLICY, local("2026-10-23 20:00"), 1)
    rows = reminders.plan(case, ReminderRules(steps={Severity.HIGH: steps}), POLICY)
    assert rows[0].due_at == rows[1].due_at
    assert reminders.latest(reversed(rows)).step == "80%"


# -- desks that do not open any more ---------------------------------------------------------------------------------


def test_a_desk_with_no_further_hours_has_the_reminders_that_still_have_a_moment():
    """Special dates alone, the last of them today: what would be shifted to an opening has none."""
    calendar = a_calendar(weekly={}, special_hours={date(2026, 10, 20): hours((9, 18))})
    policy = a_policy(calendar, two=both(2, 2, clock=Clock.BUSINESS_HOURS))
    desk_step = Step("breach+9h", Anchor.BREACH, ("lead",), offset=9 * 3600, when=When.DESK)
    here = Step("arrival", Anchor.ARRIVAL, ("lead",), when=When.DESK)
    rules = ReminderRules(steps={Severity.MEDIUM: (here, desk_step)})
    case = a_case(policy, local("2026-10-20 10:00"))
    assert [alarm.step for alarm in reminders.plan(case, rules, policy)] == ["arrival"]


def test_an_area_is_reminded_as_long_as_the_desk_opens_and_then_no_more():
    calendar = a_calendar(weekly={}, special_hours={date(2026, 10, 20): hours((9, 18))})
    policy = a_policy(calendar, two=both(2, 2, clock=Clock.BUSINESS_HOURS))
    at = local("2026-10-20 15:30")
    case = a_case(
        policy, local("2026-10-20 10:00"), state=State.ESCALATED, escalated_at=at, area="desarrollo"
    )
    planned = reminders.plan(case, ReminderRules(escalated=Escalated(repeat=5)), policy)
    assert [wall(alarm.due_at) for alarm in planned] == ["2026-10-20 16:30", "2026-10-20 17:30"]
