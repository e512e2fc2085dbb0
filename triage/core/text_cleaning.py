"""Makes text from the wire harmless: no line breaks in lines, no control or bidi characters, no lone surrogates.

Knows characters and lengths, not mail. Called by whatever turns foreign bytes into text, before that text
reaches a header, a log, a page or a rule. Cleaning never fails and is linear in the text.
"""

import re

SUBJECT_LIMIT = 200  # characters; MAIL rule 8
MESSAGE_ID_LIMIT = 998  # RFC 5322 section 2.1.1: no line is longer

# What some terminal or renderer takes for the end of a line (str.splitlines knows them all).
_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_ESCAPES = re.compile(
    r"\x1b(?:\[[0-9;?]{0,40}[ -/]{0,4}[@-~]|\][^\x07\x1b\n]{0,200}(?:\x07|\x1b\\)|[()*+][0-9A-Za-z])?"
)
# C0 but tab and line feed, DEL, C1; bidi controls (they turn text around); characters nobody sees, which hide words.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
# One search decides for ordinary text that there is nothing to do.
_SUSPECT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]"
)


def clean_text(text: str, limit: int | None = None) -> str:
    """Return a body's text: lines end in LF, only tab remains of the control characters, cut to `limit`."""
    if limit is not None and len(text) > limit:
        text = text[:limit]
    # Ordinary lines from the wire end in CR LF, and nothing else is wrong with them.
    plain = text.replace("\r\n", "\n")
    if _SUSPECT.search(plain) is None:
        return plain
    text = _BREAKS.sub("\n", text)
    if "\x1b" in text:
        text = _ESCAPES.sub("", text)
    return _SURROGATES.sub("\ufffd", _UNSEEN.sub("", text))


def clean_line(text: str, limit: int | None = None) -> str:
    """Return one line: every run of white space and line breaks is one blank, ends stripped, cut to `limit`."""
    if limit is not None and len(text) > 4 * limit:
        text = text[: 4 * limit]
    # Most of the lines cleaned are header values, and in printable ASCII there is nothing to clean but blanks.
    line = " ".join((text if text.isascii() and text.isprintable() else clean_text(text)).split())
    if limit is not None and len(line) > limit:
        line = line[:limit].rstrip()
    return line


def base_name(name: str, limit: int = 150) -> str:
    """Return a file's name as a label: no folders, no drive, no leading dots; empty when nothing remains."""
    label = clean_line(name, 4 * limit).replace("\\", "/").rsplit("/", 1)[-1]
    label = label.lstrip(". ").strip()
    if len(label) > limit:
        stem, dot, extension = label.rpartition(".")
        keep = dot + extension if dot and len(extension) <= 10 else ""
        label = (stem if keep else label)[: limit - len(keep)] + keep
    return label
