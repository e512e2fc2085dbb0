"""Does a condition hold, and by which words? The meaning of any/all/none, sentence, near, is and but.

Called by `verdict`, per rule and matter. Every search goes forward through sorted hits: the time is bounded by hits
times terms, whatever an admin writes.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice, pairwise, product
from typing import assert_never

import re2

from triage.core.model import Evidence
from triage.core.rules.contexts import Contexts, words_between
from triage.core.rules.matcher import Found, Hit, Span
from triage.core.rules.material import Material
from triage.core.rules.needs import Needs
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
# What an answer costs, roughly. What rules others out comes first: most mails hold one of its many words.
_COST = {NoneOf: 0, Present: 1, Together: 2, AnyOf: 3, AllOf: 3, Matches: 4}


class Matter:
    """One matter, [start, end) of the haystack, and its hits: looked up once, for many rules ask for the same."""

    def __init__(self, found: Found, contexts: Contexts, span: Span) -> None:
        self.found = found
        self.contexts = contexts
        self._span = span
        self._by_group: dict[tuple[str, ...], dict[str, Sequence[Hit]]] = {}
        self._hits: dict[tuple[tuple[str, ...], tuple[str, ...]], Sequence[Hit]] = {}
        self._sentences: dict[tuple[tuple[str, ...], tuple[str, ...]], dict[int, list[Hit]]] = {}
        self._meant: dict[tuple[tuple[str, ...], tuple[str, ...]], frozenset[str]] = {}

    def hits(self, groups: tuple[str, ...], where: tuple[str, ...]) -> Sequence[Hit]:
        """Return the hits of these groups in these places, in their order."""
        hits = self._hits.get((groups, where))
        if hits is None:
            by_group = self.by_group(where)
            here = [by_group[group] for group in groups if group in by_group]
            hits = sorted(chain.from_iterable(here)) if len(here) > 1 else here[0] if here else ()
            self._hits[groups, where] = hits
        return hits

    def sentences(self, groups: tuple[str, ...], where: tuple[str, ...]) -> dict[int, list[Hit]]:
        """Return the same hits by their sentence."""
        sentences = self._sentences.get((groups, where))
        if sentences is None:
            sentences = self._sentences[groups, where] = {}
            for hit in self.hits(groups, where):
                sentences.setdefault(hit.sentence, []).append(hit)
        return sentences

    def meant(self, unless: tuple[str, ...], where: tuple[str, ...]) -> frozenset[str]:
        """Return the groups of which a hit in these places stands in none of these contexts."""
        meant = self._meant.get((unless, where))
        if meant is None:
            by_group = self.by_group(where)
            meant = frozenset([group for group in by_group if self._is_meant(by_group[group], unless)])
            self._meant[unless, where] = meant
        return meant

    def _is_meant(self, hits: Sequence[Hit], unless: tuple[str, ...]) -> bool:
        return not unless or any(not self.contexts.any_of(unless, hit) for hit in hits)

    def by_group(self, where: tuple[str, ...]) -> dict[str, Sequence[Hit]]:
        """Return the hits in these places, of each group that has any."""
        by_group = self._by_group.get(where)
        if by_group is None:
            by_group = self._by_group[where] = self._inside(where)
        return by_group

    def _inside(self, where: tuple[str, ...]) -> dict[str, Sequence[Hit]]:
        start, end = self._span
        whole = end - start == len(self.found.layout.text)
        everywhere = self.found.places.issubset(where)
        place = self.found.layout.place
        inside: dict[str, Sequence[Hit]] = {}
        for group in self.found.hits.groups:
            hits: Sequence[Hit] = self.found.hits.of(group)
            if not whole:
                hits = hits[bisect_left(hits, (start,)) : bisect_left(hits, (end,))]
            if not everywhere:
                hits = [hit for hit in hits if place(hit.start).name in where]
            if hits:
                inside[group] = hits
        return inside


class Scope:
    """One rule asked about one matter."""

    def __init__(self, matter: Matter, rule: Rule) -> None:
        self._matter = matter
        self._contexts = matter.contexts
        self._where = rule.where
        self._unless = matter.contexts.possible(rule.unless)

    def judge(self, needs: Needs) -> tuple[Hit | Evidence, ...] | None:
        """Return the words by which the rule's condition holds, or None. The groups that are here tell most rules out."""
        meant = self._matter.meant(self._unless, self._where)
        if not meant.isdisjoint(needs.barred) or any(map(meant.isdisjoint, needs.meant)):
            return None
        return self.holds(needs.rest)

    def holds(self, condition: Condition) -> tuple[Hit | Evidence, ...] | None:
        """Return the words by which the condition holds (none needed: an empty tuple), or None."""
        match condition:
            case Present(term):
                return self._present(term)
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

    def _present(self, term: Term) -> tuple[Hit, ...] | None:
        hits = self._matter.hits(term.groups, self._where)
        return tuple(islice(self._counted(term, hits), _MOST_SHOWN)) or None if hits else None

    def _counted(self, term: Term, hits: Sequence[Hit]) -> Iterator[Hit]:
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
        """Ask in the order of what an answer costs, patterns last; the words are told in the order of the conditions."""
        found = {}
        for at in sorted(range(len(conditions)), key=lambda at: _COST[type(conditions[at])]):
            words = self.holds(conditions[at])
            if words is None:
                return None
            found[at] = words
        return tuple([word for at in sorted(found) for word in found[at]])

    def _together(self, condition: Together) -> tuple[Hit, ...] | None:
        """Ask for contexts only where all terms meet: that is dear, and they seldom do."""
        terms = condition.terms
        by_sentence = [self._matter.sentences(term.groups, self._where) for term in terms]
        if not all(by_sentence):
            return None
        for sentence in sorted(set(by_sentence[0]).intersection(*by_sentence[1:])):
            columns = []
            for term, sentences in zip(terms, by_sentence, strict=True):
                column = list(islice(self._counted(term, sentences[sentence]), _MOST_PER_SENTENCE))
                if not column:
                    break
                columns.append(column)
            else:
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
            # overlapping wordings of different groups ("no entra" and "no entra nadie") are as near as can be
            if gap < 0:
                continue
            if condition.one_clause and not self._contexts.close(
                left.end, right.start, condition.words or 40
            ):
                return False
            if condition.words is None:
                continue
            too_far = gap > (condition.words + 1) * _WIDEST_WORD
            if too_far or words_between(self._matter.found, left.end, right.start) > condition.words:
                return False
        return True

    def _matches(self, condition: Matches) -> tuple[Evidence, ...] | None:
        known = self._matter.found.matched
        if condition not in known:
            known[condition] = _matched(condition, self._matter.found.material)
        return known[condition]


def _matched(condition: Matches, material: Material) -> tuple[Evidence, ...] | None:
    pattern = compiled(condition.pattern)
    for where in condition.where:
        text = material.raw(where)
        match = pattern.search(text) if text or _found_in_nothing(condition.pattern) else None
        if match:
            return (Evidence("pattern", match.group()[:200], where, match.start(), match.end()),)
    return None


@lru_cache(maxsize=4096)
def _found_in_nothing(pattern: str) -> bool:
    """Return whether a place without a text needs to be searched: a search costs as much there as in a short one."""
    return compiled(pattern).search("") is not None


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> re2._Regexp:
    """Compile an admin's pattern with RE2, case ignored; raises re2.error for what RE2 refuses."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    return re2.compile(pattern, options)
