"""Dates as agents type them."""

from datetime import date

import pytest

from triage.core.dates import read_date

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    "text",
    ["2026-12-15", "15/12/2026", "15.12.2026", "15-12-2026", " 2026-12-15, ", "15/12/26", "15/12", "15.12."],
)
def test_the_usual_forms_are_read(text: str) -> None:
    assert read_date(text, TODAY) == date(2026, 12, 15)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("23/11", TODAY),
        ("24/8", date(2027, 8, 24)),
        ("5/1", date(2027, 1, 5)),
        ("29/2", date(2028, 2, 29)),
    ],
)
def test_without_a_year_it_is_the_next_one(text: str, found: date) -> None:
    assert read_date(text, TODAY) == found


@pytest.mark.parametrize(
    ("text", "today", "found"),
    [
        ("22/11", TODAY, date(2026, 11, 22)),
        ("25/8", TODAY, date(2026, 8, 25)),
        ("29/12", date(2027, 1, 2), date(2026, 12, 29)),
    ],
)
def test_a_day_that_has_just_gone_by_is_not_a_year_ahead(text: str, today: date, found: date) -> None:
    """`!date 22/11` would promise a client next year, `!away 22/11` would pass an agent over for a year."""
    assert read_date(text, today) == found


@pytest.mark.parametrize("text", ["", "31/02/2026", "31/02", "12/15/2026", "mañana", "2026-13-01"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_date(text, TODAY) is None
