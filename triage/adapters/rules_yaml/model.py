"""The shape of rules.yaml's own keys: company, severities, phrases, contexts, rules. Strict: unknown keys are refused.

Pydantic only; conversion to the core's values is in `rules` and `company`, the keys of time are in `sla`.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from triage.strict_yaml import register

LanguageName = Literal["es", "en", "pt"]
Level = Literal[1, 2, 3]
Words = dict[LanguageName, str]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ArticleModel(Strict):
    """A wiki article that rules may offer."""

    url: str
    title: Words


class CompanyModel(Strict):
    """Who gives the support, and every way to reach it."""

    name: str
    email: str = ""
    products: list[str] = Field(default_factory=list)
    phones: list[str] = Field(default_factory=list)
    mobiles: list[str] = Field(default_factory=list)
    chat: str = ""
    wiki: str = ""
    web: list[str] = Field(default_factory=list)
    checklist: dict[LanguageName, list[str]] = Field(default_factory=dict)
    asks: dict[str, Words] = Field(default_factory=dict)
    articles: dict[str, ArticleModel] = Field(default_factory=dict)


class SeverityModel(Strict):
    """A level in plain words."""

    name: Words
    meaning: Words


class ExceptModel(Strict):
    es: list[str] = Field(default_factory=list)
    en: list[str] = Field(default_factory=list)
    pt: list[str] = Field(default_factory=list)
    any: list[str] = Field(default_factory=list)


class GroupModel(ExceptModel):
    """Phrases per language; `any` for what is said so in every language; `of`: the groups that it also holds."""

    of: list[str] = Field(default_factory=list)
    except_: ExceptModel | list[str] | None = Field(default=None, alias="except")
    own_language: bool = False
    thing: bool = False


class ContextModel(Strict):
    """Which words change what stands near them, and how far they reach."""

    cues: str
    before: Annotated[int, Field(ge=0, le=20)] | None = None
    after: Annotated[int, Field(ge=0, le=20)] | None = None
    sentence: bool = False
    preceding: Annotated[int, Field(ge=0, le=20)] = 0
    following: Annotated[int, Field(ge=0, le=20)] = 0
    matter: bool = False
    alone: bool = False
    spares_things: bool = False
    cancelled_by: str | None = None


def _kind(value: Any) -> str:
    return "words" if isinstance(value, str) else "mapping"


class TermModel(Strict):
    """One of some groups ("a | b"), in (`is`) or outside (`but`) some contexts."""

    group: str
    is_: list[str] = Field(default_factory=list, alias="is")
    but: list[str] = Field(default_factory=list)


TermLike = Annotated[
    Annotated[str, Tag("words")] | Annotated[TermModel, Tag("mapping")], Discriminator(_kind)
]


class ConditionModel(Strict):
    """Every key that is given must hold."""

    any: "list[ConditionLike] | None" = None
    all: "list[ConditionLike] | None" = None
    none: "list[ConditionLike] | None" = None
    sentence: list[TermLike] | None = None
    near: list[TermLike] | None = None
    words: Annotated[int, Field(ge=0, le=40)] | None = None
    in_order: bool = False
    clause: bool = False
    group: str | None = None
    is_: list[str] = Field(default_factory=list, alias="is")
    but: list[str] = Field(default_factory=list)
    pattern: str | None = None
    where: list[str] | None = None


ConditionLike = Annotated[
    Annotated[str, Tag("words")] | Annotated[ConditionModel, Tag("mapping")], Discriminator(_kind)
]
ConditionModel.model_rebuild()


class RuleModel(Strict):
    """A condition and what follows from it."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    when: ConditionLike
    severity: Level | None = None
    at_most: Level | None = None
    at_least: Level | None = None
    weight: Annotated[int, Field(ge=0, le=1000)] | None = None
    where: list[str] | None = None
    languages: list[LanguageName] = Field(default_factory=list)
    unless: list[str] | None = None
    # A tuple, because pydantic deep-copies a default that is a list, for every rule.
    on: tuple[Literal["new", "reply"], ...] = ("new", "reply")
    product: str | None = None
    tags: list[str] = Field(default_factory=list)
    area: str | None = None
    wiki: str | None = None
    ask: list[str] = Field(default_factory=list)
    acknowledge: bool = True


Three = Annotated[list[int], Field(min_length=3, max_length=3)]


class WeighingModel(Strict):
    """Points that groups of phrases add to the levels 1, 2 and 3, where no heavier rule decides."""

    weight: Annotated[int, Field(ge=0, le=1000)] = 29
    item_lead: Annotated[int, Field(ge=0, le=1000)] | None = None
    start: Three = [0, 0, 0]
    points: dict[str, dict[str, Three]] = Field(default_factory=dict)


class PartModel(Strict):
    """A file that rules.yaml includes: more phrases and rules."""

    phrases: dict[str, GroupModel | list[str]] = Field(default_factory=dict)
    rules: list[RuleModel] = Field(default_factory=list)


class FileModel(PartModel):
    """rules.yaml: the support model."""

    company: CompanyModel
    severities: dict[Level, SeverityModel]
    sla: Any = None
    lifecycle: Any = None
    reminders: Any = None
    include: list[str] = Field(default_factory=list)
    contexts: dict[str, ContextModel | list[ContextModel]] = Field(default_factory=dict)
    usual: list[str] = Field(default_factory=list)
    matters: str | None = None
    adversative: str | None = None
    weighing: WeighingModel | None = None
    default: Level = 2


for _model in (FileModel, PartModel):
    register(_model)
