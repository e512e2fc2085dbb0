"""Dates as agents type them: ISO, or day before month as the site's three languages write them."""

import re
from datetime import date

_LOCAL_DATE = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")


def read_date(text: str) -> date | None:
    """Read `2026-12-15`, `15/12/2026`, `15.12.2026`; None when it is none."""
    text = text.strip(".,; ")
    local = _LOCAL_DATE.fullmatch(text)
    try:
        if local is not None:
            return date(int(local[3]), int(local[2]), int(local[1]))
        return date.fromisoformat(text)
    except ValueError:
        return None
