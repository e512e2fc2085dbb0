"""iCalendar parts (RFC 5545): the method, and a few lines for a reader when a mail has no other text."""

import re

from triage.core.text_cleaning import clean_text

_FOLD = re.compile(r"\n[ \t]")
_LINE = re.compile(
    r"^(METHOD|SUMMARY|DTSTART|DTEND|LOCATION|DESCRIPTION|COMMENT)(?:;[^:\n]{0,300})?:([^\n]*)$", re.MULTILINE
)
_ESCAPE = re.compile(r"\\([nN,;\\])")
_SHOWN = ("SUMMARY", "DTSTART", "DTEND", "LOCATION", "DESCRIPTION", "COMMENT")


def method(text: str) -> str:
    return _properties(text).get("METHOD", "").strip()


def readable(text: str) -> str:
    """Return what a calendar program would show first: title, times, place, description."""
    found = _properties(text)
    return "\n".join(found[name] for name in _SHOWN if found.get(name))


def _properties(text: str) -> dict[str, str]:
    unfolded = _FOLD.sub("", clean_text(text))
    # Time zones carry a DTSTART of 1970; the event's own comes after BEGIN:VEVENT.
    head, begin, event = unfolded.partition("BEGIN:VEVENT")
    found: dict[str, str] = {}
    for piece in (event if begin else "", head):
        for name, value in _LINE.findall(piece):
            found.setdefault(
                name, _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value).strip()
            )
    return found
