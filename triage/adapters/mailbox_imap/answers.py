"""Reads the answers to FETCH: imaplib's pieces in, items by UID out. Pure.

imapclient has a reader of its own; this one replaces it for FETCH because it takes a quarter of the time (structures
are most of the work of fetching) and because it does not recurse: nesting is the sender's choice.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

Items = dict[bytes, Any]
"""What was told of one message: names in capitals; values are octets, numbers, None, or tuples of these."""

# a parenthesis, a quoted string, or an atom; the section of a BODY[...] may hold blanks and parentheses
_TOKEN = re.compile(rb'[()]|"[^"\\]*(?:\\.[^"\\]*)*"|(?:[^\s()"\[]|\[[^\]]*\])+', re.DOTALL)
_LITERAL = re.compile(rb"\{\d+\+?\}\Z")
_DATE = re.compile(rb" ?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)\Z")
_MONTHS = (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec")

_OPEN, _CLOSE = object(), object()


def messages(pieces: Sequence[Any]) -> dict[int, Items]:
    """Return the items by UID; answers without a UID are news of flags, and left out. Raises ValueError."""
    found: dict[int, Items] = {}
    values = _values(pieces)
    for sequence in values:
        items = next(values, None)
        if not isinstance(sequence, int) or not isinstance(items, tuple) or len(items) % 2:
            raise ValueError(f"no FETCH answer: {sequence!r:.80}")
        told = {_name(name): value for name, value in zip(items[::2], items[1::2], strict=True)}
        uid = told.get(b"UID")
        if isinstance(uid, int):
            found.setdefault(uid, {}).update(told)
    return found


def _name(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError(f"no name of an item: {value!r:.80}")
    return value.upper()


def _values(pieces: Sequence[Any]) -> Iterator[Any]:
    """Put parentheses together, yielding every value outside of them."""
    stack: list[list[Any]] = []
    for token in _tokens(pieces):
        if token is _OPEN:
            stack.append([])
            continue
        value = token
        if token is _CLOSE:
            if not stack:
                raise ValueError("a parenthesis closed that was not open")
            value = tuple(stack.pop())
        if stack:
            stack[-1].append(value)
        else:
            yield value
    if stack:
        raise ValueError("a parenthesis never closed")


def _tokens(pieces: Sequence[Any]) -> Iterator[Any]:
    """Take imaplib's pieces apart: a line, or a line that ends in {size} together with its literal."""
    for piece in pieces:
        if isinstance(piece, tuple):
            line, literal = piece
            yield from map(_value, _TOKEN.findall(_LITERAL.sub(b"", line)))
            yield literal
        elif piece is not None:
            yield from map(_value, _TOKEN.findall(piece))


def _value(token: bytes) -> Any:
    if token == b"(":
        return _OPEN
    if token == b")":
        return _CLOSE
    if token[:1] == b'"':
        inner = token[1:-1]
        return re.sub(rb"\\(.)", rb"\1", inner, flags=re.DOTALL) if b"\\" in inner else inner
    if token.isdigit():
        return int(token[:40])
    return None if token.upper() == b"NIL" else token


def instant(date: Any) -> datetime | None:
    """Return an INTERNALDATE ("20-Oct-2026 12:15:30 -0300") in UTC, None where it is none."""
    match = _DATE.match(date) if isinstance(date, bytes) else None
    if match is None:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    try:
        zone = timezone(-offset if sign == b"-" else offset)
        number = _MONTHS.index(month.lower()) + 1
        there = datetime(int(year), number, int(day), int(hour), int(minute), int(second), tzinfo=zone)
        return there.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
