"""Advice to admins about a vocabulary that is valid and yet not what they meant: dead, shadowed, contradictory, broad.

Every finding is a warning; what cannot be used at all is refused when the file is read. Called by `triage check`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from triage.core.rules import phrases
from triage.core.rules.needs import groups_of
from triage.core.rules.vocabulary import AllOf, AnyOf, Condition, NoneOf, Present, Rule, Vocabulary

# Words found in nearly every mail: alone they decide nothing. Folded, as phrases are.
_EVERYWHERE = frozenset(
    [
        "no",
        "si",
        "que",
        "de",
        "la",
        "el",
        "los",
        "las",
        "un",
        "una",
        "y",
        "a",
        "en",
        "es",
        "por",
        "para",
        "con",
        "se",
        "me",
        "nos",
        "hola",
        "gracias",
        "buenas",
        "saludos",
        "favor",
        "hoy",
        "ayer",
        "the",
        "a",
        "an",
        "is",
        "it",
        "to",
        "of",
        "and",
        "in",
        "on",
        "for",
        "we",
        "i",
        "you",
        "not",
        "please",
        "thanks",
        "hello",
        "hi",
        "today",
        "nao",
        "sim",
        "o",
        "os",
        "as",
        "um",
        "e",
        "do",
        "da",
        "em",
        "oi",
        "ola",
        "obrigado",
        "obrigada",
        "hoje",
        "ontem",
        "mail",
        "tienda",
        "sitio",
        "web",
        "site",
        "store",
        "loja",
    ]
)


@dataclass(frozen=True, slots=True)
class Finding:
    """`kind`: dead, shadowed, contradictory, broad, outweighed, repeated or unused; `rule` or `group` says where."""

    kind: str
    message: str
    rule: str = ""
    group: str = ""


def lint(vocabulary: Vocabulary) -> tuple[Finding, ...]:
    """Return what an admin should look at, in the order of the file. Quadratic in the rules, not in the phrases."""
    empty = {group.name for group in vocabulary.groups if not group.phrases}
    found = [*_groups(vocabulary)]
    for rule in vocabulary.rules:
        found += _dead(rule, empty)
        found += _broad(rule, vocabulary)
    found += _uncounted(vocabulary)
    found += _pairs([rule for rule in vocabulary.rules if rule.severity is not None or rule.bends])
    return tuple(found)


def _groups(vocabulary: Vocabulary) -> Iterator[Finding]:
    used = {name for rule in vocabulary.rules for name in groups_of(rule.when)}
    used |= {name for each in vocabulary.contexts for name in (each.cues, each.cancelled_by) if name}
    used |= set(vocabulary.weighing.signs) if vocabulary.weighing is not None else set()
    used |= {name for name in (vocabulary.matters, vocabulary.adversative) if name}
    for group in vocabulary.groups:
        if group.name not in used and not _part_of_another(group.name, vocabulary):
            yield Finding("unused", "no rule and no context uses this group", group=group.name)
        counts = Counter((phrase.words, phrase.language) for phrase in group.phrases)
        for (words, _), count in counts.items():
            if count > 1:
                yield Finding("repeated", f"{words!r} stands here {count} times", group=group.name)


def _part_of_another(name: str, vocabulary: Vocabulary) -> bool:
    """Return whether another group holds this one whole (`of`)."""
    own = next(set(group.phrases) for group in vocabulary.groups if group.name == name)
    return bool(own) and any(own <= set(group.phrases) for group in vocabulary.groups if group.name != name)


def _dead(rule: Rule, empty: set[str]) -> Iterator[Finding]:
    if not rule.on:
        yield Finding("dead", "applies to neither new mails nor replies (`on` is empty)", rule=rule.id)
    if _impossible(rule.when, empty):
        yield Finding(
            "dead", "can never hold: it needs a group without phrases, or its own opposite", rule=rule.id
        )
    decides = rule.severity is not None or rule.bends
    acts = rule.product or rule.tags or rule.area or rule.wiki or rule.ask or not rule.acknowledge
    if not decides and not acts:
        yield Finding("dead", "nothing follows from it", rule=rule.id)


def _impossible(condition: Condition, empty: set[str]) -> bool:
    match condition:
        case Present(term):
            return all(group in empty for group in term.groups)
        case AnyOf(conditions):
            return all(_impossible(each, empty) for each in conditions)
        case AllOf():
            conditions = _conjuncts(condition)
            forbidden = {c for each in conditions if isinstance(each, NoneOf) for c in each.conditions}
            return any(each in forbidden or _impossible(each, empty) for each in conditions)
        case _:
            terms = getattr(condition, "terms", ())
            return any(all(group in empty for group in term.groups) for term in terms)


def _uncounted(vocabulary: Vocabulary) -> Iterator[Finding]:
    """Find rules that the sum of the points beats, and whose words have no say in that sum."""
    weighing = vocabulary.weighing
    if weighing is None:
        return
    for rule in vocabulary.rules:
        lighter = rule.severity is not None and rule.weight < weighing.weight and "new" in rule.on
        if lighter and not groups_of(rule.when) & weighing.signs.keys():
            message = (
                f"weighs {rule.weight}, less than `weighing` ({weighing.weight}), and its groups have no points: "
                f"a new mail is not judged by it; give it `weight: {weighing.weight + 1}`, or its groups points"
            )
            yield Finding("outweighed", message, rule=rule.id)


def _broad(rule: Rule, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Find single words of every mail that alone make a rule hold."""
    if rule.severity is None and not rule.bends:
        return
    alone = set(_sufficient(rule.when))
    for group in vocabulary.groups:
        if group.name in alone:
            for phrase in group.phrases:
                words = {pattern.strip() for pattern in phrases.patterns_of(phrase.words)}
                for word in sorted(words & _EVERYWHERE):
                    message = (
                        f"{word!r} of group {group.name} stands in nearly every mail, and alone decides here"
                    )
                    yield Finding("broad", message, rule=rule.id)


