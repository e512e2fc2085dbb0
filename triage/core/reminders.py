"""Which moments of a case agents are reminded at: the vocabulary of `reminders:`, and the plan of one case.

Knows steps, the case's deadline and its calendar; knows nothing of recipients (`duty`), of pace (`pacing`) or of
mails. A plan is stored alarms; what became pointless meanwhile is asked again when they ring (`applies`).
Called by `lifecycle` in the decision that changes a case.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from functools import lru_cache

from triage.core.model import Case, Kind, Severity, State
from triage.core.records import AlarmRow, Data
from triage.core.sla_calendar import Clock, NoOpening, SlaCalendar
from triage.core.sla_policy import SlaPolicy


class Anchor(StrEnum):
    """From what a step's moment is reckoned; `fraction` of the way to, and `before`, the last moment to act."""

    ARRIVAL = "arrival"
    OPENING = "opening"
    FRACTION = "fraction"
    BEFORE = "before"
    BREACH = "breach"
    FROM = "from"


class When(StrEnum):
    """`desk`: not while the desk is closed, then at the next opening."""

    ANY = "any"
    DESK = "desk"


class Unless(StrEnum):
    """What makes a reminder pointless by the time it rings."""

    TAKEN = "taken"
    TOLD_CLIENT = "told_client"
    PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of `steps`. `label` is its `at` as written, unique in its severity: the identity of its alarms.

    `percent` is for `fraction`, `offset` in seconds of the reminder clock for the others. `repeat` mails in all,
    spaced by the offset.
    """

    label: str
    anchor: Anchor
    to: tuple[str, ...]
    percent: float = 0
    offset: int = 0
    when: When = When.DESK
    unless: Unless | None = None
    repeat: int = 1


@dataclass(frozen=True, slots=True)
class Escalated:
    """Reminders of the area that a case was escalated to, every `remind` seconds, `repeat` in all."""

    to: tuple[str, ...] = ("target",)
    remind: int = 3600
    unless: Unless | None = Unless.TOLD_CLIENT
    repeat: int = 3


@dataclass(frozen=True, slots=True)
class Digest:
    """The daily mail: at the first opening of a date, or at a fixed time of it; silent when there is nothing to say."""

    of: tuple[str, ...] = ("breached", "due_today", "date_pending", "snoozed")
    at: time | None = None
    when_empty: bool = False


@dataclass(frozen=True, slots=True)
class ReminderRules:
    """`reminders:` whole; durations in seconds of elapsed time. `per_hour`: mails to one recipient, severity 1 exempt."""

    steps: Mapping[Severity, tuple[Step, ...]] = field(default_factory=dict)
    escalated: Escalated | None = None
    digest: Digest | None = None
    coalesce: int = 600
    min_gap: int = 900
    per_hour: int = 6


# -- the plan --------------------------------------------------------------------------------------------------------


def plan(case: Case, rules: ReminderRules, policy: SlaPolicy) -> tuple[AlarmRow, ...]:
    """Return the alarms of a case as it stands, in the order of time; none once it is attended or ended.

    A planned case is reminded before its date by the steps before (`-9h`) and at (`from`) the deadline. Moments that
    are past are part of the plan too: the store sets none twice.
    """
    steps = rules.steps.get(case.severity, ())
    if case.state is State.PLANNED:
        return _planned(case, steps, policy)
    if case.attended_at is not None or not case.open:
        return ()
    frame = _Frame.of(case, policy)
    rows = [
        (at, order, turn, _row(case, step, order, turn, at))
        for order, step in enumerate(steps)
        for turn, at in enumerate(frame.moments(step))
    ]
    rows += [
        (row.due_at, len(steps), row.turn, row)
        for row in _escalated(case, rules.escalated, frame, order=len(steps))
    ]
    return tuple([row for _, _, _, row in sorted(rows)])  # no two have the same place: no rows are compared


@dataclass(frozen=True, slots=True)
class _Frame:
    """The reminder clock of one case: elapsed time for `clock: calendar`, otherwise open time."""

    case: Case
    calendar: SlaCalendar
    clock: Clock
    start: datetime
    end: datetime
    total: int

    @classmethod
    def of(cls, case: Case, policy: SlaPolicy) -> "_Frame":
        clause = policy.clause(case.severity, case.deadline.column)
        clock = Clock.CALENDAR if clause.clock is Clock.CALENDAR else Clock.BUSINESS_HOURS
        start = case.cycle_start
        end = max(start, case.deadline.act_by)  # a short target at night: its last open moment was before
        return cls(case, policy.calendar, clock, start, end, policy.calendar.elapsed(start, end, clock))

    def moments(self, step: Step) -> Iterator[datetime]:
        """Yield when a step rings, in order; nothing where it has no meaning for this case."""
        for turn in range(1, step.repeat + 1):
            try:
                at = self._moment(step, step.offset * turn)
                if at is None:
                    return
                yield self.shifted(at, step.when)
            except NoOpening:
                return

    def shifted(self, at: datetime, when: When) -> datetime:
        """Move a desk reminder out of a closed moment (a closing is one) to the next opening."""
        if when is When.ANY or self.calendar.is_open(at):
            return at
        return self.calendar.next_opening(at)

    def _moment(self, step: Step, offset: int) -> datetime | None:
        """Return the moment before any shift; a `-1h` that would lie before the arrival is at the arrival."""
        case, anchor = self.case, step.anchor
        fixed = case.deadline.kind is Kind.MAXIMUM
        if anchor is Anchor.FRACTION:
            return self.after(self.start, int(self.total * step.percent / 100))
        if anchor is Anchor.BEFORE:
            return self.after(self.start, max(0, self.total - offset))
        if anchor is Anchor.BREACH:
            return self.after(case.deadline.at, offset) if fixed else None
        if anchor is Anchor.FROM:
            return None if fixed else self.after(case.deadline.at, offset)
        if anchor is Anchor.OPENING:
            if self.calendar.is_open(self.start):
                return None
            return self.after(self.calendar.next_opening(self.start), offset)
        return self.after(self.start, offset)

    def after(self, at: datetime, seconds: int) -> datetime:
        return self.calendar.advance(at, seconds, self.clock)


def _row(case: Case, step: Step, order: int, turn: int, at: datetime) -> AlarmRow:
    data = _data(step.to, step.when, step.unless, case.severity, order)
    return AlarmRow(case.reference, case.cycle, case.deadline.version, step.label, at, turn, data)


@lru_cache(maxsize=256)  # of a step, the same for every case; nobody changes an alarm's data
def _data(to: tuple[str, ...], when: When, unless: Unless | None, severity: Severity, order: int) -> Data:
    return {
        "to": list(to),
        "when": str(when),
        "unless": str(unless) if unless else None,
        "severity": int(severity),
        "order": order,
    }


def _escalated(case: Case, rules: Escalated | None, frame: _Frame, order: int) -> Iterator[AlarmRow]:
    """Yield the reminders of the area; the area is part of their identity, a case may be escalated again."""
    if rules is None or case.state is not State.ESCALATED or case.escalated_at is None:
        return
    when = When.ANY if frame.clock is Clock.CALENDAR else When.DESK
    for turn in range(rules.repeat):
        try:
            at = frame.shifted(frame.after(case.escalated_at, rules.remind * (turn + 1)), when)
        except NoOpening:
            return
        data = _data(rules.to, when, rules.unless, case.severity, order)
        step = f"escalated+{case.area or 'area'}"
        yield AlarmRow(case.reference, case.cycle, case.deadline.version, step, at, turn, data)


def _planned(case: Case, steps: Sequence[Step], policy: SlaPolicy) -> tuple[AlarmRow, ...]:
    """Remind before the date that the client was told: `-9h` of open time before its opening, `from` at its opening.

    Where the desk is closed on that date the client was told it all the same: its opening is then the next one.
    """
    begins = policy.calendar.wall_clock(case.planned_date, 0) if case.planned_date and case.open else None
    if begins is None:
        return ()
    try:
        opening = policy.calendar.next_opening(begins)
    except NoOpening:
        return ()
    total = policy.calendar.elapsed(case.cycle_start, opening, Clock.BUSINESS_HOURS)
    rows = []
    for order, step in enumerate(steps):
        if step.anchor is Anchor.FROM:
            at = opening
        elif step.anchor is Anchor.BEFORE:
            left = max(0, total - step.offset)
            at = policy.calendar.advance(case.cycle_start, left, Clock.BUSINESS_HOURS)
            at = at if policy.calendar.is_open(at) else policy.calendar.next_opening(at)
        else:
            continue
        data = _data(step.to, step.when, None, case.severity, order)
        label = f"planned {case.planned_date} {step.label}"
        rows.append(AlarmRow(case.reference, case.cycle, case.deadline.version, label, at, 0, data))
    return tuple(sorted(rows, key=_order))


def _order(alarm: AlarmRow) -> tuple[datetime, int, int]:
    return alarm.was_due, int(alarm.data.get("order", 0)), alarm.turn


# -- when they ring --------------------------------------------------------------------------------------------------


def applies(alarm: AlarmRow, case: Case) -> bool:
    """Say whether a reminder still matters: the case is as it was planned for, and its `unless` has not come true."""
    if not case.open or (alarm.cycle, alarm.version) != (case.cycle, case.deadline.version):
        return False
    if alarm.label.startswith("planned "):
        return case.state is State.PLANNED and alarm.label.startswith(f"planned {case.planned_date} ")
    if case.attended_at is not None:
        return False
    if alarm.label.startswith("escalated+") and case.state is not State.ESCALATED:
        return False
    return not _come_true(alarm.data.get("unless"), case)


def _come_true(unless: str | None, case: Case) -> bool:
    if unless == Unless.TAKEN:
        return case.assignee is not None or case.state is not State.NEW
    if unless == Unless.TOLD_CLIENT:
        told = case.told_client_at
        return told is not None and (case.escalated_at is None or told >= case.escalated_at)
    return unless == Unless.PLANNED and case.planned_date is not None


def latest(due: Iterable[AlarmRow]) -> AlarmRow:
    """Return the one to send of a case's alarms that are due together: after a downtime, the latest step only."""
    return max(due, key=_order)
