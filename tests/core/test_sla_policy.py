from dataclasses import replace
from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tests import slow_clock
from tests.core.test_sla_calendar import desks
from tests.desks import a_calendar, a_case, a_policy, both, holidays, hours, local, wall
from triage.core import sla_policy
from triage.core.model import Column, Kind, Severity, Span
from triage.core.sla_calendar import Clock, NoOpening
from triage.core.sla_policy import Clause, NothingPromised, Roll, SlaPolicy, Start
from triage.core.support import Lifecycle

MADRID = ZoneInfo("Europe/Madrid")
HIGH, MEDIUM, LOW = Severity
IN, OUT = Column.IN_HOURS, Column.OUT_OF_HOURS
MINUTE = timedelta(minutes=1)

CLAUSES = st.builds(
    Clause,
    target=st.integers(1, 40 * 60).map(lambda minutes: minutes * 60),
    clock=st.sampled_from(Clock),
    start=st.sampled_from(Start),
    roll=st.sampled_from(Roll),
)


@st.composite
def pauses(draw, at):
    found = []
    for _ in range(draw(st.integers(0, 3))):
        start = at + draw(st.integers(-100, 3000)) * MINUTE
        found.append(Span(start, start + draw(st.integers(0, 2000)) * MINUTE))
    return found


def one_clause(calendar, clause: Clause) -> SlaPolicy:
    return SlaPolicy("test", calendar, {MEDIUM: {IN: clause, OUT: clause}})


# -- against the definitions -----------------------------------------------------------------------------------------


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_deadline_is_what_the_definitions_give_minute_by_minute(data):
    calendar, at = data.draw(desks())
    clause = data.draw(CLAUSES)
    breaks = data.draw(pauses(at))
    expected = slow_clock.deadline(calendar, clause, at, breaks, MINUTE, most=9 * 1440)
    assume(expected is not None)
    assert sla_policy.compute(one_clause(calendar, clause), MEDIUM, at, breaks).at == expected


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_a_deadline_is_what_the_definitions_give_second_by_second(data):
    calendar, at = data.draw(desks())
    at += timedelta(seconds=data.draw(st.integers(0, 59)))
    clause = replace(data.draw(CLAUSES), target=data.draw(st.integers(1, 3000)))
    start = at + timedelta(seconds=data.draw(st.integers(-50, 1000)))
    breaks = [Span(start, start + timedelta(seconds=data.draw(st.integers(0, 500))))]
    expected = slow_clock.deadline(calendar, clause, at, breaks, timedelta(seconds=1), most=12_000)
    assume(expected is not None)
    assert sla_policy.compute(one_clause(calendar, clause), MEDIUM, at, breaks).at == expected


# -- laws ------------------------------------------------------------------------------------------------------------


@given(desks(), CLAUSES, st.integers(1, 5000))
@settings(deadline=None)
def test_a_later_arrival_in_the_same_column_is_never_due_earlier(given_desk, clause, later):
    calendar, at = given_desk
    assume(calendar.ever_open())
    policy = one_clause(calendar, clause)
    assume(policy.column(at) is policy.column(at + later * MINUTE))
    try:
        first = sla_policy.compute(policy, MEDIUM, at)
        second = sla_policy.compute(policy, MEDIUM, at + later * MINUTE)
    except NoOpening:
        return
    assert first.at <= second.at


@given(desks(), CLAUSES, st.integers(0, 3000), st.integers(1, 2000))
@settings(deadline=None)
def test_a_pause_moves_a_deadline_only_when_it_holds_counted_time(given_desk, clause, start, length):
    calendar, at = given_desk
    assume(calendar.ever_open())
    policy = one_clause(calendar, replace(clause, roll=Roll.NONE))
    pause = Span(at + start * MINUTE, at + (start + length) * MINUTE)
    try:
        plain = sla_policy.compute(policy, MEDIUM, at)
        paused = sla_policy.compute(policy, MEDIUM, at, [pause])
        begin = at if clause.start is Start.ARRIVAL else calendar.next_opening(at)
    except NoOpening:
        return
    until = min(max(pause.start, plain.at), pause.end)
    lost = calendar.elapsed(max(begin, pause.start), min(until, plain.at), clause.clock)
    assert (paused.at > plain.at) == (lost > 0)
    assert (paused.at == plain.at) == (lost == 0)


@given(desks(), CLAUSES)
@settings(deadline=None)
def test_the_last_moment_to_act_is_never_after_the_deadline(given_desk, clause):
    calendar, at = given_desk
    assume(calendar.ever_open())
    try:
        found = sla_policy.compute(one_clause(calendar, clause), MEDIUM, at)
    except NoOpening:
        return
    assert found.act_by <= found.at
    if clause.clock is not Clock.CALENDAR and found.act_by < found.at:
        assert calendar.is_closing(found.act_by)


