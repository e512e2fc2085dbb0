"""How many mails one agent gets: what falls together goes in one, gaps are kept, the hour has a cap, the day a digest.

Pure functions over what was already sent (the store knows it): nothing lives in a timer, so a restart changes nothing.
Called when alarms ring, with one entry for each reminder and recipient.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from triage.core import promises
from triage.core.model import Case, Kind, Severity, State
from triage.core.records import PUT_OFF, AlarmRow
from triage.core.reminders import ReminderRules, latest
from triage.core.sla_calendar import NoOpening, SlaCalendar

_HOUR = timedelta(hours=1)
_SECOND = timedelta(seconds=1)
_LONGEST_CLOSED = 400  # days to look ahead for an opening: no desk is closed for longer


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder that rings now, for one recipient."""

    alarm: AlarmRow
    recipient: str

    @property
    def severity(self) -> int:
        return int(self.alarm.data.get("severity", Severity.LOW))

    @property
    def urgent(self) -> bool:
        return self.severity == Severity.HIGH


@dataclass(frozen=True, slots=True)
class AlreadySent:
    """A case's part in a reminder mail of the past; parts of one mail have the same recipient and instant.

    `was_due`: when the step was due that it told.
    """

    recipient: str
    reference: str
    at: datetime
    urgent: bool = False
    was_due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Together:
    """One mail to one recipient, about one case or several, the gravest first."""

    recipient: str
    reminders: tuple[Due, ...]


@dataclass(frozen=True, slots=True)
class PutOff:
    """A reminder that has to wait; `digest`: the hour was full, so it goes out with all others that wait for it."""

    reminder: Due
    until: datetime
    digest: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """What to do with the reminders that are due; `superseded`: a later step of the same case says it better."""

    send: tuple[Together, ...] = ()
    later: tuple[PutOff, ...] = ()
    superseded: tuple[Due, ...] = ()


def pace(due: Iterable[Due], sent: Sequence[AlreadySent], rules: ReminderRules, now: datetime) -> Pace:
    """Decide about reminders that are due now, given every mail of the last hour (or `min_gap`, if longer).

    A mail of the future was sent while the clock was wrong: it holds nothing back, lest everybody waits for that moment.
    """
    of: dict[str, list[Due]] = defaultdict(list)
    for one in due:
        of[one.recipient].append(one)
    paces = [
        _for_one(who, mine, [s for s in sent if s.recipient == who and s.at <= now], rules, now)
        for who, mine in of.items()
    ]
    return Pace(
        tuple(t for p in paces for t in p.send),
        tuple(x for p in paces for x in p.later),
        tuple(d for p in paces for d in p.superseded),
    )


def _for_one(
    who: str, due: Sequence[Due], sent: Sequence[AlreadySent], rules: ReminderRules, now: datetime
) -> Pace:
    newest = [one for one in _newest(due) if not _overtaken(one, sent)]
    kept = {id(one) for one in newest}
    superseded = tuple(d for d in due if id(d) not in kept)
    waiting, ready = [], []
    for one in newest:
        free = _gap_ends(one, sent, rules)
        if free > now:
            waiting.append(PutOff(one, free))
        else:
            ready.append(one)
    if not ready:
        return Pace((), tuple(waiting), superseded)
    until, full = _free_at(sent, rules, now)
    if until > now and not any(one.urgent for one in ready):
        waiting += [PutOff(one, until, full) for one in ready]
        return Pace((), tuple(waiting), superseded)
    ready.sort(key=lambda d: (d.severity, d.alarm.due_at, d.alarm.reference))
    return Pace((Together(who, tuple(ready)),), tuple(waiting), superseded)


def _newest(due: Sequence[Due]) -> list[Due]:
    """Keep one reminder of each case: the later step wins."""
    of: dict[str, list[Due]] = defaultdict(list)
    for one in due:
        of[one.alarm.reference].append(one)
    chosen = []
    for ones in of.values():
        last = latest(one.alarm for one in ones)
        chosen.append(next(one for one in ones if one.alarm is last))
    return chosen


def _overtaken(one: Due, sent: Sequence[AlreadySent]) -> bool:
    """Say whether a later step of the case went out while this one was put off."""
    return one.alarm.put_off and any(
        s.reference == one.alarm.reference and s.was_due is not None and s.was_due > one.alarm.was_due
        for s in sent
    )


