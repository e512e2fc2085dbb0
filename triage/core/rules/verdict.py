"""Which rule wins: the classification of one message, with its evidence and the rules that lost.

Precedence, never file order: the heaviest proposal wins, the graver of equally heavy ones, then the rule's id. A cap
bends a proposal that weighs no more than the cap itself. Several matters in one mail are judged one by one, and the gravest
decides. That a reply may raise a case's severity and not lower it is the lifecycle's to see to. Called by `understanding`.
"""

import itertools
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from triage.core.model import UNKNOWN_PRODUCT, Classification, Evidence, Loser, Severity
from triage.core.rules.conditions import Matter, Scope
from triage.core.rules.contexts import Contexts
from triage.core.rules.matcher import Compiled, Found, Hit, Span, compile_, find
from triage.core.rules.material import Material
from triage.core.rules.vocabulary import AnyOf, Rule, Vocabulary
from triage.core.rules.weighing import WEIGHED_RULE, Weighed, weigh

DEFAULT_RULE = "default"
_MOST_EVIDENCE = 12
_MOST_MATTERS = 32


@dataclass(frozen=True)
class RuleSet:
    """A vocabulary and its automaton: compiled once, at the first mail, swapped whole, shared by all threads."""

    vocabulary: Vocabulary

    @cached_property
    def compiled(self) -> Compiled:
        """Raises ValueError for a phrase that holds nothing to search for."""
        return compile_(self.vocabulary)

    @cached_property
    def weighed(self) -> dict[Severity, Rule]:
        """The weighing as the rule that it is for the other rules, by the level it comes to."""
        weight = self.vocabulary.weighing.weight if self.vocabulary.weighing is not None else 0
        return {level: Rule(WEIGHED_RULE, AnyOf(()), severity=level, weight=weight) for level in Severity}

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> "RuleSet":
        """Compile a vocabulary now. Raises ValueError for a phrase that holds nothing to search for."""
        rules = cls(vocabulary)
        rules.compiled  # noqa: B018 - looked at, so that it is there
        return rules

    @property
    def hash(self) -> str:
        return self.vocabulary.hash


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that holds, and the words by which it does; they are shown only where they decide."""

    rule: Rule
    words: tuple[Hit | Evidence, ...]
    found: Found

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        shown = (each if isinstance(each, Evidence) else self.found.evidence(each) for each in self.words)
        return tuple(dict.fromkeys(shown))[:_MOST_EVIDENCE]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one matter comes to: the level, the rule that gave it, and every rule that held."""

    severity: Severity
    winner: Fired | None
    caps: tuple[Fired, ...]
    losers: tuple[Loser, ...]


def classify(rules: RuleSet, material: Material, *, reply: bool = False) -> Classification:
    """Classify a message; `reply`: it answers one of ours, so the rules for new mail only have no say.

    Always answers: where no rule proposes a level, the vocabulary's default does (rule `default`).
    """
    found = find(rules.compiled, material)
    contexts = Contexts(found, rules.compiled, rules.vocabulary.adversative)
    candidates = list(_possible(rules, found, "reply" if reply else "new"))
    matters = _matters(found, rules.vocabulary)
    fired = [tuple(_fired(rules, candidates, Matter(found, contexts, matter))) for matter in matters]
    verdicts = [_judge(each, rules.vocabulary.default) for each in fired]
    whole = fired[0]
    if len(matters) > 1:
        wide = [rule for rule in candidates if rule.bends or _adds(rule)]
        whole = tuple(_fired(rules, wide, Matter(found, contexts, (0, len(found.layout.text)))))
    weighing = rules.vocabulary.weighing
    if weighing is not None:
        weighed = weigh(weighing, found, contexts)
        if weighed is not None:
            caps = tuple(each for each in whole if each.rule.bends)
            verdicts = _with_weighed(weighed, rules.weighed[weighed.severity], verdicts, caps, found)
    verdict = min(verdicts, key=lambda each: (each.severity, each.winner is None))
    others = tuple(each for each in verdicts if each is not verdict)
    extras = tuple(each for each in whole if _adds(each.rule))
    return _compose(verdict, others, extras, rules)


