"""Delivery status notifications (RFC 3464) read field by field: one DeliveryReport per recipient.

Also RFC 6533 (utf-8 addresses) and disposition notifications (RFC 8098), which share the form.
"""

import re
from collections.abc import Iterator

from triage.adapters.parser_mailparser import header_block, limits
from triage.adapters.parser_mailparser.charset import header_text
from triage.adapters.parser_mailparser.encoded_words import decode_words
from triage.core.message import DeliveryReport
from triage.core.text_cleaning import clean_line

_ADDRESS = re.compile(r"[^\s<>\"(),;:]{1,250}@[^\s<>\"(),;:]{1,250}")
_STATUS = re.compile(r"\b([245]\.[0-9]{1,3}\.[0-9]{1,3})\b")
_BLOCKS = re.compile(rb"\n[ \t\r]*\n")


def reports(body: bytes) -> tuple[DeliveryReport, ...]:
    """Return the per-recipient groups of a message/delivery-status body; senders' blank lines in between are borne."""
    found: list[DeliveryReport] = []
    for group in _groups(body[: limits.REPORT_BYTES]):
        recipient = address(group.get("final-recipient", ""))
        original = address(group.get("original-recipient", ""))
        if not recipient and not original:
            continue
        found.append(
            DeliveryReport(
                recipient=recipient or original,
                original_recipient=original,
                action=clean_line(group.get("action", "").partition("(")[0], 40).lower(),
                status=_status(group.get("status", "")),
                diagnostic=clean_line(group.get("diagnostic-code", ""), 1_000),
            )
        )
        if len(found) >= limits.REPORTS:
            break
    return tuple(found)


def _groups(body: bytes) -> Iterator[dict[str, str]]:
    """Yield the fields of each group; a group without a recipient is joined to the one after it."""
    pending: dict[str, str] = {}
    for block in _BLOCKS.split(body.replace(b"\r\n", b"\n")):
        fields: dict[str, str] = {}
        for name, value in header_block.fields(block):
            if name in fields and name == "final-recipient":
                yield pending | fields
                pending, fields = {}, {}
            fields.setdefault(name, decode_words(header_text(value)))
        if "final-recipient" in fields or "original-recipient" in fields:
            yield pending | fields
            pending = {}
        elif "action" in fields or "status" in fields:
            pending = fields
    if pending:
        yield pending


def address(value: str) -> str:
    """Return the address of `rfc822; a@b`, lower case; an address type of another kind may hold one too."""
    _, semicolon, rest = value.partition(";")
    text = clean_line(rest if semicolon else value, 600)
    # RFC 6533: the utf-8 type writes characters as \x{HEX}.
    text = re.sub(r"\\x\{([0-9A-Fa-f]{2,6})\}", _character, text)
    match = _ADDRESS.search(text)
    return match[0].lower().rstrip(".") if match else text.strip("<> ").lower()[:250]


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else ""


def _status(value: str) -> str:
    match = _STATUS.search(value)
    return match[1] if match else ""
