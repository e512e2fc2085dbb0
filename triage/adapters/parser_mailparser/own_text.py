"""Chooses what a reader sees of a message's own text among its leaves: the best alternative, all inline texts in order.

Knows multipart semantics (RFC 2046, 2387) and mail programs' habits; never looks into attached messages.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from triage.adapters.parser_mailparser import calendar_text, html_text, limits, plain_text
from triage.adapters.parser_mailparser.charset import DECLARED, decode
from triage.adapters.parser_mailparser.transfer import decode_body
from triage.core.message import Leaf
from triage.core.text_cleaning import clean_text

_PLAIN = frozenset({"text/plain", "text/enriched", "text/richtext"})
_HTML = frozenset({"text/html", "application/xhtml+xml"})
# Texts for programs.
_NOT_READ = frozenset(
    {"text/calendar", "text/css", "text/csv", "text/directory", "text/javascript", "text/rfc822-headers", "text/rtf",
     "text/vcard", "text/x-amp-html", "text/x-vcard", "text/x-vcalendar", "text/xml", "text/pgp", "text/watch-html"}
)  # fmt: skip
# A whole page of HTML that calls itself plain text, or nothing: scripts send so.
_PAGE_BEGINS = re.compile(r"\s*<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE)
_PAGE_ENDS = re.compile(r"</html>\s*\Z", re.IGNORECASE)
_ENRICHED_TAG = re.compile(r"<[^<>\n]{0,80}>")
# What senders put into the plain alternative instead of a text.
_STUB = re.compile(
    r"\b(html|browser|navegador|email client|mail client|cliente de correo|correo electr[oó]nico no|view (?:it|this)|see attached)\b",
    re.IGNORECASE,
)
_STUB_LENGTH = 300


@dataclass(slots=True)
class Bit:
    """A piece of text and where it came from."""

    text: str
    kind: str
    step: str = DECLARED
    sections: tuple[str, ...] = ()

    @property
    def blank(self) -> bool:
        return not self.text.strip()


@dataclass(slots=True)
class OwnText:
    """The message's own text; `used` are the sections that are shown or stand behind a shown alternative."""

    text: str = ""
    step: str = DECLARED
    used: set[str] = field(default_factory=set)
    defects: list[str] = field(default_factory=list)
    files: tuple[tuple[str, int], ...] = ()


def is_text(leaf: Leaf) -> bool:
    """Say whether a leaf is text to read; an unknown kind of text is plain text (RFC 2046 section 4.1.4)."""
    return leaf.content_type in _HTML or _is_plain(leaf)


def _is_plain(leaf: Leaf) -> bool:
    kind = leaf.content_type
    return kind in _PLAIN or (kind.startswith("text/") and kind not in _HTML and kind not in _NOT_READ)


def choose(leaves: Sequence[Leaf]) -> OwnText:
    """Read the message's own text out of its leaves (in order, with their containers)."""
    chosen = OwnText()
    bits = _read_group(leaves, 0, chosen)
    if all(bit.blank for bit in bits):
        bits = bits + _last_resort(leaves, chosen)
    # A blank text that was read is nothing to attach either (Apple Mail ends with one).
    chosen.used.update(section for bit in bits for section in bit.sections)
    shown = [bit for bit in bits if not bit.blank]
    if shown:
        chosen.step = shown[0].step
        if all(bit.kind == "html" for bit in shown):
            chosen.defects.append("html-only")
    chosen.text = _finish("\n\n".join(bit.text.strip("\n") for bit in shown), chosen)
    return chosen


def _finish(text: str, chosen: OwnText) -> str:
    # Every bit was cleaned where it was read.
    text, encrypted = plain_text.without_armour(text[: limits.TEXT_CHARACTERS])
    if encrypted:
        chosen.defects.append("encrypted")
    text, chosen.files = plain_text.without_uuencoded(text)
    return text.strip("\n")


def _read_group(leaves: Sequence[Leaf], depth: int, chosen: OwnText) -> list[Bit]:
    """Read leaves that share a multipart at `depth` (or the single leaf of a simple message)."""
    if not leaves:
        return []
    subtype = leaves[0].containers[depth] if depth < len(leaves[0].containers) else ""
    if not subtype:
        return [bit for leaf in leaves if (bit := _read_leaf(leaf, chosen)) is not None]
    children = _children(leaves, depth)
    if subtype == "alternative":
        # The losing alternatives say the same: they are no attachments. Files among them remain files.
        chosen.used.update(leaf.section for leaf in leaves if is_text(leaf) and _inline(leaf))
        return _best(children, depth, chosen)
    if subtype in {"related", "signed", "encrypted"}:
        # The rest of a related part is what the root shows (RFC 2387), of a signed one the signature.
        first, *rest = children
        bits = _read_group(first, depth + 1, chosen)
        return (
            bits
            if subtype != "related" or any(not bit.blank for bit in bits)
            else bits + _many(rest, depth, chosen)
        )
    if subtype == "report":
        return _many(children[:1], depth, chosen) + _many(
            [child for child in children[1:] if all(is_text(leaf) for leaf in child)], depth, chosen
        )
    return _without_doubles(_many(children, depth, chosen))


