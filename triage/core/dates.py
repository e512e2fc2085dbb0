"""Dates as agents type them: ISO, or day before month as the site's three languages write them."""

import re
from datetime import date, timedelta

_LOCAL_DATE = re.compile(r"(\d{1,2})[./-](\d{1,2})(?:[./-](\d{4}|\d{2}))?")
_GONE_BY = timedelta(days=90)  # so lately, it is this one that is meant: a slip, or the first day of a span
_LEAP = 8  # years within which every date comes again, 29 February too


def read_date(text: str, today: date) -> date | None:
    """Read `2026-12-15`, `15/12/2026`, `15.12.26`, and `15/12`: the next one, unless it has just gone by; None when it is none."""
    text = text.strip(".,; ")
    local = _LOCAL_DATE.fullmatch(text)
    if local is None:
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None
    day, month, year = int(local[1]), int(local[2]), local[3]
    if year is not None:
        return _day(int(year) if len(year) > 2 else 2000 + int(year), month, day)
    coming = (_day(today.year + ahead, month, day) for ahead in range(-1, _LEAP + 1))
    return next((found for found in coming if found is not None and found >= today - _GONE_BY), None)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