def _with_weighed(
    weighed: Weighed, rule: Rule, verdicts: list[Verdict], caps: tuple[Fired, ...], found: Found
) -> list[Verdict]:
    """Put the sum of the signs in the place of the verdicts that weigh less than it; where none does, it is a loser."""
    weight = rule.weight
    sure = [each for each in verdicts if each.winner is not None and each.winner.rule.weight >= weight]
    if len(sure) == len(verdicts):
        return [replace(each, losers=(*each.losers, weighed.lost(weight))) for each in sure]
    lost = tuple(
        loser
        for each in verdicts
        if each not in sure and each.winner is not None
        for loser in (_lost(each.winner, weight), *each.losers)
    )
    level, bent, losers = _bend(weighed.severity, weight, caps)
    return [*sure, Verdict(level, Fired(rule, weighed.words, found), bent, lost + losers + weighed.fewer())]


def _lost(fired: Fired, weight: int) -> Loser:
    return Loser(fired.rule.id, int(fired.rule.severity or 0), f"weight {fired.rule.weight} against {weight}")


def _adds(rule: Rule) -> bool:
    return bool(rule.product or rule.tags or rule.area or rule.wiki or rule.ask or not rule.acknowledge)


def _possible(rules: RuleSet, found: Found, kind: str) -> Iterator[Rule]:
    """Yield the rules that the mail's words may wake; the many others are not looked at."""
    compiled = rules.compiled
    groups = found.hits.groups
    numbers = set(compiled.always)
    for group in groups:
        numbers.update(compiled.woken.get(group, ()))
    for number in sorted(numbers):
        rule = rules.vocabulary.rules[number]
        speaks = kind in rule.on and (not rule.languages or found.material.language in rule.languages)
        if speaks and not any(map(groups.isdisjoint, compiled.needs[rule.id].any_of[1:])):
            yield rule


def _matters(found: Found, vocabulary: Vocabulary) -> list[Span]:
    """Split the mail where the writer opens another matter; the subject goes with the first, the last takes all the rest."""
    end = len(found.layout.text)
    marks = found.hits.of(vocabulary.matters) if vocabulary.matters else ()
    starts = found.layout.sentence_starts
    cuts = sorted({_sentence_start(starts, mark.start) for mark in marks if _opens(found, mark)} - {0})
    edges = [0, *cuts[: _MOST_MATTERS - 1], end]
    return list(itertools.pairwise(edges))


def _sentence_start(starts: tuple[int, ...], position: int) -> int:
    index = bisect_left(starts, position + 1) - 1
    return starts[index] if index >= 0 else 0


def _opens(found: Found, mark: Hit) -> bool:
    """Tell a word that opens a matter from the same word in mid-sentence: only few words may stand before it."""
    start = _sentence_start(found.layout.sentence_starts, mark.start)
    return len(found.layout.words[start : mark.start].split()) <= 1 and (
        found.layout.place(mark.start).start < start
    )


def _fired(rules: RuleSet, candidates: Iterable[Rule], matter: Matter) -> Iterator[Fired]:
    for rule in candidates:
        words = Scope(matter, rule).judge(rules.compiled.needs[rule.id])
        if words is not None:
            yield Fired(rule, words, matter.found)


def _judge(fired: tuple[Fired, ...], default: Severity) -> Verdict:
    proposals = sorted(
        (each for each in fired if each.rule.severity is not None),
        key=lambda each: (-each.rule.weight, each.rule.severity, each.rule.id),
    )
    winner = proposals[0] if proposals else None
    severity = winner.rule.severity if winner is not None else None
    level = severity if severity is not None else default
    weight = winner.rule.weight if winner is not None else 0
    bent, caps, losers = _bend(level, weight, fired)
    losers += tuple(_lost(each, weight) for each in proposals[1:])
    return Verdict(bent, winner, caps, losers)


