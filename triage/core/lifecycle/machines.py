"""What machines report: bounces, the fate of our own mails, alarms that ring."""

from dataclasses import replace
from datetime import datetime

from triage.core import letters, reminders
from triage.core.desk import Desk
from triage.core.events import AlarmsRang, ClientNotReached, EventName, MailWent
from triage.core.lifecycle.moves import DEADLINE_STEP, Decision, both, clock_runs, enter, entry, iso
from triage.core.lifecycle.table import Trigger
from triage.core.model import Case, Kind, MailKind, MailState, State, Unreachable
from triage.core.records import AlarmRow


def not_reached(desk: Desk, case: Case, bounced: ClientNotReached) -> Decision:
    """Note it, and tell the agents to call: the clock runs on (a bounce attends nobody)."""
    if case.unreachable is not None and case.unreachable.address == bounced.address:
        return Decision(case)
    case = replace(case, unreachable=Unreachable(bounced.address, bounced.status, bounced.at))
    event = entry(
        case, EventName.CASE_UNREACHABLE, bounced.at, address=bounced.address, status=bounced.status
    )
    return Decision(case, (event,), letters.client_unreachable(desk, case, bounced))


_MAIL_EVENTS = {
    MailState.ACCEPTED: EventName.MAIL_ACCEPTED,
    MailState.DEFERRED: EventName.MAIL_DEFERRED,
    MailState.UNCERTAIN: EventName.MAIL_UNCERTAIN,
    MailState.FAILED: EventName.MAIL_FAILED,
    MailState.REFUSED: EventName.MAIL_REFUSED,
    MailState.BOUNCED: EventName.MAIL_BOUNCED,
}


def mail_went(desk: Desk, case: Case, mail: MailWent) -> Decision:
    name = _MAIL_EVENTS.get(mail.state)
    if name is None:
        return Decision(case)
    error = {"error": mail.error} if mail.error else {}
    events = [entry(case, name, mail.at, kind=mail.kind, to=mail.to, message_id=mail.message_id, **error)]
    if mail.state is MailState.FAILED and mail.to == case.client.address:
        return both(
            Decision(case, tuple(events)),
            not_reached(desk, case, ClientNotReached(mail.at, mail.to, mail.error[:60])),
        )
    if mail.state is not MailState.ACCEPTED:
        return Decision(case, tuple(events))
    if mail.version and mail.version == case.deadline.version:
        case = replace(case, deadline=replace(case.deadline, told_at=mail.at))
    if mail.kind is MailKind.ACKNOWLEDGEMENT and case.acknowledged_at is None:
        case = replace(case, acknowledged_at=mail.at)
        events.append(
            entry(
                case,
                EventName.CASE_ACKNOWLEDGED,
                mail.at,
                to=mail.to,
                deadline=iso(case.deadline.at),
                message_id=mail.message_id,
            )
        )
    decision = Decision(case, tuple(events))
    if mail.template == letters.ESCALATED and case.state is State.ESCALATED:
        case = replace(case, told_client_at=mail.at)
        return both(
            replace(decision, case=case),
            enter(desk, case, Trigger.TOLD, mail.at, mail.at, via="escalated and told"),
        )
    return decision


def alarms_rang(desk: Desk, case: Case, rang: AlarmsRang, now: datetime) -> Decision:
    """Ask again whether it still matters; then remind, once, for the latest of what is due."""
    mine = [a for a in rang.alarms if a.cycle == case.cycle and a.version == case.deadline.version]
    decision = Decision(case)
    if any(alarm.step == DEADLINE_STEP for alarm in mine):
        decision = _breached(case)
    due = [a for a in mine if a.step != DEADLINE_STEP and reminders.applies(a, decision.case)]
    if not due or not clock_runs(desk, decision.case):
        return decision
    return both(decision, _reminded(desk, decision.case, reminders.latest(due), now))


def _breached(case: Case) -> Decision:
    if case.attended_at or case.breached_at or not case.open or case.deadline.kind is Kind.FROM:
        return Decision(case)
    case = replace(case, breached_at=case.deadline.at)
    return Decision(
        case, (entry(case, EventName.CASE_BREACHED, case.deadline.at, severity=int(case.severity)),)
    )


def _reminded(desk: Desk, case: Case, alarm: AlarmRow, now: datetime) -> Decision:
    mails = letters.reminders(desk, case, alarm, now)
    if not mails:
        return Decision(case)
    event = entry(
        case, EventName.CASE_REMINDED, now, step=alarm.step, turn=alarm.turn, to=[mail.to for mail in mails]
    )
    return Decision(case, (event,), mails)
