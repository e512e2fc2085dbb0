"""Addresses and the date through mail-parser, from a light mail of repaired fields; our own reading where it gives up.

mail-parser reads the lexical structure of addresses well (comments, groups, quoted local parts, decoy names)
and the obsolete dates too. It is given only the few fields it is trusted with, each once, in UTF-8: its traps
(repeated fields, deleted 8-bit letters, quadratic folding) are in everything around them. Imports nothing at
work that opens a file, a process or a socket.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_tz

import idna
import mailparser

from triage.adapters.parser_mailparser import limits
from triage.adapters.parser_mailparser.encoded_words import decode_words
from triage.core.model import Address
from triage.core.text_cleaning import clean_line

FIELDS = {"from": "from_", "to": "to", "cc": "cc", "reply-to": "reply_to"}

_ANGLED = re.compile(r"<\s*([^<>\s]{1,320})\s*>")
_LOOSE = re.compile(r"[^\s<>()\",:;@\\\[\]]{1,64}@[^\s<>()\",:;@\\\[\]]{1,255}")
_ADDRESS_LIMIT = 320  # RFC 3696 errata 1003 says 254; some gateways write more
_NAME_LIMIT = 150
_EARLIEST, _LATEST = 1970, 2200


def read(fields: Mapping[str, str]) -> tuple[dict[str, tuple[Address, ...]], datetime | None]:
    """Return the addresses of From, To, Cc and Reply-To by field name, and the date as aware UTC or None.

    `fields` holds repaired, unfolded, still RFC 2047 encoded values by lower-case name.
    """
    values = {name: _capped(fields[name]) for name in FIELDS if fields.get(name)}
    date = fields.get("date", "")
    light = _light_mail(values, date)
    parsed = mailparser.parse_from_bytes(light)
    addresses = {}
    for name, value in values.items():
        found = tuple(
            address
            for label, spec in getattr(parsed, FIELDS[name])
            if (address := _address(label, spec)) is not None
        )
        addresses[name] = found or _loose(value, name)
    return addresses, _utc(parsed.date) or _odd_date(date)


def _light_mail(values: Mapping[str, str], date: str) -> bytes:
    lines = [f"{name}: {value}" for name, value in values.items()]
    if date:
        lines.append(f"date: {_one_line(date[:200])}")
    return ("\n".join(lines) + "\n\n").encode("utf-8", "replace")


def _capped(value: str) -> str:
    value = _one_line(value)
    if value.count(",") >= limits.ADDRESSES:
        value = ",".join(value.split(",", limits.ADDRESSES)[: limits.ADDRESSES])
    return value


def _one_line(value: str) -> str:
    # A bare CR must not make a field of its own in what mail-parser sees.
    return value.replace("\r", " ").replace("\n", " ").replace("\0", "")


def _address(label: str, spec: str) -> Address | None:
    address = normal(spec)
    if address is None:
        return None
    name = decode_words(label) if "=?" in label else label
    return Address(address, clean_line(name, _NAME_LIMIT))


def normal(spec: str) -> str | None:
    """Return an address in lower case with its domain in ASCII (IDNA), or None if it is none."""
    text = clean_line(spec, _ADDRESS_LIMIT + 1).lower().replace(" ", "")
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain or len(text) > _ADDRESS_LIMIT:
        return None
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    return f"{local}@{domain.rstrip('.')}"


def _loose(value: str, name: str) -> tuple[Address, ...]:
    """Read what mail-parser calls ambiguous: the last address in angles, else the first that looks like one.

    A From without any @ (MAILER-DAEMON, root) is kept as its one word: it names a machine.
    """
    angled = _ANGLED.findall(value)
    candidates = [spec for spec in reversed(angled) if "@" in spec] or _LOOSE.findall(value)[:1]
    for candidate in candidates:
        if (spec := normal(candidate)) is not None:
            label = decode_words(value.partition("<")[0]) if angled else ""
            return (Address(spec, clean_line(label, _NAME_LIMIT).strip('" ')),)
    word = clean_line(angled[-1] if angled else re.sub(r"\(.{0,200}?\)", " ", value), 200).lower()
    if name == "from" and word and "@" not in word and re.fullmatch(r"[a-z0-9._+=-]{1,64}", word):
        return (Address(word),)
    return ()


def _utc(value: object) -> datetime | None:
    if not isinstance(value, datetime) or not _EARLIEST <= value.year <= _LATEST:
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _odd_date(value: str) -> datetime | None:
    """Read dates that break the grammar and are clear all the same (missing zone, full month names)."""
    if not value or not value.isascii():
        return None
    try:
        fields = parsedate_tz(value[:200])
        if fields is None or not _EARLIEST <= fields[0] <= _LATEST:
            return None
        moment = datetime(*fields[:5], min(fields[5], 59), tzinfo=UTC).timestamp() - (fields[9] or 0)
        return datetime.fromtimestamp(moment, UTC)
    except (ValueError, OverflowError, IndexError, TypeError, OSError):
        return None
