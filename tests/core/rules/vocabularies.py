"""Small vocabularies for tests, written as Python values."""

from typing import Any

from triage.core.model import Language, Severity
from triage.core.rules import Material, RuleSet
from triage.core.rules.vocabulary import (
    Condition,
    Context,
    Group,
    Phrase,
    Present,
    Rule,
    Term,
    Together,
    Vocabulary,
)


def group(name: str, *words: str, **fields: Any) -> Group:
    return Group(name, tuple(Phrase(each) for each in words), **fields)


def term(groups: str, *, is_: tuple[str, ...] = (), but: tuple[str, ...] = ()) -> Term:
    return Term(tuple(groups.split("|")), is_, but)


def has(groups: str, **fields: Any) -> Present:
    return Present(term(groups, **fields))


def near(*groups: str, words: int | None = None, **fields: Any) -> Together:
    return Together(tuple(term(each) for each in groups), words, **fields)


def rule(name: str, when: Condition, severity: int | None = None, **fields: Any) -> Rule:
    level = Severity(severity) if severity else None
    return Rule(name, when, level, **{"weight": 30, **fields})


def rules(
    groups: list[Group], rules: list[Rule], contexts: tuple[Context, ...] = (), **fields: Any
) -> RuleSet:
    return RuleSet.of(Vocabulary(tuple(groups), tuple(rules), contexts, **fields))


def mail(text: str, subject: str = "", language: str = "es", **fields: Any) -> Material:
    return Material(subject=subject, new_text=text, language=Language(language), **fields)
