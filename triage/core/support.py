"""The support model: rules.yaml as the core sees it, whole and checked. Built by adapters.rules_yaml, swapped whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from triage.core.model import Language

Words = Mapping[Language, str]


@dataclass(frozen=True, slots=True)
class WikiArticle:
    """An article that rules may offer; `title` per language."""

    url: str
    title: Words


@dataclass(frozen=True, slots=True)
class Company:
    """Who gives the support, and every way to reach it. `checklist` and `asks` per language, in order.

    `asks`: what a good report holds, by item name (steps, error, screenshot, description) to words.
    """

    name: str
    email: str = ""
    products: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    mobiles: tuple[str, ...] = ()
    chat: str = ""
    wiki: str = ""
    web: tuple[str, ...] = ()
    checklist: Mapping[Language, tuple[str, ...]] = field(default_factory=dict)
    asks: Mapping[str, Words] = field(default_factory=dict)
    articles: Mapping[str, WikiArticle] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeverityWords:
    """A level in plain words: its name ("alta") and what it means."""

    name: Words
    meaning: Words


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """`lifecycle:` of rules.yaml: what each state does to the clock (run, pause, stop, drop), and what a change does."""

    clock: Mapping[str, str] = field(default_factory=dict)
    severity_base: str = "arrival"
    severity_if_past: str = "change"
    raise_never_later: bool = True
    calendar_change: str = "keep"
    reopen_days: int = 30