# -- the table -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("severity", "arrival", "column", "deadline"),
    [
        (1, "2026-05-05 09:00", IN, "2026-05-05 11:00"),
        (1, "2026-05-05 18:00", OUT, "2026-05-06 18:00"),
        (2, "2026-05-08 17:30", IN, "2026-05-11 17:30"),
        (2, "2026-05-09 11:00", OUT, "2026-05-13 00:00"),
        (3, "2026-05-06 12:00", IN, "2026-05-11 12:00"),
    ],
)
def test_the_table_gives(severity, arrival, column, deadline):
    found = sla_policy.compute(a_policy(), Severity(severity), local(arrival))
    assert (found.column, wall(found.at)) == (column, deadline)
    assert found.kind is (Kind.FROM if severity == 3 else Kind.MAXIMUM)


def test_a_fraction_of_the_arrival_is_cut_off():
    found = sla_policy.compute(a_policy(), HIGH, local("2026-05-05 17:59:59.999999"))
    assert found.column is IN
    assert found.base == local("2026-05-05 17:59:59").astimezone(UTC)


def test_a_target_used_up_at_a_closing_ends_there():
    policy = a_policy(one=both(2, 24, clock=Clock.BUSINESS_HOURS, roll=Roll.NEXT_OPENING))
    assert wall(sla_policy.compute(policy, HIGH, local("2026-05-05 16:00")).at) == "2026-05-05 18:00"


def test_a_deadline_in_a_closed_moment_rolls_to_the_next_opening():
    policy = a_policy(two=both(24, 48, roll=Roll.NEXT_OPENING))
    assert wall(sla_policy.compute(policy, MEDIUM, local("2026-05-08 17:00")).at) == "2026-05-11 09:00"


def test_the_column_is_that_of_the_arrival_even_where_counting_starts_later():
    policy = a_policy(one=both(2, 3, start=Start.NEXT_OPENING))
    found = sla_policy.compute(policy, HIGH, local("2026-05-09 10:00"))
    assert (found.column, wall(found.at)) == (OUT, "2026-05-11 12:00")


def test_a_pause_before_counting_starts_moves_nothing():
    policy = a_policy(one=both(2, 2, start=Start.NEXT_OPENING))
    pause = Span(local("2026-05-09 11:00"), local("2026-05-10 11:00"))
    assert wall(sla_policy.compute(policy, HIGH, local("2026-05-09 10:00"), [pause]).at) == "2026-05-11 11:00"


def test_act_by_of_a_weekend_case_is_the_closing_before_the_day_ends():
    found = sla_policy.compute(a_policy(), MEDIUM, local("2026-10-24 10:00"))
    assert (wall(found.at), wall(found.act_by)) == ("2026-10-28 00:00", "2026-10-27 18:00")


def test_act_by_on_the_calendar_clock_is_the_deadline_itself():
    found = sla_policy.compute(a_policy(), HIGH, local("2026-10-24 10:00"))
    assert found.act_by == found.at


def test_act_by_where_the_desk_was_never_open_before_is_the_deadline():
    calendar = a_calendar(weekly={}, special_hours={date(2026, 12, 24): hours((9, 13))})
    assert (
        wall(sla_policy.last_moment(calendar, Clock.BUSINESS_DAYS, local("2026-12-24 08:00")))
        == "2026-12-24 08:00"
    )


def test_a_severity_that_is_not_promised_is_an_error_of_its_own():
    policy = SlaPolicy("short", a_calendar(), {HIGH: both(2, 24)})
    with pytest.raises(NothingPromised, match="policy short promises nothing for severity 2"):
        sla_policy.compute(policy, MEDIUM, local("2026-05-05 10:00"))


def test_two_policies_with_the_same_hash_say_the_same():
    assert a_policy().hash == a_policy().hash
    assert a_policy().hash != a_policy(one=both(3, 24)).hash
    assert a_policy().hash != a_policy(a_calendar(holidays=holidays("2026-12-25"))).hash


# -- pauses ----------------------------------------------------------------------------------------------------------


def test_a_pause_makes_a_new_version_that_is_later_by_what_was_not_counted():
    policy = a_policy()
    pause = Span(local("2026-10-20 10:45"), local("2026-10-20 11:05"))
    case = a_case(policy, local("2026-10-20 10:15"), 1, pauses=())
    found = sla_policy.after_pause(policy, case, [pause], local("2026-10-20 11:05"))
    assert (found.version, wall(found.at)) == (2, "2026-10-20 12:35")


