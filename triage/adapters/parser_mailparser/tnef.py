"""winmail.dat (MS-OXTNEF) through tnefparse: the text and the files' names that Outlook hid in it.

tnefparse believes every count it reads (a forged one makes it loop for hours) and copies the rest of the data
for each object, so the stream is walked first and only sound objects of the kinds we need are handed on.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tnefparse.mapi import IMESSAGE_SIG
from tnefparse.tnef import TNEF

from triage.adapters.parser_mailparser import html_text, limits
from triage.adapters.parser_mailparser.charset import decode
from triage.adapters.parser_mailparser.transfer import decode_body
from triage.core.message import Attachment, Leaf
from triage.core.text_cleaning import base_name, clean_text

_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef", "application/x-tnef"})
_SIGNATURE = 0x223E9F78
_BODY, _MAPI_PROPERTIES, _CODE_PAGE = 0x800C, 0x9003, 0x9007
_TITLE, _ATTACHED, _ATTACHMENT, _RENDERING = 0x8010, 0x800F, 0x9005, 0x9002
_WANTED = frozenset({_BODY, _MAPI_PROPERTIES, _CODE_PAGE, _TITLE, _ATTACHED, _ATTACHMENT, _RENDERING})
# tnefparse lets these out where a stream leaves out what it expects.
_BROKEN = (ArithmeticError, AttributeError, LookupError, NameError, TypeError, ValueError, struct.error)
_OBJECTS = 500
_PROPERTIES = 2_000
_FIXED = {2: 2, 11: 2, 3: 4, 4: 4, 10: 4, 5: 8, 6: 8, 7: 8, 20: 8, 64: 8, 72: 16}
_SIZED = frozenset({0, 13, 30, 31, 258})


@dataclass(frozen=True, slots=True)
class Opened:
    """What a winmail.dat held."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()


def is_tnef(leaf: Leaf) -> bool:
    return leaf.content_type in _TYPES or leaf.filename.lower() == "winmail.dat"


def read(leaves: Sequence[Leaf]) -> Opened | None:
    """Open the first TNEF part that was fetched; None if there is none or it is not sound."""
    for leaf in leaves:
        if is_tnef(leaf) and leaf.body:
            return _read(decode_body(leaf.body, leaf.encoding, limits.TNEF_BYTES), leaf.section)
    return None


def _read(data: bytes, section: str) -> Opened | None:
    sound = _sound(data)
    if sound is None:
        return None
    try:
        opened = TNEF(sound, do_checksum=False)
        names = [(attachment.long_filename(), len(attachment.data)) for attachment in opened.attachments]
    except _BROKEN:
        return None
    files = tuple(
        Attachment(
            base_name(_text(name)) or f"part-{section}-{number}", "application/octet-stream", size, section
        )
        for number, (name, size) in enumerate(names, 1)
    )
    text = clean_text(_text(opened.body), limits.TEXT_CHARACTERS).strip()
    if not text and opened.htmlbody:
        text = html_text.to_text(_text(opened.htmlbody))
    return Opened(text, files)


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return decode(value.rstrip(b"\0"))[0]
    if isinstance(value, list):
        return "".join(_text(piece) for piece in value)
    return value.rstrip("\0") if isinstance(value, str) else ""


def _sound(data: bytes) -> bytes | None:
    """Return the stream with its sound, wanted objects only; None if it is no TNEF."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        return None
    pieces = [data[:6]]
    for name, start, content, end in _objects(data):
        listed = name in {_MAPI_PROPERTIES, _ATTACHMENT}
        # A message inside the stream would be opened as it stands, unwalked.
        nested = name == _ATTACHMENT and IMESSAGE_SIG in data[content:end]
        if name in _WANTED and not nested and (not listed or _sound_properties(data, content, end)):
            pieces.append(data[start : end + 2])
    return b"".join(pieces)


def _objects(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield (name, start, content start, content end) of the objects: level, name, type, length, data, checksum."""
    position = 6
    for _ in range(_OBJECTS):
        if position + 11 > len(data):
            return
        _, name, _, length = struct.unpack_from("<BHHI", data, position)
        end = position + 9 + length
        if end + 2 > len(data):
            return
        yield name, position, position + 9, end
        position = end + 2


def _sound_properties(data: bytes, position: int, end: int) -> bool:
    """Walk a property list and say whether every count and length in it stays inside it."""
    try:
        count = struct.unpack_from("<I", data, position)[0]
        position += 4
        if count > _PROPERTIES:
            return False
        for _ in range(count):
            position = _after_property(data, position)
            if position > end:
                return False
    except (struct.error, KeyError, ValueError):
        return False
    return True


def _after_property(data: bytes, position: int) -> int:
    kind, name = struct.unpack_from("<HH", data, position)
    position += 4
    if name >= 0x8000:
        named, length = struct.unpack_from("<II", data, position + 16)
        position += 24 if named == 0 else 24 + (length + 3) // 4 * 4
    several, kind = bool(kind & 0x1000), kind & ~0x1000
    count = 1
    if several:
        count = struct.unpack_from("<I", data, position)[0]
        position += 4
    if count > _PROPERTIES:
        raise ValueError("forged count")
    if kind not in _SIZED:
        # Two-octet values are padded to four in all.
        return position + (_FIXED[kind] * count + 3) // 4 * 4
    if not several:
        count = struct.unpack_from("<I", data, position)[0]
        position += 4
    if count > _PROPERTIES:
        raise ValueError("forged count")
    for _ in range(count):
        position += 4 + (struct.unpack_from("<I", data, position)[0] + 3) // 4 * 4
    return position
