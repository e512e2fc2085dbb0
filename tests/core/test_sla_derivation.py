from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.desks import a_calendar, a_policy, both, holidays, hours, local
from triage.core import sla_derivation, sla_policy
from triage.core.model import Severity, Span
from triage.core.sla_calendar import Clock
from triage.core.sla_policy import Roll, Start

HIGH, MEDIUM, LOW = Severity
MADRID = ZoneInfo("Europe/Madrid")


def told(policy, severity, arrival, pauses=()) -> list[str]:
    return list(sla_policy.compute(policy, severity, local(arrival, policy.calendar.zone), pauses).derivation)


def test_an_ordinary_case_is_told_in_five_lines():
    assert told(a_policy(), HIGH, "2026-10-20 10:15") == [
        "from Tue 2026-10-20 10:15 (America/Argentina/Buenos_Aires, UTC-03:00)",
        "in hours: Tue 2026-10-20 is open 09:00-18:00",
        "severity 1 in hours: at most 2h of plain time, day and night",
        "counted Tue 2026-10-20 10:15 to Tue 2026-10-20 12:15: 2h",
        "due Tue 2026-10-20 12:15",
    ]


def test_a_weekend_is_skipped_by_name_and_the_end_of_a_day_is_24_00():
    assert told(a_policy(), MEDIUM, "2026-10-24 10:00")[1:] == [
        "out of hours: Sat 2026-10-24 (no hours on that weekday)",
        "severity 2 out of hours: at most 48h of working days, day and night",
        (
            "skipped Sat 2026-10-24 10:00 to Sun 2026-10-25 24:00: Sat 2026-10-24 (no hours on that weekday), "
            "Sun 2026-10-25 (no hours on that weekday)"
        ),
        "counted Mon 2026-10-26 00:00 to Tue 2026-10-27 24:00: 48h",
        "due Tue 2026-10-27 24:00",
        "somebody can act until Tue 2026-10-27 18:00",
    ]


def test_a_beginning_at_midnight_is_the_first_of_its_day():
    policy = a_policy(
        a_calendar(weekly=dict.fromkeys(range(5), hours((0, 24)))), one=both(2, 4, start=Start.NEXT_OPENING)
    )
    assert told(policy, HIGH, "2026-10-26 00:00")[0].startswith("from Mon 2026-10-26 00:00 (")
    assert "starts at the next opening, Mon 2026-10-26 00:00" in told(policy, HIGH, "2026-10-24 10:00")


def test_a_holiday_is_skipped_by_name():
    policy = a_policy(a_calendar(holidays=holidays("2026-07-09", name="Día de la Independencia")))
    lines = told(policy, MEDIUM, "2026-07-08 16:20")
    assert (
        "skipped Thu 2026-07-09 00:00 to Thu 2026-07-09 24:00: Thu 2026-07-09 (Día de la Independencia)"
        in lines
    )


def test_nights_and_breaks_are_told_on_the_clock_of_open_hours():
    calendar = a_calendar(weekly=dict.fromkeys(range(5), hours((9, 14), (16, 19))))
    lines = told(a_policy(calendar, one=both(6, 6, clock=Clock.BUSINESS_HOURS)), HIGH, "2026-10-20 13:00")
    assert "skipped Tue 2026-10-20 14:00 to Tue 2026-10-20 16:00: outside the hours" in lines
    assert "skipped Tue 2026-10-20 19:00 to Wed 2026-10-21 09:00: the night" in lines


def test_a_pause_is_told_with_its_length():
    pause = Span(local("2026-10-20 10:30:20"), local("2026-10-20 10:30:50"))
    lines = told(a_policy(), HIGH, "2026-10-20 10:15", [pause])
    assert "paused Tue 2026-10-20 10:30:20 to Tue 2026-10-20 10:30:50: 30s waiting for the client" in lines


def test_a_start_at_the_opening_and_a_roll_are_told():
    start = told(a_policy(one=both(2, 2, start=Start.NEXT_OPENING)), HIGH, "2026-10-24 10:00")
    assert "starts at the next opening, Mon 2026-10-26 09:00" in start
    roll = told(a_policy(one=both(2, 24, roll=Roll.NEXT_OPENING)), HIGH, "2026-10-23 18:00")
    assert "Sat 2026-10-24 18:00 is closed: moved to the next opening" in roll
    assert "due Mon 2026-10-26 09:00" in roll


def test_special_hours_are_the_reason_where_they_are():
    days = {date(2026, 12, 31): hours((9, 13)), date(2026, 12, 30): ()}
    policy = a_policy(a_calendar(special_hours=days))
    assert (
        told(policy, HIGH, "2026-12-31 13:05")[1]
        == "out of hours: Thu 2026-12-31 is open 09:00-13:00 by special hours"
    )
    assert (
        told(policy, HIGH, "2026-12-30 13:05")[1] == "out of hours: Wed 2026-12-30 (closed by special hours)"
    )


def test_a_change_of_the_clock_on_the_way_is_told():
    lines = told(a_policy(a_calendar(zone=MADRID), one=both(24, 24)), HIGH, "2026-10-24 12:00")
    assert "the clock changes on the way: UTC+01:00 at the end; elapsed time counts" in lines


def test_a_first_date_is_told_as_such():
    assert told(a_policy(), LOW, "2026-10-20 10:15")[-1] == "from Fri 2026-10-23 10:15"


def test_a_long_derivation_is_cut_in_the_middle_and_the_cut_is_counted():
    policy = a_policy(one=both(900, 900, clock=Clock.BUSINESS_HOURS))
    lines = told(policy, HIGH, "2026-10-20 10:15")
    assert len(lines) < 60
    assert any(line.startswith("... ") and line.endswith("h counted") for line in lines)


def closed_for(days):
    closed = [str(date(2026, 10, 21) + timedelta(days=n)) for n in range(days)]
    lines = told(a_policy(a_calendar(holidays=holidays(*closed))), MEDIUM, "2026-10-20 10:15")
    (skipped,) = [line for line in lines if line.startswith("skipped") and "2026-10-21" in line]
    return skipped


def test_years_of_holidays_do_not_make_a_line_of_years():
    line = closed_for(400)
    assert line.endswith(", and 388 more closed dates")
    assert len(line) < 700


def test_a_single_date_beyond_those_that_are_named_is_named_too():
    assert "more closed" not in closed_for(13)
    assert closed_for(14).endswith(", and 2 more closed dates")


def test_a_skipped_date_is_not_told_as_closed():
    apia = ZoneInfo("Pacific/Apia")
    calendar = a_calendar(zone=apia, weekly=dict.fromkeys((0, 1, 2, 3), hours((9, 18))))
    lines = told(a_policy(calendar), MEDIUM, "2011-12-29 12:00")
    assert not any("2011-12-30" in line for line in lines)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0s"), (90, "1m30s"), (5400, "1h30m"), (259_200, "72h")])
def test_durations_are_short(seconds, text):
    assert sla_derivation.duration(seconds) == text


def test_a_skipped_date_in_the_middle_of_a_closing_is_not_told_either():
    """Apia went from Thursday 29 December 2011 to Saturday 31: the desk was closed from 18:00 to Monday 9:00."""
    calendar = a_calendar(zone=ZoneInfo("Pacific/Apia"), weekly=dict.fromkeys((0, 1, 2, 3), hours((9, 18))))
    policy = a_policy(calendar, two=both(9, 9, clock=Clock.BUSINESS_HOURS))
    (skipped,) = [line for line in told(policy, MEDIUM, "2011-12-29 12:00") if line.startswith("skipped")]
    assert "2011-12-30" not in skipped
    assert "2011-12-31" in skipped
