"""From the keys phrases, contexts, usual, rules and default of rules.yaml to the core's Vocabulary.

Finds what pydantic cannot: names that lead nowhere, conditions that say nothing, patterns that RE2 refuses; each is
told with its place. Called by `load`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import re2

from triage.adapters.rules_yaml import meanings
from triage.adapters.rules_yaml.model import (
    ConditionModel,
    ExceptModel,
    FileModel,
    GroupModel,
    PartModel,
    RuleModel,
    TermModel,
)
from triage.core.model import Language, Severity
from triage.core.rules import conditions, phrases
from triage.core.rules.vocabulary import (
    HEADER_PREFIX,
    REPLY_SUBJECT,
    TEXTS,
    WHERE,
    AllOf,
    AnyOf,
    Condition,
    Group,
    Matches,
    NoneOf,
    Phrase,
    Present,
    Rule,
    Term,
    Together,
    Vocabulary,
)
from triage.errors import Problem
from triage.strict_yaml import Document

Place = tuple[str | int, ...]
USUAL_WEIGHT = {Severity.HIGH: 30, Severity.MEDIUM: 20, Severity.LOW: 10}
USUAL_CAP_WEIGHT = 30
_PHRASE_KEYS = (("any", None), *((language.value, language) for language in Language))


@dataclass
class Reader:
    """Collects values and problems over rules.yaml and the files that it includes."""

    contexts: frozenset[str]
    usual: tuple[str, ...]
    products: tuple[str, ...]
    articles: frozenset[str]
    asks: frozenset[str]
    groups: dict[str, Group] = field(default_factory=dict)
    unions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def part(self, part: PartModel, document: Document) -> None:
        """Take the phrases and rules of one file."""
        for name, model in part.phrases.items():
            self._group(name, model, document)
        for index, rule in enumerate(part.rules):
            self._rule(rule, document, ("rules", index))

    # -- phrases -------------------------------------------------------------------------------------------------

    def _group(self, name: str, model: GroupModel | list[str], document: Document) -> None:
        at: Place = ("phrases", name)
        full = GroupModel(any=model) if isinstance(model, list) else model
        except_ = full.except_
        exceptions = ExceptModel(any=except_) if isinstance(except_, list) else except_ or ExceptModel()
        known = self.groups.get(name, Group(name, ()))
        self.groups[name] = Group(
            name,
            known.phrases + self._phrases(full, document, at),
            known.except_ + self._phrases(exceptions, document, (*at, "except")),
            known.own_language or full.own_language,
            known.thing or full.thing,
        )
        if full.of:
            self.unions[name] = self.unions.get(name, ()) + tuple(full.of)

    def _phrases(self, model: ExceptModel, document: Document, at: Place) -> tuple[Phrase, ...]:
        found = []
        for key, language in _PHRASE_KEYS:
            for index, words in enumerate(getattr(model, key)):
                try:
                    phrases.check(words)
                except ValueError as error:
                    self.problems.append(document.problem((*at, key, index), str(error)))
                    continue
                found.append(Phrase(words, language))
        return tuple(found)

    # -- rules ---------------------------------------------------------------------------------------------------

    def _rule(self, model: RuleModel, document: Document, at: Place) -> None:
        def wrong(key: str, message: str) -> None:
            self.problems.append(document.problem((*at, key), message))

        if model.id in self.rules:
            wrong("id", f"another rule is called {model.id} already")
        levels = (model.severity, model.at_most, model.at_least)
        if sum(level is not None for level in levels) > 1:
            wrong("id", "a rule has one of severity, at_most and at_least, not several")
        self._names(model, wrong)
        decides = sum(level is not None for level in levels) > 0
        usual = TEXTS if decides else (*TEXTS, REPLY_SUBJECT)
        where = self._where(model.where, document, (*at, "where")) or usual
        condition = self._condition(model.when, document, (*at, "when"))
        if condition is not None:
            self.rules[model.id] = self._made(model, condition, where)

    def _names(self, model: RuleModel, wrong: Callable[[str, str], None]) -> None:
        """Report every name in a rule that leads nowhere."""
        for name in model.unless or ():
            if name not in self.contexts:
                wrong("unless", f"no context is called {name}")
        if model.product is not None and model.product not in self.products:
            wrong("product", f"{model.product} is none of company.products")
        if model.wiki is not None and model.wiki not in self.articles:
            wrong("wiki", f"{model.wiki} is none of company.articles")
        for item in model.ask:
            if item not in self.asks:
                wrong("ask", f"{item} is none of company.asks")

    def _made(self, model: RuleModel, condition: Condition, where: tuple[str, ...]) -> Rule:
        severity = _level(model.severity)
        weight = model.weight
        if weight is None:
            weight = USUAL_WEIGHT[severity] if severity else USUAL_CAP_WEIGHT
        bites = model.severity is not None or model.at_least is not None
        usual = self.usual if bites else ()
        return Rule(
            id=model.id,
            when=condition,
            severity=severity,
            at_most=_level(model.at_most),
            at_least=_level(model.at_least),
            weight=weight,
            where=where,
            languages=tuple(Language(name) for name in model.languages),
            unless=usual if model.unless is None else tuple(model.unless),
            on=tuple(model.on),
            product=model.product,
            tags=tuple(model.tags),
            area=model.area,
            wiki=model.wiki,
            ask=tuple(model.ask),
            acknowledge=model.acknowledge,
        )

    def _where(self, names: list[str] | None, document: Document, at: Place) -> tuple[str, ...]:
        for index, name in enumerate(names or ()):
            if name not in WHERE and not name.startswith(HEADER_PREFIX):
                known = ", ".join(WHERE)
                self.problems.append(
                    document.problem((*at, index), f"{name} is no place; known: {known}, header:NAME")
                )
        return tuple(name.lower() for name in names or ())

    # -- conditions ----------------------------------------------------------------------------------------------

    def _condition(self, model: str | ConditionModel, document: Document, at: Place) -> Condition | None:
        if isinstance(model, str):
            return Present(self._term(model, document, at))
        parts: list[Condition] = []
        for key, kind in (("any", AnyOf), ("all", AllOf), ("none", NoneOf)):
            listed = getattr(model, key)
            if listed is not None:
                made = [self._condition(each, document, (*at, key, i)) for i, each in enumerate(listed)]
                parts.append(kind(tuple(each for each in made if each is not None)))
        if model.group is not None:
            parts.append(Present(self._named(model.group, model.is_, model.but, document, at)))
        parts += self._together(model, document, at)
        parts += self._matches(model, document, at)
        if not parts:
            self.problems.append(
                document.problem(at, "says nothing: name a group, or any/all/none/sentence/near")
            )
            return None
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _together(self, model: ConditionModel, document: Document, at: Place) -> list[Condition]:
        made: list[Condition] = []
        for key, listed in (("sentence", model.sentence), ("near", model.near)):
            if listed is None:
                continue
            if len(listed) < 2:
                self.problems.append(document.problem((*at, key), "needs at least two groups"))
            words = model.words
            if key == "near" and words is None:
                self.problems.append(document.problem((*at, key), "needs words: how many may lie between"))
            terms = tuple(self._term(each, document, (*at, key, i)) for i, each in enumerate(listed))
            made.append(Together(terms, words if key == "near" else None, model.in_order, model.clause))
        if model.words is not None and model.near is None:
            self.problems.append(document.problem((*at, "words"), "belongs to near, which is not there"))
        return made

    def _matches(self, model: ConditionModel, document: Document, at: Place) -> list[Condition]:
        if model.pattern is None:
            return []
        where = self._where(model.where, document, (*at, "where")) or TEXTS
        try:
            conditions.compiled(model.pattern)
        except re2.error as error:
            words = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
            self.problems.append(document.problem((*at, "pattern"), f"RE2 refuses this pattern: {words}"))
        return [Matches(model.pattern, where)]

    def _term(self, model: str | TermModel, document: Document, at: Place) -> Term:
        if isinstance(model, str):
            return self._named(model, [], [], document, at)
        return self._named(model.group, model.is_, model.but, document, at)

    def _named(self, groups: str, is_: list[str], but: list[str], document: Document, at: Place) -> Term:
        for name in (*is_, *but):
            if name not in self.contexts:
                self.problems.append(document.problem(at, f"no context is called {name}"))
        names = tuple(name.strip() for name in groups.split("|"))
        self._used.extend((name, document, at) for name in names)
        return Term(names, tuple(is_), tuple(but))

    _used: list[tuple[str, Document, Place]] = field(default_factory=list)

    def finish(self) -> tuple[Group, ...]:
        """Resolve `of`, and report every group that was named and does not exist."""
        for name, document, at in self._used:
            if name not in self.groups:
                self.problems.append(document.problem(at, f"no group is called {name}"))
        return tuple(self._united(group, frozenset()) for group in self.groups.values())

    def _united(self, group: Group, above: frozenset[str]) -> Group:
        for name in self.unions.get(group.name, ()):
            other = self.groups.get(name)
            if other is None or name in above:
                why = "no group is called" if other is None else "a group holds itself through"
                self.problems.append(Problem("rules.yaml", 0, 0, f"phrases.{group.name}.of", f"{why} {name}"))
                continue
            inner = self._united(other, above | {group.name})
            group = replace(
                group, phrases=group.phrases + inner.phrases, except_=group.except_ + inner.except_
            )
        return group


def read(
    model: FileModel, document: Document, parts: Iterable[tuple[PartModel, Document]], digest: str
) -> tuple[Vocabulary, list[Problem]]:
    """Convert the file and its included parts; the vocabulary is usable only when there are no problems."""
    reader = Reader(
        contexts=frozenset(model.contexts),
        usual=tuple(model.usual),
        products=tuple(model.company.products),
        articles=frozenset(model.company.articles),
        asks=frozenset(model.company.asks),
    )
    reader.part(model, document)
    for part, its_document in parts:
        reader.part(part, its_document)
    contexts, problems = meanings.contexts(model, document, reader.groups)
    reader.problems += problems
    groups = reader.finish()
    for key in ("matters", "adversative"):
        name = getattr(model, key)
        if name is not None and name not in reader.groups:
            reader.problems.append(document.problem((key,), f"no group is called {name}"))
    for index, name in enumerate(model.usual):
        if name not in model.contexts:
            reader.problems.append(document.problem(("usual", index), f"no context is called {name}"))
    weighing, problems = meanings.weighing(model, document, reader.groups)
    reader.problems += problems
    vocabulary = Vocabulary(
        groups=groups,
        rules=tuple(reader.rules.values()),
        contexts=contexts,
        matters=model.matters,
        adversative=model.adversative,
        weighing=weighing,
        default=Severity(model.default),
        products=tuple(model.company.products),
        hash=digest,
    )
    return vocabulary, list(dict.fromkeys(reader.problems))


def _level(value: int | None) -> Severity | None:
    return None if value is None else Severity(value)
