"""Fold text for comparison: no case, no accents (but ñ stays a letter of its own), no line wraps.

"año" must not become "ano", and "ANDÁ" must equal "anda". Folding may change lengths (ß, apostrophes, runs of
blanks), so every folded text keeps a map back: evidence is shown in the words the client wrote. Called by the
rules, on texts and on phrases alike. Linear. Nearly all mail fits into Latin-1 but for a few marks: there one table
folds a whole text at once, because a loop over characters costs more than all the matching after it.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

_SAME = {
    **dict.fromkeys("“”«»„‟", '"'), **dict.fromkeys("‘’‛ʼ´`", "'"), **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("ºª", "°"), "…": ".",
}  # fmt: skip
_SYMBOL = "¤"  # an emoji, an arrow, a currency: no word, one as good as another
_HARD = "ß\u00ad"  # of Latin-1, those that fold to more or less than one character
_MOST_FOREIGN = 40  # distinct characters beyond Latin-1; a text with more is folded character by character

_APOSTROPHE = re.compile(r"'(?<=[^\W\d_]')(?=[^\W\d_])")
_ITEM = r"(?:[-*•·>+¤]|\d{1,2}\s?[.)°-]|[a-z]\))\s"
# A line shorter than 45 was not wrapped by a mail program: its end is the end of a thought. So is one before an item.
_WRAP = re.compile(rf"\n(?<=[^\n]{{45}}\n)(?=\S)(?!{_ITEM})")
_BREAK = re.compile(r"\n(?:\s+|(?<= \n))")  # begins with a plain character, which is searched for fast
_BLANKS = re.compile(r" {2,}")

Edit = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Folded:
    r"""`text`: lower case, single blanks, "\n" where a thought ends. `steps`: (folded position, original position)
    wherever the distance between the two changes, ascending. `inner`: what was folded in turn, if anything.
    """

    text: str
    steps: tuple[tuple[int, int], ...] = ((0, 0),)
    inner: "Folded | None" = None

    def original(self, position: int) -> int:
        """Return where a position of the folded text lies in the original."""
        index = bisect_right(self.steps, (position, 1 << 60))
        at, origin = self.steps[index - 1]
        place = origin + position - at
        if index < len(self.steps):
            place = min(place, self.steps[index][1])
        return place if self.inner is None else self.inner.original(place)


def fold(text: str) -> Folded:
    """Fold a text that people read, with the way back to its own offsets."""
    plain, edits = _plain(text)
    if "\n" in plain:
        edits += _break_edits(plain)
        lines = _WRAP.sub(" ", plain)
    else:
        lines = plain
    if "  " in plain:
        edits += [(match.start(), match.end(), " ") for match in _BLANKS.finditer(plain)]
    if "'" in plain:
        edits += [(match.start(), match.end(), "") for match in _APOSTROPHE.finditer(plain)]
    return _apply(lines, edits) if edits else Folded(lines)


def fold_phrase(words: str) -> str:
    """Fold a phrase that an admin wrote, exactly as texts are folded: the two must meet."""
    return fold(" ".join(words.split())).text


def replaced(folded: Folded, edits: list[Edit]) -> Folded:
    """Apply further edits (start, end, new; of the folded text) and keep the way back to the original."""
    step = _apply(folded.text, edits)
    return Folded(step.text, step.steps, folded)


def blanked(text: str) -> str:
    """Replace all that is no letter or digit by blanks, one for one, so that words stand between blanks."""
    try:
        return text.encode("latin-1").translate(_BLANKED).decode("latin-1")
    except UnicodeEncodeError:
        odd = [char for char in set(text) if not char.isalnum()]
        return text.translate(dict.fromkeys(map(ord, odd), " "))


def _plain(text: str) -> tuple[str, list[Edit]]:
    """Replace what folds to one character; return the edits for what does not."""
    narrow, edits = text, []
    for _ in range(_MOST_FOREIGN):
        try:
            raw = narrow.encode("latin-1")
        except UnicodeEncodeError as error:
            char = narrow[error.start]
            plain = _fold_character(char)
            if len(plain) != 1:
                edits += _hard_edits(text, char)
                plain = _SYMBOL
            elif plain > "\xff":
                break
            narrow = narrow.replace(char, plain)
        else:
            for char in _HARD:
                if char in narrow:
                    edits += _hard_edits(text, char)
            return raw.translate(_PLAIN).decode("latin-1"), edits
    return _plain_by_character(text)


def _plain_by_character(text: str) -> tuple[str, list[Edit]]:
    table = {char: _fold_character(char) for char in set(text)}
    single = {ord(char): plain for char, plain in table.items() if len(plain) == 1}
    hard = "".join(char for char in table if ord(char) not in single)
    return text.translate(single), _hard_edits(text, hard) if hard else []


def _hard_edits(text: str, chars: str) -> list[Edit]:
    edits = []
    for match in re.finditer(f"[{re.escape(chars)}]", text):
        at = match.start()
        if match.group() == "\u0303" and text[at - 1 : at] in ("n", "N"):  # decomposed, it is still an ñ
            edits.append((at - 1, at + 1, "ñ"))
        else:
            edits.append((at, at + 1, _fold_character(match.group())))
    return edits


@lru_cache(maxsize=4_096)
def _fold_character(char: str) -> str:
    if char in _SAME:
        return _SAME[char]
    if char == "\n" or char in "ñÑ":
        return char.lower()
    category = unicodedata.category(char)
    if char.isspace() or category == "Cc":
        return " "
    if category in ("Cf", "Mn", "Me"):  # marks and invisible joints belong to the letters beside them
        return ""
    if category[0] in "SP":
        return char if char <= "\xff" else _SYMBOL
    folded = unicodedata.normalize("NFKD", char.casefold()).casefold()
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    return plain if plain.isalnum() else char.lower()[:1]


def _table(values: list[str]) -> bytes:
    return "".join(values).encode("latin-1")


_LATIN = [chr(code) for code in range(256)]
_PLAIN = _table(
    [
        plain if len(plain) == 1 and plain <= "\xff" else char
        for char in _LATIN
        for plain in [_fold_character(char)]
    ]
)
_BLANKED = _table([char if char.isalnum() else " " for char in _LATIN])


def _break_edits(text: str) -> list[Edit]:
    """Return how to fold line ends with blanks about them, and several line ends together."""
    edits = []
    for match in _BREAK.finditer(text):
        start, end = match.span()
        while start and text[start - 1] == " ":
            start -= 1
        edits.append((start, end, "\n" if _ends_thought(text, start, end) else " "))
    return edits


def _ends_thought(text: str, start: int, end: int) -> bool:
    r"""Tell a line that the mail program wrapped from one that the writer ended."""
    if text.count("\n", start, end) > 1:
        return True
    line = text.rfind("\n", max(0, start - _SHORT_LINE - 1), start) + 1
    return start - line < _SHORT_LINE or _STARTS_ITEM.match(text, end) is not None


_SHORT_LINE = 45
_STARTS_ITEM = re.compile(_ITEM)


def _apply(text: str, edits: list[Edit]) -> Folded:
    """Apply edits; of those that overlap the first, and of those that begin together the longest."""
    parts: list[str] = []
    steps = [(0, 0)]
    done = length = 0
    for start, end, new in sorted(edits, key=lambda edit: (edit[0], -edit[1])):
        if start < done:
            continue
        parts += [text[done:start], new]
        length += start - done + len(new)
        done = end
        if end - start != len(new):
            steps.append((length, end))
    parts.append(text[done:])
    return Folded("".join(parts), tuple(steps))
