"""What machines report: bounces, the fate of our own mails, alarms that ring."""

from dataclasses import replace

from triage.core import letters
from triage.core.desk import Desk
from triage.core.events import ClientNotReached, EventName, MailWent
from triage.core.lifecycle.moves import Decision, both, enter, entry, iso
from triage.core.lifecycle.table import Trigger
from triage.core.model import Case, MailKind, MailState, State, Unreachable


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


def _told(case: Case, mail: MailWent) -> Case:
    """Note that the client was told a version of the deadline; one whose moment a later version kept, is that one too."""
    if not mail.version:
        return case
    said = next((d for d in (*case.earlier, case.deadline) if d.version == mail.version), None)
    if said is None:
        return case
    earlier = tuple(
        replace(d, told_at=mail.at) if d.version == mail.version and d.told_at is None else d
        for d in case.earlier
_ENHANCED = re.compile(r"(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])")

    )
    now = case.deadline
    same = (now.at, now.kind) == (said.at, said.kind) and now.told_at is None
    return replace(case, earlier=earlier, deadline=replace(now, told_at=mail.at) if same else now)


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
        return Decision(case, tuple(events), (letters.answer_uncertain(desk, case, mail),))
    if mail.state is not MailState.ACCEPTED:
        return Decision(case, tuple(events))
    case = _told(case, mail)
    if mail.kind is MailKind.ACKNOWLEDGEMENT and case.acknowledged_at is None:
        case = replace(case, acknowledged_at=mail.at)
        events.append(
            entry(
_LOST = frozenset({MailState.FAILED, MailState.BOUNCED})


def _told_others(desk: Desk, case: Case, mail: MailWent) -> Decision:
    """Tell the next who can be reached when an agent could not be; the outbox keeps one step from going twice to one."""
    _, cycle, version, step, turn, *_ = (*mail.key.split("/"), "", "", "", "", "")
    if (cycle, version) != (str(case.cycle), str(case.deadline.version)) or case.attended_at or not case.open:
        return Decision(case)
    alarm = AlarmRow(case.reference, case.cycle, case.deadline.version, step, mail.at, int(turn or 0))
    return Decision(case, (), letters.reminders(desk, case, alarm, mail.at))


def _status(error: str) -> str:
    """Return the enhanced status code in a server's words (RFC 3463), else the beginning of them."""
    found = _ENHANCED.search(error)
    return found.group() if found else error[:60]


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
