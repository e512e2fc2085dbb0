"""The top-level fields of one message, read from its raw header block: decoded, cleaned, and the routing ones understood.

Everything that decides who wrote and where a mail belongs is read here and nowhere else (MAIL rule 7).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.adapters.parser_mailparser import addresses, header_block, limits
from triage.adapters.parser_mailparser.charset import header_text
from triage.adapters.parser_mailparser.encoded_words import decode_words
from triage.core.message import Headers
from triage.core.model import Address
from triage.core.text_cleaning import MESSAGE_ID_LIMIT, SUBJECT_LIMIT, clean_line

_VALUE_LIMIT = 4_000  # characters of one decoded value
# Identifiers and trace fields hold no encoded words (RFC 2047 section 5); decoding them could only forge.
_LITERAL = frozenset(
    {
        "message-id", "in-reply-to", "references", "received", "return-path", "date", "dkim-signature",
        "arc-seal", "arc-message-signature", "arc-authentication-results", "authentication-results",
        "content-type", "content-transfer-encoding", "content-disposition", "mime-version",
        "list-unsubscribe", "received-spf", "delivered-to", "x-received",
    }
)  # fmt: skip
_IN_ANGLES = re.compile(r"<([^<>]*)>")


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """What the header block says. `raw` holds the first repaired value of each field, still encoded."""

    headers: Headers
    raw: dict[str, str]
    message_id: str | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    people: dict[str, tuple[Address, ...]]
    date: datetime | None
    subject: str
    received: tuple[str, ...]
    defects: tuple[str, ...]

    @property
    def sender(self) -> Address | None:
        return next(iter(self.people.get("from", ())), None)


def read(fields: Iterable[header_block.Field], charset: str = "") -> HeaderFacts:
    """Read a header; `charset` is what the body declares, a hint for raw 8-bit values."""
    decoded: list[tuple[str, str]] = []
    raw: dict[str, str] = {}
    repeats: dict[str, int] = {}
    spent = 0
    for name, octets in fields:
        repeats[name] = repeats.get(name, 0) + 1
        spent += len(octets)
        over = spent > limits.HEADER_DECODED_BYTES and name not in header_block.ROUTING
        if over or repeats[name] > limits.SAME_FIELD:
            continue
        value = header_text(octets, charset)
        if not raw.get(name, "").strip():
            raw[name] = value
        words = value if name in _LITERAL else decode_words(value)
        decoded.append((name, clean_line(words, _VALUE_LIMIT)))
    headers = Headers(tuple(decoded))
    people, date = addresses.read(raw)
    message_ids = [clean for value in headers.all("message-id") if (clean := message_id(value))]
    return HeaderFacts(
        headers=headers,
        raw=raw,
        message_id=message_ids[0] if message_ids else None,
        in_reply_to=identifiers(headers.all("in-reply-to")),
        references=identifiers(headers.all("references")),
        people=people,
        date=date,
        subject=clean_line(next((v for v in headers.all("subject") if v), ""), SUBJECT_LIMIT),
        received=headers.all("received"),
        defects=_defects(headers, people, message_ids),
    )


def _defects(
    headers: Headers, people: dict[str, tuple[Address, ...]], message_ids: list[str]
) -> tuple[str, ...]:
    """Name what makes the sender or the identity doubtful (RFC 5322 section 3.6: each at most once)."""
    defects = []
    if not people.get("from"):
        defects.append("no-from")
    elif len(people["from"]) > 1 or len(set(headers.all("from"))) > 1:
        defects.append("several-from")
    if len(set(message_ids)) > 1:
        defects.append("several-message-ids")
    return tuple(defects)


def message_id(value: str) -> str | None:
    """Return an identifier without its angle brackets; None for an empty, literal `<>`, giant or senseless one."""
    found = identifiers((value,), limit=1)
    return found[0] if found else None


def identifiers(values: Sequence[str], limit: int = limits.REFERENCES) -> tuple[str, ...]:
    """Return the Message-IDs in order, each once. Of too many, the first and the last ones are kept.

    Folding may have cut an identifier in two: blanks within the angles go. Without angles, every word with an
    @ in it is taken; prose ("Your message of Monday") is not.
    """
    found: dict[str, None] = {}
    for value in values:
        inside = _IN_ANGLES.findall(value)
        words = inside or [word.strip("<>,;\"'") for word in value.split() if "@" in word]
        for word in words:
            identifier = "".join(word.split())
            if identifier and len(identifier) <= MESSAGE_ID_LIMIT - 2:
                found[identifier] = None
    everything = tuple(found)
    if len(everything) > limit:
        return everything[:1] + everything[len(everything) - limit + 1 :] if limit > 1 else everything[:1]
    return everything
