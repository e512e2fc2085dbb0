"""What machines report: bounces, the fate of our own mails, alarms that ring."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from triage.core import letters_agent, letters_client
from triage.core.desk import Desk
from triage.core.events import ClientNotReached, EventName, MachineWrote, MailWent
from triage.core.lifecycle import reminding
from triage.core.lifecycle.moves import (
    Decision,
    both,
    enter,
    entry,
    graver,
    iso,
    judged,
    reads_the_same,
    with_severity,
)
from triage.core.lifecycle.table import Trigger
from triage.core.model import Case, MailKind, MailState, MessageClass, State, Unreachable
from triage.core.pacing import Due
from triage.core.records import AlarmRow


def machine_wrote(desk: Desk, case: Case, wrote: MachineWrote, now: datetime) -> Decision:
    """Note it. A monitor's recovery, and the first alert after one, is told to the agents; a graver alert raises."""
    note = entry(case, EventName.CASE_NOTED, wrote.at, by=wrote.sender, **{"class": wrote.message_class})
    if not case.monitored or wrote.message_class != MessageClass.MONITOR:
        return Decision(case, (note,))
    again = case.recovered_at is not None and not wrote.recovered
    first = wrote.recovered and case.recovered_at is None
    case = replace(case, recovered_at=(case.recovered_at or wrote.at) if wrote.recovered else None)
    mails = letters_agent.monitored(desk, case, wrote, now) if case.open and (first or again) else ()
    decision = Decision(case, (note,), mails)
    found = wrote.classification
    settled = case.correction is not None or case.attended_at is not None
    if found is None or not graver(case, found) or settled or wrote.recovered:
        return decision
    return both(decision, with_severity(desk, judged(case, found), found.severity, now))


def not_reached(desk: Desk, case: Case, bounced: ClientNotReached) -> Decision:
    """Note it, and tell the agents to call: the clock runs on (a bounce attends nobody)."""
    if case.unreachable is not None and case.unreachable.address == bounced.address:
        return Decision(case)
    case = replace(case, unreachable=Unreachable(bounced.address, bounced.status, bounced.at))
    event = entry(
        case, EventName.CASE_UNREACHABLE, bounced.at, address=bounced.address, status=bounced.status
    )
    return Decision(case, (event,), letters_agent.client_unreachable(desk, case, bounced))


_ENHANCED = re.compile(r"(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])")

_MAIL_EVENTS = {
    MailState.ACCEPTED: EventName.MAIL_ACCEPTED,
    MailState.DEFERRED: EventName.MAIL_DEFERRED,
    MailState.UNCERTAIN: EventName.MAIL_UNCERTAIN,
    MailState.FAILED: EventName.MAIL_FAILED,
    MailState.REFUSED: EventName.MAIL_REFUSED,
    MailState.BOUNCED: EventName.MAIL_BOUNCED,
}


def _told(desk: Desk, case: Case, mail: MailWent) -> dict[str, Any]:
    """Return what changes because the client was told a version of the deadline; a later one that reads the same to him
    is told too.
    """
    if not mail.version:
        return {}
    said = next((d for d in (*case.earlier, case.deadline) if d.version == mail.version), None)
    if said is None:
        return {}
    earlier = tuple(
        replace(d, told_at=mail.at) if d.version == mail.version and d.told_at is None else d
        for d in case.earlier
    )
    now = case.deadline
    same = now.told_at is None and reads_the_same(desk, said, now)
    return {"earlier": earlier, "deadline": replace(now, told_at=mail.at) if same else now}


LOST = frozenset({MailState.FAILED, MailState.BOUNCED})


def told_others(desk: Desk, case: Case, mail: MailWent) -> Decision:
    """Tell the next who can be reached when an agent could not be; who was told of the step already is not told twice."""
    _, cycle, version, step, turn, *_ = (*mail.key.split("/"), "", "", "", "", "")
    if (cycle, version) != (str(case.cycle), str(case.deadline.version)) or case.attended_at or not case.open:
        return Decision(case)
    alarm = AlarmRow(case.reference, case.cycle, case.deadline.version, step, mail.at, int(turn or 0))
    told = reminding.told_of(mail.history, alarm, case.cycle_start) | {mail.to}
    mails = letters_agent.reminders(desk, case, alarm, mail.at, mail.history)
    others = tuple(one for one in mails if one.to not in told)
    return reminding.noted(Decision(case, (), others), [Due(alarm, one.to) for one in others], mail.at)


def _status(error: str) -> str:
    """Return the enhanced status code in a server's words (RFC 3463), else the beginning of them."""
    found = _ENHANCED.search(error)
    return found.group() if found else error[:60]


def mail_went(desk: Desk, case: Case, mail: MailWent) -> Decision:
    name = _MAIL_EVENTS.get(mail.state)
    if name is None:
        return Decision(case)
    error = {"error": mail.error} if mail.error else {}
    events = [entry(case, name, mail.at, kind=mail.kind, to=mail.to, message_id=mail.message_id, **error)]
    if mail.state is MailState.FAILED and mail.to == case.client.address:
        return both(
            Decision(case, tuple(events)),
            not_reached(desk, case, ClientNotReached(mail.at, mail.to, _status(mail.error), mail.error)),
        )
    if mail.state is MailState.UNCERTAIN and mail.author:
        return Decision(case, tuple(events), (letters_agent.answer_uncertain(desk, case, mail),))
    if mail.state in LOST and mail.kind is MailKind.REMINDER:
        return both(Decision(case, tuple(events)), told_others(desk, case, mail))
    if mail.state is not MailState.ACCEPTED:
        return Decision(case, tuple(events))
    changed = _told(desk, case, mail)
    acknowledges = mail.kind is MailKind.ACKNOWLEDGEMENT and case.acknowledged_at is None
    if acknowledges:
        changed["acknowledged_at"] = mail.at
    if changed:
        case = replace(case, **changed)
    if acknowledges:
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
    if mail.template == letters_client.ESCALATED and case.state is State.ESCALATED:
        case = replace(case, told_client_at=mail.at)
        return both(
            replace(decision, case=case),
            enter(desk, case, Trigger.TOLD, mail.at, mail.at, via="escalated and told"),
        )
    return decision
