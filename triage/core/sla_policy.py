"""What is promised: a target for each severity and column, and the deadline that follows from it.

Knows calendars, clauses and the deadline of one case; knows nothing of mails, reminders or YAML. Every deadline
comes with its arithmetic in words (`sla_derivation`), so that it can be explained a year later.
Called by `lifecycle`, by the reminders' plan and by `triage sla compute`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from triage.core import sla_derivation, utc_line
from triage.core.model import Case, Column, Deadline, Kind, Severity, Span
from triage.core.sla_calendar import Clock, NoOpening, SlaCalendar
from triage.core.support import Lifecycle


class Start(StrEnum):
    """Where counting begins: at the arrival, or at the first open second not before it."""

    ARRIVAL = "arrival"
    NEXT_OPENING = "next_opening"


class Roll(StrEnum):
    """What becomes of a deadline in a closed moment: nothing, or it moves to the next opening."""

    NONE = "none"
    NEXT_OPENING = "next_opening"


class NothingPromised(ValueError):
    """The policy has no clause for this severity."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One cell of the table: `target` in seconds of the `clock`."""

    target: int
    clock: Clock = Clock.CALENDAR
    kind: Kind = Kind.MAXIMUM
    start: Start = Start.ARRIVAL
    roll: Roll = Roll.NONE


@dataclass(frozen=True)
class SlaPolicy:
    """The table over one calendar. A severity that stands here has both columns."""

    name: str
    calendar: SlaCalendar
    severities: Mapping[Severity, Mapping[Column, Clause]]

    def clause(self, severity: Severity, column: Column) -> Clause:
        """Return the cell; raises NothingPromised."""
        columns = self.severities.get(severity)
        if columns is None:
            raise NothingPromised(f"policy {self.name} promises nothing for severity {int(severity)}")
        return columns[column]

    def column(self, at: datetime) -> Column:
        """Return the column of an instant from which a computation starts."""
        return Column.IN_HOURS if self.calendar.is_open(at) else Column.OUT_OF_HOURS

    @cached_property
    def hash(self) -> str:
        """The hash of calendar and table: two policies with the same one give the same deadlines."""
        table = {
            f"{int(severity)}.{column}": [c.target, c.clock, c.kind, c.start, c.roll]
            for severity, columns in self.severities.items()
            for column, c in columns.items()
        }
        return utc_line.digest({"calendar": self.calendar.canonical(), "table": table})


@dataclass(frozen=True)
class SlaModel:
    """`sla:` of rules.yaml. `default` is the policy of every mailbox that names no other."""

    calendars: Mapping[str, SlaCalendar]
    policies: Mapping[str, SlaPolicy]
    default: SlaPolicy


def compute(
    policy: SlaPolicy, severity: Severity, arrival: datetime, pauses: Iterable[Span] = (), *, version: int = 1
) -> Deadline:
    """Return the deadline of an arrival (or of a change) as sla/README defines it, with its derivation.

    Raises NothingPromised, NoOpening (the calendar never counts that much), utc_line.BeyondYears, and TypeError for
    a naive instant; the first three are ValueErrors.
    """
    base = utc_line.whole(arrival)
    column = policy.column(base)
    clause = policy.clause(severity, column)
    breaks = tuple(pauses)
    start = _start(policy.calendar, clause, base)
    reached = policy.calendar.advance(start, clause.target, clause.clock, breaks)
    at = _rolled(policy.calendar, clause, reached)
    act_by = last_moment(policy.calendar, clause.clock, at)
    story = sla_derivation.Story(
        policy.calendar, severity, column, clause.kind, clause.clock, clause.target, base, start, breaks
    )
    return Deadline(
        version=version,
        at=at,
        act_by=act_by,
        column=column,
        kind=clause.kind,
        base=base,
        derivation=sla_derivation.lines(story, reached, at, act_by),
        calendar_hash=policy.hash,
        severity=severity,
    )


def _start(calendar: SlaCalendar, clause: Clause, base: datetime) -> datetime:
    return base if clause.start is Start.ARRIVAL else calendar.next_opening(base)


def _rolled(calendar: SlaCalendar, clause: Clause, at: datetime) -> datetime:
    """Move a deadline in a closed moment to the next opening; a closing is not a closed moment."""
    if clause.roll is Roll.NONE or calendar.is_open(at) or calendar.is_closing(at):
        return at
    return calendar.next_opening(at)


