"""Values to columns and back: instants, JSON, cases, compressed bytes. No SQL here; called by the table modules.

A mail may hold what a database refuses: NUL (PostgreSQL has no room for it in text) and lone surrogates (no UTF-8).
Parsers clean them away; should one slip through, it is replaced here rather than stop a batch.
"""

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pydantic_core
from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from triage.core.model import Case

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CASE = TypeAdapter(Case)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_REPLACEMENT = "\ufffd"


def to_micros(at: datetime) -> int:
    """Return microseconds since 1970 in UTC; a naive instant raises TypeError."""
    delta = at - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def to_micros_or_none(at: datetime | None) -> int | None:
    return None if at is None else to_micros(at)


def from_micros(value: int) -> datetime:
    """Return the aware UTC instant."""
    return _EPOCH + timedelta(microseconds=value)


def from_micros_or_none(value: int | None) -> datetime | None:
    return None if value is None else from_micros(value)


def storable(text: str) -> str:
    """Return the text with what no database can hold replaced by U+FFFD."""
    try:
        text.encode()  # ten times faster than to search
    except UnicodeEncodeError:
        return _UNSTORABLE.sub(_REPLACEMENT, text)
    return text.replace("\0", _REPLACEMENT)


def storable_or_none(text: str | None) -> str | None:
    return None if text is None else storable(text)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")


_ENCODE = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), allow_nan=False, default=_plain).encode


def to_json(value: Any) -> str:
    """Return compact JSON; mappings, dataclasses and tuples become objects and lists, a lone surrogate its escape."""
    try:
        return pydantic_core.to_json(value).decode()
    except PydanticSerializationError:
        return _ENCODE(value)


def from_json(text: str) -> Any:
    """Read JSON; where it holds a lone surrogate's escape the slower way, which alone takes one."""
    try:
        return pydantic_core.from_json(text, cache_strings="keys")
    except ValueError:
        return json.loads(text)


def case_to_json(case: Case) -> str:
    try:
        text = _CASE.dump_json(case).decode()
    except PydanticSerializationError:  # a lone surrogate somewhere in it
        return to_json(_cleaned(_CASE.dump_python(case, mode="python")))
    return text if "\\u0000" not in text else to_json(_cleaned(json.loads(text)))


def case_from_json(text: str) -> Case:
    """Read a stored case; fields that this version does not know (yet, or any more) are passed over."""
    return _CASE.validate_json(text)


def _cleaned(value: Any) -> Any:
    """Return the JSON value with every text storable; what JSON lacks (instants, dates) in its ISO form."""
    if isinstance(value, str):
        return storable(str(value))
    if isinstance(value, dict):
        return {key: _cleaned(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def compress(data: bytes) -> bytes | None:
    """Pack what is kept of a mail; level 1: nine tenths of the gain for a third of the time."""
    return zlib.compress(data, 1) if data else None


def decompress(data: bytes | None) -> bytes:
    return zlib.decompress(data) if data else b""
