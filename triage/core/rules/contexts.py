"""Does something near a phrase change what it says? Denied, over, feared, planned, on a test site, another's.

The words and their reach are the admin's (`contexts:` in rules.yaml); this module only knows reach. Called by
`conditions` for each hit that a rule would count.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from triage.core.rules.matcher import Compiled, Found, Hit
from triage.core.rules.vocabulary import Context

_CLAUSE_BREAK = re.compile(r"[,;:()]|\s[-–—]\s")
_WIDEST_WORD = 30  # a gap of n words is never looked for over more than n times this many characters


class _Present(NamedTuple):
    """A context of which the material holds cues: these, their sentences, and the sentences they may reach (None: all)."""

    context: Context
    cues: tuple[Hit, ...]
    sentences: tuple[int, ...]
    reached: frozenset[int] | None


class Contexts:
    """Answers for one material, remembered per hit; `adversative` is the group of turning words ("pero")."""

    def __init__(self, found: Found, compiled: Compiled, adversative: str | None) -> None:
        self._found = found
        self._contexts = compiled.contexts
        self._things = compiled.things
        self._turns = found.hits.of(adversative) if adversative else ()
        self._known: dict[str, dict[Hit, bool]] = {}
        self._any: dict[tuple[str, ...], dict[Hit, bool]] = {}
        self._spans: list[tuple[int, int]] | None = None
        self._present: dict[str, tuple[_Present, ...]] = {}
        self._reached: dict[tuple[str, ...], frozenset[int] | None] = {}
        may_hold = found.hits.may_hold
        self._cued = frozenset(
            name for name, named in self._contexts.items() if any(may_hold(each.cues) for each in named)
        )
        self._possible: dict[tuple[str, ...], tuple[str, ...]] = {(): ()}

    def possible(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of the contexts that can hold at all here: a word that makes them is in the material."""
        found = self._possible.get(names)
        if found is None:
            found = self._possible[names] = tuple([name for name in names if name in self._cued])
        return found

    def any_of(self, names: tuple[str, ...], hit: Hit) -> bool:
        """Return whether one of the named contexts holds for the hit."""
        if names not in self._reached:
            self._reached[names] = _union([each.reached for name in names for each in self._of(name)])
            self._any[names] = {}
        reached = self._reached[names]
        if reached is not None and hit.sentence not in reached:
            return False  # so it is with most hits
        known = self._any[names]
        held = known.get(hit)
        if held is None:
            held = known[hit] = any(self.holds(name, hit) for name in names)
        return held

    def holds(self, name: str, hit: Hit) -> bool:
        known = self._known.setdefault(name, {})
        held = known.get(hit)
        if held is None:
            held = known[hit] = any(self._holds(each, hit) for each in self._of(name))
        return held

    def _of(self, name: str) -> tuple[_Present, ...]:
        """Return what the material holds of a context."""
        present = self._present.get(name)
        if present is None:
            of = self._found.hits.of
            present = self._present[name] = tuple(
                [_present(each, cues) for each in self._contexts[name] if (cues := of(each.cues))]
            )
        return present

    def _holds(self, present: _Present, hit: Hit) -> bool:
        context, cues, sentences, reached = present
        if reached is None:
            first, last = 0, len(cues)
        elif hit.sentence in reached:
            first = bisect_left(sentences, hit.sentence - context.preceding)
            last = bisect_right(sentences, hit.sentence + context.following)
        else:
            return False
        if context.spares_things and hit.group in self._things:
            return False
        for cue in cues[first:last]:
            if context.alone and self._swallowed(cue):
                continue
            if self._reaches(context, cue, hit) and not self._cancelled(context, cue, hit):
                return True
        return False

    def _swallowed(self, cue: Hit) -> bool:
        """Return whether a phrase of a group that is no cue itself holds the cue and more."""
        if self._spans is None:
            cues = {each.cues for named in self._contexts.values() for each in named}
            self._spans = sorted(
                {
                    (hit.start, hit.end)
                    for group in self._found.hits.named()
                    if group not in cues
                    for hit in self._found.hits.of(group)
                }
            )
        index = bisect_right(self._spans, (cue.start, 1 << 60))
        return any(
            end >= cue.end and (start, end) != cue[:2]
            for start, end in self._spans[max(0, index - 8) : index]
        )

    def _reaches(self, context: Context, cue: Hit, hit: Hit) -> bool:
        if cue.start < hit.end and hit.start < cue.end:
            # "no" in "no anda" is part of the phrase and denies nothing; a phrase inside the longer cue is the cue's
            return cue.start <= hit.start and hit.end <= cue.end and cue[:2] != hit[:2]
        if context.matter or cue.sentence != hit.sentence:
            return True
        if cue.end <= hit.start:
            if context.sentence and not self._turns_between(cue.end, hit.start):
                return True
            return context.before >= 0 and self.close(cue.end, hit.start, context.before)
        if context.sentence:
            return True
        return context.after >= 0 and self.close(hit.end, cue.start, context.after)

    def close(self, start: int, end: int, words: int) -> bool:
        """Return whether at most so many words, and no break of a clause, lie in [start, end)."""
        if end - start > (words + 1) * _WIDEST_WORD or self._turns_between(start, end):
            return False
        between = self._found.layout.text[start:end]
        return not _CLAUSE_BREAK.search(between) and words_between(self._found, start, end) <= words

    def _turns_between(self, start: int, end: int) -> bool:
        index = bisect_left(self._turns, (start,))
        return index < len(self._turns) and self._turns[index].end <= end

    def _cancelled(self, context: Context, cue: Hit, hit: Hit) -> bool:
        """Return whether a cancelling word stands in the hit's sentence, or between cue and hit."""
        if context.cancelled_by is None:
            return False
        low, high = min(cue.sentence, hit.sentence), max(cue.sentence, hit.sentence)
        for other in self._found.hits.of(context.cancelled_by):
            inside = cue.start <= other.start and other.end <= cue.end
            if low <= other.sentence <= high and not inside:
                return True
        return False


def _present(context: Context, cues: tuple[Hit, ...]) -> _Present:
    sentences = tuple([cue.sentence for cue in cues])
    around = range(-context.following, context.preceding + 1)
    reached = None if context.matter else frozenset(at + step for at in sentences for step in around)
    return _Present(context, cues, sentences, reached)


def _union(sentences: Sequence[frozenset[int] | None]) -> frozenset[int] | None:
    together: set[int] = set()
    for each in sentences:
        if each is None:
            return None
        together |= each
    return frozenset(together)


def words_between(found: Found, start: int, end: int) -> int:
    """Count the words in [start, end) of the haystack."""
    return len(found.layout.words[start:end].split())