def _sufficient(condition: Condition) -> Iterable[str]:
    """Yield the groups of which one phrase alone makes the condition hold."""
    match condition:
        case Present(term):
            return term.groups
        case AnyOf(conditions):
            return [name for each in conditions for name in _sufficient(each)]
        case _:
            return ()


def _pairs(rules: Sequence[Rule]) -> Iterator[Finding]:
    for index, rule in enumerate(rules):
        for other in rules[:index]:
            if _scope(rule) == _scope(other):
                yield from _pair(rule, other)


def _scope(rule: Rule) -> tuple[object, ...]:
    return rule.where, rule.languages, frozenset(rule.unless), frozenset(rule.on)


def _pair(rule: Rule, other: Rule) -> Iterator[Finding]:
    if rule.when == other.when and rule.weight == other.weight and _level(rule) != _level(other):
        message = f"says {_level(rule)} where {other.id} says {_level(other)}, of the same words and weight"
        yield Finding("contradictory", message, rule=rule.id)
        return
    for loser, winner in ((rule, other), (other, rule)):
        if loser.severity is None or winner.severity is None:
            continue
        covers = winner.when == loser.when or winner.when in _conjuncts(loser.when)
        outranks = (winner.weight, -winner.severity) >= (loser.weight, -loser.severity)
        if covers and outranks:
            yield Finding("shadowed", f"never decides: {winner.id} holds wherever it does", rule=loser.id)
            return


def _level(rule: Rule) -> str:
    if rule.severity is not None:
        return f"severity {rule.severity:d}"
    bound = "at_most" if rule.at_most is not None else "at_least"
    return f"{bound} {rule.at_most or rule.at_least:d}"


def _conjuncts(condition: Condition) -> tuple[Condition, ...]:
    """Return what must hold for the condition to hold, however deep `all` stands in `all`."""
    if not isinstance(condition, AllOf):
        return ()
    return tuple(
        part
        for each in condition.conditions
        for part in (_conjuncts(each) if isinstance(each, AllOf) else (each,))
    )
