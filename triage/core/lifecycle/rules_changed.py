"""What changed rules make of an open case: its deadline where nobody was told it, and always its alarms."""

from collections.abc import Iterable
from datetime import datetime

from triage.core import sla_policy
from triage.core.desk import Desk
from triage.core.effects import SetAlarms
from triage.core.lifecycle.moves import Decision, alarms_of, move_deadline
from triage.core.model import Case, Deadline
from triage.core.records import AlarmRow


def rules_changed(desk: Desk, case: Case, pending: Iterable[AlarmRow], now: datetime) -> Decision:
    """Decide an open case anew under the rules in force; a promise that was told is kept unless the rules say otherwise.

    `pending`: its alarms so far; steps that the new rules put into the past are not said afterwards.
    """
    decision = Decision(case)
    if case.attended_at is None:
        decision = move_deadline(desk, case, _deadline(desk, case, now), now, "calendar")
    known = {(a.cycle, a.version, a.step, a.turn) for a in pending}
    alarms = tuple(
        alarm
        for alarm in alarms_of(desk, decision.case)
        if alarm.due_at >= now or (alarm.cycle, alarm.version, alarm.step, alarm.turn) in known
    )
    return Decision(decision.case, decision.events, (SetAlarms(case.reference, alarms), *decision.effects))


def touched(desk: Desk, case: Case) -> Deadline | None:
    """Return what an open case's deadline would be today, if the calendar or table has changed since and it differs."""
    old, policy = case.deadline, desk.policy(case.mailbox)
    if case.attended_at is not None or not case.open or old.calendar_hash == policy.hash:
        return None
    try:
        new = sla_policy.compute(policy, old.severity or case.severity, old.base, case.pauses)
    except ValueError:
        return None
    return new if (new.at, new.kind) != (old.at, old.kind) else None


def _deadline(desk: Desk, case: Case, now: datetime) -> Deadline:
    policy, lifecycle = desk.policy(case.mailbox), desk.support.lifecycle
    try:
        return sla_policy.after_calendar_change(policy, lifecycle, case, now)
    except ValueError:  # the new calendar promises nothing here: what was promised stays
        return case.deadline
