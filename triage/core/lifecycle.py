"""Every transition of a case, and nowhere else: (case, happening, now) -> (case, events, effects).

Rule 1: nobody else builds a changed Case. Rule 2: the states a trigger may lead through stand in `TRANSITIONS`;
what is not in the table is refused. Rule 3: what a state does to the clock stands in rules.yaml (`lifecycle:`);
`_enter` is the only place that reads it. Called by `app.intake`, `app.dispatch`, `app.alarms` and the command line.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import assert_never

from triage.core import letters, reminders, sla_policy
from triage.core.commands import Action, Command
from triage.core.desk import Desk
from triage.core.effects import Effect, SendMail, SetAlarms
from triage.core.events import (
    AgentAnswered,
    AgentOrdered,
    AgentReplied,
    AlarmsRang,
    ClientNotReached,
    ClientWrote,
    EventName,
    Happening,
    MachineWrote,
    MailWent,
    Opening,
)
from triage.core.model import (
    Case,
    Deadline,
    Kind,
    MailKind,
    MailState,
    Severity,
    Span,
    State,
    Unreachable,
)
from triage.core.records import AlarmRow, Event

DEADLINE_STEP = (
    "deadline"  # our own alarm at the deadline itself: it records the breach, whatever the steps say
)


class Trigger(StrEnum):
    TAKE = "take"
    ANSWER = "answer"
    WAIT = "wait"
    CLIENT_WRITES = "client_writes"
    ESCALATE = "escalate"
    TOLD = "told"
    PLAN = "plan"
    SOLVE_FOR_NOW = "solve_for_now"
    SOLVE = "solve"
    CLOSE = "close"
    REOPEN = "reopen"


_N, _T, _W, _E = State.NEW, State.TAKEN, State.WAITING, State.ESCALATED
_P, _A, _R, _C = State.PLANNED, State.ATTENDED, State.RESOLVED, State.CLOSED

TRANSITIONS: Mapping[Trigger, Mapping[State, State]] = {
    Trigger.TAKE: {_N: _T, _T: _T, _W: _W, _E: _E, _P: _P, _A: _A},
    Trigger.ANSWER: {_N: _A, _T: _A, _W: _A, _E: _A, _P: _P, _A: _A, _R: _R, _C: _C},
    Trigger.WAIT: {_N: _W, _T: _W, _W: _W, _E: _W, _P: _P, _A: _A},
    Trigger.CLIENT_WRITES: {_N: _N, _T: _T, _W: _T, _E: _E, _P: _P, _A: _A},
    Trigger.ESCALATE: {_N: _E, _T: _E, _W: _E, _E: _E, _P: _E, _A: _E},
    Trigger.TOLD: {_N: _A, _T: _A, _W: _A, _E: _A, _P: _P, _A: _A, _R: _R, _C: _C},
    Trigger.PLAN: {_N: _P, _T: _P, _W: _P, _E: _P, _P: _P, _A: _P},
    Trigger.SOLVE_FOR_NOW: {_N: _A, _T: _A, _W: _A, _E: _A, _P: _A, _A: _A},
    Trigger.SOLVE: {_N: _R, _T: _R, _W: _R, _E: _R, _P: _R, _A: _R, _R: _R},
    Trigger.CLOSE: {_N: _C, _T: _C, _W: _C, _E: _C, _P: _C, _A: _C, _R: _C, _C: _C},
    Trigger.REOPEN: {_R: _T, _C: _T},
}
ATTENDING = frozenset({Trigger.ANSWER, Trigger.TOLD, Trigger.PLAN, Trigger.SOLVE_FOR_NOW, Trigger.SOLVE})


@dataclass(frozen=True, slots=True)
class Decision:
    """What a happening makes of a case. `said`: the line that answers an agent's command."""

    case: Case
    events: tuple[Event, ...] = ()
    effects: tuple[Effect, ...] = ()
    said: str = ""
    done: bool = True


