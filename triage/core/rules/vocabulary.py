"""What an admin can say in rules.yaml, as frozen values: groups of phrases, contexts, conditions, rules.

Knows nothing of YAML (adapters/rules_yaml converts), of mail or of matching. `docs/rules.md` explains every word of
it to admins; `conditions` and `contexts` give it its meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from triage.core.model import Language, Severity

SUBJECT, NEW_TEXT, FORWARDED_TEXT = "subject", "new_text", "forwarded_text"
REPLY_SUBJECT = "reply_subject"  # "Re: ...": the words of an earlier mail, not of this one
ATTACHMENT_NAMES, SENDER = "attachment_names", "sender"
TEXTS = (SUBJECT, NEW_TEXT, FORWARDED_TEXT)
WHERE = (*TEXTS, REPLY_SUBJECT, ATTACHMENT_NAMES, SENDER)
HEADER_PREFIX = "header:"


class Phrase(NamedTuple):
    """Words as written by the admin (`caid*`: an ending left open); None: counts in a mail of any language.

    A tuple, since a site has ten thousand of them: made, and sent to the reading process, in half the time.
    """

    words: str
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Phrases that mean the same. `except_`: longer wordings in which they mean something else.

    `own_language`: a phrase counts only in mail of its language ("no" denies in Spanish and means "in the" in
    Portuguese). `thing`: names what is talked of, not what happens to it; a context may leave such names alone.
    """

    name: str
    phrases: tuple[Phrase, ...]
    except_: tuple[Phrase, ...] = ()
    own_language: bool = False
    thing: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """Words that change what a phrase near them says: denied, over, planned, on a test site...

    `cues` and `cancelled_by` name groups. Reach, from the phrase's point of view: `before` and `after` count the words
    that may lie between, within the clause; `sentence` is anywhere in the phrase's sentence; `preceding` and
    `following` add whole sentences around it; `matter` is everywhere in the same matter. -1, 0 and False mean: not
    there. `alone`: a cue that is itself part of a longer phrase does not count (the "no" of "no funciona" denies
    nothing else). `spares_things`: names are not touched ("no se puede ni agregar al carrito" does not deny the cart).
    """

    name: str
    cues: str
    before: int = -1
    after: int = -1
    sentence: bool = False
    preceding: int = 0
    following: int = 0
    matter: bool = False
    alone: bool = False
    spares_things: bool = False
    cancelled_by: str | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """One of these groups; `is_`: only where one of these contexts holds; `but`: not where one of these holds."""

    groups: tuple[str, ...]
    is_: tuple[str, ...] = ()
    but: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Present:
    """The term occurs."""

    term: Term


@dataclass(frozen=True, slots=True)
class Together:
    """All terms in one sentence; `words`: at most so many words between neighbours; `in_order`: as listed."""

    terms: tuple[Term, ...]
    words: int | None = None
    in_order: bool = False
    one_clause: bool = False


@dataclass(frozen=True, slots=True)
class AnyOf:
    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Matches:
    """A RE2 pattern found in one of the places, on the text as written (case ignored)."""

    pattern: str
    where: tuple[str, ...] = TEXTS


Condition: TypeAlias = Present | Together | AnyOf | AllOf | NoneOf | Matches


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition and what follows. `severity` proposes a level; `at_most` says no graver than, `at_least` no milder.

    The heaviest proposal wins, the graver of equals; a cap bends a proposal that weighs no more than the cap. A rule
    with none of the three only adds (product, tags, area, wiki, ask, acknowledge). `unless`: contexts in which the
    rule's phrases do not count.
    """

    id: str
    when: Condition
    severity: Severity | None = None
    at_most: Severity | None = None
    at_least: Severity | None = None
    weight: int = 0
    where: tuple[str, ...] = TEXTS
    languages: tuple[Language, ...] = ()
    unless: tuple[str, ...] = ()
    on: tuple[str, ...] = ("new", "reply")
    product: str | None = None
    tags: tuple[str, ...] = ()
    area: str | None = None
    wiki: str | None = None
    ask: tuple[str, ...] = ()
    acknowledge: bool = True

    @property
    def bends(self) -> bool:
        return self.at_most is not None or self.at_least is not None


Points: TypeAlias = tuple[int, int, int]  # for the levels 1, 2 and 3
NO_POINTS: Points = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Sign:
    """Points that a group adds: where it is `said` at all; `meant`, outside the usual contexts; said `often`, twice or
    more; and where all that is meant stands in one context (`only`).
    """

    said: Points = NO_POINTS
    meant: Points = NO_POINTS
    often: Points = NO_POINTS
    only: tuple[tuple[str, Points], ...] = ()


@dataclass(frozen=True, slots=True)
class Weighing:
    """The table of points by group; `start`: what each level has before a word is read; `weight`: as a rule's.

    `item_lead`: by how many points one item of a list must lead to decide for the whole mail; None: none does.
    """

    signs: Mapping[str, Sign]
    start: Points = NO_POINTS
    weight: int = 29
    unless: tuple[str, ...] = ()
    item_lead: int | None = None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything of rules.yaml that classification depends on. `matters`: the group whose words open another matter.

    `adversative`: the group of words ("pero", "but") at which a sentence turns: what stands before it does not
    reach what follows.
    """

    groups: tuple[Group, ...]
    rules: tuple[Rule, ...]
    contexts: tuple[Context, ...] = ()
    matters: str | None = None
    adversative: str | None = None
    weighing: Weighing | None = None
    default: Severity = Severity.MEDIUM
    products: tuple[str, ...] = ()
    hash: str = field(default="", compare=False)
