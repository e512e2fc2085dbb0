"""Commands about more than one case: merge a case into another, split a mail off, hand a case to its real client."""

from dataclasses import replace
from datetime import datetime

from triage.core import letters_client, sayings
from triage.core.desk import Desk
from triage.core.effects import Effect, SetAlarms
from triage.core.events import AgentOrdered, EventName
from triage.core.lifecycle.moves import (
    Decision,
    alarms_of,
    enter,
    entry,
    merged,
    refused,
    sending,
    with_severity,
)
from triage.core.lifecycle.opening import open_case, promised
from triage.core.lifecycle.table import Trigger
from triage.core.model import Case


def merge(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    """Let a case go on in another: its people take part there, its conversation leads there, its alarms are dropped."""
    target = order.target
    if target is None:
        return refused(desk, case, "merge_no_case" if order.command.argument else "merge_usage")
    if target.reference == case.reference:
        return refused(desk, case, "merge_itself")
    if not target.open:
        return refused(desk, case, "merge_ended", reference=target.reference)
    gone = replace(case, merged_into=target.reference, ended_why="duplicate")
    decision = enter(desk, gone, Trigger.MERGE, order.at, now, by=order.who, into=target.reference)
    if not decision.done:
        return decision
    said = sayings.say(desk.site, "merged", reference=target.reference)
    return replace(decision, said=said, also=(_grown(desk, target, case, order),))


def _grown(desk: Desk, target: Case, gone: Case, order: AgentOrdered) -> Decision:
    """Take the other case's people in; the graver of two severities holds, unless an agent gave the target's by hand."""
    people = (gone.client.address, *gone.participants)
    wrote = (gone.client.address, *gone.writers)
    target = replace(
        target,
        participants=merged(target.participants, people, target.client.address),
        writers=merged(target.writers, wrote, target.client.address),
        related=_once(target.related, gone.reference),
    )
    event = entry(
        target,
        EventName.CASE_JOINED,
        order.at,
        by=order.who,
        merged=gone.reference,
        client=gone.client.address,
    )
    decision = Decision(target, (event,))
    if target.correction is None and gone.severity < target.severity:
        raised = with_severity(desk, target, gone.severity, order.at, by=order.who)
        decision = replace(raised, events=(event, *raised.events))
    return decision


def split(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    """Open a case of its own for a client's further mail; its time runs from that mail's arrival."""
    if order.opening is None:
        return refused(desk, case, "split_nothing")
    opened = open_case(desk, replace(order.opening, related=case.reference), now)
    reference = opened.case.reference
    case = replace(case, related=_once(case.related, reference))
    event = entry(
        case, EventName.CASE_SPLIT, order.at, by=order.who, to=reference, message_id=opened.case.message_id
    )
    said = sayings.say(desk.site, "split", reference=reference)
    return Decision(case, (event,), said=said, also=(opened,))


def hand_over(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    """Give a case that was opened for a colleague to the client whose mail he forwarded; the client is acknowledged."""
    who = order.forwarded
    if who is None or not who.address:
        return refused(desk, case, "forward_usage")
    if desk.site.agent(who.address) or who.address in desk.site.own_addresses():
        return refused(desk, case, "forward_agent")
    if not case.open:
        return refused(desk, case, "not_now", state=case.state)
    colleague = case.client.address
    if colleague and desk.site.agent(colleague) is None and colleague != who.address:
        return refused(desk, case, "not_now", state=case.state)
    promise = 0 if case.acknowledged_at else promised(case.deadline, now)
    case = replace(
        case,
        client=who,
        participants=tuple(a for a in case.participants if a != who.address),
        told_version=promise or case.told_version,
    )
    event = entry(case, EventName.CASE_NOTED, order.at, by=order.who, client=who.address)
    effects: tuple[Effect, ...] = (SetAlarms(case.reference, alarms_of(desk, case)),)
    decision = Decision(case, (event,), effects, said=sayings.say(desk.site, "forwarded", client=who.address))
    return (
        sending(decision, letters_client.welcome(desk, case, now))
        if case.acknowledged_at is None
        else decision
    )


def _once(have: tuple[str, ...], one: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*have, one)))
