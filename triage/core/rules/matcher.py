"""Find every group's hits in a material, once; rules then only ask. Holds the compiled vocabulary.

A hit is one occurrence of one of a group's phrases that no longer wording excepts. Called by `classify` and `lint`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from triage.core.model import Evidence
from triage.core.rules import phrases
from triage.core.rules.material import Layout, Material, lay_out
from triage.core.rules.phrases import Automaton
from triage.core.rules.vocabulary import (
    TEXTS,
    AllOf,
    AnyOf,
    Condition,
    Context,
    Matches,
    NoneOf,
    Present,
    Together,
    Vocabulary,
)

MOST_HITS = 256  # of one group in one material; what a mail says more often than that, it does not say


class Hit(NamedTuple):
    """[start, end) in the haystack, and the sentence that holds it."""

    start: int
    end: int
    sentence: int
    group: str


@dataclass(frozen=True, slots=True)
class Compiled:
    """A vocabulary made ready: the automaton, the known slips, the places any rule looks at."""

    automaton: Automaton
    slips: Mapping[str, str]
    where: tuple[str, ...]
    things: frozenset[str] = frozenset()
    needs: Mapping[str, tuple[frozenset[str], ...]] = field(default_factory=dict)
    contexts: Mapping[str, tuple[Context, ...]] = field(default_factory=dict)


def compile_(vocabulary: Vocabulary) -> Compiled:
    """Compile a vocabulary. Raises ValueError for a phrase that holds nothing to search for."""
    places = dict.fromkeys(TEXTS)
    for rule in vocabulary.rules:
        places.update(dict.fromkeys(rule.where))
    return Compiled(
        phrases.build(vocabulary.groups),
        phrases.slips(phrase for group in vocabulary.groups for phrase in group.phrases),
        tuple(places),
        frozenset(group.name for group in vocabulary.groups if group.thing),
        {rule.id: needs_of(rule.when) for rule in vocabulary.rules},
        _by_name(vocabulary.contexts),
    )


def _by_name(contexts: tuple[Context, ...]) -> Mapping[str, tuple[Context, ...]]:
    """Gather contexts of one name: it holds where one of them does."""
    names = dict.fromkeys(context.name for context in contexts)
    return {name: tuple(c for c in contexts if c.name == name) for name in names}


@dataclass(frozen=True, slots=True)
class Found:
    """What a material holds: the layout, the hits of each group in their order, the names of its places."""

    material: Material
    layout: Layout
    hits: Mapping[str, tuple[Hit, ...]]
    places: frozenset[str]

    def evidence(self, hit: Hit) -> Evidence:
        """Show a hit in the client's own words, with offsets in the original text of its place."""
        place = self.layout.place(hit.start)
        start = place.folded.original(hit.start - place.start)
        end = place.folded.original(hit.end - place.start)
        return Evidence(hit.group, place.raw[start:end], place.name, start, end)


def find(compiled: Compiled, material: Material) -> Found:
    """Search a material for all groups at once; linear in its length."""
    layout = lay_out(material, compiled.where, compiled.slips)
    plain: dict[str, list[Hit]] = {}
    exceptions: dict[str, list[Hit]] = {}
    words = layout.words
    uses = compiled.automaton.uses
    language = material.language
    for pattern, start, end in compiled.automaton.find(words):
        stop = end - 1 if words[end - 1] == " " else _word_end(words, end)
        sentence = layout.sentence(start + 1)
        for use in uses[pattern]:
            if use.language is None or use.language is language:
                hit = Hit(start + 1, stop, sentence, use.group)
                into = (exceptions if use.exception else plain).setdefault(use.group, [])
                if len(into) < MOST_HITS:
                    into.append(hit)
    hits = {group: _kept(found, exceptions.get(group, ())) for group, found in plain.items()}
    places = frozenset(place.name for place in layout.places)
    return Found(material, layout, {group: kept for group, kept in hits.items() if kept}, places)


def _word_end(words: str, position: int) -> int:
    end = words.find(" ", position)
    return len(words) if end < 0 else end


def _kept(hits: list[Hit], exceptions: list[Hit] | tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Drop what an exception overlaps, unless the hit is the longer wording of the two."""
    ordered = sorted(set(hits))
    if not exceptions:
        return tuple(ordered)
    spans = sorted(set(exceptions))
    kept = []
    first = 0
    for hit in ordered:
        while first < len(spans) and spans[first].end <= hit.start:
            first += 1
        if not _excepted(hit, spans, first):
            kept.append(hit)
    return tuple(kept)


def _excepted(hit: Hit, spans: list[Hit], first: int) -> bool:
    for index in range(first, len(spans)):
        span = spans[index]
        if span.start >= hit.end:
            return False
        if span.end > hit.start and span.end - span.start > hit.end - hit.start:
            return True
    return False


def groups_of(condition: Condition) -> frozenset[str]:
    """Return every group that a condition names, in whatever role."""
    match condition:
        case AnyOf(conditions) | AllOf(conditions) | NoneOf(conditions):
            return frozenset().union(*(groups_of(each) for each in conditions))
        case Matches():
            return frozenset()
        case _:
            terms = condition.terms if hasattr(condition, "terms") else (condition.term,)
            return frozenset(group for term in terms for group in term.groups)


def needs_of(condition: Condition) -> tuple[frozenset[str], ...]:
    """Return sets of groups of which each must have a hit before the condition can hold at all."""
    match condition:
        case Present(term):
            return (frozenset(term.groups),)
        case Together(terms):
            return tuple(frozenset(term.groups) for term in terms)
        case AllOf(conditions):
            return tuple(need for each in conditions for need in needs_of(each))
        case AnyOf(conditions):
            either = [needs_of(each) for each in conditions]
            return (frozenset().union(*(needs[0] for needs in either)),) if all(either) else ()
        case _:
            return ()