def _many(children: Sequence[Sequence[Leaf]], depth: int, chosen: OwnText) -> list[Bit]:
    return [bit for child in children for bit in _read_group(child, depth + 1, chosen)]


def _children(leaves: Sequence[Leaf], depth: int) -> list[list[Leaf]]:
    """Group leaves by the part of this multipart in which they stand: the number at `depth` of their section."""
    groups: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        numbers = leaf.section.split(".")
        groups.setdefault(".".join(numbers[: depth + 1]), []).append(leaf)
    return list(groups.values())


def _best(options: Sequence[Sequence[Leaf]], depth: int, chosen: OwnText) -> list[Bit]:
    """Choose among alternatives: the plain text, unless it is blank or only says that there is HTML.

    The HTML is turned into text only when it is needed: that is most of the cost of a mail.
    """
    plain: list[Bit] = []
    for option in options:
        if all(_is_plain(leaf) for leaf in option):
            plain = _read_group(option, depth + 1, chosen)
            if any(not bit.blank for bit in plain):
                break
    text = " ".join(bit.text for bit in plain).strip()
    if text and not _may_be_stub(text):
        return plain
    others = [option for option in options if not all(_is_plain(leaf) for leaf in option)]
    for option in others:
        rich = _read_group(option, depth + 1, chosen)
        other = " ".join(bit.text for bit in rich).strip()
        if other and (not text or len(other) > 2 * len(text)):
            return rich
    return plain


def _may_be_stub(text: str) -> bool:
    return len(text) < _STUB_LENGTH and _STUB.search(text) is not None


def _inline(leaf: Leaf) -> bool:
    return leaf.disposition != "attachment" and (not leaf.filename or leaf.disposition == "inline")


def _without_doubles(bits: list[Bit]) -> list[Bit]:
    """Drop an HTML text that only repeats the plain one beside it (alternatives written as mixed)."""
    if len(bits) < 2:
        return bits
    kept: list[Bit] = []
    seen: set[str] = set()
    for bit in bits:
        key = "".join(bit.text.split())
        if bit.kind == "html" and key in seen:
            kept[-1].sections += bit.sections
            continue
        seen.add(key)
        kept.append(bit)
    return kept


def _read_leaf(leaf: Leaf, chosen: OwnText, *, any_disposition: bool = False) -> Bit | None:
    if not is_text(leaf):
        return None
    if not any_disposition and (
        leaf.disposition == "attachment" or (leaf.filename and leaf.disposition != "inline")
    ):
        return None
    return read_text(leaf, chosen.defects)


def read_text(leaf: Leaf, defects: list[str]) -> Bit:
    """Decode one text leaf. A body left on the server, or only begun, is a defect `truncated`."""
    if leaf.body is None or leaf.truncated or len(leaf.body) > 3 * limits.TEXT_BYTES:
        _note(defects, "truncated")
    data = decode_body(leaf.body or b"", leaf.encoding, limits.TEXT_BYTES)
    text, step = decode(data, leaf.parameters.get("charset", ""))
    if step != DECLARED:
        _note(defects, f"charset:{step}")
    if leaf.content_type in _HTML or _is_page(text):
        return Bit(html_text.to_text(text), "html", step, (leaf.section,))
    text = clean_text(text)
    if leaf.content_type in {"text/enriched", "text/richtext"}:
        text = _ENRICHED_TAG.sub("", text).replace("<<", "<")
    else:
        text = plain_text.flowed(text, leaf.parameters)
    return Bit(text, "plain", step, (leaf.section,))


def _is_page(text: str) -> bool:
    return _PAGE_BEGINS.match(text) is not None and _PAGE_ENDS.search(text[-100:]) is not None


def _note(defects: list[str], word: str) -> None:
    if word not in defects:
        defects.append(word)


def _last_resort(leaves: Sequence[Leaf], chosen: OwnText) -> list[Bit]:
    """Without any text of its own, a named text is the text; without that, the calendar part says what it is about."""
    for leaf in leaves:
        bit = _read_leaf(leaf, chosen, any_disposition=True)
        if bit is not None and not bit.blank:
            return [bit]
    for leaf in leaves:
        if leaf.content_type == "text/calendar" and leaf.body is not None:
            text = calendar_text.readable(_decoded(leaf))
            return [Bit(text, "plain", DECLARED, ())]
    return []


def _decoded(leaf: Leaf) -> str:
    data = decode_body(leaf.body or b"", leaf.encoding, limits.REPORT_BYTES)
    return decode(data, leaf.parameters.get("charset", "utf-8"))[0]


def calendar_method(leaves: Sequence[Leaf]) -> str:
    """Return METHOD of the first calendar part in upper case (RFC 5545, RFC 6047), or an empty string."""
    for leaf in leaves:
        if leaf.content_type == "text/calendar":
            named = leaf.parameters.get("method", "")
            return clean_text(named or calendar_text.method(_decoded(leaf)), 40).strip().upper()
    return ""
