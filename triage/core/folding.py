"""Fold text for comparison: no case, no accents (but ñ stays a letter of its own), no line wraps.

"año" must not become "ano", and "ANDÁ" must equal "anda". Folding may change lengths (ß, apostrophes, runs of
blanks), so every folded text knows the way back: evidence is shown in the words the client wrote. Called by the
rules, on texts and on phrases alike. Linear. Nearly all mail fits into Latin-1 but for a few marks: there one table
folds a whole text at once, because a loop over characters costs more than all the matching after it. For the same
reason patterns fold the lines, and the way back is worked out only where something is shown.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

_SAME = {
    **dict.fromkeys("“”«»„‟", '"'), **dict.fromkeys("‘’‛ʼ´`", "'"), **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("ºª", "°"), "…": ".",
}  # fmt: skip
_SYMBOL = "¤"  # an emoji, an arrow, a currency: no word, one as good as another
_HARD = "ß\u00ad"  # of Latin-1, those that fold to more or less than one character
_MOST_FOREIGN = 40  # distinct characters beyond Latin-1; a text with more is folded character by character

_ITEM = r"(?:[-*•·>+¤]|\d{1,2}\s?[.)°-]|[a-z]\))\s"
# What becomes what, in this order, where the first column stands in the text at all. A line shorter than 45 was not
# wrapped by a mail program: its end is the end of a thought, as an empty line is. So is one before an item. Every
# pattern begins with a plain character, which is searched for fast, and none looks at a run of blanks twice.
_LAYOUT = (
    (" \n", re.compile(r" (?<!  ) *+\n"), "\n"),
    ("\n", re.compile(rf"\n(?<=[^\n]{{45}}\n)(?: ++|(?=[^ \n]))(?!{_ITEM})"), " "),
    ("\n", re.compile(r"\n[ \n]+"), "\n"),
    ("  ", re.compile(r"  +"), " "),
    ("'", re.compile(r"'(?<=[^\W\d_]')(?=[^\W\d_])"), ""),
)

Edit = tuple[int, int, str]
Step = tuple[int, int]


@dataclass(frozen=True)
class Folded:
    r"""`text`: lower case, single blanks, "\n" where a thought ends. `changes`: how its characters were moved, one after the
    other, each as the edits (start, end, new), ascending and apart, of what the change before it left.
    """

    text: str
    changes: tuple[Callable[[], Iterable[Edit]], ...] = ()

    def original(self, position: int) -> int:
        """Return where a position of the folded text lies in the original."""
        for steps in self._steps:
            position = _before(steps, position)
        return position

    @cached_property
    def _steps(self) -> list[list[Step]]:
        return [_steps_of(edits()) for edits in reversed(self.changes)]


def fold(text: str) -> Folded:
    """Fold a text that people read, with the way back to its own offsets."""
    plain, hard = _plain(text)
    folded = replaced(Folded(plain), hard) if hard else Folded(plain)
    plain, changes = folded.text, list(folded.changes)
    for mark, pattern, new in _LAYOUT:
        if mark in plain:
            changed = pattern.sub(new, plain)
            if len(changed) < len(plain):
                changes.append(partial(_edits_of, pattern, plain, new))
            plain = changed
    return Folded(plain, tuple(changes))


def fold_phrase(words: str) -> str:
    """Fold a phrase that an admin wrote, exactly as texts are folded: the two must meet."""
    return fold(" ".join(words.split())).text


def replaced(folded: Folded, edits: list[Edit]) -> Folded:
    """Make further edits (of the folded text, ascending and apart) and keep the way back to the original."""
    return Folded(edited(folded.text, edits), (*folded.changes, lambda: edits))


def edited(text: str, edits: list[Edit]) -> str:
    """Make edits, ascending and apart."""
    parts: list[str] = []
    done = 0
    for start, end, new in edits:
        parts += (text[done:start], new)
        done = end
    return "".join([*parts, text[done:]])


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
            return raw.translate(_PLAIN).decode("latin-1"), sorted(edits)
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


def _edits_of(pattern: re.Pattern[str], text: str, new: str) -> Iterable[Edit]:
    return ((*match.span(), new) for match in pattern.finditer(text))


def _steps_of(edits: Iterable[Edit]) -> list[Step]:
    """Return (position after the edits, before them) wherever the distance between the two changes, ascending."""
    steps = [(0, 0)]
    moved = 0
    for start, end, new in edits:
        if end - start != len(new):
            moved += len(new) - (end - start)
            steps.append((end + moved, end))
    return steps


def _before(steps: list[Step], position: int) -> int:
    index = bisect_right(steps, (position, 1 << 60))
    at, origin = steps[index - 1]
    place = origin + position - at
    return place if index == len(steps) else min(place, steps[index][1])
