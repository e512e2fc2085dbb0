"""Which lines of a mail are somebody else's: quotes, history, forwarded blocks. Line by line, in linear time.

Knows how mail programs quote (tables in `quotewords`), not what is done with the lines: `newtext` and `forwards`
decide that. Every line's kind is decided from itself and a handful of neighbours.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

from triage.core.comparable import fold
from triage.core.quotewords import ABOUT_KEYS, FORWARDED, FROM_KEYS, OPENINGS, ORIGINAL, WROTE

_LOOKED_AT = 300  # characters of a line that a pattern reads
_ATTRIBUTION_LINES = 4
_LINES = 4_000  # of a longer mail only the quoting marks are read on
_BLOCK_LINES = 12  # how far the keys of one header block may lie apart

_QUOTED = re.compile(r"[ \t\u00a0]{0,3}(?:>|&gt;|\|[ >]|│)")
_KEY = re.compile(
    r"[*_ \t\u00a0>]{0,6}([^\W\d_][\w '.\-áéíóúàâêôãõçñ]{0,22}?)[ \t\u00a0]{0,3}[*_]{0,2}[:：][*_]{0,2}(?:[ \t\u00a0]|$|\S)"
)
_ORNAMENT = " \t-_=*#~>─—–:：<>[]\u00a0"
_DATE = re.compile(
    r"\d{1,2}[:.hH]\d{2}|\b(?:19|20)\d\d\b|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{1,2}\s?(?:de |of )?[^\W\d_]{3,12}"
)
_ADDRESS = re.compile(r"[^\s<>@\"'(),;:]{1,64}@[^\s<>@\"'(),;:]{1,190}")
_WEEKDAY_ONLY = re.compile(r"on (?:mon|tues|wednes|thurs|fri|satur|sun)day:", re.IGNORECASE)


# Words between two rules; above a header block they announce it, in whatever language.
_RULED_WORDS = re.compile(r"[-_=*]{2,60}[^-_=*]{1,80}[-_=*]{2,60}")
_RULED = ("--", "__", "==", "**", "—", "──", "~~")


class Kind(Enum):
    """Whose a line is: the writer's own, a quote, what was answered (history), or a forwarded block."""

    OWN = auto()
    QUOTE = auto()
    HISTORY = auto()
    FORWARD = auto()


@dataclass(frozen=True, slots=True)
class Block:
    """A header block: lines [start, end) and its fields, as (folded key, value)."""

    start: int
    end: int
    fields: tuple[tuple[str, str], ...]

    def value(self, keys: frozenset[str]) -> str:
        return next((value for key, value in self.fields if key in keys), "")


def is_quoted(line: str) -> bool:
    """Say whether a line carries a quoting mark of its own."""
    return _QUOTED.match(line) is not None


def separator(line: str) -> Kind | None:
    """Say whether a line announces the message that was answered (HISTORY) or forwarded (FORWARD)."""
    ruled = line.lstrip(" >\t").startswith(_RULED)
    if len(line) > _LOOKED_AT or not (ruled or line.rstrip().endswith((":", "："))):
        return None
    bare = fold(line.strip(_ORNAMENT))
    if _announces(bare, FORWARDED):
        return Kind.FORWARD
    return Kind.HISTORY if ruled and _announces(bare, ORIGINAL) else None


def _announces(bare: str, words: frozenset[str]) -> bool:
    """The words alone, or with a name or a date behind them."""
    return bare in words or any(bare.startswith(word) and len(bare) < len(word) + 60 for word in words)


def header_block(lines: list[str], start: int) -> Block | None:
    """Return the header block that begins at a line, if one does: a From key and two others, one after another."""
    fields: list[tuple[str, str]] = []
    end = start
    for index in range(start, min(start + _BLOCK_LINES, len(lines))):
        line = lines[index][:_LOOKED_AT]
        key = _header_key(line)
        if key:
            fields.append((key, line.split(":" if ":" in line else "：", 1)[1].strip(" *_")))
            end = index + 1
        elif not fields or (line.strip() and not _continues(fields, line)):
            break
        elif line.strip():
            name, value = fields[-1]
            fields[-1] = (name, f"{value} {line.strip()}")
            end = index + 1
        elif len(fields) > 3 or (index + 1 < len(lines) and not _header_key(lines[index + 1][:_LOOKED_AT])):
            break
    keys = {key for key, _ in fields}
    senders = keys & FROM_KEYS
    if not senders or len(keys) < 3 or len(keys & ABOUT_KEYS) < 2:
        return None
    return Block(start, end, tuple(fields))


def _header_key(line: str) -> str:
    match = _KEY.match(line)
    key = fold(match.group(1)) if match else ""
    return key if key in FROM_KEYS or key in ABOUT_KEYS else ""


def _continues(fields: list[tuple[str, str]], line: str) -> bool:
    """A folded value goes on: a long list of recipients, or an address broken off its name."""
    return line[:1] in " \t<" or fields[-1][1].endswith((",", ";")) or (not fields[-1][1] and len(line) < 120)