def _gap_ends(one: Due, sent: Sequence[AlreadySent], rules: ReminderRules) -> datetime:
    """Return when the gap after the last mail about this case ends; in the past if there was none."""
    times = [s.at for s in sent if s.reference == one.alarm.reference]
    if not times:
        return one.alarm.due_at
    return max(times) + timedelta(seconds=rules.min_gap)


def _free_at(sent: Sequence[AlreadySent], rules: ReminderRules, now: datetime) -> tuple[datetime, bool]:
    """Return from when on the recipient may get another mail that is not urgent, and whether the cap is the reason."""
    mails = sorted({s.at for s in sent})
    together = mails[-1] + timedelta(seconds=rules.coalesce) if mails else now
    urgent = {s.at for s in sent if s.urgent}
    counted = [at for at in mails if at not in urgent and now - at < _HOUR]
    if len(counted) < rules.per_hour:
        return together, False
    return max(together, counted[-rules.per_hour] + _HOUR), True


def again(put_off: PutOff) -> AlarmRow:
    """Return the stored alarm of a reminder that was put off: for its one recipient, an identity of its own."""
    one = put_off.reminder
    return moved(one.alarm, put_off.until, only=one.recipient, digest=put_off.digest)


def moved(alarm: AlarmRow, until: datetime, *, only: str | None = None, digest: bool = False) -> AlarmRow:
    """Return an alarm as it is stored to ring again later, for one recipient or for whom its roles lead to then."""
    data = {**alarm.data, "step": alarm.label, "due": alarm.was_due.isoformat(), "digest": digest}
    if only is not None:
        data["only"] = only
    step = f"{alarm.label}{PUT_OFF}{only or ''}@{until:%Y%m%dT%H%M%S}"
    return replace(alarm, step=step, due_at=until, data=data, id=0)


# -- the digest ------------------------------------------------------------------------------------------------------


def next_digest(rules: ReminderRules, calendar: SlaCalendar, now: datetime) -> datetime | None:
    """Return when the next digest goes out: on the next date with hours, at its first opening or the time given.

    None without a digest. Raises NoOpening when the desk does not open within a year.
    """
    if rules.digest is None:
        return None
    day = calendar.local(now).date()
    for ahead in range(_LONGEST_CLOSED):
        at = _digest_of(rules.digest.at, calendar, day + timedelta(days=ahead))
        if at is not None and at > now:
            return at
    raise NoOpening(f"calendar {calendar.name}: not open for more than a year after {day}")


def _digest_of(at: time | None, calendar: SlaCalendar, day: date) -> datetime | None:
    spans = calendar.spans(day)
    if not spans:
        return None
    if at is None:
        return spans[0].start
    return calendar.wall_clock(day, at.hour * 3600 + at.minute * 60)


def sections(
    cases: Iterable[Case], rules: ReminderRules, calendar: SlaCalendar, now: datetime
) -> Mapping[str, tuple[Case, ...]]:
    """Return what a digest tells, section by section in the rules' order, the earliest deadline first; empty ones out."""
    of: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        name = _section(case, calendar, now)
        if name:
            of[name].append(case)
    wanted = rules.digest.of if rules.digest else ()
    return {
        name: tuple(sorted(of[name], key=lambda c: (c.deadline.at, c.reference)))
        for name in wanted
        if of[name]
    }


def _section(case: Case, calendar: SlaCalendar, now: datetime) -> str | None:
    today = calendar.local(now).date()
    if not case.open:
        return None
    if case.state is State.PLANNED:
        return "due_today" if case.planned_date is not None and case.planned_date <= today else None
    if case.attended_at is not None:
        return None
    quiet = "snoozed" if case.snoozed_until is not None and case.snoozed_until > now else None
    if case.deadline.kind is Kind.FROM:
        reached = calendar.local(case.deadline.at - _SECOND).date() <= today
        return "date_pending" if reached and case.planned_date is None else quiet
    if promises.overdue(case, now):
        return "breached"
    if case.paused:
        return quiet
    # A day's end, 24:00, belongs to the day that it ends.
    return "due_today" if calendar.local(case.deadline.act_by - _SECOND).date() <= today else quiet
