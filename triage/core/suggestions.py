"""Which words would have told the rules what agents told them by hand: phrases, with support and precision.

Pure. A phrase is worth showing when several clients used it in cases that were corrected to the same level, and when
most of all stored cases that hold it are of that level. One client's words are never shown: they name a shop, not a
fault. Called by app/hindsight for `triage rules suggest`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from triage.core import folding
from triage.core.model import Severity
from triage.core.rules import Material

_LONGEST = 4  # words of a phrase
_READ = 4_000  # characters of each text: the fault is told early
_SHOWN = 15  # phrases of a level
_SHORT = 3  # letters: a phrase of only such words says nothing


@dataclass(frozen=True, slots=True)
class Spoken:
    """A stored case: who wrote it, what, its level in the end, and whether an agent had to correct the rules."""

    client: str
    material: Material
    level: Severity
    corrected: bool


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`support`: corrected cases that hold the phrase; `holding`: all stored cases that do, `right` of them of the level."""

    phrase: str
    level: Severity
    support: int
    right: int
    holding: int

    @property
    def precision(self) -> float:
        return self.right / self.holding


def suggest(cases: Sequence[Spoken], *, least: int = 2, precision: float = 0.7) -> tuple[Suggestion, ...]:
    """Return the phrases that at least `least` clients of corrected cases used, the best of each level first."""
    phrases = [frozenset(phrases_of(case.material)) for case in cases]
    wanted = _candidates(cases, phrases, least)
    known = {phrase for phrase, _ in wanted}
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for number, held in enumerate(phrases):
        for phrase in held & known:
            holders[phrase].append(number)
    found = {}
    for (phrase, level), support in sorted(wanted.items(), key=lambda item: (len(item[0][0]), item[0])):
        holding = holders[phrase]
        right = sum(cases[number].level == level for number in holding)
        if right >= precision * len(holding):  # of runs held by the very same cases, the longest tells most
            found[level, tuple(holding)] = Suggestion(phrase, level, support, right, len(holding))
    return tuple(_best(found.values()))


def phrases_of(material: Material) -> Iterator[str]:
    """Yield the runs of one to four words of a message, folded, none across a mark of punctuation."""
    for text in (material.subject, material.new_text, material.forwarded_text):
        blanked = folding.blanked(folding.fold(text[:_READ]).text)
        for clause in blanked.split("  "):
            words = clause.split()
            for start in range(len(words)):
                for end in range(start + 1, min(start + _LONGEST, len(words)) + 1):
                    run = words[start:end]
                    if any(len(word) > _SHORT and word.isalpha() for word in run):
                        yield " ".join(run)


def _candidates(
    cases: Sequence[Spoken], phrases: Sequence[frozenset[str]], least: int
) -> Mapping[tuple[str, Severity], int]:
    clients: defaultdict[tuple[str, Severity], set[str]] = defaultdict(set)
    support: defaultdict[tuple[str, Severity], int] = defaultdict(int)
    for case, held in zip(cases, phrases, strict=True):
        if case.corrected:
            for phrase in held:
                clients[phrase, case.level].add(case.client)
                support[phrase, case.level] += 1
    return {key: count for key, count in support.items() if len(clients[key]) >= least}


def _best(found: Iterable[Suggestion]) -> Iterator[Suggestion]:
    """Order by level, then by how right and how often; keep the first of each level, no phrase beside a part of it."""
    shown: defaultdict[Severity, list[Suggestion]] = defaultdict(list)
    for each in sorted(found, key=lambda s: (s.level, -s.precision, -s.support, s.phrase)):
        kept = shown[each.level]
        if len(kept) < _SHOWN and not any(_within(each.phrase, other.phrase) for other in kept):
            kept.append(each)
    for level in sorted(shown):
        yield from shown[level]


def _within(one: str, other: str) -> bool:
    return f" {one} " in f" {other} " or f" {other} " in f" {one} "
