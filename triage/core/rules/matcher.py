"""Find every group's hits in a material, once; rules then only ask. Holds the compiled vocabulary.

A hit is one occurrence of one of a group's phrases that no longer wording excepts. Called by `classify` and `lint`.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from triage.core.model import Evidence
from triage.core.rules import phrases
from triage.core.rules.material import Layout, Material, lay_out
from triage.core.rules.needs import Needs, needs_of
from triage.core.rules.phrases import Automaton, Slips
from triage.core.rules.vocabulary import TEXTS, Context, Matches, Vocabulary

MOST_HITS = 256  # of one group in one material; what a mail says more often than that, it does not say


Span = tuple[int, int]  # [start, end) in the haystack


class Hit(NamedTuple):
    """[start, end) in the haystack, and the sentence that holds it."""

    start: int
    end: int
    sentence: int
    group: str


@dataclass(frozen=True, slots=True)
class Compiled:
    """A vocabulary made ready: the automaton, the known slips, the places any rule looks at.

    `needs`: what each rule (by its id) wants of the groups; `woken`: by group, the rules (by number) that need a hit of it and of nothing before it; `always`: those that need none;
    `contexts` and the groups of their `cues` by name.
    """

    automaton: Automaton
    slips: Slips
    where: tuple[str, ...]
    things: frozenset[str] = frozenset()
    needs: Mapping[str, Needs] = field(default_factory=dict)
    woken: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    always: tuple[int, ...] = ()
    contexts: Mapping[str, tuple[Context, ...]] = field(default_factory=dict)
    cues: Mapping[str, frozenset[str]] = field(default_factory=dict)


def compile_(vocabulary: Vocabulary) -> Compiled:
    """Compile a vocabulary. Raises ValueError for a phrase that holds nothing to search for."""
    places = dict.fromkeys(TEXTS)
    for rule in vocabulary.rules:
        places.update(dict.fromkeys(rule.where))
    needs = {rule.id: needs_of(rule.when) for rule in vocabulary.rules}
    woken: dict[str, list[int]] = {}
    for number, rule in enumerate(vocabulary.rules):
        for group in next(iter(needs[rule.id].any_of), ()):
            woken.setdefault(group, []).append(number)
    automaton = phrases.build(vocabulary.groups)
    contexts = _by_name(vocabulary.contexts)
    return Compiled(
        automaton,
        phrases.slips(automaton.patterns),
        tuple(places),
        frozenset(group.name for group in vocabulary.groups if group.thing),
        needs,
        {group: tuple(numbers) for group, numbers in woken.items()},
        tuple(number for number, rule in enumerate(vocabulary.rules) if not needs[rule.id].any_of),
        contexts,
        {name: frozenset(context.cues for context in named) for name, named in contexts.items()},
    )


def _by_name(contexts: tuple[Context, ...]) -> Mapping[str, tuple[Context, ...]]:
    """Gather contexts of one name: it holds where one of them does."""
    names = dict.fromkeys(context.name for context in contexts)
    return {name: tuple(c for c in contexts if c.name == name) for name in names}


_new = tuple.__new__


class Hits:
    """The hits of each group in their order. Made when they are asked for: most rules are out after a few groups."""

    def __init__(
        self, layout: Layout, spans: Mapping[str, list[Span]], exceptions: Mapping[str, list[Span]]
    ) -> None:
        """`spans` and `exceptions`: by group, where its phrases and its exceptions lie, as they were found."""
        self.groups = frozenset(spans)  # those that have any phrase here, excepted or not
        self._layout = layout
        self._spans = spans
        self._exceptions = exceptions
        self._kept: dict[str, list[Span]] = {}
        self._made: dict[str, tuple[Hit, ...]] = {}

    def of(self, group: str) -> tuple[Hit, ...]:
        """Return the group's hits, in their order."""
        made = self._made.get(group)
        if made is None:
            starts = self._layout.sentence_starts
            # hundreds a mail: `Hit(...)` would call Python's own code for each, and take twice as long
            made = self._made[group] = tuple(
                [
                    _new(Hit, (start, end, bisect_right(starts, start), group))
                    for start, end in self.spans(group)
                ]
            )
        return made

    def spans(self, group: str) -> list[Span]:
        """Return where the group's hits lie: cheaper than the hits, where that is all one asks."""
        kept = self._kept.get(group)
        if kept is None:
            kept = _in_order(self._spans.get(group, ()))
            if kept and group in self._exceptions:
                kept = _kept(kept, _in_order(self._exceptions[group]))
            self._kept[group] = kept
        return kept


def _in_order(found: Sequence[Span]) -> list[Span]:
    """Sort the first of what was found; a whole word and an open ending may both have found the same."""
    return sorted(set(found[:MOST_HITS]))


@dataclass(frozen=True, slots=True)
class Found:
    """What a material holds: the layout, the hits of each group, the names of its places, the patterns tried so far."""

    material: Material
    layout: Layout
    hits: Hits
    places: frozenset[str]
    matched: dict[Matches, tuple[Evidence, ...] | None] = field(default_factory=dict)

    def evidence(self, hit: Hit) -> Evidence:
        """Show a hit in the client's own words, with offsets in the original text of its place."""
        place = self.layout.place(hit.start)
        start = place.folded.original(hit.start - place.start)
        end = place.folded.original(hit.end - place.start)
        return Evidence(hit.group, place.raw[start:end], place.name, start, end)


def find(compiled: Compiled, material: Material) -> Found:
    """Search a material for all groups at once; linear in its length."""
    layout = lay_out(material, compiled.where, compiled.slips)
    words, automaton, language = layout.words, compiled.automaton, material.language
    groups, uses = automaton.groups, automaton.uses
    plain: defaultdict[str, list[Span]] = defaultdict(list)
    exceptions: defaultdict[str, list[Span]] = defaultdict(list)
    for pattern, start, end in automaton.find(words):
        # without the blanks of the pattern; an open ending goes on to the end of its word
        span = (start + 1, end - 1 if words[end - 1] == " " else _word_end(words, end))
        for group in groups[pattern]:
            plain[group].append(span)
        if pattern in uses:
            for group, exception, only in uses[pattern]:
                if only is None or only is language:
                    (exceptions if exception else plain)[group].append(span)
    return Found(material, layout, Hits(layout, plain, exceptions), layout.names)


def _word_end(words: str, position: int) -> int:
    end = words.find(" ", position)
    return len(words) if end < 0 else end


def _kept(spans: list[Span], exceptions: list[Span]) -> list[Span]:
    """Drop what an exception overlaps, unless the span is the longer wording of the two."""
    kept = []
    first = 0
    for span in spans:
        while first < len(exceptions) and exceptions[first][1] <= span[0]:
            first += 1
        if not _excepted(span, exceptions, first):
            kept.append(span)
    return kept


def _excepted(span: Span, exceptions: list[Span], first: int) -> bool:
    start, end = span
    for index in range(first, len(exceptions)):
        other, until = exceptions[index]
        if other >= end:
            return False
        if until > start and until - other > end - start:
            return True
    return False
