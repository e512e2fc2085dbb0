"""Dates as agents type them."""

from datetime import date

import pytest

from triage.core.dates import read_date


@pytest.mark.parametrize("text", ["2026-12-15", "15/12/2026", "15.12.2026", "15-12-2026", " 2026-12-15, "])
def test_the_usual_forms_are_read(text: str) -> None:
    assert read_date(text) == date(2026, 12, 15)


@pytest.mark.parametrize("text", ["", "15/12", "31/02/2026", "12/15/2026", "mañana", "2026-13-01"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_date(text) is None