def test_a_pause_without_counted_time_keeps_the_version():
    policy = a_policy()
    case = a_case(policy, local("2026-10-23 15:00"), 2)
    pause = Span(local("2026-10-24 08:00"), local("2026-10-25 20:00"))
    assert sla_policy.after_pause(policy, case, [pause], local("2026-10-25 20:00")) is case.deadline


def test_a_pause_that_still_runs_is_reckoned_up_to_now():
    policy = a_policy()
    case = a_case(policy, local("2026-10-20 10:15"), 1)
    found = sla_policy.after_pause(policy, case, [Span(local("2026-10-20 10:45"))], local("2026-10-20 11:00"))
    assert wall(found.at) == "2026-10-20 12:30"


def test_a_pause_after_a_new_decree_moves_a_told_deadline_by_the_pause_only():
    then = a_policy()
    case = a_case(then, local("2026-10-20 10:15"), 2, told_version=1)
    now = a_policy(a_calendar(holidays=holidays("2026-10-21", name="decreed")))
    pause = Span(local("2026-10-20 16:00"), local("2026-10-20 18:00"))
    found = sla_policy.after_pause(now, case, [pause], local("2026-10-20 18:00"))
    # Wednesday 10:15, its rest of the day now a holiday, and two hours
    assert wall(found.at) == "2026-10-22 02:00"
    assert found.derivation[-1].startswith("paused for 2h of counted time")
    untold = replace(case, told_version=0)
    assert (
        wall(sla_policy.after_pause(now, untold, [pause], local("2026-10-20 18:00")).at) == "2026-10-22 12:15"
    )


@given(st.integers(0, 2000), st.integers(1, 2000), st.integers(1, 2000))
@settings(deadline=None)
def test_adding_a_pause_to_a_told_deadline_equals_computing_it_anew_where_the_calendar_did_not_change(
    a, b, c
):
    policy = a_policy()
    base = local("2026-10-22 11:30")
    first = Span(base + a * MINUTE, base + (a + b) * MINUTE)
    second = Span(base + (a + b + c) * MINUTE, base + (a + b + c + b) * MINUTE)
    case = a_case(policy, base, 2, pauses=(first,), told_version=1)
    anew = sla_policy.after_pause(policy, case, [first, second], second.end)
    stranger = replace(case, deadline=replace(case.deadline, calendar_hash="another"))
    assert sla_policy.after_pause(policy, stranger, [first, second], second.end).at == anew.at


# -- changes of severity ---------------------------------------------------------------------------------------------

TUESDAY = "2026-10-20 10:00"


@pytest.mark.parametrize(
    ("old", "new", "change", "due"),
    [
        (3, 1, "2026-10-20 11:00", "2026-10-20 12:00"),
        (3, 1, "2026-10-20 15:00", "2026-10-20 17:00"),
        (2, 1, "2026-10-21 08:30", "2026-10-21 10:00"),
    ],
)
def test_the_worked_examples_of_severity_changes(old, new, change, due):
    policy = a_policy()
    case = a_case(policy, local(TUESDAY), old)
    found = sla_policy.after_severity_change(policy, Lifecycle(), case, Severity(new), local(change))
    assert (wall(found.at), found.kind, found.version) == (due, Kind.MAXIMUM, 2)


def test_the_column_of_a_deadline_from_the_change_is_that_of_the_change():
    policy = a_policy()
    case = a_case(policy, local(TUESDAY), 3)
    found = sla_policy.after_severity_change(policy, Lifecycle(), case, HIGH, local("2026-10-20 20:00"))
    assert (found.column, wall(found.base), wall(found.at)) == (OUT, "2026-10-20 20:00", "2026-10-21 20:00")


def test_a_deadline_that_is_due_at_the_very_second_of_the_change_is_not_past():
    policy = a_policy()
    case = a_case(policy, local(TUESDAY), 3)
    found = sla_policy.after_severity_change(policy, Lifecycle(), case, HIGH, local("2026-10-20 12:00"))
    assert wall(found.at) == "2026-10-20 12:00"


def test_a_lowered_severity_may_be_due_later():
    policy = a_policy()
    case = a_case(policy, local(TUESDAY), 1)
    found = sla_policy.after_severity_change(policy, Lifecycle(), case, MEDIUM, local("2026-10-20 11:00"))
    assert wall(found.at) == "2026-10-21 10:00"


def test_pauses_count_in_a_change_of_severity():
    policy = a_policy()
    pause = Span(local("2026-10-20 10:10"), local("2026-10-20 10:40"))
    case = a_case(policy, local(TUESDAY), 2, pauses=(pause,))
    found = sla_policy.after_severity_change(policy, Lifecycle(), case, HIGH, local("2026-10-20 11:00"))
    assert wall(found.at) == "2026-10-20 12:30"


