"""The promises, checked on what two weeks of a desk really left behind; and the figures of those weeks.

When the desk is open is asked of `sla_by_hand`, which reads the rules' text by itself.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import yaml

from tests import sla_by_hand
from tests.e2e.desk_weeks import CARLA, Played, World, rules_of
from triage.core.model import Case, Kind, MailKind, MailState, Severity, State
from triage.core.records import OutboxRow

HOUR = timedelta(hours=1)
GAP = timedelta(minutes=15)
CAP = 6


@dataclass(frozen=True)
class Told:
    """One case's part in one reminder mail."""

    to: str
    reference: str
    severity: int
    step: str
    due: str
    at: datetime
    mail: int


@dataclass(frozen=True)
class Figures:
    """`most`: reminder mails to one agent within an hour, those of severity 1 left out; `most_of_all` with them."""

    cases: int
    attended_in_time: int
    late: int
    never: int
    reminder_mails: int
    reminders: int
    merged: int
    digests: int
    most: int
    most_of_all: int
    restarts: int


def told(played: Played) -> list[Told]:
    found = []
    for row in _reminders(played):
        variables = row.draft["variables"]
        parts = variables.get("cases") or [{**variables["case"], **_step_of(variables)}]
        for part in parts:
            found.append(
                Told(
                    row.to,
                    part["reference"],
                    part["severity"],
                    part["step"],
                    part["due"],
                    row.created_at,
                    row.id,
                )
            )
    return found


def _step_of(variables: dict[str, str]) -> dict[str, str]:
    return {"step": variables["step"], "due": variables["due"]}


def _reminders(played: Played) -> list[OutboxRow]:
    """Reminder mails; `!assign` writes one too, of its own accord."""
    return [row for row in played.rows if row.kind is MailKind.REMINDER]


def figures(played: Played) -> Figures:
    parts, rows = told(played), _reminders(played)
    promised = [case for case in played.cases if case.deadline.kind is Kind.MAXIMUM]
    return Figures(
        cases=len(played.cases),
        attended_in_time=sum(c.attended_at is not None and c.attended_at <= c.deadline.at for c in promised),
        late=sum(c.attended_at is not None and c.attended_at > c.deadline.at for c in promised),
        never=sum(c.attended_at is None and c.open for c in promised),
        reminder_mails=len(rows),
        reminders=len(parts),
        merged=len(parts) - len(rows),
        digests=sum(row.kind is MailKind.DIGEST for row in played.rows),
        most=max(len(within) for _, within in _hours(parts, grave=False)),
        most_of_all=max(len(within) for _, within in _hours(parts, grave=True)),
        restarts=played.restarts,
    )


def check(world: World, played: Played) -> None:
    """Raise AssertionError where a promise was broken, with what broke it."""
    parts = told(played)
    _every_mail_arrived_once(played)
    _none_twice(parts)
    _none_at_a_closed_moment(world, parts)
    _none_too_soon_after_another(parts)
    _none_over_the_cap(parts)
    _none_to_who_is_away(played)
    for case in played.cases:
        mine = [part for part in parts if part.reference == case.reference]
        _none_after_it_was_attended(case, mine)
        _reminded_before_it_was_due(played, case, mine)
        _told_when_it_was_missed(world, played, case, mine)


def _every_mail_arrived_once(played: Played) -> None:
    again = [key for key, count in Counter(str(m["Message-ID"]) for m in played.posted).items() if count > 1]
    assert not again
    lost = [row.key for row in _reminders(played) if row.state != MailState.ACCEPTED]
    assert not lost


def _none_twice(parts: list[Told]) -> None:
    steps = Counter((p.reference, p.severity, p.step, p.due, p.to) for p in parts)
    assert not {step: count for step, count in steps.items() if count > 1}


def _none_at_a_closed_moment(world: World, parts: list[Told]) -> None:
    calendar = yaml.load(rules_of(world), yaml.CSafeLoader)["sla"]["calendars"]["netone"]
    desk = sla_by_hand.Desk(calendar, timedelta(seconds=1))
    night = [p for p in parts if (p.severity != Severity.HIGH or p.step == "opening") and not desk.open(p.at)]
    assert not night


def _none_too_soon_after_another(parts: list[Told]) -> None:
    of: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for part in sorted(parts, key=lambda p: p.at):
        of[part.reference, part.to].append(part)
    for mine in of.values():
        near = [(a, b) for a, b in pairwise(mine) if b.at - a.at < GAP]
        assert not near


def _hours(parts: list[Told], *, grave: bool) -> Iterator[tuple[str, set[int]]]:
    """Yield who, and the mails of the hour that ends with each of his."""
    urgent = {part.mail for part in parts if part.severity == Severity.HIGH}
    of: dict[str, dict[int, datetime]] = defaultdict(dict)
    for part in parts:
        if grave or part.mail not in urgent:
            of[part.to][part.mail] = part.at
    for who, mails in of.items():
        for at in mails.values():
            yield who, {mail for mail, then in mails.items() if at - HOUR < then <= at}


def _none_over_the_cap(parts: list[Told]) -> None:
    assert not [(who, len(mails)) for who, mails in _hours(parts, grave=False) if len(mails) > CAP]


def _none_to_who_is_away(played: Played) -> None:
    left, back = played.away
    away = [
        row.key for row in played.rows if row.to == CARLA and left < row.created_at < back - timedelta(days=1)
    ]
    own = [key for key in away if not key.startswith("transcript/")]
    assert not own


def _none_after_it_was_attended(case: Case, mine: list[Told]) -> None:
    if case.attended_at is None or case.state is State.PLANNED or case.cycle > 1:
        return
    assert not [part for part in mine if part.at > case.attended_at and not part.step.startswith("planned")]


def _reminded_before_it_was_due(played: Played, case: Case, mine: list[Told]) -> None:
    due = case.deadline.act_by
    if case.attended_at is not None and case.attended_at <= due:
        return
    if not case.open and case.attended_at is None:
        return
    if _while_down(played, case.arrival, due):
        return
    assert min((part.at for part in mine), default=None) is not None, case.reference
    assert min(part.at for part in mine) <= due, case.reference


def _while_down(played: Played, start: datetime, due: datetime) -> bool:
    """Whether nobody read the mailbox from the arrival until it was due."""
    return played.down is not None and played.down[0] <= start and due <= played.down[1]


def _told_when_it_was_missed(world: World, played: Played, case: Case, mine: list[Told]) -> None:
    at = case.deadline.at
    if case.deadline.kind is Kind.FROM or case.state is State.WAITING or not case.open:
        return
    if case.attended_at is not None and case.attended_at <= at:
        assert case.breached_at is None, case.reference
        return
    assert case.breached_at == at, case.reference
    if case.attended_at is None:
        assert max(part.at for part in mine) >= at, case.reference
