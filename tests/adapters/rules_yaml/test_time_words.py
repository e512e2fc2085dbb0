from datetime import date

import pytest

from triage.adapters.rules_yaml import time_words


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2h", 7200), ("90m", 5400), ("1h30m", 5400), ("90s", 90), ("1h0m5s", 3605), ("0s", 0)],
)
def test_a_duration_is_hours_minutes_and_seconds(text, seconds):
    assert time_words.duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2", "no unit"),
        ("1.5", "no unit"),
        ("3d", "a day is ambiguous"),
        ("1.5d", "a day is ambiguous"),
        ("-2h", "negative"),
        ("", "no duration"),
        ("30m1h", "no duration"),
        ("2 h", "no duration"),
        ("2H", "no duration"),
        ("9999999h", "ten years"),
    ],
)
def test_what_is_no_duration_is_refused_with_the_reason(text, why):
    with pytest.raises(ValueError, match=why):
        time_words.duration(text)


@pytest.mark.parametrize("value", [0, "0h", "0m0s", True, None, ["2h"]])
def test_a_target_is_more_than_nothing(value):
    with pytest.raises(ValueError):
        time_words.target(value)


def test_other_durations_may_be_zero_or_a_number_of_seconds():
    assert [time_words.seconds(value) for value in (0, 900, "900", "15m")] == ["0s", "900s", "900s", "15m"]
    with pytest.raises(ValueError):
        time_words.seconds(False)


@pytest.mark.parametrize(
    ("text", "window"),
    [("09:00-18:00", (32_400, 64_800)), ("9:00-18:00", (32_400, 64_800)), ("00:00-24:00", (0, 86_400)),
     ("22:15 - 24:00", (80_100, 86_400))],
)  # fmt: skip
def test_a_window_is_two_times_of_a_day(text, window):
    assert time_words.window(text) == window


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("18:00-09:00", "runs backwards"),
        ("09:00-09:00", "is empty"),
        ("09:00-24:01", "00:00 to 24:00"),
        ("24:00-24:00", "00:00 to 24:00"),
        ("09:60-10:00", "00:00 to 24:00"),
        ("9-18", "no window"),
        ("09:00", "no window"),
    ],
)
def test_what_is_no_window_is_refused_with_the_reason(text, why):
    with pytest.raises(ValueError, match=why):
        time_words.window(text)


def test_windows_may_touch_and_stand_in_any_order_but_not_overlap():
    assert time_words.windows(time_words.apart(["16:00-19:00", "09:00-16:00"])) == (
        (32_400, 57_600),
        (57_600, 68_400),
    )
    with pytest.raises(ValueError, match=r"09:00-14:00 and 13:59-19:00 overlap"):
        time_words.apart(["13:59-19:00", "09:00-14:00"])


@pytest.mark.parametrize(
    ("text", "days"),
    [("mon", (0,)), ("mon-fri", (0, 1, 2, 3, 4)), ("mon,wed", (0, 2)), ("mon-wed, fri", (0, 1, 2, 4)),
     ("sat-mon", (5, 6, 0)), ("mon-sun", (0, 1, 2, 3, 4, 5, 6)), ("Mon-Tue", (0, 1))],
)  # fmt: skip
def test_weekdays_are_names_ranges_and_lists(text, days):
    assert time_words.weekdays(text) == days


@pytest.mark.parametrize("text", ["", "lun", "mon-tue-wed", "mon,", "monday", "mon,mon", "mon-fri,fri"])
def test_what_is_no_weekday_is_refused(text):
    with pytest.raises(ValueError):
        time_words.weekdays(text)


def test_a_date_may_be_quoted_or_not():
    assert time_words.iso_date("2026-12-25") == time_words.iso_date(date(2026, 12, 25)) == "2026-12-25"


@pytest.mark.parametrize("value", ["2026-02-30", "20261225", "25/12/2026", 20261225, None])
def test_what_is_no_date_is_refused(value):
    with pytest.raises(ValueError):
        time_words.iso_date(value)