def attribution_end(lines: list[str], start: int) -> int:
    """Return the index behind an attribution ("El …, Ana escribió:") that begins at a line, or 0."""
    first = lines[start][:_LOOKED_AT].strip()
    if not first:
        return 0
    if is_attribution(first):
        return start + 1
    if not _opens(first):
        return 0
    joined = first
    for index in range(start + 1, min(start + _ATTRIBUTION_LINES, len(lines))):
        line = lines[index][:_LOOKED_AT].strip()
        if not line or (is_quoted(line) and line not in {">:", "> :"}):
            return 0
        joined = f"{joined} {line}"
        if is_attribution(joined):
            return index + 1
    return 0


def _opens(line: str) -> bool:
    word = fold(re.split(r"[\s,]", line.lstrip("-_ *"), maxsplit=1)[0]).rstrip(".")
    return word in OPENINGS or line[:1].isdigit() or bool(_ADDRESS.search(line))


def is_attribution(line: str) -> bool:
    """Say whether one (joined) line tells who wrote what follows, and when."""
    bare = line.strip().strip("-*_ \u00a0")
    if len(bare) > 2 * _LOOKED_AT or len(bare) < 8:
        return False
    if _WEEKDAY_ONLY.fullmatch(bare):
        return True
    ends = bare.endswith((":", "：", ":*", "៖")) or line.rstrip().endswith("----")
    if not ends:
        # Zoho writes no colon: then nothing but the verb may stand behind the address.
        _, bracket, verb = bare.rpartition("> ")
        return bool(bracket and fold(verb) in WROTE and _DATE.search(bare) and _ADDRESS.search(bare))
    dated = bool(_DATE.search(bare))
    addressed = bool(_ADDRESS.search(bare))
    if dated and addressed and bare.rstrip(":： ").endswith(">"):
        return True
    if not _wrote(fold(bare)):
        return False
    return addressed or (dated and _opens(bare)) or (dated and len(bare) < 120 and bare[:1].isalnum())


def _wrote(folded: str) -> bool:
    return any(_stands_alone(folded, verb) for verb in WROTE)


def _stands_alone(text: str, word: str) -> bool:
    at = text.find(word)
    if at < 0:
        return False
    if not word[0].isascii():
        return True
    before = text[at - 1] if at else " "
    behind = text[at + len(word) : at + len(word) + 1] or " "
    return (not before.isalpha() and not behind.isalpha()) or (before.isdigit() or before == ">")


def mark(lines: list[str], *, forwarding: bool = False) -> list[Kind]:
    """Give every line its kind. `forwarding`: the subject says that the mail is a forward.

    A separator or a header block takes the rest of the mail; an attribution only the quote under it, because
    people answer between and below quotes.
    """
    kinds = [Kind.QUOTE if is_quoted(line) else Kind.OWN for line in lines]
    index = 0
    written = False
    while index < min(len(lines), _LINES):
        line = lines[index]
        if kinds[index] is Kind.QUOTE:
            index += 1
            continue
        rest = _rest(lines, index, forwarding=forwarding)
        if rest is not None:
            return _fill(kinds, index, rest)
        end = attribution_end(lines, index)
        if end:
            kinds[index:end] = [Kind.QUOTE] * (end - index)
            if (written or forwarding) and not _quote_follows(lines, end):
                return _fill(kinds, index, Kind.FORWARD if forwarding else Kind.HISTORY)
            index = end
            continue
        if line.strip() and _wrapped(lines, index):
            kinds[index] = Kind.QUOTE
        elif line.strip():
            written = True
        index += 1
    return kinds


def _rest(lines: list[str], index: int, *, forwarding: bool) -> Kind | None:
    """Say what the rest of the mail is, where a line begins a history or a forwarded block."""
    announced = separator(lines[index])
    if announced is Kind.FORWARD:
        return Kind.FORWARD
    if (
        announced is Kind.HISTORY
        or header_block(lines, index) is not None
        or (_RULED_WORDS.fullmatch(lines[index][:_LOOKED_AT].strip()) and header_block(lines, index + 1))
    ):
        return Kind.FORWARD if forwarding else Kind.HISTORY
    return None


def _fill(kinds: list[Kind], start: int, kind: Kind) -> list[Kind]:
    kinds[start:] = [kind] * (len(kinds) - start)
    return kinds


def _quote_follows(lines: list[str], start: int) -> bool:
    for line in lines[start : start + 5]:
        if line.strip():
            return is_quoted(line)
    return False


def _wrapped(lines: list[str], index: int) -> bool:
    """A quoted line that was wrapped on its way: its tail stands unmarked between two quoted lines."""
    if index == 0 or index + 1 >= len(lines) or len(lines[index]) > 40:
        return False
    before = lines[index - 1]
    return is_quoted(before) and len(before) >= 66 and is_quoted(lines[index + 1])
