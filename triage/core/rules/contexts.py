"""Does something near a phrase change what it says? Denied, over, feared, planned, on a test site, another's.

The words and their reach are the admin's (`contexts:` in rules.yaml); this module only knows reach. Called by
`conditions` for each hit that a rule would count.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from itertools import chain
from typing import NamedTuple

from triage.core.rules.matcher import Compiled, Found, Hit, Span
from triage.core.rules.vocabulary import Context

_CLAUSE_BREAK = re.compile(r"[,;:()]|\s[-–—]\s")
_WIDEST_WORD = 30  # a gap of n words is never looked for over more than n times this many characters
_FURTHEST_PHRASE = 8  # of those that begin before a cue, how many are tried for holding it


class _Reach(NamedTuple):
    """Some contexts' cues by the sentence they may reach, those that reach every sentence, and the answers so far."""

    near: dict[int, list[tuple[Context, Hit]]]
    everywhere: list[tuple[Context, Hit]]
    known: dict[Hit, bool]


class Contexts:
    """Answers for one material, remembered per hit; `adversative` is the group of turning words ("pero")."""

    def __init__(self, found: Found, compiled: Compiled, adversative: str | None) -> None:
        self._found = found
        self._contexts = compiled.contexts
        self._things = compiled.things
        self._turns = found.hits.of(adversative) if adversative else ()
        self._phrases: list[Span] | None = None
        self._cues_of: dict[str, list[tuple[Context, Hit]]] = {}
        self._reach: dict[tuple[str, ...], _Reach] = {}
        self._cues_by_name = compiled.cues
        groups = found.hits.groups
        self._cued = {name for name, cues in compiled.cues.items() if not cues.isdisjoint(groups)}
        self._possible: dict[tuple[str, ...], tuple[str, ...]] = {(): ()}

    def possible(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of the contexts that can hold at all here: a word that makes them is in the material."""
        found = self._possible.get(names)
        if found is None:
            found = self._possible[names] = tuple([name for name in names if name in self._cued])
        return found

    def any_of(self, names: tuple[str, ...], hit: Hit) -> bool:
        """Return whether one of the named contexts holds for the hit."""
        near, everywhere, known = self._reach.get(names) or self._laid_out(names)
        cues = near.get(hit.sentence, everywhere)
        if not cues:
            return False  # so it is with most hits
        held = known.get(hit)
        if held is None:
            held = known[hit] = self._reached(cues, hit)
        return held

    def holds(self, name: str, hit: Hit) -> bool:
        return name in self._cued and self.any_of((name,), hit)

    def _laid_out(self, names: tuple[str, ...]) -> _Reach:
        """Lay each cue at the sentences it may reach, once: a hit then asks only what is near it."""
        near: defaultdict[int, list[tuple[Context, Hit]]] = defaultdict(list)
        everywhere: list[tuple[Context, Hit]] = []
        for both in chain.from_iterable(map(self._cues, names)):
            context, cue = both
            if context.matter:
                everywhere.append(both)
            elif context.preceding or context.following:
                for sentence in range(cue.sentence - context.following, cue.sentence + context.preceding + 1):
                    near[sentence].append(both)
            else:
                near[cue.sentence].append(both)
        if everywhere:
            for there in near.values():
                there.extend(everywhere)
        found = self._reach[names] = _Reach(near, everywhere, {})
        return found

    def _cues(self, name: str) -> list[tuple[Context, Hit]]:
        """Return the words that make the context of this name."""
        found = self._cues_of.get(name)
        if found is None:
            found = self._cues_of[name] = [
                (context, cue)
                for context in self._contexts[name]
                for cue in self._found.hits.of(context.cues)
                if not (context.alone and self._swallowed(cue))
            ]
        return found

    def _swallowed(self, cue: Hit) -> bool:
        """Return whether a phrase of a group that is no cue itself holds the cue and more."""
        if self._phrases is None:
            hits = self._found.hits
            phrases = hits.groups.difference(*self._cues_by_name.values())
            self._phrases = sorted(set().union(*map(hits.spans, phrases)))
        at = bisect_right(self._phrases, (cue.start, 1 << 60))
        for start, end in self._phrases[max(0, at - _FURTHEST_PHRASE) : at]:
            if end >= cue.end and (start, end) != cue[:2]:
                return True
        return False

    def _reached(self, cues: list[tuple[Context, Hit]], hit: Hit) -> bool:
        """Return whether one of these cues does reach the hit, and nothing cancels it."""
        thing = hit.group in self._things
        for context, cue in cues:
            if thing and context.spares_things:
                continue
            if self._reaches(context, cue, hit) and not self._cancelled(context, cue, hit):
                return True
        return False

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


def words_between(found: Found, start: int, end: int) -> int:
    """Count the words in [start, end) of the haystack."""
    return len(found.layout.words[start:end].split())
