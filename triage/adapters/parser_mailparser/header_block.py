"""Cuts raw bytes into header fields and body, as receiving servers do it, not as the RFC would like it.

Knows bytes and lines only; decodes nothing. Written by hand because the standard library's parsers end the
block at a BOM or at `From :`, and take a bare CR for a new field (MAIL: a forged Bcc).
"""

import re
from collections.abc import Iterator

from triage.adapters.parser_mailparser import limits

Field = tuple[str, bytes]

# RFC 5322 section 2.2: printable US-ASCII but the colon; blanks before the colon are obsolete syntax (4.5.8).
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_SENDER = re.compile(rb"^From[ \t]*:", re.IGNORECASE | re.MULTILINE)
_MBOX = re.compile(rb">?From [^\r\n]*\d\d:\d\d[^\n]*\n")
_BLANK_LINE = re.compile(rb"\n[\r]*\n")
_LEADING_BLANK = re.compile(rb"[\r\n]+(?=[!-9;-~]{1,200}[ \t]*:[^\n]*\n)")
_BOM = b"\xef\xbb\xbf"

# Read whatever else fills the block: these decide who wrote, and where the mail belongs.
ROUTING = frozenset(
    {
        "from", "sender", "to", "cc", "reply-to", "subject", "date", "message-id", "in-reply-to", "references",
        "return-path", "auto-submitted", "authentication-results", "content-type", "content-transfer-encoding",
        "content-disposition", "received", "precedence", "x-auto-response-suppress", "list-id", "x-loop",
        "delivered-to", "x-failed-recipients",
    }
)  # fmt: skip


def normalise_line_ends(raw: bytes) -> bytes:
    """Turn a message whose lines end in CR alone (old Macs, files) into one that has lines at all."""
    if b"\r" in raw and b"\n" not in raw:
        return raw.replace(b"\r", b"\n")
    return raw


def split_message(raw: bytes) -> tuple[bytes, bytes]:
    """Return (header block, body) of a message; the BOM, an mbox line and blank lines before it are dropped."""
    start = len(_BOM) if raw.startswith(_BOM) else 0
    if lead := _LEADING_BLANK.match(raw, start):
        start = lead.end()
    if mbox := _MBOX.match(raw, start):
        start = mbox.end()
    return _split(raw, start, whole=True)


def split_part(raw: bytes) -> tuple[bytes, bytes]:
    """Return (header block, body) of a body part; a part that starts with a blank line has no fields (RFC 2046)."""
    return _split(raw, 0, whole=False)


def _split(raw: bytes, start: int, *, whole: bool) -> tuple[bytes, bytes]:
    first = re.compile(rb"\r*\n").match(raw, start)
    if first:
        return b"", raw[first.end() :]
    end = _BLANK_LINE.search(raw, start)
    stop, body = (end.start() + 1, end.end()) if end else (len(raw), len(raw))
    unheaded = _text_start(raw, start, stop)
    if unheaded is None or (whole and _names_sender_only_behind(raw, start, unheaded, stop)):
        return raw[start:stop], raw[body:]
    return raw[start:unheaded], raw[unheaded:]


def _names_sender_only_behind(raw: bytes, start: int, text: int, stop: int) -> bool:
    """Say whether what looks like the text's beginning are folded lines that lost their blanks: From comes after them."""
    limit = min(stop, start + limits.HEADER_BLOCK_BYTES)
    return start < text and not _SENDER.search(raw, start, text) and bool(_SENDER.search(raw, text, limit))


def _text_start(raw: bytes, start: int, stop: int) -> int | None:
    """Return where the text begins if the separating blank line is missing (two lines running that are no fields)."""
    position, stray = start, None
    limit = min(stop, start + limits.HEADER_BLOCK_BYTES)
    while position < limit:
        end = raw.find(b"\n", position, limit)
        end = limit if end < 0 else end + 1
        is_field = raw[position] in b" \t" or _FIELD.match(raw, position, end) is not None
        if not is_field and raw[position : position + 5] not in {b"From ", b">From"}:
            if stray is not None:
                return stray
            stray = position
        elif stray is not None and raw[position] not in b" \t":
            stray = None
        position = end
    return stray


def fields(block: bytes) -> Iterator[Field]:
    """Yield (name in lower case, unfolded raw value) in order; lines that are no field are passed over.

    A value keeps its CR and NUL for the cleaning that follows, and is cut to HEADER_VALUE_BYTES.
    """
    name, pieces, size, count = "", [], 0, 0
    for line in block[: limits.HEADER_BLOCK_BYTES].split(b"\n"):
        if line[:1] in {b" ", b"\t"}:
            if name and size < limits.HEADER_VALUE_BYTES:
                piece = line[: limits.HEADER_VALUE_BYTES - size]
                pieces.append(piece.rstrip(b"\r"))
                size += len(piece)
            continue
        match = _FIELD.match(line)
        if match is None:
            continue
        if name:
            yield name, b"".join(pieces)
            count += 1
        name = match[1].decode("ascii").lower() if _wanted(match[1], count) else ""
        value = line[match.end() : match.end() + limits.HEADER_VALUE_BYTES].rstrip(b"\r")
        pieces, size = [value], len(value)
    if name:
        yield name, b"".join(pieces)


def _wanted(name: bytes, count: int) -> bool:
    return count < limits.HEADER_FIELDS or name.decode("ascii").lower() in ROUTING
