"""All phrases of all groups in one automaton, and the slips of the keyboard that people make in their words.

Whole words only: patterns stand between blanks ("no anda" is " no anda "), an open ending (`caid*`) lacks the last
one. Overlapping matches, because "no anda" may stand inside "no anda nada" and both may matter. Pure and linear.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod

from ahocorasick_rs import AhoCorasick, Implementation

from triage.core import folding
from triage.core.model import Language
from triage.core.rules.vocabulary import Group, Phrase

_ALIKE = (("b", "v"), ("v", "b"), ("s", "z"), ("z", "s"), ("ll", "y"), ("qu", "k"), ("gi", "ji"), ("ge", "je"),
          ("ce", "se"), ("ci", "si"), ("se", "ce"), ("si", "ci"))  # fmt: skip
_BRACKETS = re.compile(r"\(([^()]*)\)")
_MOST_ALTERNATIVES = 2000
_SHORTEST_STEM = 2
_SHORTEST_ALIKE = 5
_SHORTEST_SLIP = 7


@dataclass(frozen=True, slots=True)
class Use:
    """A pattern's role: the group it belongs to, whether it is an exception there, and for which language it counts."""

    group: str
    exception: bool
    language: Language | None


@dataclass(frozen=True, slots=True)
class Automaton:
    """`find` yields (pattern, start, end); `uses[pattern]` says what each means."""

    uses: tuple[tuple[Use, ...], ...]
    machine: AhoCorasick | None

    def find(self, words: str) -> list[tuple[int, int, int]]:
        """Return every occurrence, also overlapping ones, with the blanks of the pattern included."""
        if self.machine is None:
            return []
        return self.machine.find_matches_as_indexes(words, overlapping=True)


@lru_cache(maxsize=1 << 16)
def patterns_of(words: str) -> tuple[str, ...]:
    """Return the patterns of a phrase between blanks; a final `*` leaves the last word's ending open.

    "no (me|nos|) abre" is three phrases, the last without a pronoun. Raises ValueError where nothing searchable is
    left, where a star or a bracket stands wrong, or when more than 2 000 phrases would come of it.
    """
    return tuple(_pattern(each, words) for each in expand(folding.fold_phrase(words)))


def _pattern(folded: str, words: str) -> str:
    opened = folded.endswith("*")
    body = folded[:-1] if opened else folded
    if "*" in body:
        raise ValueError(f"{words!r}: the star may only stand at the end of the last word")
    opened = opened and body[-1:].isalnum()  # "err_*" is the whole word "err" and whatever follows it
    if not body.replace(" ", "").isalnum():
        body = folding.blanked(body).strip()
    if not body or (opened and len(body) - body.rfind(" ") <= _SHORTEST_STEM):
        raise ValueError(f"{words!r}: there is no word here that could be searched for")
    return f" {body}" if opened else f" {body} "


def expand(words: str) -> list[str]:
    """Write out the alternatives in brackets; raises ValueError as `patterns_of` does."""
    if "(" not in words and ")" not in words:
        return [words]
    parts = _BRACKETS.split(words)
    if any(bracket in part for part in parts for bracket in "()"):
        raise ValueError(f"{words!r}: brackets must be balanced, and not inside one another")
    choices = [part.split("|") if index % 2 else [part] for index, part in enumerate(parts)]
    if prod(len(each) for each in choices) > _MOST_ALTERNATIVES:
        raise ValueError(f"{words!r}: more than {_MOST_ALTERNATIVES} phrases; write shorter ones")
    return list(dict.fromkeys(" ".join("".join(each).split()) for each in product(*choices)))


def build(groups: Iterable[Group]) -> Automaton:
    """Put the phrases of all groups into one automaton."""
    uses: dict[str, list[Use]] = {}
    for group in groups:
        for phrases, exception in ((group.phrases, False), (group.except_, True)):
            for phrase in phrases:
                language = phrase.language if group.own_language else None
                use = Use(group.name, exception, language)
                for pattern in patterns_of(phrase.words):
                    uses.setdefault(pattern, []).append(use)
    machine = AhoCorasick(list(uses), implementation=Implementation.ContiguousNFA) if uses else None
    return Automaton(tuple(tuple(dict.fromkeys(found)) for found in uses.values()), machine)


def slips(phrases: Iterable[Phrase]) -> Mapping[str, str]:
    """Return misspelt forms of the vocabulary's longer words, each with the word meant.

    Letters that sound alike (b/v, c/s/z, y/ll), a silent h lost, two letters swapped, one lost or doubled. Never the first or
    the last letter, which carry meaning (compra, comprar), and never a form that is itself in the vocabulary.
    """
    known: set[str] = set()
    openings: set[str] = set()
    for phrase in phrases:
        folded = folding.blanked(folding.fold_phrase(phrase.words)).split()
        known.update(folded)
        if phrase.words.rstrip(")").endswith("*") and folded:
            openings.add(folded.pop())  # a stem is no whole word: its own slips would not end where it ends
    found: dict[str, str] = {}
    for word in sorted(known - openings):
        if word.isalpha() and len(word) >= _SHORTEST_ALIKE:
            for slip in _misspelt(word):
                if slip not in known:
                    found.setdefault(slip, word)
    return found


def _misspelt(word: str) -> Iterable[str]:
    for right, wrong in _ALIKE:
        at = word.find(right)
        while at >= 0:
            yield word[:at] + wrong + word[at + len(right) :]
            at = word.find(right, at + 1)
    if word.startswith("h"):
        yield word[1:]
    if len(word) < _SHORTEST_SLIP:
        return
    for at in range(1, len(word) - 2):
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        yield word[:at] + word[at + 1 :]
        yield word[: at + 1] + word[at:]
