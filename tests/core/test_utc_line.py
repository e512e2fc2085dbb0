from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.core import utc_line
from triage.core.model import Span

SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted).map(tuple), max_size=8)


def seconds(spans) -> set[int]:
    return {second for a, b in spans for second in range(a, b)}


def test_a_fraction_of_a_second_is_cut_off_before_and_after_1970():
    at = datetime(2026, 10, 20, 10, 15, 0, 999_999, tzinfo=UTC)
    assert utc_line.whole(at) == datetime(2026, 10, 20, 10, 15, tzinfo=UTC)
    old = datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC)
    assert utc_line.whole(old) == datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_a_naive_instant_is_refused():
    with pytest.raises(TypeError):
        utc_line.second(datetime(2026, 10, 20, 10, 15))  # noqa: DTZ001


def test_a_zone_is_cut_at_the_very_second_where_its_offset_changes():
    zone = ZoneInfo("Australia/Lord_Howe")  # half an hour of summer time
    start = utc_line.second(datetime(2026, 10, 3, tzinfo=UTC))
    found = list(utc_line.pieces(zone, start, start + utc_line.DAY))
    change = utc_line.second(datetime(2026, 10, 3, 15, 30, tzinfo=UTC))
    assert found == [(start, change, 37_800), (change, start + utc_line.DAY, 39_600)]


def test_beyond_the_years_that_can_be_written_there_is_no_offset():
    with pytest.raises(utc_line.BeyondYears):
        utc_line.offset(ZoneInfo("UTC"), utc_line.LAST + 1)


@given(SPANS, SPANS)
def test_taking_holes_out_of_spans_is_taking_seconds_out_of_a_set(spans, holes):
    whole, out = utc_line.joined(spans), utc_line.joined(holes)
    left = list(utc_line.without(whole, out))
    assert seconds(left) == seconds(spans) - seconds(holes)
    assert left == sorted(left)
    assert all(a < b for a, b in left if (a, a) not in spans)


def test_pauses_that_overlap_are_one_and_an_empty_one_is_none():
    at = datetime(2026, 10, 20, tzinfo=UTC)
    minute = timedelta(minutes=1)
    found = utc_line.merged([Span(at + minute, at + 3 * minute), Span(at, at + 2 * minute), Span(at, at)])
    assert found == ((utc_line.second(at), utc_line.second(at) + 180),)


def test_a_pause_that_still_runs_lasts_for_ever():
    at = datetime(2026, 10, 20, tzinfo=UTC)
    assert utc_line.merged([Span(at)]) == ((utc_line.second(at), utc_line.LAST),)


def test_the_hash_depends_on_the_data_and_not_on_its_order():
    assert utc_line.digest({"a": 1, "b": 2}) == utc_line.digest({"b": 2, "a": 1})
    assert utc_line.digest({"a": 1}) != utc_line.digest({"a": 2})


def test_a_change_of_the_offset_at_the_end_of_a_stretch_is_the_next_ones() -> None:
    zone = ZoneInfo("Australia/Lord_Howe")
    change = utc_line.second(datetime(2026, 10, 3, 15, 30, tzinfo=UTC))
    for start in (change - utc_line.DAY, change - 3_600):
        assert list(utc_line.pieces(zone, start, change)) == [(start, change, 37_800)]
