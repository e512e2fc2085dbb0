import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import slow_clock
from tests.desks import ALL_DAY, HOUR, NINE_TO_SIX, a_calendar, holidays, hours, local, wall
from triage.core.model import Language, Span
from triage.core.sla_calendar import UNNAMED, Clock, NoOpening

APIA = ZoneInfo("Pacific/Apia")
MADRID = ZoneInfo("Europe/Madrid")
SANTIAGO = ZoneInfo("America/Santiago")
ST_JOHNS = ZoneInfo("America/St_Johns")
# A zone and the UTC day around which its clock does something.
CHANGES = (
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),  # back by half an hour
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, tzinfo=UTC)),
    ("America/Santiago", datetime(2026, 9, 6, 4, tzinfo=UTC)),  # midnight does not exist
    ("America/Santiago", datetime(2026, 4, 5, 3, tzinfo=UTC)),  # 23:00 comes twice
    ("America/St_Johns", datetime(2010, 11, 7, 2, 30, tzinfo=UTC)),  # 00:01 goes back into the day before
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),  # a date that never was
    ("Antarctica/Troll", datetime(2026, 3, 29, 1, tzinfo=UTC)),  # two hours
    ("Africa/Casablanca", datetime(2026, 3, 22, 2, tzinfo=UTC)),
    ("Europe/Madrid", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2026, 5, 1, tzinfo=UTC)),
)


@st.composite
def day_windows(draw):
    marks = sorted(draw(st.lists(st.integers(0, 1440), min_size=0, max_size=6, unique=True)))
    return tuple((a * 60, b * 60) for a, b in zip(marks[::2], marks[1::2], strict=False))


@st.composite
def desks(draw):
    """A calendar in a zone whose clock changes nearby, and an instant nearby."""
    name, around = draw(st.sampled_from(CHANGES))
    zone = ZoneInfo(name)
    today = around.astimezone(zone).date()
    near = st.integers(-3, 4).map(lambda n: today + timedelta(days=n))
    calendar = a_calendar(
        zone=zone,
        weekly={day: draw(day_windows()) for day in range(7)},
        holidays=dict.fromkeys(draw(st.lists(near, max_size=2)), ("fiesta",)),
        special_hours={day: draw(day_windows()) for day in draw(st.lists(near, max_size=2))},
    )
    at = around + timedelta(minutes=draw(st.integers(-3 * 1440, 2 * 1440)))
    return calendar, at


def test_a_window_holds_its_first_second_and_not_its_last():
    calendar = a_calendar()
    assert calendar.is_open(local("2026-10-20 09:00:00"))
    assert calendar.is_open(local("2026-10-20 17:59:59"))
    assert not calendar.is_open(local("2026-10-20 18:00:00"))
    assert not calendar.is_open(local("2026-10-20 08:59:59"))


def test_a_window_to_24_00_ends_with_the_day():
    calendar = a_calendar(weekly={0: hours((22, 24))})
    assert calendar.is_open(local("2026-10-19 23:59:59"))
    assert not calendar.is_open(local("2026-10-20 00:00:00"))
    assert calendar.is_closing(local("2026-10-20 00:00:00"))


def test_a_desk_that_is_always_open_never_closes():
    calendar = a_calendar(weekly=dict.fromkeys(range(7), ALL_DAY))
    assert not calendar.is_closing(local("2026-10-20 00:00:00"))


def test_special_hours_come_before_holidays_and_holidays_before_the_week():
    day = date(2026, 12, 24)
    calendar = a_calendar(
        holidays=holidays("2026-12-24", "2026-12-25"),
        special_hours={day: hours((9, 13)), date(2026, 12, 23): ()},
    )
    assert calendar.windows(day) == hours((9, 13))
    assert calendar.windows(date(2026, 12, 25)) == ()
    assert calendar.windows(date(2026, 12, 23)) == ()
    assert calendar.windows(date(2026, 12, 22)) == NINE_TO_SIX


def test_a_non_working_day_is_worked_unless_a_feriado_falls_on_it():
    calendar = a_calendar(
        holidays={
            date(2026, 7, 10): ("puente",),
            date(2026, 4, 2): ("Malvinas", "Jueves Santo"),
            date(2027, 3, 25): ("Jueves Santo",),
        },
        worked=frozenset({"puente", "Jueves Santo"}),
    )
    assert calendar.windows(date(2026, 7, 10)) == NINE_TO_SIX
    assert calendar.windows(date(2027, 3, 25)) == NINE_TO_SIX
    assert calendar.windows(date(2026, 4, 2)) == ()
    assert calendar.holiday(date(2026, 4, 2)) == ("Malvinas", "Jueves Santo")
    assert calendar.holiday(date(2026, 7, 10)) == ()


