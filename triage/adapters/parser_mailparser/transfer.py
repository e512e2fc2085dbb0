"""Content-Transfer-Encoding undone, as far as it goes: a broken or cut encoding still gives what can be read."""

import binascii
import re

from triage.adapters.parser_mailparser.encoded_words import lenient_base64

_UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} [^\r\n]*\r?\n", re.MULTILINE)
# A line with a blank between words: a list's footer below the base64 it did not understand.
_PROSE = re.compile(rb"\n[ \t]*[^\s]+[ \t]+[^\s][^\n]*")
_BEGINS_WITH_WORDS = re.compile(rb"\s*[^\s]+[ \t]+[^\s]")
_PADDING = re.compile(rb"=+")
_SOFT_BREAK = re.compile(rb"=[ \t]+(\r?\n)")


def encoding_word(value: str) -> str:
    """Return the encoding's word in lower case without comments or quotes; "" for none."""
    return value.partition("(")[0].partition(";")[0].strip(" \t\"'").lower()


def decode_body(body: bytes, encoding: str, limit: int) -> bytes:
    """Return at most `limit` decoded octets (a little more at a line's end). Unknown encodings pass through."""
    word = encoding_word(encoding)
    if word in {"base64", "b"}:
        return _base64_lines(body[: limit * 4 // 3 + limit // 32])[:limit]
    if word in {"quoted-printable", "qp", "q"}:
        return binascii.a2b_qp(_SOFT_BREAK.sub(rb"=\1", body[: limit * 3]))[:limit]
    if word in {"x-uuencode", "uuencode", "x-uue", "uue", "x-uu"}:
        return uudecode(body[: limit * 2])[:limit]
    return body[:limit]


def _base64_lines(body: bytes) -> bytes:
    """Decode a body; some encoders pad every line, some relays append prose, and some senders encode nothing."""
    if _BEGINS_WITH_WORDS.match(body):
        return body
    prose = _PROSE.search(body)
    if prose is not None and body[: prose.start()].strip():
        body = body[: prose.start()]
    return b"".join(lenient_base64(piece) for piece in _PADDING.split(body))


def decoded_size(size: int, encoding: str) -> int:
    """Estimate how many octets a part has when decoded; base64 lines of 76 characters and CRLF are assumed."""
    word = encoding_word(encoding)
    if word in {"base64", "b"}:
        return max(0, (size * 76 // 78) * 3 // 4)
    return size


def uudecode(body: bytes) -> bytes:
    """Decode the first uuencoded block; without one the body passes through."""
    begin = _UU_BEGIN.search(body)
    if begin is None:
        return body
    pieces = []
    for line in body[begin.end() :].split(b"\n"):
        content = line.rstrip(b"\r")
        if content == b"end":
            break
        try:
            pieces.append(binascii.a2b_uu(content))
        except binascii.Error:
            # Some encoders pad lines wrongly; the length that the line itself names is right.
            count = (((content[0] - 32) & 63) * 4 + 5) // 3 if content else 0
            try:
                pieces.append(binascii.a2b_uu(content[:count]))
            except binascii.Error:
                continue
    return b"".join(pieces)
