"""Does something near a phrase change what it says? Denied, over, feared, planned, on a test site, another's.

The words and their reach are the admin's (`contexts:` in rules.yaml); this module only knows reach. Called by
`conditions` for each hit that a rule would count.
"""

import re
from bisect import bisect_left, bisect_right

from triage.core.rules.matcher import Compiled, Found, Hit
from triage.core.rules.vocabulary import Context

_CLAUSE_BREAK = re.compile(r"[,;:()]|\s[-–—]\s")
_WIDEST_WORD = 30  # a gap of n words is never looked for over more than n times this many characters


class Contexts:
    """Answers for one material, remembered per hit; `adversative` is the group of turning words ("pero")."""

    def __init__(self, found: Found, compiled: Compiled, adversative: str | None) -> None:
        self._found = found
        self._contexts = compiled.contexts
        self._things = compiled.things
        self._turns = found.hits.of(adversative) if adversative else ()
        self._known: dict[str, dict[Hit, bool]] = {}
        self._any: dict[tuple[str, ...], dict[Hit, bool]] = {}
        self._sentences: dict[str, list[int]] = {}
        self._spans: list[tuple[int, int]] | None = None
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
        known = self._any.setdefault(names, {})
        held = known.get(hit)
        if held is None:
            held = known[hit] = any(self.holds(name, hit) for name in names)
        return held

    def holds(self, name: str, hit: Hit) -> bool:
        known = self._known.setdefault(name, {})
        held = known.get(hit)
        if held is None:
            held = known[hit] = any(self._holds(each, hit) for each in self._contexts[name])
        return held

    def _holds(self, context: Context, hit: Hit) -> bool:
        cues = self._found.hits.of(context.cues)
        if not cues or (context.spares_things and hit.group in self._things):
            return False
        first, last = self._window(context, hit, cues)
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

    def _window(self, context: Context, hit: Hit, cues: tuple[Hit, ...]) -> tuple[int, int]:
        """Return the slice of the cues that can reach the hit at all: the sentences around it."""
        if context.matter:
            return 0, len(cues)
        sentences = self._sentences.get(context.cues)
        if sentences is None:
            sentences = self._sentences[context.cues] = [cue.sentence for cue in cues]
        return (
            bisect_left(sentences, hit.sentence - context.preceding),
            bisect_right(sentences, hit.sentence + context.following),
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


def words_between(found: Found, start: int, end: int) -> int:
    """Count the words in [start, end) of the haystack."""
    return len(found.layout.words[start:end].split())
