"""Fold text for comparison: no case, no accents (but ñ stays a letter of its own), no line wraps.

"año" must not become "ano", and "ANDÁ" must equal "anda". Folding may change lengths (ß, apostrophes, runs of
blanks), so every folded text keeps a map back: evidence is shown in the words the client wrote. Called by the
rules, on texts and on phrases alike. Linear; the ordinary character is folded by whole-text replacements because a
loop over characters costs more than all the matching after it.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

KEPT = {"ñ"}
_QUOTES = {"“": '"', "”": '"', "«": '"', "»": '"', "„": '"', "‘": "'", "’": "'", "´": "'", "`": "'"}
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")
_BREAK = re.compile(r"\n\s*")
_BLANKS = re.compile(r" {2,}")
_ITEM = re.compile(r"(?:[-*•·>–—+]|\d{1,2}\s?[.)°º-]|[a-z]\))\s")
_CONTROLS = str.maketrans("\t\r\f\v", "    ")
_SHORT_LINE = 45  # a line that short was not wrapped by a mail program: its end is the end of a thought


@dataclass(frozen=True, slots=True)
class Folded:
    r"""`text`: lower case, single blanks, "\n" where a thought ends. `steps`: (folded position, original position)
    wherever the distance between the two changes, ascending.
    """

    text: str
    steps: tuple[tuple[int, int], ...] = ((0, 0),)

    def original(self, position: int) -> int:
        """Return where a position of the folded text lies in the original."""
        index = bisect_right(self.steps, (position, 1 << 60))
        at, origin = self.steps[index - 1]
        place = origin + position - at
        return min(place, self.steps[index][1]) if index < len(self.steps) else place


def fold(text: str) -> Folded:
    """Fold a text that people read, with the way back to its own offsets."""
    lowered = text.lower()
    if len(lowered) != len(text):  # "İ" and its kind: lower one by one, keep the places
        lowered = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    lowered, odd = _replace_characters(lowered.translate(_CONTROLS) if lowered.isascii() else lowered)
    edits = _blank_edits(lowered)
    if "'" in lowered:
        edits += [(m.start(), m.end(), "") for m in _APOSTROPHE.finditer(lowered)]
    if "\u0303" in lowered:  # n + combining tilde is an ñ; the other marks are dropped below
        edits += [(m.start(), m.end(), "ñ") for m in re.finditer("n\u0303", lowered)]
    for char in odd:
        folded = _fold_character(char)
        edits += [(m.start(), m.end(), folded) for m in re.finditer(re.escape(char), lowered)]
    return _apply(lowered, edits) if edits else Folded(lowered)


def fold_phrase(words: str) -> str:
    """Fold a phrase that an admin wrote, exactly as texts are folded: the two must meet."""
    return fold(" ".join(words.split())).text


def replaced(folded: Folded, edits: list[tuple[int, int, str]]) -> Folded:
    """Apply further edits (start, end, new; of the folded text) and keep the way back to the original."""
    if not edits:
        return folded
    step = _apply(folded.text, edits)
    origins = [origin for _, origin in step.steps]
    moved = {_forward(step, origins, at) for at, _ in folded.steps}
    places = sorted({at for at, _ in step.steps} | moved)
    return Folded(step.text, tuple((at, folded.original(step.original(at))) for at in places))


def blanked(text: str) -> str:
    """Replace all that is no letter or digit by blanks, one for one, so that words stand between blanks."""
    for char in set(text):
        if not char.isalnum() and char != " ":
            text = text.replace(char, " ")
    return text


def _replace_characters(text: str) -> tuple[str, list[str]]:
    """Replace what folds to one character in the whole text at once; return the characters that do not."""
    if text.isascii():
        return text, []
    odd = []
    for char in set(text):
        if char.isascii() and char not in "\t\r\f\v":
            continue
        if char in KEPT:
            continue
        folded = _fold_character(char)
        if len(folded) == 1:
            text = text.replace(char, folded)
        else:
            odd.append(char)
    return text, odd


def _fold_character(char: str) -> str:
    if char in _QUOTES:
        return _QUOTES[char]
    if char.isspace():
        return " "
    plain = unicodedata.normalize("NFKD", char.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def _blank_edits(text: str) -> list[tuple[int, int, str]]:
    """Return how to fold line ends and runs of blanks; searched by their first character, which is fast."""
    edits = []
    for match in _BREAK.finditer(text):
        start, end = match.span()
        while start and text[start - 1] == " ":
            start -= 1
        edits.append((start, end, "\n" if _ends_thought(text, start, end) else " "))
    if "  " in text:
        edits += [(match.start(), match.end(), " ") for match in _BLANKS.finditer(text)]
    return edits


def _ends_thought(text: str, start: int, end: int) -> bool:
    r"""Tell a line that the mail program wrapped from one that the writer ended."""
    breaks = text.count("\n", start, end)
    if breaks != 1:
        return breaks > 1
    line_length = start - (text.rfind("\n", max(0, start - _SHORT_LINE - 1), start) + 1)
    return line_length < _SHORT_LINE or _ITEM.match(text, end) is not None


def _apply(text: str, edits: list[tuple[int, int, str]]) -> Folded:
    parts: list[str] = []
    steps = [(0, 0)]
    done = length = 0
    for start, end, new in sorted(edits):
        if start < done:
            continue
        parts += [text[done:start], new]
        length += start - done + len(new)
        done = end
        if end - start != len(new):
            steps.append((length, end))
    parts.append(text[done:])
    return Folded("".join(parts), tuple(steps))


def _forward(step: Folded, origins: list[int], position: int) -> int:
    """Return where a position before the edits lies after them (the inverse of `original`)."""
    index = bisect_right(origins, position) - 1
    at, origin = step.steps[index]
    return at + position - origin
