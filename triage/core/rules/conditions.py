"""Does a condition hold, and by which words? The meaning of any/all/none, sentence, near, is and but.

Called by `verdict`, per rule and matter. Every search goes forward through sorted hits: the time is bounded by hits
times terms, whatever an admin writes.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice, pairwise, product
from typing import assert_never

import re2

from triage.core.model import Evidence
from triage.core.rules.contexts import Contexts, words_between
from triage.core.rules.matcher import Found, Hit, Span
from triage.core.rules.material import Material
from triage.core.rules.vocabulary import (
    AllOf,
    AnyOf,
    Condition,
    Matches,
    NoneOf,
    Present,
    Rule,
    Term,
    Together,
)

_MOST_PER_SENTENCE = 8  # hits of one term in one sentence that are tried; more say nothing new
_WIDEST_WORD = 30
_MOST_SHOWN = 3  # hits by which one group's presence is shown


class Scope:
    """One rule asked about one matter, [start, end) of the haystack."""

    def __init__(self, found: Found, contexts: Contexts, matter: Span, rule: Rule) -> None:
        self.found = found
        self._contexts = contexts
        self._start, self._end = matter
        self._where = rule.where
        self._unless = contexts.possible(rule.unless)
        # Nearly every mail is one matter and nearly every rule looks at all of it: then every hit is inside.
        self._all_places = found.places.issubset(rule.where)
        self._everywhere = self._all_places and self._start == 0 and self._end >= len(found.layout.text)

    def holds(self, condition: Condition) -> tuple[Hit | Evidence, ...] | None:
        """Return the words by which the condition holds (none needed: an empty tuple), or None."""
        match condition:
            case Present(term):
                return tuple(islice(self.hits(term), _MOST_SHOWN)) or None
            case Together():
                return self._together(condition)
            case AnyOf(conditions):
                return next((f for each in conditions if (f := self.holds(each)) is not None), None)
            case AllOf(conditions):
                return self._all(conditions)
            case NoneOf(conditions):
                return () if all(self.holds(each) is None for each in conditions) else None
            case Matches():
                return self._matches(condition)
            case _:
                assert_never(condition)

    def hits(self, term: Term) -> Iterator[Hit]:
        """Return the term's hits that count here: in this matter, in the rule's places, in the right contexts."""
        found = [hit for group in term.groups for hit in self._inside(self.found.hits.of(group))]
        if len(term.groups) > 1:
            found.sort()
        return self._counted(term, found) if found else iter(())

    def _inside(self, hits: tuple[Hit, ...]) -> Sequence[Hit]:
        if self._everywhere or not hits:
            return hits
        inside = hits[bisect_left(hits, (self._start,)) : bisect_left(hits, (self._end,))]
        if self._all_places:
            return inside
        place = self.found.layout.place
        return [hit for hit in inside if place(hit.start).name in self._where]

    def _counted(self, term: Term, hits: list[Hit]) -> Iterator[Hit]:
        """Return the hits that stand in a context the term asks for, and in none that takes them away."""
        wanted = self._contexts.possible(term.is_)
        if term.is_ and not wanted:
            return iter(())
        unless = self._unless
        if unless and term.is_:
            unless = tuple(name for name in unless if name not in term.is_)
        against = unless + self._contexts.possible(term.but)
        if not against and not wanted:
            return iter(hits)
        any_of = self._contexts.any_of
        return (hit for hit in hits if not any_of(against, hit) and (not wanted or any_of(wanted, hit)))

    def _all(self, conditions: tuple[Condition, ...]) -> tuple[Hit | Evidence, ...] | None:
        together: tuple[Hit | Evidence, ...] = ()
        for each in conditions:
            found = self.holds(each)
            if found is None:
                return None
            together += found
        return together

    def _together(self, condition: Together) -> tuple[Hit, ...] | None:
        by_sentence: list[dict[int, list[Hit]]] = []
        for term in condition.terms:
            sentences: dict[int, list[Hit]] = {}
            for hit in self.hits(term):
                sentences.setdefault(hit.sentence, []).append(hit)
            if not sentences:
                return None
            by_sentence.append(sentences)
        for sentence in sorted(set.intersection(*(set(each) for each in by_sentence))):
            columns = [each[sentence][:_MOST_PER_SENTENCE] for each in by_sentence]
            found = self._combination(condition, columns)
            if found is not None:
                return found
        return None

    def _combination(self, condition: Together, columns: list[list[Hit]]) -> tuple[Hit, ...] | None:
        """Return one hit of each column, none inside another of a different group, that lie as the condition wants."""
        for hits in product(*columns):
            ordered = tuple(hits) if condition.in_order else tuple(sorted(hits))
            if self._lie_well(condition, ordered):
                return ordered
        return None

    def _lie_well(self, condition: Together, hits: tuple[Hit, ...]) -> bool:
        for left, right in pairwise(hits):
            if condition.in_order and right.start < left.start:
                return False
            gap = right.start - left.end
            if (
                gap < 0
            ):  # overlapping wordings of different groups ("no entra" and "no entra nadie") are as near as can be
                continue
            if condition.one_clause and not self._contexts.close(
                left.end, right.start, condition.words or 40
            ):
                return False
            if condition.words is None:
                continue
            too_far = gap > (condition.words + 1) * _WIDEST_WORD
            if too_far or words_between(self.found, left.end, right.start) > condition.words:
                return False
        return True

    def _matches(self, condition: Matches) -> tuple[Evidence, ...] | None:
        known = self.found.matched
        if condition not in known:
            known[condition] = _matched(condition, self.found.material)
        return known[condition]


def _matched(condition: Matches, material: Material) -> tuple[Evidence, ...] | None:
    pattern = compiled(condition.pattern)
    for where in condition.where:
        match = pattern.search(material.raw(where))
        if match:
            return (Evidence("pattern", match.group()[:200], where, match.start(), match.end()),)
    return None


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> re2._Regexp:
    """Compile an admin's pattern with RE2, case ignored; raises re2.error for what RE2 refuses."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    return re2.compile(pattern, options)
