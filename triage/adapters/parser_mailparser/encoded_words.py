"""RFC 2047 encoded words, as they are really written: split characters, blanks in Q, broken base64, odd charsets.

Text in, text out; what cannot be decoded stays as it stands.
"""

import binascii
import re
from dataclasses import dataclass

from triage.adapters.parser_mailparser import limits
from triage.adapters.parser_mailparser.charset import decode

# The charset may carry a language (RFC 2231 section 5). A lone `?` inside the text occurs in the wild.
_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,40})?\?([bBqQ])\?((?:[^?]|\?(?!=)){0,4000})\?=")
_Q_BYTE = re.compile(rb"=([0-9A-Fa-f]{2})")
_NO_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


@dataclass(slots=True)
class _Run:
    """Neighbouring words of one charset and encoding, whose bytes belong together (split characters)."""

    charset: str
    encoding: str
    texts: list[str]


def decode_words(value: str) -> str:
    """Return the value with its encoded words decoded; white space between two of them is dropped (RFC 2047 6.2)."""
    if "=?" not in value:
        return value
    if value.count("=?") > 2 * limits.ENCODED_WORDS:
        value = _first_words(value)
    pieces: list[str] = []
    run: _Run | None = None
    position = 0
    for match in _WORD.finditer(value):
        between = value[position : match.start()]
        charset, encoding, text = match[1].lower(), match[2].lower(), match[3]
        adjacent = run is not None and not between.strip()
        if run is not None and adjacent and (run.charset, run.encoding) == (charset, encoding):
            run.texts.append(text)
        else:
            if run is not None:
                pieces.append(_decode_run(run))
            if not adjacent:
                pieces.append(between)
            run = _Run(charset, encoding, [text])
        position = match.end()
    if run is not None:
        pieces.append(_decode_run(run))
    pieces.append(value[position:])
    return "".join(pieces)


def _first_words(value: str) -> str:
    position = 0
    for _ in range(2 * limits.ENCODED_WORDS):
        position = value.index("=?", position) + 2
    return value[: position - 2]


def _decode_run(run: _Run) -> str:
    data = _q_bytes("".join(run.texts)) if run.encoding == "q" else _b_bytes(run.texts)
    return decode(data, run.charset)[0]


def _q_bytes(text: str) -> bytes:
    data = text.replace("_", " ").encode("utf-8", "surrogateescape")
    return _Q_BYTE.sub(lambda match: bytes([int(match[1], 16)]), data)


def _b_bytes(texts: list[str]) -> bytes:
    """Decode each word, joined to the next where the base64 was cut inside a group of four."""
    data, pending = [], ""
    for text in texts:
        pending += "".join(text.split())
        if len(pending) % 4 == 0 or pending.endswith("="):
            data.append(lenient_base64(pending.encode("ascii", "ignore")))
            pending = ""
    data.append(lenient_base64(pending.encode("ascii", "ignore")))
    return b"".join(data)


def lenient_base64(data: bytes) -> bytes:
    """Decode what can be decoded: foreign characters are skipped, padding is mended, a cut tail is dropped."""
    data = _NO_BASE64.sub(b"", data.split(b"=", 1)[0])
    if len(data) % 4 == 1:
        data = data[:-1]
    return binascii.a2b_base64(data + b"=" * (-len(data) % 4))
