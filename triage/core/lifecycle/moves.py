"""The moves every transition is made of: enter a state, pause and resume the clock, move the deadline, set the alarms.

Rule 1: nobody outside this package builds a changed Case. Rule 2: a state is entered only through the table. Rule 3:
what a state does to the clock stands in rules.yaml (`lifecycle:`); `clock_runs` and `_clocked` alone read it.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from triage.core import letters_client, reminders, sayings, sla_policy
from triage.core.desk import Desk
from triage.core.effects import Effect, SendMail, SetAlarms
from triage.core.events import EventName
from triage.core.lifecycle.table import ATTENDING, ENTERED, TRANSITIONS, Trigger
from triage.core.model import UNKNOWN_PRODUCT, Case, Classification, Deadline, Kind, Severity, Span, State
from triage.core.records import AlarmRow, Event
from triage.core.rules import DEFAULT_RULE

DEADLINE_STEP = (
    "deadline"  # our own alarm at the deadline itself: it records the breach, whatever the steps say
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a happening makes of a case. `said`: the line that answers an agent's command.

    `also`: what it makes of other cases (the one merged into, the one split off).
    """

    case: Case
    events: tuple[Event, ...] = ()
    effects: tuple[Effect, ...] = ()
    said: str = ""
    done: bool = True
    also: tuple["Decision", ...] = ()


def enter(
    desk: Desk, case: Case, trigger: Trigger, at: datetime, now: datetime, by: str = "triage", **data: object
) -> Decision:
    """Move a case along the table and let the new state act on the clock, the alarms and the history."""
    target = TRANSITIONS[trigger].get(case.state)
    if target is None:
        return Decision(case, said=sayings.say(desk.site, "not_now", state=case.state), done=False)
    before = case
    if trigger is Trigger.CLIENT_WRITES and case.state is State.WAITING and case.assignee is None:
        target = State.NEW
    case = replace(case, state=target)
    if trigger in ATTENDING and before.open and case.attended_at is None:
        case = replace(case, attended_at=max(at, case.cycle_start))
    if target in {State.RESOLVED, State.CLOSED, State.MERGED} and case.ended_at is None:
        case = replace(case, ended_at=at)
    decision = _clocked(desk, before, case, at, now)
    if before.attended_at is None:
        decision = _measured(decision)
    name = ENTERED.get(trigger)
    if trigger in {Trigger.ANSWER, Trigger.TOLD} and (before.attended_at or not before.open):
        name = EventName.CASE_NOTED  # only the first answer attends
    known = {key: value for key, value in data.items() if value not in ("", None)}
    event = (entry(decision.case, name, at, by=by, **known),) if name else ()
    alarms = SetAlarms(case.reference, alarms_of(desk, decision.case, _since(before, decision.case, now)))
    return Decision(
        decision.case,
        (*event, *decision.events),
        (alarms, *decision.effects),
        said=sayings.say(desk.site, "state", reference=case.reference, state=target),
    )


def _measured(decision: Decision) -> Decision:
    """Hold the attending against the deadline, whatever rang before it was read: in time leaves no breach behind, late
    is one even where nobody ran at the deadline.
    """
    case, at = decision.case, decision.case.attended_at
    if at is None or case.deadline.kind is Kind.FROM:
        return decision
    if at <= case.deadline.at:
        return replace(decision, case=replace(case, breached_at=None))
    return decision if case.breached_at else both(decision, breached(case))


def breached(case: Case) -> Decision:
    """Record that the deadline passed unattended."""
    late = replace(case, breached_at=case.deadline.at)
    event = entry(late, EventName.CASE_BREACHED, case.deadline.at, severity=int(case.severity))
    return Decision(late, (event,))


def _since(before: Case, case: Case, now: datetime) -> datetime | None:
    """Return from when on steps count that are set anew: what was cancelled by a pause is not said afterwards."""
    return now if before.paused or case.state is State.PLANNED else None


def _clocked(desk: Desk, before: Case, case: Case, at: datetime, now: datetime) -> Decision:
    """Begin or end a pause when the state says so; the deadline moves by what was not counted."""
    pauses = case.attended_at is None and desk.support.lifecycle.clock.get(case.state, "run") == "pause"
    if pauses and not before.paused:
        return Decision(replace(case, pauses=(*case.pauses, Span(at))))
    if before.paused and not pauses:
        return _resumed(desk, case, at, now)
    return Decision(case)


def _resumed(desk: Desk, case: Case, at: datetime, now: datetime) -> Decision:
    """End the pause. Who was attended meanwhile is told no new deadline, but by it the promise is judged."""
    start = case.pauses[-1].start
    case = replace(case, pauses=(*case.pauses[:-1], Span(start, max(at, start))))
    if not case.open and case.attended_at is None:
        return Decision(case)
    old = case.deadline
    deadline = sla_policy.after_pause(desk.policy(case.mailbox), case, case.pauses, now)
    if case.attended_at is not None:
        earlier = case.earlier if deadline is old else (*case.earlier, old)
        return Decision(replace(case, deadline=deadline, earlier=earlier))
    moved = move_deadline(desk, case, deadline, now, "pause")
    resumed = entry(moved.case, EventName.CASE_RESUMED, at)
    return replace(moved, events=(resumed, *moved.events))


