"""Alarms that ring: what still matters of them, whom it is for, and what a case makes of the reminders that go out.

Two halves, because between them stands `pacing`, which looks at all cases of a recipient at once: `ring` asks the case
again, `reminded` writes the mails that pacing let through into it. Called by `app.alarms`; `machines` joins both for a
case looked at alone (`triage explain`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from triage.core import letters_agent, pacing, reminders
from triage.core.desk import Desk
from triage.core.events import AlarmsRang, EventName
from triage.core.lifecycle.moves import DEADLINE_STEP, Decision, both, breached, clock_runs, entry
from triage.core.model import Case, Kind, State
from triage.core.pacing import Due
from triage.core.records import AlarmRow, Event
from triage.core.reminders import Anchor, When
from triage.core.sla_calendar import NoOpening


@dataclass(frozen=True, slots=True)
class Rung:
    """What alarms of one case lead to: the breach, if there is one; whom to remind now, and what must wait."""

    decision: Decision
    due: tuple[Due, ...] = ()
    later: tuple[AlarmRow, ...] = ()


def ring(desk: Desk, case: Case, rang: AlarmsRang, now: datetime) -> Rung:
    """Ask a case again about its alarms: of the steps missed only the latest counts, and not while the desk is closed."""
    mine = [a for a in rang.alarms if (a.cycle, a.version) == (case.cycle, case.deadline.version)]
    decision = Decision(case)
    if any(alarm.step == DEADLINE_STEP for alarm in mine):
        decision = _breached(case)
    case = decision.case
    matter = [a for a in mine if a.step != DEADLINE_STEP and reminders.applies(a, case)]
    if not matter or not (clock_runs(desk, case) or case.state is State.PLANNED):
        return Rung(decision)
    moments = {alarm.step: _not_before(desk, case, alarm, now) for alarm in matter}
    later = tuple(
        pacing.moved(alarm, moments[alarm.step], only=alarm.data.get("only"))
        for alarm in matter
        if moments[alarm.step] > now
    )
    ready = [alarm for alarm in matter if moments[alarm.step] <= now]
    mine_only = [alarm for alarm in ready if "only" in alarm.data]
    due = [
        *_of_steps(desk, case, [a for a in ready if "only" not in a.data], now),
        *_for_one(desk, case, mine_only, now),
    ]
    return Rung(decision, tuple(due), later)


def _of_steps(desk: Desk, case: Case, steps: Sequence[AlarmRow], now: datetime) -> list[Due]:
    """Return the latest step's recipients, and those of a new-case mail or a breach that was missed with it: nobody may
    miss the case, nor who answers for it that it is late.
    """
    if not steps:
        return []
    last = reminders.latest(steps)
    roles = list(last.data.get("to", letters_agent.ASSIGNEE))
    for missed in steps:
        if missed.label in {Anchor.ARRIVAL, Anchor.BREACH}:
            roles += missed.data.get("to", letters_agent.ASSIGNEE)
    return [
        Due(last, who.address) for who in letters_agent.people(desk, case, tuple(dict.fromkeys(roles)), now)
    ]


def _for_one(desk: Desk, case: Case, alarms: Sequence[AlarmRow], now: datetime) -> list[Due]:
    """Return the reminders that waited for their recipient, if he is still one of those to tell: somebody may have
    taken the case meanwhile.
    """
    found = [Due(alarm, str(alarm.data["only"])) for alarm in alarms]
    return [
        one
        for one in found
        if one.recipient
        in {
            who.address
            for who in letters_agent.people(
                desk, case, tuple(one.alarm.data.get("to", letters_agent.ASSIGNEE)), now
            )
        }
    ]


def _not_before(desk: Desk, case: Case, alarm: AlarmRow, now: datetime) -> datetime:
    """Return from when on a reminder may go out: after a snooze, and a desk reminder not while the desk is closed.

    Only an alarm that rings late (downtime, pacing) can find the desk closed: its own moment was an open one.
    """
    at = max(now, case.snoozed_until or now)
    calendar = desk.policy(case.mailbox).calendar
    if alarm.data.get("when") != When.DESK or calendar.is_open(at):
        return at
    try:
        return calendar.next_opening(at)
    except NoOpening:
        return at


def reminded(
    desk: Desk, case: Case, sent: Sequence[Due], now: datetime, history: Sequence[Event] = ()
) -> Decision:
    """Write the mails to those who are reminded of this case alone; `noted` puts the fact into its history."""
    mails = tuple(
        mail for one in sent for mail in letters_agent.reminders(desk, case, replaced(one), now, history)
    )
    return Decision(case, (), mails)


def replaced(one: Due) -> AlarmRow:
    """Return the alarm of a reminder as one for its recipient only."""
    return replace(one.alarm, data={**one.alarm.data, "only": one.recipient})


def noted(decision: Decision, sent: Sequence[Due], now: datetime, listed: Sequence[Due] = ()) -> Decision:
    """Add to the history that these were reminded, one line for each step; `listed`: in a mail about several cases."""
    steps: dict[tuple[str, int], list[Due]] = {}
    for one in (*sent, *listed):
        steps.setdefault((one.alarm.label, one.alarm.turn), []).append(one)
    events = []
    for (step, turn), told in steps.items():
        data: dict[str, Any] = {"step": step, "turn": turn, "to": sorted(one.recipient for one in told)}
        if among := sorted(one.recipient for one in told if one in listed):
            data["listed"] = among
        events.append(entry(decision.case, EventName.CASE_REMINDED, now, **data))
    return both(decision, Decision(decision.case, tuple(events)))


def told_of(history: Sequence[Event], alarm: AlarmRow, since: datetime) -> frozenset[str]:
    """Return who was reminded of a step, in whichever mail, `since` the cycle began."""
    return frozenset(
        str(who)
        for event in history
        if event.event == EventName.CASE_REMINDED
        and event.at >= since
        and (event.data.get("step"), event.data.get("turn")) == (alarm.label, alarm.turn)
        for who in event.data.get("to", ())
    )


def alarms_rang(desk: Desk, case: Case, rang: AlarmsRang, now: datetime) -> Decision:
    """Ring and remind at once, for a case looked at alone."""
    rung = ring(desk, case, rang, now)
    if not rung.due:
        return rung.decision
    told = noted(reminded(desk, rung.decision.case, rung.due, now, rang.history), rung.due, now)
    return both(rung.decision, told)


def _breached(case: Case) -> Decision:
    if case.attended_at or case.breached_at or not case.open or case.deadline.kind is Kind.FROM:
        return Decision(case)
    return breached(case)