# -- opening ---------------------------------------------------------------------------------------------------------


def open_case(desk: Desk, opening: Opening, now: datetime) -> Decision:
    """Open a case: its deadline runs from the arrival, the client is acknowledged once, the reminders are set.

    A backlog message (found days late) and a mail that failed authentication open silently; a deadline already
    past is not quoted to the client (sla/README).
    """
    deadline = sla_policy.compute(
        desk.policy(opening.mailbox), opening.classification.severity, opening.arrival
    )
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
        area=opening.classification.area,
        opened_at=now,
        related=(opening.related,) if opening.related else (),
    )
    acknowledge = opening.may_ack and opening.classification.acknowledge
    case = replace(case, told_version=_promised(deadline, now) if acknowledge else 0)
    effects: list[Effect] = [SetAlarms(case.reference, _alarms(desk, case))]
    if acknowledge:
        effects.insert(0, letters.acknowledgement(desk, case, opening, now))
    return Decision(case, _opened(case, opening), tuple(effects))


def _opened(case: Case, opening: Opening) -> tuple[Event, ...]:
    found = case.classification
    return (
        _event(
            case,
            EventName.CASE_OPENED,
            opening.arrival,
            by=opening.forwarded_by or case.client.address,
            subject=case.subject,
            client=case.client.address,
            language=case.language,
            arrival=_iso(case.arrival),
            flags=list(case.flags),
            acknowledge="yes" if opening.may_ack and found.acknowledge else opening.ack_reason or "rule",
            **({"unreadable": opening.unreadable} if opening.unreadable else {}),
        ),
        _event(
            case,
            EventName.CASE_CLASSIFIED,
            opening.arrival,
            severity=int(case.severity),
            rule=found.rule,
            product=found.product,
            words=[evidence.text for evidence in found.evidence],
            rules=found.rules_hash,
            column=case.deadline.column,
            kind=case.deadline.kind,
            deadline=_iso(case.deadline.at),
        ),
    )


def _promised(deadline: Deadline, now: datetime) -> int:
    """Return the version the client is being told: none when it is already past."""
    return deadline.version if deadline.at > now else 0


# -- the one entry for a case that exists -----------------------------------------------------------------------------


def decide(desk: Desk, case: Case, happening: Happening, now: datetime) -> Decision:
    """Decide what a happening makes of a case. Pure; never raises for what people or machines wrote."""
    match happening:
        case ClientWrote():
            return _client_wrote(desk, case, happening, now)
        case AgentAnswered():
            return _agent_answered(desk, case, happening)
        case AgentReplied():
            return _agent_replied(desk, case, happening)
        case AgentOrdered():
            return (
                _ORDERS[happening.command.action](desk, case, happening, now)
                if happening.command.action
                else _unknown(case, happening.command)
            )
        case MachineWrote():
            note = _event(
                case,
                EventName.CASE_NOTED,
                happening.at,
                by=happening.sender,
                **{"class": happening.message_class},
            )
            return Decision(case, (note,))
        case ClientNotReached():
            return _not_reached(desk, case, happening)
        case MailWent():
            return _mail_went(desk, case, happening)
        case AlarmsRang():
            return _alarms_rang(desk, case, happening, now)
        case _:
            assert_never(happening)


# -- what people write ---------------------------------------------------------------------------------------------------


def _client_wrote(desk: Desk, case: Case, wrote: ClientWrote, now: datetime) -> Decision:
    joined = _event(case, EventName.CASE_JOINED, wrote.at, by=wrote.sender.address)
    case = replace(
        case,
        participants=_merged(
            case.participants, (wrote.sender.address, *wrote.participants), case.client.address
        ),
        last_client_id=wrote.message_id or case.last_client_id,
        references=wrote.references or case.references,
    )
    if not case.open:
        if wrote.thanks_only:
            return Decision(case, (joined,))
        return _reopened(desk, case, wrote.at, wrote.sender.address, joined, wrote)
    if wrote.thanks_only:
        return Decision(case, (joined,))
    decision = _enter(desk, case, Trigger.CLIENT_WRITES, wrote.at, now)
    decision = _raised(desk, decision, wrote, now)
    notices = letters.client_wrote(desk, decision.case, wrote, now)
    return replace(decision, events=(joined, *decision.events), effects=(*decision.effects, *notices))