def test_a_raise_out_of_a_mere_first_date_gives_a_maximum_even_when_it_is_later():
    policy = a_policy()
    case = a_case(policy, local(TUESDAY), 3)
    found = sla_policy.after_severity_change(policy, Lifecycle(), case, HIGH, local("2026-10-24 10:00"))
    assert (found.kind, wall(found.at)) == (Kind.MAXIMUM, "2026-10-25 10:00")


def test_a_promise_kept_over_a_raise_says_so_and_a_later_pause_is_reckoned_by_the_old_clause():
    policy = a_policy()
    case = a_case(policy, local(TUESDAY), 2)
    kept = sla_policy.after_severity_change(policy, Lifecycle(), case, HIGH, local("2026-10-21 08:30"))
    assert kept.severity is MEDIUM
    assert "would be later than promised" in kept.derivation[-1]
    raised = replace(case, severity=HIGH, deadline=kept)
    pause = Span(local("2026-10-21 09:00"), local("2026-10-21 09:30"))
    assert (
        wall(sla_policy.after_pause(policy, raised, [pause], local("2026-10-21 09:30")).at)
        == "2026-10-21 10:30"
    )


def test_the_words_of_severity_change_in_rules_yaml_are_obeyed():
    policy = a_policy()
    case = a_case(policy, local(TUESDAY), 2)
    late = local("2026-10-21 08:30")
    later = sla_policy.after_severity_change(policy, Lifecycle(raise_never_later=False), case, HIGH, late)
    assert wall(later.at) == "2026-10-22 08:30"
    past = sla_policy.after_severity_change(policy, Lifecycle(severity_if_past="keep"), case, HIGH, late)
    assert wall(past.at) == "2026-10-20 12:00"
    base = sla_policy.after_severity_change(
        policy, Lifecycle(severity_base="change"), case, HIGH, local("2026-10-20 11:00")
    )
    assert wall(base.at) == "2026-10-20 13:00"


@given(
    st.integers(0, 6 * 1440), st.sampled_from(Severity), st.sampled_from(Severity), st.integers(0, 4 * 1440)
)
@example(0, MEDIUM, HIGH, 1350)
@settings(deadline=None)
def test_a_raise_never_makes_a_promised_maximum_later(minutes, old, new, later):
    policy = a_policy()
    arrival = local("2026-10-19 00:00") + minutes * MINUTE
    case = a_case(policy, arrival, old)
    found = sla_policy.after_severity_change(policy, Lifecycle(), case, new, arrival + later * MINUTE)
    if new < old and case.deadline.kind is Kind.MAXIMUM:
        assert found.at <= case.deadline.at


# -- changes of the calendar -----------------------------------------------------------------------------------------


def test_a_holiday_added_later_never_moves_a_told_deadline():
    policy = a_policy()
    decreed = a_policy(a_calendar(holidays=holidays("2026-10-21")))
    case = a_case(policy, local("2026-10-20 10:15"), 2)
    now = local("2026-10-20 12:00")
    told = replace(case, deadline=replace(case.deadline, told_at=now.astimezone(UTC)))
    assert sla_policy.after_calendar_change(decreed, Lifecycle(), told, now) is told.deadline
    assert wall(sla_policy.after_calendar_change(decreed, Lifecycle(), case, now).at) == "2026-10-22 10:15"
    recompute = Lifecycle(calendar_change="recompute")
    moved = sla_policy.after_calendar_change(decreed, recompute, told, now)
    assert (moved.version, wall(moved.at), moved.told_at) == (2, "2026-10-22 10:15", None)


def test_a_change_of_the_calendar_that_moves_nothing_keeps_the_deadline():
    policy = a_policy()
    elsewhere = a_policy(a_calendar(holidays=holidays("2030-10-21")))
    case = a_case(policy, local("2026-10-20 10:15"), 2)
    assert (
        sla_policy.after_calendar_change(elsewhere, Lifecycle(), case, local("2026-10-20 12:00"))
        is case.deadline
    )


def test_a_pause_of_a_night_moves_no_told_deadline_under_a_new_decree_either():
    case = a_case(a_policy(), local("2026-10-20 10:15"), 1, told_version=1)
    decreed = a_calendar(holidays=holidays("2026-12-07", name="decreed"))
    now = a_policy(decreed, one=both(2, 24, clock=Clock.BUSINESS_HOURS))
    night = Span(local("2026-10-20 20:00"), local("2026-10-21 07:00"))
    assert sla_policy.after_pause(now, case, [night], local("2026-10-21 07:00")) == case.deadline
