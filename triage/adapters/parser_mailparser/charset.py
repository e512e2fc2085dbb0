"""The charset ladder: declared, its superset, detected, cp1252; every byte string becomes text, and says how.

Knows codecs, not mail. A declared name is a hint from a stranger: some name codecs that are no text (bz2),
some raise on everything (undefined), most old labels mean a younger superset (WHATWG Encoding Standard).
"""

import codecs
import re
from functools import lru_cache

from charset_normalizer import from_bytes

DECLARED, SUPERSET, DETECTED, CP1252 = "declared", "superset", "detected", "cp1252"

_SUPERSETS = {
    "ascii": "utf-8",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "iso8859-8": "cp1255",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "hz": "gb18030",
    "euc_kr": "cp949",
    "johab": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "iso2022_jp": "iso2022_jp_ext",
    "iso2022_jp_1": "iso2022_jp_ext",
    "iso2022_jp_2": "iso2022_jp_ext",
    "euc_jp": "euc_jis_2004",
}
_ALIASES = {
    "ks_c_5601": "cp949", "ks_c_5601-1987": "cp949", "ksc5601": "cp949", "x-windows-949": "cp949",
    "gb_2312-80": "gb18030", "x-gbk": "gb18030", "gb_1988-80": "ascii",
    "x-sjis": "cp932", "ms_kanji": "cp932", "shift-jis": "cp932", "x-ms-cp932": "cp932",
    "x-euc-jp": "euc_jp", "x-euc-kr": "cp949", "x-big5": "big5hkscs", "cn-big5": "big5hkscs",
    "utf8mb4": "utf-8", "utf": "utf-8", "unicode": "utf-8", "unicode-1-1-utf-7": "utf-7", "unicode-1-1-utf-8": "utf-8",
    "windows-874": "cp874", "dos-874": "cp874", "iso-8859-8-i": "iso8859-8", "iso-8859-8-e": "iso8859-8",
    "x-mac-roman": "mac_roman", "macintosh": "mac_roman", "x-mac-cyrillic": "mac_cyrillic",
    "ansi": "cp1252", "x-ansi": "cp1252", "x-cp1252": "cp1252", "x-cp1251": "cp1251", "cp-850": "cp850", "cp-1252": "cp1252",
    "iso-8859": "iso8859-1", "8859_1": "iso8859-1", "latin-1": "iso8859-1", "us": "ascii", "7bit": "ascii", "8bit": "ascii",
}  # fmt: skip
# Codecs that are no character encoding, or no mail's: they raise, run away, or turn text into other text.
_REFUSED = frozenset(
    {
        "idna",
        "punycode",
        "undefined",
        "unicode_escape",
        "raw_unicode_escape",
        "rot13",
        "rot-13",
        "mbcs",
        "oem",
        "palmos",
    }
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,60}")
_WESTERN = frozenset("ÁÉÍÓÚÑÜÇÃÕÂÊÔÀÖÄáéíóúñüçãõâêôàèìòùöäëïßøåæ¿¡ºª°«»“”‘’–—…€·´®©\xa0")
_SAMPLE = 8 * 1024
_DETECTABLE = [
    "utf_8", "utf_16", "cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256",
    "gb18030", "big5", "cp932", "euc_jp", "cp949",
]  # fmt: skip


@lru_cache(maxsize=256)
def codec_name(label: str) -> str | None:
    """Return Python's name of the character encoding that a label means, or None."""
    match = _NAME.search(label.strip().strip("\"'"))
    if match is None:
        return None
    name = match[0].lower().rstrip(".:-")
    name = _ALIASES.get(name, name)
    try:
        info = codecs.lookup(name)
        if info.name in _REFUSED or not isinstance(b"a".decode(name, "replace"), str):
            return None
    except (LookupError, ValueError, TypeError):
        return None
    return info.name


def decode(data: bytes, label: str = "") -> tuple[str, str]:
    """Return (text, step of the ladder). Never fails; the last step replaces what even cp1252 does not know."""
    declared = codec_name(label) if label else None
    if declared in {None, "ascii", "utf-8", "utf-8-sig"} or (declared in {"iso8859-1", "cp1252"}):
        # UTF-8 proves itself: other text is hardly ever valid UTF-8 by chance.
        unicode_text = _strictly(data, "utf-8")
        if unicode_text is not None and b"\x1b$" not in data:
            return unicode_text, _utf8_step(data, declared)
    if declared is not None:
        found = _declared_or_superset(data, declared)
        if found is not None:
            return found
    return _detected(data)


def _utf8_step(data: bytes, declared: str | None) -> str:
    if declared in {"utf-8", "utf-8-sig"} or data.isascii():
        return DECLARED
    return SUPERSET if declared == "ascii" else DETECTED


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None


def _declared_or_superset(data: bytes, declared: str) -> tuple[str, str] | None:
    # Latin-1 gives the C1 controls for 0x80-0x9F where every writer meant cp1252's quotes and dashes.
    if declared != "iso8859-1" or not any(0x80 <= byte <= 0x9F for byte in data):
        text = _strictly(data, declared)
        if text is not None:
            return text, DECLARED
    superset = _SUPERSETS.get(declared)
    if superset is not None and (text := _strictly(data, superset)) is not None:
        return text, SUPERSET
    # A few bad bytes in a long text of a multi-byte charset (a cut, a stray byte) are no reason to guess anew.
    best = (superset or declared) if declared != "ascii" else None
    if best is not None and len(data) > 20:
        text = data.decode(best, "replace")
        if text.count("\ufffd") * 50 <= len(text):
            return text, SUPERSET
    return None


def _detected(data: bytes) -> tuple[str, str]:
    if b"\x1b$" in data and (text := _strictly(data, "iso2022_jp_ext")) is not None:
        return text, DETECTED
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"} and (text := _strictly(data, "utf-16")) is not None:
        return text, DETECTED
    western = western_text(data)
    high = [character for character in western[:_SAMPLE] if character > "\x7f"]
    if sum(character in _WESTERN for character in high) * 10 >= len(high) * 9:
        return western, CP1252
    guess = from_bytes(data[:_SAMPLE], cp_isolation=_DETECTABLE, threshold=0.3).best()
    if guess is not None:
        text = data.decode(guess.encoding, "replace")
        if text.count("\ufffd") * 50 <= len(text):
            return text, DETECTED
    return western, CP1252


def western_text(data: bytes) -> str:
    """Decode as cp1252 the way browsers do: its five holes become the control characters of Latin-1."""
    return (
        data.decode("cp1252", "replace")
        if not _holes(data)
        else data.decode("latin-1").translate(_CP1252_HIGH)
    )


def _holes(data: bytes) -> bool:
    return any(hole in data for hole in (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d"))


_CP1252_HIGH = {
    code: bytes([code]).decode("cp1252")
    for code in range(0x80, 0xA0)
    if code not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}


def header_text(value: bytes, label: str = "") -> str:
    """Decode a raw 8-bit header value: UTF-8, else what the body declares if it is no Western label, else cp1252."""
    if value.isascii():
        return value.decode("ascii") if b"\x1b$" not in value else _detected(value)[0]
    text = _strictly(value, "utf-8")
    if text is not None:
        return text
    declared = codec_name(label) if label else None
    if declared not in {None, "ascii", "utf-8", "iso8859-1"} and declared is not None:
        found = _strictly(value, _SUPERSETS.get(declared, declared))
        if found is not None:
            return found
    return western_text(value)