def _raised(desk: Desk, decision: Decision, wrote: ClientWrote, now: datetime) -> Decision:
    """On replies rules may raise the severity, never lower it, and never over an agent's word."""
    case = decision.case
    found = wrote.classification
    if found is None or found.severity >= case.severity or case.correction is not None or case.attended_at:
        return decision
    raised = _with_severity(desk, replace(case, classification=found), found.severity, now)
    return _and(decision, raised)


def _reopened(
    desk: Desk, case: Case, at: datetime, by: str, joined: Event, wrote: ClientWrote | None
) -> Decision:
    """Begin a new cycle from this message, by the same table (sla/README)."""
    severity = case.severity
    if wrote is not None and wrote.classification is not None:
        severity = min(severity, wrote.classification.severity)
    deadline = sla_policy.compute(desk.policy(case.mailbox), severity, at)
    case = replace(
        case,
        state=State.TAKEN if case.assignee else State.NEW,
        severity=severity,
        cycle=case.cycle + 1,
        cycle_start=at,
        earlier=(*case.earlier, case.deadline),
        deadline=replace(deadline, version=case.deadline.version + 1),
        pauses=(),
        attended_at=None,
        breached_at=None,
        ended_at=None,
        ended_why=None,
        planned_date=None,
        told_version=0,
        excerpt=wrote.text if wrote is not None else case.excerpt,
    )
    events = (
        joined,
        _event(case, EventName.CASE_REOPENED, at, by=by, cycle=case.cycle, deadline=_iso(deadline.at)),
    )
    return Decision(
        case, events, (SetAlarms(case.reference, _alarms(desk, case)),), said=f"{case.reference}: reopened"
    )


def _agent_answered(desk: Desk, case: Case, answered: AgentAnswered) -> Decision:
    case = replace(case, assignee=case.assignee or answered.agent)
    if answered.recipients:
        case = replace(
            case, participants=_merged(case.participants, answered.recipients, case.client.address)
        )
    return _enter(desk, case, Trigger.ANSWER, answered.at, answered.at, by=answered.agent, via=answered.via)


def _agent_replied(desk: Desk, case: Case, replied: AgentReplied) -> Decision:
    """Pass an agent's words on to the client from our address; the clock stops (a person has attended)."""
    answer = letters.answer(desk, case, replied)
    decision = _agent_answered(
        desk, case, AgentAnswered(replied.at, replied.agent, "reply", replied.message_id)
    )
    return replace(decision, effects=(answer, *decision.effects))


# -- what agents order -----------------------------------------------------------------------------------------------------


def _unknown(case: Case, command: Command) -> Decision:
    return Decision(case, said=f"{command.line}: unknown command; !help lists them", done=False)


