"""The cases of the past under other rules: what moves, which promises and breaches change, whom agents would agree with.

Pure: what was said then comes in as `Past`, what would be said now goes out as `Again`. Judges the opening message only:
what replies did to a case later depends on its whole story. Called by app/hindsight for `triage rules backtest`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from triage.core import sla_policy
from triage.core.model import Case, Classification, Deadline, Kind, Severity, Span
from triage.core.rules import Material, RuleSet, classify
from triage.core.sla_policy import SlaPolicy


@dataclass(frozen=True, slots=True)
class Past:
    """A case and its opening message. `said`: the severity that the rules gave it when it was opened."""

    case: Case
    material: Material
    said: Severity
    product: str


@dataclass(frozen=True, slots=True)
class Promise:
    """What is, or would have been, promised at arrival, and whether it is, or would be, broken; None: cannot be said."""

    deadline: Deadline | None
    breached: bool | None


@dataclass(frozen=True, slots=True)
class Again:
    """One case judged again."""

    past: Past
    found: Classification
    before: Promise
    after: Promise

    @property
    def moves(self) -> bool:
        return self.found.severity != self.past.said

    @property
    def renamed(self) -> bool:
        return self.found.product != self.past.product

    @property
    def promised_otherwise(self) -> bool:
        return _moment(self.before) != _moment(self.after)

    @property
    def changes(self) -> bool:
        return self.moves or self.renamed or self.promised_otherwise


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of the cases that agents corrected by hand: how many the rules have right, then and now."""

    corrected: int
    before: int
    after: int


def judge(
    pasts: Iterable[Past], rules: RuleSet, old: SlaPolicy, new: SlaPolicy, now: datetime
) -> tuple[Again, ...]:
    """Judge cases again under `rules` and `new`; `old` is the policy in force, `now` judges what is still open."""
    return tuple(_judged(past, rules, old, new, now) for past in pasts)


def agreement(cases: Iterable[Again]) -> Agreement:
    """Hold both verdicts against what agents gave by hand."""
    corrected = [each for each in cases if each.past.case.correction is not None]
    return Agreement(
        len(corrected),
        sum(each.past.said == each.past.case.correction for each in corrected),
        sum(each.found.severity == each.past.case.correction for each in corrected),
    )


def _judged(past: Past, rules: RuleSet, old: SlaPolicy, new: SlaPolicy, now: datetime) -> Again:
    found = classify(rules, past.material)
    return Again(
        past,
        found,
        _promise(old, past.said, past.case, now),
        _promise(new, found.severity, past.case, now),
    )


def _promise(policy: SlaPolicy, severity: Severity, case: Case, now: datetime) -> Promise:
    """Compute a promise from the arrival. A case reopened since keeps no moment at which its first cycle was attended."""
    pauses = tuple(Span(p.start, p.end or max(p.start, now)) for p in case.pauses) if case.cycle == 1 else ()
    try:
        deadline = sla_policy.compute(policy, severity, case.arrival, pauses)
    except ValueError:  # nothing promised for this severity, or never
        return Promise(None, None)
    if case.cycle > 1 or deadline.kind is not Kind.MAXIMUM:
        return Promise(deadline, None)
    ended = case.attended_at or case.ended_at or now
    return Promise(deadline, ended > deadline.at)


def _moment(promise: Promise) -> tuple[datetime, Kind] | None:
    return (promise.deadline.at, promise.deadline.kind) if promise.deadline else None