def with_severity(desk: Desk, case: Case, severity: Severity, at: datetime, by: str = "triage") -> Decision:
    if severity == case.severity:
        return Decision(case)
    changed = replace(case, severity=severity, classification=replace(case.classification, severity=severity))
    event = entry(
        changed,
        EventName.CASE_CLASSIFIED,
        at,
        by=by,
        severity=int(severity),
        rule=changed.classification.rule,
    )
    if case.attended_at is not None:
        return Decision(changed, (event,))
    deadline = sla_policy.after_severity_change(
        desk.policy(case.mailbox), desk.support.lifecycle, case, severity, at
    )
    moved = move_deadline(desk, changed, deadline, at, "raised" if by == "triage" else "severity")
    if moved.case.deadline.version == case.deadline.version:
        moved = _renewed(changed, deadline)
    # A raise is said at once by the latest step of the new severity; what is less grave than thought disturbs nobody.
    since = None if severity < case.severity else at
    alarms = SetAlarms(case.reference, alarms_of(desk, moved.case, since))
    return Decision(moved.case, (event, *moved.events), (alarms, *moved.effects))


def graver(case: Case, found: Classification | None) -> bool:
    """Say whether rules find a message graver than its case. Where no rule spoke, the default is a guess at new mail."""
    return found is not None and found.rule != DEFAULT_RULE and found.severity < case.severity


def judged(case: Case, found: Classification) -> Case:
    """Take what the rules say of a graver message; a product or area that the case has already stays."""
    had = case.classification
    product = found.product if had.product == UNKNOWN_PRODUCT else had.product
    return replace(case, classification=replace(found, product=product, area=had.area or found.area))


def _renewed(case: Case, deadline: Deadline) -> Decision:
    """Take a new version of the same moment: the client was told it, but the steps are those of another severity."""
    old = case.deadline
    deadline = replace(deadline, version=old.version + 1, told_at=old.told_at)
    told = deadline.version if case.told_version == old.version else case.told_version
    return Decision(replace(case, earlier=(*case.earlier, old), deadline=deadline, told_version=told))


def move_deadline(desk: Desk, case: Case, deadline: Deadline, now: datetime, why: str) -> Decision:
    """Take a new version of the deadline; the client who was told another one is told."""
    old = case.deadline
    if (deadline.at, deadline.kind) == (old.at, old.kind):
        return Decision(case)
    known = case.told_version == old.version and reads_the_same(desk, old, deadline)
    deadline = replace(deadline, version=old.version + 1, told_at=old.told_at if known else None)
    told = case.told_version > 0 and deadline.at > now and not known
    case = replace(
        case,
        earlier=(*case.earlier, old),
        deadline=deadline,
        breached_at=None if case.breached_at and deadline.at > now else case.breached_at,
        told_version=deadline.version if told or known else case.told_version,
    )
    event = entry(case, EventName.DEADLINE_MOVED, now, deadline=iso(deadline.at), was=iso(old.at))
    return Decision(case, (event,), (letters_client.deadline_moved(desk, case, old, why),) if told else ())


def reads_the_same(desk: Desk, old: Deadline, new: Deadline) -> bool:
    """Say whether a client reads the same in both: no seconds, and of a first possible date the day alone."""
    told = "%Y-%m-%d" if new.kind is Kind.FROM else "%Y-%m-%d %H:%M"
    return (
        old.kind is new.kind
        and len({d.at.astimezone(desk.site.zone).strftime(told) for d in (old, new)}) == 1
    )


def clock_runs(desk: Desk, case: Case) -> bool:
    return (
        case.open
        and case.attended_at is None
        and desk.support.lifecycle.clock.get(case.state, "run") == "run"
    )


def alarms_of(desk: Desk, case: Case, since: datetime | None = None) -> tuple[AlarmRow, ...]:
    """Return the alarms of the case as it stands: none once attended, paused or ended; before the date of a planned one.

    `since`: steps that were due before it are left out.
    """
    if case.state is not State.PLANNED and not clock_runs(desk, case):
        return ()
    planned = reminders.plan(case, desk.support.reminders, desk.policy(case.mailbox))
    if since is not None:
        planned = tuple(alarm for alarm in planned if alarm.due_at >= since)
    until = case.snoozed_until
    if until is not None:
        planned = tuple(replace(a, due_at=max(a.due_at, until)) for a in planned)
    if case.state is State.PLANNED or case.deadline.kind is Kind.FROM:
        return planned
    own = AlarmRow(case.reference, case.cycle, case.deadline.version, DEADLINE_STEP, case.deadline.at)
    return (own, *planned)


def entry(case: Case, name: EventName, at: datetime, *, by: str = "triage", **data: object) -> Event:
    return Event(at, name, case.reference, by, data)


def both(first: Decision, second: Decision) -> Decision:
    return Decision(
        second.case,
        (*first.events, *second.events),
        (*first.effects, *second.effects),
        second.said or first.said,
        second.done,
        (*first.also, *second.also),
    )


def sending(decision: Decision, *mails: SendMail) -> Decision:
    return replace(decision, effects=(*decision.effects, *mails))


def refused(desk: Desk, case: Case, why: str, **facts: object) -> Decision:
    """Refuse a command with a sentence of `sayings`."""
    return Decision(case, said=sayings.say(desk.site, why, **facts), done=False)


def merged(have: tuple[str, ...], more: tuple[str, ...], client: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(a for a in (*have, *more) if a and a != client))[:50]


def iso(instant: datetime) -> str:
    return f"{instant.isoformat(timespec='seconds')[:19]}Z"