def _take(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    return _enter(desk, replace(case, assignee=order.agent), Trigger.TAKE, order.at, now, by=order.agent)


def _assign(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    wanted = order.command.argument.strip("<> ").casefold()
    agent = desk.site.agent(wanted) or next(
        (a for a in desk.site.agents if a.address.startswith(f"{wanted}@")), None
    )
    if agent is None:
        return _refused(case, order.command, "no such agent")
    return _enter(
        desk,
        replace(case, assignee=agent.address),
        Trigger.TAKE,
        order.at,
        now,
        by=order.agent,
        to=agent.address,
    )


def _attended(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    via, _, said = order.command.argument.partition(":")
    case = replace(case, assignee=case.assignee or order.agent)
    note = said.strip() or order.text
    return _enter(
        desk, case, Trigger.ANSWER, order.at, now, by=order.agent, via=via.strip() or "told", note=note
    )


def _waiting(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    decision = _enter(desk, case, Trigger.WAIT, order.at, now, by=order.agent)
    if decision.done and order.text:
        decision = _with(decision, letters.question(desk, decision.case, order))
    return decision


def _note(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:  # noqa: ARG001 - one form for all
    words = " ".join(part for part in (order.command.argument, order.text) if part)
    return Decision(
        case, (_event(case, EventName.CASE_NOTED, order.at, by=order.agent, note=words),), said="noted"
    )


def _severity(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:  # noqa: ARG001 - one form for all
    if order.command.argument not in {"1", "2", "3"}:
        return _refused(case, order.command, "write !severity 1, 2 or 3")
    severity = Severity(int(order.command.argument))
    if not case.open:
        return _refused(case, order.command, f"the case is {case.state}")
    decision = _with_severity(desk, replace(case, correction=severity), severity, order.at, by=order.agent)
    note = (
        (_event(case, EventName.CASE_NOTED, order.at, by=order.agent, note=order.text),) if order.text else ()
    )
    return replace(
        decision,
        events=(*decision.events, *note),
        said=f"severity {severity}, deadline {_iso(decision.case.deadline.at)}",
    )


def _product(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:  # noqa: ARG001 - one form for all
    wanted = order.command.argument.casefold()
    product = next((p for p in desk.support.company.products if p.casefold() == wanted), None)
    if product is None:
        return _refused(case, order.command, "products: " + ", ".join(desk.support.company.products))
    case = replace(case, classification=replace(case.classification, product=product))
    event = _event(case, EventName.CASE_CLASSIFIED, order.at, by=order.agent, product=product)
    return Decision(case, (event,), said=f"product {product}")


def _escalate(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    wanted = order.command.argument.casefold()
    area = next((name for name in desk.site.areas if name.casefold() == wanted), None)
    if area is None:
        return _refused(case, order.command, "areas: " + ", ".join(desk.site.areas))
    case = replace(case, area=area, escalated_at=order.at, assignee=case.assignee or order.agent)
    decision = _enter(desk, case, Trigger.ESCALATE, order.at, now, by=order.agent, area=area)
    if not decision.done:
        return decision
    return _with(decision, *letters.escalated(desk, decision.case, order))


def _date(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    words = order.command.argument.split()
    try:
        planned = date.fromisoformat(words[0]) if words else None
    except ValueError:
        planned = None
    if planned is None:
        return _refused(case, order.command, "write !date 2026-12-15 resolution, or quote")
    if planned < desk.today(now):
        return _refused(case, order.command, "that day is past")
    what = "quote" if {"quote", "presupuesto", "orçamento", "orcamento"} & set(words[1:]) else "resolution"
    case = replace(case, planned_date=planned, planned_kind=what, assignee=case.assignee or order.agent)
    decision = _enter(
        desk, case, Trigger.PLAN, order.at, now, by=order.agent, date=planned.isoformat(), what=what
    )
    return _with(decision, *letters.planned(desk, decision.case, order)) if decision.done else decision


def _resolve(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    for_now = order.command.argument.casefold().startswith("prov")
    trigger = Trigger.SOLVE_FOR_NOW if for_now else Trigger.SOLVE
    case = replace(case, assignee=case.assignee or order.agent)
    decision = _enter(desk, case, trigger, order.at, now, by=order.agent, provisional=for_now)
    if not decision.done:
        return decision
    decision = _with(decision, *letters.solution(desk, decision.case, order, provisional=for_now))
    return decision if for_now else _with(decision, *letters.survey(desk, decision.case))


def _close(desk: Desk, case: Case, order: AgentOrdered, now: datetime, why: str = "closed") -> Decision:
    if case.state is State.CLOSED:
        return Decision(case, said=f"{case.reference} was closed already")
    case = replace(case, ended_why=why if case.attended_at or why != "closed" else "closed without a result")
    return _enter(desk, case, Trigger.CLOSE, order.at, now, by=order.agent, why=why, note=order.text)


def _spam(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    return _close(desk, case, order, now, why="spam")


def _reopen(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:  # noqa: ARG001 - one form for all
    if case.open or case.state not in TRANSITIONS[Trigger.REOPEN]:
        return _refused(case, order.command, f"the case is {case.state}")
    joined = _event(case, EventName.CASE_NOTED, order.at, by=order.agent, note=order.text)
    return _reopened(desk, case, order.at, order.agent, joined, None)


def _snooze(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:  # noqa: ARG001 - one form for all
    length = desk.duration(order.command.argument)
    if length is None:
        return _refused(case, order.command, "write !snooze 2h or 1d")
    until = order.at + length
    case = replace(case, snoozed_until=until)
    event = _event(case, EventName.CASE_SNOOZED, order.at, by=order.agent, until=_iso(until))
    return Decision(
        case,
        (event,),
        (SetAlarms(case.reference, _alarms(desk, case)),),
        said=f"no reminders until {_iso(until)}",
    )


def _say(words: Callable[[Desk, Case], str]) -> "Order":
    def say(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:  # noqa: ARG001 - one form for all
        return Decision(case, said=words(desk, case))

    return say


Order = Callable[[Desk, Case, AgentOrdered, datetime], Decision]
_ORDERS: Mapping[Action, Order] = {
    Action.TAKE: _take,
    Action.ASSIGN: _assign,
    Action.ATTENDED: _attended,
    Action.WAITING: _waiting,
    Action.NOTE: _note,
    Action.SEVERITY: _severity,
    Action.PRODUCT: _product,
    Action.ESCALATE: _escalate,
    Action.DATE: _date,
    Action.RESOLVE: _resolve,
    Action.CLOSE: _close,
    Action.REOPEN: _reopen,
    Action.SPAM: _spam,
    Action.SNOOZE: _snooze,
    Action.WHY: _say(letters.why),
    Action.HISTORY: _say(letters.history),
    Action.HELP: _say(letters.help_text),
}


# -- what machines report ---------------------------------------------------------------------------------------------------


def _not_reached(desk: Desk, case: Case, bounced: ClientNotReached) -> Decision:
    """Note it, and tell the agents to call: the clock runs on (a bounce attends nobody)."""
    if case.unreachable is not None and case.unreachable.address == bounced.address:
        return Decision(case)
    case = replace(case, unreachable=Unreachable(bounced.address, bounced.status, bounced.at))
    event = _event(
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


def _mail_went(desk: Desk, case: Case, mail: MailWent) -> Decision:
    name = _MAIL_EVENTS.get(mail.state)
    if name is None:
        return Decision(case)
    error = {"error": mail.error} if mail.error else {}
    events = [_event(case, name, mail.at, kind=mail.kind, to=mail.to, message_id=mail.message_id, **error)]
    if mail.state is MailState.FAILED and mail.to == case.client.address:
        return _and(
            Decision(case, tuple(events)),
            _not_reached(desk, case, ClientNotReached(mail.at, mail.to, mail.error[:60])),
        )
    if mail.state is not MailState.ACCEPTED:
        return Decision(case, tuple(events))
    if mail.version and mail.version == case.deadline.version:
        case = replace(case, deadline=replace(case.deadline, told_at=mail.at))
    if mail.kind is MailKind.ACKNOWLEDGEMENT and case.acknowledged_at is None:
        case = replace(case, acknowledged_at=mail.at)
        events.append(
            _event(
                case,
                EventName.CASE_ACKNOWLEDGED,
                mail.at,
                to=mail.to,
                deadline=_iso(case.deadline.at),
                message_id=mail.message_id,
            )
        )
    decision = Decision(case, tuple(events))
    if mail.template == letters.ESCALATED and case.state is State.ESCALATED:
        case = replace(case, told_client_at=mail.at)
        return _and(
            replace(decision, case=case),
            _enter(desk, case, Trigger.TOLD, mail.at, mail.at, via="escalated and told"),
        )
    return decision


def _alarms_rang(desk: Desk, case: Case, rang: AlarmsRang, now: datetime) -> Decision:
    """Ask again whether it still matters; then remind, once, for the latest of what is due."""
    mine = [a for a in rang.alarms if a.cycle == case.cycle and a.version == case.deadline.version]
    decision = Decision(case)
    if any(alarm.step == DEADLINE_STEP for alarm in mine):
        decision = _breached(case)
    due = [a for a in mine if a.step != DEADLINE_STEP and reminders.applies(a, decision.case)]
    if not due or not _clock_runs(desk, decision.case):
        return decision
    return _and(decision, _reminded(desk, decision.case, reminders.latest(due), now))


def _breached(case: Case) -> Decision:
    if case.attended_at or case.breached_at or not case.open or case.deadline.kind is Kind.FROM:
        return Decision(case)
    case = replace(case, breached_at=case.deadline.at)
    return Decision(
        case, (_event(case, EventName.CASE_BREACHED, case.deadline.at, severity=int(case.severity)),)
    )


def _reminded(desk: Desk, case: Case, alarm: AlarmRow, now: datetime) -> Decision:
    mails = letters.reminders(desk, case, alarm, now)
    if not mails:
        return Decision(case)
    event = _event(
        case, EventName.CASE_REMINDED, now, step=alarm.step, turn=alarm.turn, to=[mail.to for mail in mails]
    )
    return Decision(case, (event,), mails)


# -- the parts all of them share -----------------------------------------------------------------------------------------------

_ENTERED = {
    Trigger.TAKE: EventName.CASE_TAKEN,
    Trigger.ANSWER: EventName.CASE_ATTENDED,
    Trigger.TOLD: EventName.CASE_ATTENDED,
    Trigger.WAIT: EventName.CASE_WAITING,
    Trigger.ESCALATE: EventName.CASE_ESCALATED,
    Trigger.PLAN: EventName.CASE_PLANNED,
    Trigger.SOLVE_FOR_NOW: EventName.CASE_ATTENDED,
    Trigger.SOLVE: EventName.CASE_RESOLVED,
    Trigger.CLOSE: EventName.CASE_CLOSED,
}


def _enter(
    desk: Desk, case: Case, trigger: Trigger, at: datetime, now: datetime, by: str = "triage", **data: object
) -> Decision:
    """Move a case along the table and let the new state act on the clock, the alarms and the history."""
    target = TRANSITIONS[trigger].get(case.state)
    if target is None:
        return Decision(case, said=f"{case.reference}: not possible, the case is {case.state}", done=False)
    before = case
    if trigger is Trigger.CLIENT_WRITES and case.state is State.WAITING and case.assignee is None:
        target = State.NEW
    case = replace(case, state=target)
    if trigger in ATTENDING and case.attended_at is None:
        case = replace(case, attended_at=max(at, case.cycle_start))
    if target in {State.RESOLVED, State.CLOSED} and case.ended_at is None:
        case = replace(case, ended_at=at)
    decision = _clocked(desk, before, case, at, now)
    name = _ENTERED.get(trigger)
    known = {key: value for key, value in data.items() if value not in ("", None)}
    event = (_event(decision.case, name, at, by=by, **known),) if name else ()
    alarms = SetAlarms(case.reference, _alarms(desk, decision.case))
    return Decision(
        decision.case,
        (*event, *decision.events),
        (alarms, *decision.effects),
        said=f"{case.reference}: {target}",
    )


def _clocked(desk: Desk, before: Case, case: Case, at: datetime, now: datetime) -> Decision:
    """Begin or end a pause when the state says so; the deadline moves by what was not counted."""
    paused_before = bool(before.pauses) and before.pauses[-1].end is None
    pauses = case.attended_at is None and desk.support.lifecycle.clock.get(case.state, "run") == "pause"
    if pauses and not paused_before:
        return Decision(replace(case, pauses=(*case.pauses, Span(at))))
    if paused_before and not pauses:
        case = replace(
            case, pauses=(*case.pauses[:-1], Span(case.pauses[-1].start, max(at, case.pauses[-1].start)))
        )
        if case.attended_at is None and case.open:
            moved = _moved(
                desk,
                case,
                sla_policy.after_pause(desk.policy(case.mailbox), case, case.pauses, now),
                now,
                "pause",
            )
            resumed = _event(moved.case, EventName.CASE_RESUMED, at)
            return replace(moved, events=(resumed, *moved.events))
    return Decision(case)


def _with_severity(desk: Desk, case: Case, severity: Severity, at: datetime, by: str = "triage") -> Decision:
    if severity == case.severity:
        return Decision(case)
    changed = replace(case, severity=severity, classification=replace(case.classification, severity=severity))
    event = _event(
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
    moved = _moved(desk, changed, deadline, at, "severity")
    alarms = SetAlarms(case.reference, _alarms(desk, moved.case))
    return Decision(moved.case, (event, *moved.events), (alarms, *moved.effects))


def _moved(desk: Desk, case: Case, deadline: Deadline, now: datetime, why: str) -> Decision:
    """Take a new version of the deadline; the client who was told another one is told."""
    old = case.deadline
    if (deadline.at, deadline.kind) == (old.at, old.kind):
        return Decision(case)
    deadline = replace(deadline, version=old.version + 1, told_at=None)
    told = case.told_version > 0 and deadline.at > now
    case = replace(
        case,
        earlier=(*case.earlier, old),
        deadline=deadline,
        breached_at=None if case.breached_at and deadline.at > now else case.breached_at,
        told_version=deadline.version if told else case.told_version,
    )
    event = _event(case, EventName.DEADLINE_MOVED, now, deadline=_iso(deadline.at), was=_iso(old.at))
    return Decision(case, (event,), (letters.deadline_moved(desk, case, old, why),) if told else ())


def _clock_runs(desk: Desk, case: Case) -> bool:
    return (
        case.open
        and case.attended_at is None
        and desk.support.lifecycle.clock.get(case.state, "run") == "run"
    )


def _alarms(desk: Desk, case: Case) -> tuple[AlarmRow, ...]:
    """Return the alarms of the case as it stands: none once attended, paused or ended."""
    if not _clock_runs(desk, case):
        return ()
    own = AlarmRow(case.reference, case.cycle, case.deadline.version, DEADLINE_STEP, case.deadline.at)
    planned = reminders.plan(case, desk.support.reminders, desk.policy(case.mailbox))
    until = case.snoozed_until
    if until is not None:
        planned = tuple(replace(a, due_at=max(a.due_at, until)) for a in planned)
    return (own, *planned) if case.deadline.kind is Kind.MAXIMUM else planned


def _event(case: Case, name: EventName, at: datetime, *, by: str = "triage", **data: object) -> Event:
    return Event(at, name, case.reference, by, data)


def _and(first: Decision, second: Decision) -> Decision:
    return Decision(
        second.case,
        (*first.events, *second.events),
        (*first.effects, *second.effects),
        second.said or first.said,
        second.done,
    )


def _with(decision: Decision, *mails: SendMail) -> Decision:
    return replace(decision, effects=(*decision.effects, *mails))


def _refused(case: Case, command: Command, why: str) -> Decision:
    return Decision(case, said=f"{command.line}: {why}", done=False)


def _merged(have: tuple[str, ...], more: tuple[str, ...], client: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(a for a in (*have, *more) if a and a != client))[:50]


def _iso(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
