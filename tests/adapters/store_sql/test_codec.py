"""Values to columns and back."""

# ruff: noqa: DTZ001 - hypothesis takes naive bounds and adds the zone itself

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.store_sql.samples import a_case, a_whole_case
from triage.adapters.store_sql import codec
from triage.core.marks import Signal

# What a record's JSON fields may hold: "str, int, float, bool, None, lists and dicts with text keys".
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)))
def test_an_instant_comes_back_to_the_microsecond(at):
    assert codec.from_micros(codec.to_micros(at)) == at


@given(
    st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)),
    st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)),
)
def test_instants_sort_as_their_numbers_do(one, other):
    one, other = one.replace(tzinfo=UTC), other.replace(tzinfo=timezone(timedelta(hours=-3)))
    assert (one < other) == (codec.to_micros(one) < codec.to_micros(other))


def test_a_naive_instant_is_refused():
    with pytest.raises(TypeError):
        codec.to_micros(datetime(2026, 1, 1))


@given(json_values)
def test_json_comes_back_as_it_was(value):
    assert codec.from_json(codec.to_json(value)) == value


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_becomes_one_that_a_database_can_hold(text):
    stored = codec.storable(text)
    assert "\0" not in stored
    assert len(stored.encode().decode()) == len(text)


def test_a_lone_surrogate_in_json_stops_nothing():
    assert codec.from_json(codec.to_json({"name": "a\ud800"})) == {"name": "a\ud800"}


def test_a_case_of_another_version_can_be_read():
    document = json.loads(codec.case_to_json(a_whole_case()))
    document["invented_later"] = {"x": 1}
    document["classification"]["invented_later"] = 1
    assert codec.case_from_json(json.dumps(document)) == a_whole_case()
    for name in ("related", "unreachable", "told_version"):
        del document[name]
    read = codec.case_from_json(json.dumps(document))
    assert (read.related, read.unreachable, read.told_version) == ((), None, 0)


@given(st.text(st.characters(exclude_categories=())))
def test_a_case_with_any_subject_can_be_stored(subject):
    stored = codec.case_to_json(a_case(subject=subject))
    assert codec.case_from_json(stored).subject == codec.storable(subject)
    stored.encode()


@given(st.binary(max_size=300))
def test_bytes_come_back(data):
    assert codec.decompress(codec.compress(data)) == data


def test_values_of_the_core_become_objects_even_where_a_text_in_them_has_no_utf_8() -> None:
    for name in ("auto-submitted", "lone \ud800"):
        text = codec.to_json({"signals": (Signal(name, "high"),)})
        assert codec.from_json(text) == {"signals": [{"name": name, "strength": "high"}]}