def test_an_hour_that_does_not_exist_has_no_seconds_and_one_that_comes_twice_has_them_twice():
    calendar = a_calendar(zone=MADRID, weekly=dict.fromkeys(range(7), hours((1, 4))))
    spring = calendar.elapsed(
        local("2026-03-29 00:00", MADRID), local("2026-03-30 00:00", MADRID), Clock.BUSINESS_HOURS
    )
    autumn = calendar.elapsed(
        local("2026-10-25 00:00", MADRID), local("2026-10-26 00:00", MADRID), Clock.BUSINESS_HOURS
    )
    assert (spring, autumn) == (2 * HOUR, 4 * HOUR)


def test_a_window_that_falls_whole_into_the_missing_hour_is_never_open():
    calendar = a_calendar(zone=MADRID, weekly={6: hours((2, 3))})
    assert calendar.spans(date(2026, 3, 29)) == ()
    assert len(calendar.spans(date(2026, 3, 22))) == 1


def test_a_window_over_the_doubled_hour_lies_twice_on_the_line():
    calendar = a_calendar(zone=MADRID, weekly={6: hours((2, 2.5))})
    first, second = calendar.spans(date(2026, 10, 25))
    assert second.start - first.start == timedelta(hours=1)


def test_a_date_that_the_zone_skipped_never_was():
    calendar = a_calendar(zone=APIA, weekly=dict.fromkeys(range(7), ALL_DAY))
    skipped = date(2011, 12, 30)
    assert not calendar.exists(skipped)
    assert calendar.spans(skipped) == ()
    assert calendar.exists(date(2011, 12, 31))
    start = local("2011-12-29 12:00", APIA)
    assert wall(calendar.advance(start, 24 * HOUR, Clock.BUSINESS_DAYS), APIA) == "2011-12-31 12:00"


def test_a_date_that_is_left_and_entered_again_has_two_spans():
    calendar = a_calendar(zone=ST_JOHNS, weekly=dict.fromkeys(range(7), ALL_DAY))
    assert len(calendar.spans(date(2010, 11, 7))) == 2
    assert len(calendar.spans(date(2010, 11, 6))) == 2


def test_the_next_opening_is_the_instant_itself_when_it_is_open():
    calendar = a_calendar(holidays=holidays("2026-10-26"))
    assert wall(calendar.next_opening(local("2026-10-20 10:15:30"))) == "2026-10-20 10:15:30"
    assert wall(calendar.next_opening(local("2026-10-23 18:00"))) == "2026-10-27 09:00"


def test_the_last_open_moment_is_a_closing_when_the_desk_is_closed():
    calendar = a_calendar(holidays=holidays("2026-10-23"))
    assert wall(calendar.last_open(local("2026-10-20 10:15"))) == "2026-10-20 10:15"
    assert wall(calendar.last_open(local("2026-10-20 18:00"))) == "2026-10-20 18:00"
    assert wall(calendar.last_open(local("2026-10-25 12:00"))) == "2026-10-22 18:00"


def test_where_midnight_is_skipped_the_wall_clock_shows_the_first_instant_of_the_day():
    calendar = a_calendar(zone=SANTIAGO)
    assert wall(calendar.wall_clock(date(2026, 9, 6), 0), SANTIAGO) == "2026-09-06 01:00"


def test_a_desk_with_special_dates_only_is_closed_for_ever_afterwards_and_says_so():
    calendar = a_calendar(weekly={}, special_hours={date(2026, 12, 24): hours((9, 13))})
    assert calendar.ever_open()
    assert wall(calendar.next_opening(local("2026-01-01 00:00"))) == "2026-12-24 09:00"
    assert wall(calendar.last_open(local("2030-01-01 00:00"))) == "2026-12-24 13:00"
    with pytest.raises(NoOpening):
        calendar.next_opening(local("2026-12-24 13:00"))
    with pytest.raises(NoOpening):
        calendar.last_open(local("2026-12-24 08:59"))
    with pytest.raises(NoOpening):
        calendar.advance(local("2026-12-24 10:00"), 4 * HOUR, Clock.BUSINESS_HOURS)


@pytest.mark.parametrize(
    "calendar",
    [
        a_calendar(weekly={}),
        a_calendar(weekly={0: ()}, special_hours={date(2026, 1, 1): ()}),
        a_calendar(zone=APIA, weekly={}, special_hours={date(2011, 12, 30): ALL_DAY}),
    ],
)
def test_a_calendar_that_is_never_open_is_known_as_such(calendar):
    assert not calendar.ever_open()


def test_the_end_of_the_years_is_an_error_and_no_endless_loop():
    with pytest.raises(ValueError):
        a_calendar().next_opening(datetime(9999, 12, 31, 12, tzinfo=UTC))
    with pytest.raises(ValueError):
        a_calendar().advance(datetime(9999, 12, 20, tzinfo=UTC), 1000 * HOUR, Clock.CALENDAR)


