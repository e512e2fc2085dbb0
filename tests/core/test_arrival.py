import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.core import arrival
from triage.core.arrival import Source

ARRIVALS = Path(__file__).parents[3] / "shared" / "sla" / "arrival.tsv"
FETCH = datetime(2026, 10, 20, 14, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def of(internal=None, received=None, date=None, fetched=FETCH):
    return arrival.of(internal_date=internal, received=received, date=date, fetched_at=fetched)


def test_the_servers_date_counts_and_nothing_else():
    found = of(FETCH - MINUTE, FETCH - 2 * MINUTE, FETCH - 3 * MINUTE)
    assert (found.at, found.source, found.flags) == (FETCH - MINUTE, Source.INTERNALDATE, ())


def test_without_it_our_own_received_line_counts_and_then_the_fetch():
    assert of(received=FETCH - MINUTE).source is Source.RECEIVED
    assert of(date=FETCH - MINUTE) == arrival.Arrival(FETCH, Source.FETCH)


@pytest.mark.parametrize("field", ["internal", "received"])
def test_a_date_in_the_future_is_a_wrong_clock_and_the_fetch_counts(field):
    found = of(**{field: FETCH + timedelta(seconds=1)})
    assert (found.at, found.source, found.flags) == (FETCH, Source.FETCH, ("clock",))


def test_flags_begin_after_fifteen_minutes_and_after_seven_days():
    at = FETCH - MINUTE
    assert of(at, date=at + 15 * MINUTE).flags == ()
    assert of(at, date=at + 15 * MINUTE + timedelta(seconds=1)).flags == ("date_differs",)
    assert of(at, date=at - 16 * MINUTE).flags == ("date_differs",)
    assert of(FETCH - timedelta(days=7)).flags == ()
    assert of(FETCH - timedelta(days=7, seconds=1)).flags == ("backlog",)


def test_fractions_are_cut_before_anything_is_compared():
    found = of(FETCH.replace(microsecond=900_000), fetched=FETCH.replace(microsecond=100_000))
    assert (found.at, found.source, found.flags) == (FETCH, Source.INTERNALDATE, ())


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-20T10:15:02-03:00",
        "2026-10-20T13:15:02Z",
        "20-Oct-2026 13:15:02 +0000",
        "20-OCT-2026 10:15:02 -0300",
        "Tue, 20 Oct 2026 10:15:02 -0300",
        "Tue, 20 Oct 2026 10:15:02 -0300 (ART)",
        "20 Oct 2026 13:15:02 GMT",
        "Tue, 20 Oct 2026 13:15:02 -0000",
    ],
)
def test_the_forms_of_the_protocols_are_read(text):
    assert arrival.parse_instant(text) == datetime(2026, 10, 20, 13, 15, 2, tzinfo=UTC)


def test_an_internaldate_may_pad_its_day_with_a_blank():
    assert arrival.parse_instant(" 1-Oct-2026 13:15:02 +0000") == datetime(2026, 10, 1, 13, 15, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", " ", "ayer", "2026-10-20T10:15:02", "20-Foo-2026 13:15:02 +0000", "32-Oct-2026 13:15:02 +0000",
     "Tue, 20 Oct 2026 10:15:02", "20-Oct-2026 13:15:02 +9999", "0001-01-01T00:00:00+23:59", "x" * 100_000],
)  # fmt: skip
def test_what_is_no_instant_is_none(text):
    assert arrival.parse_instant(text) is None


@given(st.text(max_size=250))
def test_no_text_makes_the_reader_fail(text):
    arrival.parse_instant(text)
    arrival.own_received((text, f"by x; {text}"), "x")


RECEIVED = (
    "from lmtp by store.netone.example with LMTP; Tue, 20 Oct 2026 10:15:04 -0300",
    (
        "from out.example (out.example [192.0.2.1]) by MX.NetOne.example (Postfix) with ESMTPS id 1; "
        "Tue, 20 Oct 2026 10:15:02 -0300"
    ),
    "from pc by mx.netone.example with SMTP; Mon, 19 Oct 2026 08:00:00 -0300",
)


def test_the_newest_line_of_our_own_server_counts_and_a_forged_one_below_does_not():
    at = datetime(2026, 10, 20, 13, 15, 2, tzinfo=UTC)
    assert arrival.own_received(RECEIVED, "mx.netone.example") == at
    assert arrival.own_received(RECEIVED, None) == at + timedelta(seconds=2)
    assert arrival.own_received(RECEIVED, "mx.other.example") is None
    assert arrival.own_received((), "mx.netone.example") is None


@pytest.mark.shared
@pytest.mark.skipif(not ARRIVALS.is_file(), reason="../shared/sla/arrival.tsv is not here")
def test_the_shared_arrivals():
    with ARRIVALS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert rows
    for row in rows:
        names = ("internaldate", "received_own", "date_header", "fetched_at")
        internal, received, date, fetched = (arrival.parse_instant(row[name]) for name in names)
        found = of(internal, received, date, fetched)
        told = (f"{found.at:%Y-%m-%dT%H:%M:%SZ}", found.source, ",".join(found.flags))
        assert told == (row["arrival_utc"], row["source"], row["flags"]), row["id"]