def last_moment(calendar: SlaCalendar, clock: Clock, at: datetime) -> datetime:
    """Return `act_by`: the last moment at which somebody can still act before a deadline."""
    if clock is Clock.CALENDAR:
        return at
    try:
        return calendar.last_open(at)
    except NoOpening:  # special dates only, all of them later: there is no better moment than the deadline
        return at


def after_pause(policy: SlaPolicy, case: Case, pauses: Iterable[Span], now: datetime) -> Deadline:
    """Return the deadline with these pauses (all of the cycle's); the case's own when they move nothing.

    A pause that still runs is reckoned up to now. When the calendar has changed since a promise was told, only the
    counted time of the pause is added to the told moment: a later decree never moves it.
    """
    old = case.deadline
    severity = old.severity or case.severity
    breaks = _ended(pauses, now)
    if old.calendar_hash != policy.hash and _told(case):
        new = _extended(policy, case, severity, breaks)
    else:
        new = compute(policy, severity, old.base, breaks, version=old.version + 1)
    return old if new.at == old.at else new


def _extended(policy: SlaPolicy, case: Case, severity: Severity, breaks: tuple[Span, ...]) -> Deadline:
    """Add what the newest pause took from the told deadline, in today's calendar."""
    old = case.deadline
    clause = policy.clause(severity, old.column)
    calendar = policy.calendar
    start = _start(calendar, clause, old.base)
    before = calendar.elapsed(start, old.at, clause.clock, breaks[:-1])
    lost = before - calendar.elapsed(start, old.at, clause.clock, breaks)
    if lost <= 0:
        return old
    at = _rolled(calendar, clause, calendar.advance(old.at, lost, clause.clock, breaks))
    return replace(
        old,
        version=old.version + 1,
        at=at,
        act_by=last_moment(calendar, clause.clock, at),
        derivation=(*old.derivation, sla_derivation.extension(calendar, lost, at)),
        told_at=None,
    )


def after_severity_change(
    policy: SlaPolicy, lifecycle: Lifecycle, case: Case, severity: Severity, now: datetime
) -> Deadline:
    """Return the deadline of a case whose severity changes now, before anybody attended: always a new version.

    From the arrival of the cycle with its pauses; if that is already past, from the change; and a raise never makes
    a promised maximum later (each as `lifecycle.severity_change` says). `case` still has the old severity.
    """
    old = case.deadline
    version = old.version + 1
    breaks = _ended(case.pauses, now)
    base = case.cycle_start if lifecycle.severity_base == "arrival" else now
    new = compute(policy, severity, base, breaks, version=version)
    if new.at < now and lifecycle.severity_if_past == "change":
        new = compute(policy, severity, now, breaks, version=version)
    raised = severity < case.severity
    if raised and lifecycle.raise_never_later and old.kind is Kind.MAXIMUM and new.at > old.at:
        new = _kept(policy, old, new, severity)
    return replace(new, told_at=old.told_at if (new.at, new.kind) == (old.at, old.kind) else None)


def _kept(policy: SlaPolicy, old: Deadline, new: Deadline, severity: Severity) -> Deadline:
    """Keep an earlier promise over the later one that the raised severity would give."""
    clause = policy.clause(severity, new.column)
    return replace(
        old,
        version=new.version,
        act_by=last_moment(policy.calendar, clause.clock, old.at),
        derivation=(*old.derivation, sla_derivation.kept(policy.calendar, severity, new.at, old.at)),
    )


def after_calendar_change(policy: SlaPolicy, lifecycle: Lifecycle, case: Case, now: datetime) -> Deadline:
    """Return the deadline of an open case under a changed calendar or table; its own when nothing moves.

    With `calendar_change: keep` a deadline that the client was told stays as it is.
    """
    old = case.deadline
    if old.calendar_hash == policy.hash or (lifecycle.calendar_change == "keep" and _told(case)):
        return old
    severity = old.severity or case.severity
    new = compute(policy, severity, old.base, _ended(case.pauses, now), version=old.version + 1)
    return old if (new.at, new.kind) == (old.at, old.kind) else new


def _told(case: Case) -> bool:
    return case.deadline.told_at is not None or case.told_version == case.deadline.version


def _ended(pauses: Iterable[Span], now: datetime) -> tuple[Span, ...]:
    return tuple(Span(p.start, p.end if p.end is not None else max(p.start, now)) for p in pauses)
