"""Addresses and the date through mail-parser's own readers, and a looser reading where those give up.

mail-parser reads the lexical structure of addresses (comments, groups, quoted local parts, decoy names) and the
obsolete dates better than anything in the standard library. It is handed single, repaired values: the object it
builds of a whole mail deletes raw 8-bit letters, turns repeated fields into lists and mixes attached messages
into the text (the traps are covered by tests), and costs six times as much.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_tz
from functools import lru_cache

import idna
from mailparser.dates import parse_mail_date
from mailparser.utils import get_addresses

from triage.adapters.parser_mailparser import limits
from triage.adapters.parser_mailparser.encoded_words import decode_words
from triage.core.model import Address
from triage.core.text_cleaning import clean_line

FIELDS = ("from", "to", "cc", "reply-to")

# One mailbox as most programs write it (RFC 5322 sections 3.4 and 3.2.3): a name of ASCII atoms, bare or in quotes, and
# an addr-spec of atoms. No comment, escape, group or encoded word (=?): nothing in it means anything but what it shows.
_ATOM = r"[A-Za-z0-9!#$%&'*+/^_`{|}~-]++"
_PLAIN = re.compile(
    rf"[ \t]*+(?P<quote>\"?)(?P<name>{_ATOM}(?: {_ATOM})*+)(?P=quote) "
    rf"<(?P<spec>{_ATOM}(?:\.{_ATOM})*+@{_ATOM}(?:\.{_ATOM})*+)>[ \t]*+"
)
_ANGLED = re.compile(r"<\s*([^<>\s]{1,320})\s*>")
_LOOSE = re.compile(r"[^\s<>()\",:;@\\\[\]]{1,64}@[^\s<>()\",:;@\\\[\]]{1,255}")
_ADDRESS_LIMIT = 320  # RFC 3696 errata 1003 says 254; some gateways write more
_NAME_LIMIT = 150
_EARLIEST, _LATEST = 1970, 2200


def read(fields: Mapping[str, str]) -> tuple[dict[str, tuple[Address, ...]], datetime | None]:
    """Return the addresses of From, To, Cc and Reply-To by field name, and the date as aware UTC or None.

    `fields` holds repaired, unfolded, still RFC 2047 encoded values by lower-case name.
    """
    people = {name: _mailboxes(_capped(value), name) for name in FIELDS if (value := fields.get(name))}
    return people, date(fields.get("date", ""))


@lru_cache(maxsize=512)
def _mailboxes(value: str, name: str) -> tuple[Address, ...]:
    """Read one address field; cached, because every mail to us bears the same To."""
    pairs = _plain_pairs(value) or get_addresses(value, decode_names=True)
    found = tuple(address for label, spec in pairs if (address := _address(label, spec)) is not None)
    return found or _loose(value, name)


def _plain_pairs(value: str) -> list[tuple[str, str]]:
    """Return what mail-parser would of the plainest form, at a twentieth of its price; nothing for any other."""
    plain = _PLAIN.fullmatch(value)
    return [(plain["name"], plain["spec"])] if plain else []


def date(value: str) -> datetime | None:
    """Return a Date field as aware UTC; None for a missing, impossible or hostile one."""
    if not value:
        return None
    value = _one_line(value[:200])
    return _utc(parse_mail_date(value).value) or _odd_date(value)


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
    if not value.isascii():
        return None
    try:
        fields = parsedate_tz(value[:200])
        if fields is None or not _EARLIEST <= fields[0] <= _LATEST:
            return None
        moment = datetime(*fields[:5], min(fields[5], 59), tzinfo=UTC).timestamp() - (fields[9] or 0)
        return datetime.fromtimestamp(moment, UTC)
    except (ValueError, OverflowError, IndexError, TypeError, OSError):
        return None
