"""Plain text as it was meant: format=flowed (RFC 3676) joined, inline PGP armour and uuencoded files taken out."""

import re
from collections.abc import Mapping

_QUOTES = re.compile(r">+")
_SIGNED = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\n(?:[A-Za-z-]{1,40}: [^\n]*\n)*\n?")
_SIGNATURE = re.compile(
    r"-----BEGIN PGP SIGNATURE-----\n(?:[^\n]{0,200}\n){0,200}?[ \t]*-----END PGP SIGNATURE-----[ \t]*\n?"
)
_DASHED = re.compile(r"^- (?=-|From )", re.MULTILINE)
_ENCRYPTED = re.compile(r"^-----BEGIN PGP MESSAGE-----[ \t]*$", re.MULTILINE)
_UUENCODED = re.compile(
    r"^begin [0-7]{3,4} ([^\n]{1,200})\n((?:[\x20-\x60]{1,90}\n){1,}?)(?:`?[ \t]*\n)?end[ \t]*$", re.MULTILINE
)


def flowed(text: str, parameters: Mapping[str, str]) -> str:
    """Join the soft-broken lines of a format=flowed text; other text passes through (RFC 3676 section 4)."""
    if parameters.get("format", "").lower() != "flowed":
        return text
    del_sp = parameters.get("delsp", "").lower() == "yes"
    paragraphs: list[list[str]] = []
    open_depth: int | None = None
    for raw in text.split("\n"):
        marks = _QUOTES.match(raw)
        depth = marks.end() if marks else 0
        content = raw[depth:].removeprefix(" ")
        # A signature separator ends with a blank and is no soft break (section 4.3).
        soft = content.endswith(" ") and content != "-- "
        body = content[:-1] if soft and del_sp else content
        if open_depth == depth and content != "-- ":
            paragraphs[-1].append(body)
        else:
            paragraphs.append(["> " * min(depth, 20), body])
        open_depth = depth if soft else None
    lines = ("".join(pieces) for pieces in paragraphs)
    return "\n".join(line if line == "-- " else line.rstrip() for line in lines)


def without_armour(text: str) -> tuple[str, bool]:
    """Return (the text that a person wrote inside a clear-signed PGP message, whether a part is encrypted)."""
    if "-----BEGIN PGP" not in text:
        return text, False
    encrypted = _ENCRYPTED.search(text) is not None
    if _SIGNED.search(text):
        # RFC 9580 section 7.2: lines that begin with a dash are escaped.
        text = _DASHED.sub("", _SIGNATURE.sub("", _SIGNED.sub("", text)))
    return text, encrypted


def without_uuencoded(text: str) -> tuple[str, tuple[tuple[str, int], ...]]:
    """Take old uuencoded files out of a text; returns (text, ((name, size), ...))."""
    if "\nbegin " not in text and not text.startswith("begin "):
        return text, ()
    files = tuple((match[1].strip(), len(match[2]) * 3 // 4) for match in _UUENCODED.finditer(text))
    return (_UUENCODED.sub("", text), files) if files else (text, ())
