"""The report's days by the site's clock, and its figures as tables, JSON and CSV."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.store_sql.samples import a_case, a_deadline
from triage.app import reporting
from triage.core.model import Classification, Severity
from triage.core.records import Event
from triage.core.report import Report
from triage.ports import Store

BUENOS_AIRES, SANTIAGO = ZoneInfo("America/Argentina/Buenos_Aires"), ZoneInfo("America/Santiago")
MONDAY = date(2026, 10, 19)
START = datetime(2026, 10, 19, 3, tzinfo=UTC)  # Monday 00:00 in Buenos Aires
HOUR = timedelta(hours=1)


def test_days_are_the_sites_and_both_ends_belong_to_the_span() -> None:
    start, end = reporting.span(MONDAY, MONDAY + timedelta(days=6), BUENOS_AIRES)
    assert (start, end) == (START, START + timedelta(days=7))


def test_a_day_on_which_the_clock_changes_is_as_long_as_it_is() -> None:
    start, end = reporting.span(date(2026, 9, 6), date(2026, 9, 6), SANTIAGO)
    assert end.astimezone(UTC) - start.astimezone(UTC) == 23 * HOUR


async def filled(store: Store) -> Report:
    """A broken promise of severity 1, a rule that was corrected, a survey answered, and a mail passed over."""
    case = a_case(
        1,
        arrival=START + HOUR,
        cycle_start=START + HOUR,
        deadline=a_deadline(at=START + 3 * HOUR, base=START + HOUR),
        attended_at=START + 5 * HOUR,
        breached_at=START + 3 * HOUR,
        classification=Classification(Severity.HIGH, "part-fails"),
        correction=Severity.HIGH,
    )
    outside = replace(case, reference="NO-2026-000002", arrival=START - HOUR)
    said = [
        Event(START + HOUR, "case.classified", case.reference, data={"severity": 2, "rule": "part-fails"}),
        Event(START + 2 * HOUR, "case.classified", case.reference, "lucia@x", {"severity": 1, "rule": "part-fails"}),
        Event(START + 6 * HOUR, "survey.answered", case.reference, data={"mark": 4}),
        Event(START + 7 * HOUR, "message.ignored", data={"class": "list"}),
    ]  # fmt: skip

    def write(tx):
        tx.save_cases([case, outside])
        tx.add_events(said)

    await store.write(write)
    later = START + timedelta(days=30)
    return await store.read(lambda tx: reporting.read(tx, MONDAY, MONDAY, BUENOS_AIRES, later))


async def test_people_see_a_table_of_every_section_that_has_something_to_show(store: Store) -> None:
    tables = {table.title: table for table in reporting.tables(await filled(store))}
    high = tables["attended in time"].rows[0]
    assert high[:5] == ("1", "1", "0", "1", "0.0")
    assert tables["time to attention"].rows[0][2] == "4 h 0 min"
    assert tables["load by hour"].rows == (("01", "1"),)
    assert tables["load by weekday"].rows[0] == ("mon", "1")
    assert tables["passed over"].rows == (("list", "1"),)
    assert tables["promises missed"].rows == (
        ("NO-2026-000001", "1", "2026-10-19 06:00", "2026-10-19 08:00"),
    )
    assert all(len(row) == len(table.headings) for table in tables.values() for row in table.rows)


async def test_a_week_without_anything_shows_no_empty_table(store: Store) -> None:
    day = date(2027, 1, 4)
    found = await store.read(
        lambda tx: reporting.read(tx, day, day, BUENOS_AIRES, datetime(2027, 2, 1, tzinfo=UTC))
    )
    tables = {table.title: table for table in reporting.tables(found)}
    assert {"load by hour", "rules that fired", "corrections", "passed over", "promises missed"}.isdisjoint(
        tables
    )
    assert ("survey average", "-") in tables["clients"].rows
    assert [row[4] for row in tables["attended in time"].rows] == ["-"] * 3


async def test_programs_get_the_same_figures_in_seconds_and_utc(store: Store) -> None:
    told = reporting.as_json(await filled(store))
    assert (told["from"], told["to"]) == ("2026-10-19T03:00:00Z", "2026-10-20T03:00:00Z")
    high = told["severities"][0]
    assert (high["opened"], high["due"], high["kept"], high["breached"]) == (1, 1, 0, 1)
    assert high["attention_median"] == 4 * 3600
    assert told["missed"] == ["NO-2026-000001"]
    assert told["ignored"] == {"list": 1}
    assert (len(told["hours"]), len(told["weekdays"])) == (24, 7)


async def test_a_spreadsheet_gets_one_shape_of_row_with_every_figure_of_the_json(store: Store) -> None:
    found = await filled(store)
    told, rows = reporting.as_json(found), list(csv.reader(io.StringIO(reporting.as_csv(found))))
    assert rows[0] == ["section", "name", "figure", "value"]
    assert {len(row) for row in rows} == {4}
    figures = {tuple(row[:3]): row[3] for row in rows[1:]}
    assert len(figures) == len(rows) - 1, "no figure twice"
    for row in told["severities"]:
        for name, value in row.items():
            if name != "severity":
                shown = figures["severity", str(row["severity"]), name]
                assert shown == ("" if value is None else str(value))
    assert sum(int(value) for (section, *_), value in figures.items() if section == "hour") == 1
    assert figures["missed", "NO-2026-000001", "severity"] == "1"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "-"), (0, "0 s"), (59.9, "59 s"), (60, "1 min"), (12_000, "3 h 20 min"), (187_200, "2 d 4 h")],
)
def test_spans_of_time_are_told_in_their_two_largest_units(seconds: float | None, words: str) -> None:
    assert reporting.length(seconds) == words


@given(st.floats(0, 10**8), st.floats(0, 10**8))
def test_a_longer_time_is_never_told_as_a_shorter_one(one: float, other: float) -> None:
    def back(words: str) -> int:
        units = {"s": 1, "min": 60, "h": 3600, "d": 86400}
        parts = words.split()
        return sum(int(n) * units[unit] for n, unit in zip(parts[::2], parts[1::2], strict=True))

    short, long = sorted((one, other))
    assert back(reporting.length(short)) <= back(reporting.length(long)) <= long
