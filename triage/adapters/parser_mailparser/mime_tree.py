"""Cuts a whole message into the same leaves that a mailbox delivers: one tree of parts, numbered as IMAP does.

Knows multiparts and boundaries (RFC 2046), not text. Outer boundaries are looked for before inner ones, so an
inner part that never ends cannot swallow its neighbours. Linear: every level scans its bytes once, and levels
and parts are capped.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from triage.adapters.parser_mailparser import header_block, limits, mime_fields, smime
from triage.adapters.parser_mailparser.charset import header_text
from triage.adapters.parser_mailparser.transfer import decode_body, encoding_word
from triage.core.message import Leaf

# A line that can only be the boundary of something when the declared one is missing, folded or wrong.
_ANY_BOUNDARY = re.compile(
    rb"\n--((?:[^\s-]|-[^\s])[^\r\n]{0,200}?)[ \t]{0,20}\r{0,3}\n(?=[Cc]ontent-[A-Za-z-]+[ \t]*:)"
)
_FIRST_LINE = 16_000  # octets: no boundary is that long
_PGP = frozenset({"application/pgp-encrypted"})
_NOT_UNDERSTOOD = "text/plain"  # RFC 2045 section 5.2
_CONTENT = ("content-type", "content-transfer-encoding", "content-disposition", "content-id")


@dataclass(frozen=True, slots=True)
class ContentFields:
    """What a part says about itself; `kind` is type/subtype in lower case."""

    kind: str
    parameters: dict[str, str]
    encoding: str = "7bit"
    disposition: str = ""
    filename: str = ""
    content_id: str = ""


@dataclass(slots=True)
class Tree:
    """The leaves of a message in order, and what was wrong with its structure.

    `opened` names, for leaves found inside a signed envelope, the part that the server knows.
    """

    leaves: list[Leaf] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    opened: dict[str, str] = field(default_factory=dict)

    def add_defect(self, word: str) -> None:
        if word not in self.defects:
            self.defects.append(word)


def content_fields(fields: Iterable[header_block.Field], default: str = "text/plain") -> ContentFields:
    """Read the Content- fields of a header; the first of each name counts."""
    found: dict[str, str] = {}
    for name, value in fields:
        if name in _CONTENT and name not in found:
            found[name] = _said(value)
    named, parameters = mime_fields.content_type(found.get("content-type", ""))
    kind = (named or _NOT_UNDERSTOOD) if "content-type" in found else default
    word, extra = mime_fields.disposition(found.get("content-disposition", ""))
    name = extra.get("filename") or parameters.get("name", "")
    return ContentFields(
        kind,
        parameters,
        encoding_word(found.get("content-transfer-encoding", "")) or "7bit",
        word,
        mime_fields.file_name(name),
        found.get("content-id", "").strip(" \t<>"),
    )


def kind_of(fields: Iterable[header_block.Field]) -> str:
    """Return the content type that a header names, and nothing else of it."""
    value = next((value for name, value in fields if name == "content-type"), b"")
    return mime_fields.content_type(_said(value))[0] or _NOT_UNDERSTOOD


def _said(value: bytes) -> str:
    return header_text(value).replace("\r", "").replace("\0", "")


def leaves_of(header: Iterable[header_block.Field], body: bytes) -> Tree:
    """Return the leaves of a message given as header and body."""
    tree = Tree()
    _walk(tree, content_fields(header), body, "", ())
    return tree


def open_envelopes(tree: Tree) -> Tree:
    """Put the parts of opaque signed S/MIME in the place of their envelope, and mark what is encrypted."""
    if not any(smime.is_smime(leaf) or leaf.content_type in _PGP for leaf in tree.leaves):
        return tree
    opened = Tree(defects=tree.defects)
    for leaf in tree.leaves:
        content = None
        if smime.is_smime(leaf) and leaf.body:
            content = smime.signed_content(decode_body(leaf.body, leaf.encoding, limits.SIGNED_BYTES))
        if content is None:
            opened.leaves.append(leaf)
            if smime.is_smime(leaf) or leaf.content_type == "application/pgp-encrypted":
                opened.add_defect("encrypted")
            continue
        block, body = header_block.split_part(content)
        before = len(opened.leaves)
        section = leaf.section if leaf.containers else ""
        _walk(opened, content_fields(header_block.fields(block)), body, section, leaf.containers)
        opened.opened |= dict.fromkeys((inner.section for inner in opened.leaves[before:]), leaf.section)
    return opened


def _walk(tree: Tree, fields: ContentFields, body: bytes, section: str, containers: tuple[str, ...]) -> None:
    if len(tree.leaves) >= limits.PARTS:
        tree.add_defect("parts")
        return
    if not fields.kind.startswith("multipart/"):
        tree.leaves.append(_leaf(fields, body, section or "1", containers))
        return
    if len(containers) >= limits.DEPTH:
        tree.add_defect("nesting")
        tree.leaves.append(_leaf(fields, body, section or "1", containers))
        return
    if fields.encoding in {"base64", "quoted-printable"}:
        # Forbidden (RFC 2045 section 6.4), and written nevertheless.
        body = decode_body(body, fields.encoding, len(body))
    parts = _parts(tree, body, fields.parameters.get("boundary", ""))
    subtype = fields.kind.partition("/")[2]
    if not parts:
        tree.add_defect("boundary")
        plain = ContentFields("text/plain", {}, fields.encoding)
        tree.leaves.append(_leaf(plain, body, section or "1", containers))
        return
    default = "message/rfc822" if subtype == "digest" else "text/plain"
    for number, part in enumerate(parts, 1):
        inner, text = header_block.split_part(part)
        place = f"{section}.{number}" if section else str(number)
        said = content_fields(header_block.fields(inner), default)
        _walk(tree, said, text, place, (*containers, subtype))


def _leaf(fields: ContentFields, body: bytes, section: str, containers: tuple[str, ...]) -> Leaf:
    return Leaf(
        section=section,
        content_type=fields.kind,
        parameters=fields.parameters,
        encoding=fields.encoding,
        disposition=fields.disposition,
        filename=fields.filename,
        content_id=fields.content_id,
        size=len(body),
        body=body,
        containers=containers,
    )


def _parts(tree: Tree, body: bytes, boundary: str) -> list[bytes]:
    """Return the parts between the delimiters, tried as declared, without its blanks, and as found in the body."""
    wanted = boundary.encode("utf-8", "replace").rstrip()[:4_000]
    for candidate in dict.fromkeys((wanted, b"".join(wanted.split()))):
        if candidate and (parts := _between(body, candidate)):
            return parts
    guess = next(_lines(_ANY_BOUNDARY, body), None)
    if guess is None:
        return []
    tree.add_defect("boundary")
    return _between(body, guess.word)


def _between(body: bytes, boundary: bytes) -> list[bytes]:
    # A boundary with a blank in it is folded by some senders, in the field and in the delimiter lines alike.
    words = rb"\s{1,100}".join(re.escape(word) for word in boundary.split())
    delimiter = re.compile(rb"\n--" + words + rb"(--)?[ \t]{0,200}\r{0,3}(?=\n|\Z)")
    parts: list[bytes] = []
    start: int | None = None
    for line in _lines(delimiter, body):
        if start is not None:
            # The line break before a delimiter belongs to the delimiter (RFC 2046 section 5.1.1).
            parts.append(_without_cr(body[start : line.start]))
            start = None
        if len(parts) > limits.PARTS:
            break
        if not line.word:
            start = line.end + 1
    if start is not None and start < len(body):
        parts.append(body[start:])
    return parts


class _Line(NamedTuple):
    """[start, end) of what a pattern finds with the line break before it, and the pattern's group."""

    start: int
    end: int
    word: bytes


def _lines(pattern: re.Pattern[bytes], body: bytes) -> Iterator[_Line]:
    """Find the lines that a pattern tells with the line break before them.

    The body's first has none and is looked at apart: a pattern that begins with one certain octet is searched for
    forty times as fast as one that begins with a choice, and bodies are megabytes.
    """
    if first := pattern.match(b"\n" + body[:_FIRST_LINE]):
        yield _Line(0, first.end() - 1, first[1] or b"")
    for match in pattern.finditer(body):
        yield _Line(match.start(), match.end(), match[1] or b"")


def _without_cr(part: bytes) -> bytes:
    return part[:-1] if part.endswith(b"\r") else part