def _bend(
    level: Severity, weight: int, fired: tuple[Fired, ...]
) -> tuple[Severity, tuple[Fired, ...], tuple[Loser, ...]]:
    """Apply the caps, the lightest first: of two that contradict each other the heavier has the last word."""
    caps: list[Fired] = []
    losers: list[Loser] = []
    for each in sorted(
        (f for f in fired if f.rule.bends), key=lambda f: (f.rule.weight, -(f.rule.at_most or 0), f.rule.id)
    ):
        rule = each.rule
        bound = rule.at_most or rule.at_least
        assert bound is not None
        if rule.weight < weight:
            losers.append(Loser(rule.id, int(bound), f"a cap of weight {rule.weight} against {weight}"))
            continue
        bent = max(level, rule.at_most or level)
        bent = min(bent, rule.at_least or bent)
        if bent != level:
            caps.append(each)
        level = bent
    return level, tuple(caps), tuple(losers)


def _compose(
    verdict: Verdict, others: tuple[Verdict, ...], extras: tuple[Fired, ...], rules: RuleSet
) -> Classification:
    winner = verdict.winner
    evidence = (winner.evidence if winner else ()) + tuple(e for cap in verdict.caps for e in cap.evidence)
    added = _additions(verdict, extras)
    product, shown = _product(extras, winner, rules.vocabulary.products)
    losers = verdict.losers + tuple(
        Loser(each.winner.rule.id, int(each.severity), "another matter of the same mail")
        for each in others
        if each.winner is not None
    )
    if winner is not None and verdict.caps:
        losers = (Loser(winner.rule.id, int(winner.rule.severity or 0), "bent by a cap"), *losers)
    decided = verdict.caps[-1] if verdict.caps else winner
    return Classification(
        severity=verdict.severity,
        rule=decided.rule.id if decided else DEFAULT_RULE,
        product=product,
        tags=tuple(dict.fromkeys(tag for rule in added for tag in rule.tags)),
        area=next((rule.area for rule in added if rule.area), None),
        wiki=next((rule.wiki for rule in added if rule.wiki), None),
        ask=tuple(dict.fromkeys(item for rule in added for item in rule.ask)),
        acknowledge=all(rule.acknowledge for rule in added),
        evidence=tuple(dict.fromkeys(evidence + shown)),
        losers=losers,
        rules_hash=rules.hash,
    )


def _additions(verdict: Verdict, extras: tuple[Fired, ...]) -> list[Rule]:
    """Return the rules whose actions count, the winner's first: a rule that lost its level adds nothing."""
    winner = verdict.winner.rule if verdict.winner else None
    pure = [each.rule for each in extras if each.rule.severity is None]
    pure.sort(key=lambda rule: (-rule.weight, rule.id))
    return ([winner] if winner else []) + pure


def _product(
    extras: tuple[Fired, ...], winner: Fired | None, products: tuple[str, ...]
) -> tuple[str, tuple[Evidence, ...]]:
    """Return the product that the mail is about; of several, the heaviest rule's, then the one named next to the fault.

    Nearness to the winner's words decides, then the first mention, then the order of `company.products`.
    """
    named = [each for each in extras if each.rule.product is not None]
    if not named:
        return UNKNOWN_PRODUCT, ()

    def preference(each: Fired) -> tuple[int, int, int, int]:
        product = each.rule.product or ""
        order = products.index(product) if product in products else len(products)
        return (-each.rule.weight, _distance(each, winner), _first(each), order)

    chosen = min(named, key=preference)
    return chosen.rule.product or UNKNOWN_PRODUCT, chosen.evidence[:1]


def _first(fired: Fired) -> int:
    return min((each.start for each in fired.evidence), default=0)


def _distance(fired: Fired, winner: Fired | None) -> int:
    if winner is None:
        return 0
    return min(
        (
            abs(ours.start - theirs.start)
            for ours in fired.evidence
            for theirs in winner.evidence
            if ours.where == theirs.where
        ),
        default=1 << 20,
    )
