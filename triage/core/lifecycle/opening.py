"""Opening and reopening: where a cycle of a case begins."""

from dataclasses import replace
from datetime import datetime

from triage.core import letters_client, sayings, sla_policy
from triage.core.desk import Desk
from triage.core.effects import Effect, SetAlarms
from triage.core.events import ClientWrote, EventName, Opening
from triage.core.lifecycle.moves import Decision, alarms_of, entry, graver, iso, judged
from triage.core.model import Case, Deadline, State
from triage.core.records import Event


def open_case(desk: Desk, opening: Opening, now: datetime) -> Decision:
    """Open a case: its deadline runs from the arrival, the client is acknowledged once, the reminders are set.

    A backlog message (found days late) and a mail that failed authentication open silently; a deadline already
    past is not quoted to the client (sla/README).
    """
    deadline = sla_policy.compute(
        desk.policy(opening.mailbox), opening.classification.severity, opening.arrival
    )
    acknowledge = opening.may_ack and opening.classification.acknowledge
    case = Case(
        reference=opening.reference,
        mailbox=opening.mailbox,
        subject=opening.subject,
        client=opening.client,
        language=opening.language,
        arrival=opening.arrival,
        severity=opening.classification.severity,
        classification=opening.classification,
        deadline=deadline,
        cycle_start=opening.arrival,
        participants=opening.participants,
        flags=opening.flags,
        excerpt=opening.excerpt,
        message_id=opening.message_id,
        last_client_id=opening.message_id,
        references=opening.references,
        authenticated=opening.authenticated,
        area=opening.classification.area,
        opened_at=now,
        attachments=opening.attachments,
        monitored=opening.monitored,
        source=opening.source,
        related=(opening.related,) if opening.related else (),
        told_version=promised(deadline, now) if acknowledge else 0,
    )
    effects: list[Effect] = [SetAlarms(case.reference, alarms_of(desk, case))]
    if acknowledge:
        effects.insert(0, letters_client.acknowledgement(desk, case, opening, now))
    return Decision(case, _opened(case, opening), tuple(effects))


def _opened(case: Case, opening: Opening) -> tuple[Event, ...]:
    found = case.classification
    return (
        entry(
            case,
            EventName.CASE_OPENED,
            opening.arrival,
            by=opening.forwarded_by or case.client.address,
            subject=case.subject,
            client=case.client.address,
            language=case.language,
            arrival=iso(case.arrival),
            flags=list(case.flags),
            acknowledge="yes" if opening.may_ack and found.acknowledge else opening.ack_reason or "rule",
            **({"unreadable": opening.unreadable} if opening.unreadable else {}),
        ),
        _classified(case, opening.arrival),
    )


def _classified(case: Case, at: datetime) -> Event:
    found = case.classification
    return entry(
        case,
        EventName.CASE_CLASSIFIED,
        at,
        severity=int(case.severity),
        rule=found.rule,
        product=found.product,
        words=[evidence.text for evidence in found.evidence],
        rules=found.rules_hash,
        column=case.deadline.column,
        kind=case.deadline.kind,
        deadline=iso(case.deadline.at),
    )


def promised(deadline: Deadline, now: datetime) -> int:
    """Return the version the client is being told: none when it is already past."""
    return deadline.version if deadline.at > now else 0


def reopened(
    desk: Desk, case: Case, at: datetime, by: str, joined: Event, wrote: ClientWrote | None, now: datetime
) -> Decision:
    """Begin a new cycle from this message, by the same table (sla/README).

    A graver message raises it, also over what an agent said of the cycle before. The client who wrote is told the new
    deadline, if he was ever told one; what an agent reopens is the agent's to tell.
    """
    found = wrote.classification if wrote is not None else None
    raised = graver(case, found)
    if found is not None and raised:
        case = replace(judged(case, found), severity=found.severity, correction=None)
    first = sla_policy.compute(desk.policy(case.mailbox), case.severity, at)
    deadline = replace(first, version=case.deadline.version + 1)
    known = case.acknowledged_at is not None or case.told_version > 0
    told = promised(deadline, now) if wrote is not None and known else 0
    case = replace(
        case,
        state=State.TAKEN if case.assignee else State.NEW,
        cycle=case.cycle + 1,
        cycle_start=at,
        earlier=(*case.earlier, case.deadline),
        deadline=deadline,
        pauses=(),
        attended_at=None,
        breached_at=None,
        ended_at=None,
        ended_why=None,
        planned_date=None,
        told_version=told,
        excerpt=wrote.text if wrote is not None else case.excerpt,
        attachments=wrote.attachments if wrote is not None else case.attachments,
        source=wrote.source if wrote is not None else case.source,
    )
    events = (
        joined,
        entry(case, EventName.CASE_REOPENED, at, by=by, cycle=case.cycle, deadline=iso(deadline.at)),
        *((_classified(case, at),) if raised else ()),
    )
    mails = (letters_client.deadline_moved(desk, case, case.earlier[-1], "reopened"),) if told else ()
    return Decision(
        case,
        events,
        (*mails, SetAlarms(case.reference, alarms_of(desk, case))),
        said=sayings.say(desk.site, "reopened", reference=case.reference),
    )
