"""All phrases of all groups in one automaton, and the slips of the keyboard that people make in their words.

Whole words only: patterns stand between blanks ("no anda" is " no anda "), an open ending (`caid*`) lacks the last
one. Overlapping matches, because "no anda" may stand inside "no anda nada" and both may matter. Pure and linear.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, product
from math import prod
from typing import NamedTuple

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


class Use(NamedTuple):
    """A pattern's role that is not the usual one: of which group, whether as an exception, and for which language."""

    group: str
    exception: bool
    language: Language | None


@dataclass(frozen=True, slots=True)
class Automaton:
    """`find` gives (pattern, start, end); `patterns[pattern]` is what was looked for, `groups[pattern]` what it means
    in every mail, `uses` what few patterns mean besides.
    """

    patterns: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    uses: Mapping[int, tuple[Use, ...]]
    machine: AhoCorasick | None

    def find(self, words: str) -> list[tuple[int, int, int]]:
        """Return every occurrence, also overlapping ones, with the blanks of the pattern included; by their ends, of equal
        ends the longest first.
        """
        if self.machine is None:
            return []
        return self.machine.find_matches_as_indexes(words, overlapping=True)


@dataclass(frozen=True, slots=True)
class Slips:
    """Misspelt words, each with the word that is `meant`. Every word of a mail is looked up in `forms`: in so many, a
    set is searched faster than a table.
    """

    meant: Mapping[str, str]
    forms: frozenset[str]

    @classmethod
    def of(cls, meant: Mapping[str, str]) -> "Slips":
        return cls(meant, frozenset(meant))


NO_SLIPS = Slips.of({})


@lru_cache(maxsize=1 << 16)
def patterns_of(words: str) -> tuple[str, ...]:
    """Return the patterns of a phrase between blanks; a final `*` leaves the last word's ending open.

    "no (me|nos|) abre" is three phrases, the last without a pronoun. Raises ValueError where nothing searchable is
    left, where a star or a bracket stands wrong, or when more than 2 000 phrases would come of it.
    """
    written = expand(folding.fold_phrase(words))
    if all(written) and "".join(written).replace(" ", "").isalnum():  # nothing but words, as nearly always
        return tuple([f" {each} " for each in written])
    return tuple([_pattern(each, words) for each in written])


def check(words: str) -> None:
    """Raise ValueError where `patterns_of` would. Writes out no alternatives of a phrase that can only be right: an admin's
    thousands are checked at each start, and compiled in the reading process.
    """
    parts = _BRACKETS.split(words)
    fixed, choices = "".join(parts[::2]), parts[1::2]
    letters = "".join([fixed, *choices]).replace(" ", "").replace("|", "")
    few = prod(choice.count("|") + 1 for choice in choices) <= _MOST_ALTERNATIVES
    if not (letters.isalnum() and "|" not in fixed and few and (fixed.strip() or _always_a_word(choices))):
        patterns_of(words)


def _always_a_word(choices: Sequence[str]) -> bool:
    """Say whether one of the choices has no empty alternative."""
    return any(all(each.strip() for each in choice.split("|")) for choice in choices)


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
    return list(dict.fromkeys([" ".join("".join(each).split()) for each in product(*choices)]))


def build(groups: Iterable[Group]) -> Automaton:
    """Put the phrases of all groups into one automaton."""
    groups_of: dict[str, tuple[str, ...]] = {}
    uses_of: dict[str, tuple[Use, ...]] = {}
    for group in groups:
        usual = () if group.own_language else group.phrases
        own = (group.name,)
        for phrase in usual:
            for pattern in patterns_of(phrase.words):
                known = groups_of.setdefault(pattern, own)
                if group.name not in known:
                    groups_of[pattern] = known + own
        for use, phrase in _unusual(group):
            for pattern in patterns_of(phrase.words):
                groups_of.setdefault(pattern, ())
                known_uses = uses_of.get(pattern, ())
                if use not in known_uses:
                    uses_of[pattern] = (*known_uses, use)
    machine = AhoCorasick(list(groups_of), implementation=Implementation.ContiguousNFA) if groups_of else None
    uses = {number: uses_of[pattern] for number, pattern in enumerate(groups_of) if pattern in uses_of}
    return Automaton(tuple(groups_of), tuple(groups_of.values()), uses, machine)


def _unusual(group: Group) -> Iterator[tuple[Use, Phrase]]:
    for phrases, exception in ((group.phrases, False), (group.except_, True)):
        if exception or group.own_language:
            for phrase in phrases:
                yield Use(group.name, exception, phrase.language if group.own_language else None), phrase


def slips(patterns: Sequence[str]) -> Slips:
    """Return misspelt forms of the vocabulary's longer words, each with the word meant.

    Letters that sound alike (b/v, c/s/z, y/ll), a silent h lost, two letters swapped, one lost or doubled. Never the
    first or the last letter, which carry meaning (compra, comprar), and never a form that is itself in the vocabulary.
    """
    known = set(chain.from_iterable(map(str.split, patterns)))
    # A stem is no whole word: its own slips would not end where it ends.
    openings = {pattern[pattern.rindex(" ") + 1 :] for pattern in patterns if pattern[-1] != " "}
    found: dict[str, str] = {}
    for word in sorted(known - openings, reverse=True):  # of two words that a slip may mean, the first has it
        if len(word) >= _SHORTEST_ALIKE and word.isalpha():
            found.update(dict.fromkeys(_misspelt(word), word))
    for word in known & found.keys():
        del found[word]
    return Slips.of(found)


def _misspelt(word: str) -> list[str]:
    forms = [form for right, wrong in _ALIKE if right in word for form in _each_replaced(word, right, wrong)]
    if word.startswith("h"):
        forms.append(word[1:])
    if len(word) >= _SHORTEST_SLIP:
        for at in range(1, len(word) - 2):
            head, letter, tail = word[:at], word[at], word[at + 1 :]
            forms += (head + tail[0] + letter + tail[1:], head + tail, head + letter + letter + tail)
    return forms


def _each_replaced(word: str, right: str, wrong: str) -> Iterator[str]:
    at = word.find(right)
    while at >= 0:
        yield word[:at] + wrong + word[at + len(right) :]
        at = word.find(right, at + 1)