def test_the_week_is_the_weekly_windows_as_a_key():
    calendar = a_calendar()
    assert dict(calendar.week) == calendar.weekly
    assert hash(calendar.week) == hash(a_calendar().week)


def test_the_hash_changes_with_what_an_answer_depends_on_and_not_with_the_name():
    assert a_calendar(name="a").hash == a_calendar(name="b").hash
    assert a_calendar().hash != a_calendar(holidays=holidays("2026-12-25")).hash
    assert a_calendar().hash != a_calendar(zone=MADRID).hash
    worked = a_calendar(holidays=holidays("2026-12-25"), worked=frozenset({"holiday"}))
    assert worked.hash == a_calendar().hash


def test_stretches_tell_what_counted_what_was_skipped_and_what_was_paused():
    calendar = a_calendar()
    pause = Span(local("2026-10-20 17:00"), local("2026-10-21 10:00"))
    found = calendar.stretches(
        local("2026-10-20 16:00"), local("2026-10-21 11:00"), Clock.BUSINESS_HOURS, [pause]
    )
    told = [(wall(s.start)[11:], wall(s.end)[11:], s.counted, s.paused) for s in found]
    assert told == [
        ("16:00", "17:00", True, False),
        ("17:00", "18:00", False, True),
        ("18:00", "09:00", False, False),
        ("09:00", "10:00", False, True),
        ("10:00", "11:00", True, False),
    ]


@given(desks())
def test_open_is_what_the_wall_clock_says(given_desk):
    calendar, at = given_desk
    for minutes in range(0, 600, 7):
        moment = at + timedelta(minutes=minutes)
        assert calendar.is_open(moment) == slow_clock.is_open(calendar, moment)


@given(desks(), st.integers(1, 30), st.sampled_from(Clock))
def test_advancing_consumes_exactly_the_time_given_and_at_the_earliest(given_desk, number, clock):
    calendar, at = given_desk
    if not calendar.ever_open():
        return
    seconds = number * 1000
    try:
        reached = calendar.advance(at, seconds, clock)
    except NoOpening:
        return
    assert calendar.elapsed(at, reached, clock) == seconds
    assert calendar.elapsed(at, reached - timedelta(seconds=1), clock) == seconds - 1


@given(desks(), st.sampled_from(Clock))
def test_stretches_cover_everything_once_and_count_what_elapsed_counts(given_desk, clock):
    calendar, at = given_desk
    end = at + timedelta(hours=50)
    pauses = [Span(at + timedelta(hours=3), at + timedelta(hours=20))]
    found = calendar.stretches(at, end, clock, pauses)
    assert found[0].start == at
    assert found[-1].end == end
    assert all(one.end == other.start for one, other in itertools.pairwise(found))
    counted = sum(int((s.end - s.start).total_seconds()) for s in found if s.counted)
    assert counted == calendar.elapsed(at, end, clock, pauses)


def test_a_calendar_asked_about_a_lifetime_counts_what_its_years_count():
    """More days than are remembered: what is forgotten is reckoned again."""
    calendar = a_calendar()
    years = [datetime(year, 1, 1, tzinfo=UTC) for year in range(1970, 2031, 20)]
    whole = calendar.elapsed(years[0], years[-1], Clock.BUSINESS_HOURS)
    parts = [a_calendar().elapsed(a, b, Clock.BUSINESS_HOURS) for a, b in itertools.pairwise(years)]
    assert whole == sum(parts)
    assert calendar.elapsed(years[0], years[1], Clock.BUSINESS_HOURS) == parts[0]


@pytest.mark.parametrize("clock", Clock)
def test_no_time_passes_from_an_instant_to_itself(clock):
    noon = local("2026-10-20 12:00")
    assert a_calendar().elapsed(noon, noon, clock) == 0


@pytest.mark.parametrize("clock", Clock)
def test_no_time_passes_backwards_within_an_open_hour_a_day_or_a_week(clock):
    later = local("2026-10-20 12:00")
    for back in (timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(days=9)):
        assert a_calendar().elapsed(later, later - back, clock) == 0


def test_a_holiday_is_called_in_the_language_asked_for_else_as_it_is_written_and_one_without_a_name_nothing():
    day, nameless = date(2026, 12, 25), date(2026, 12, 7)
    calendar = a_calendar(
        holidays={day: ("Navidad",), nameless: (UNNAMED,)},
        translated={Language.EN: {day: ("Christmas Day",)}},
    )
    assert calendar.holiday_words(day, Language.EN) == ("Christmas Day",)
    assert calendar.holiday_words(day, Language.PT) == ("Navidad",)
    assert calendar.holiday_words(nameless, Language.EN) == ()
    assert calendar.holiday_words(date(2026, 10, 20), Language.EN) == ()
