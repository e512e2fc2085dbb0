"""What agents order, command by command: each is one transition, or a refusal with words."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime

from triage.core import letters
from triage.core.commands import Action, Command
from triage.core.desk import Desk
from triage.core.effects import SetAlarms
from triage.core.events import AgentOrdered, EventName
from triage.core.lifecycle.moves import (
    Decision,
    alarms_of,
    enter,
    entry,
    iso,
    refused,
    sending,
    with_severity,
)
from triage.core.lifecycle.opening import reopened
from triage.core.lifecycle.table import TRANSITIONS, Trigger
from triage.core.model import Case, Severity, State


def _unknown(case: Case, command: Command) -> Decision:
    return Decision(case, said=f"{command.line}: unknown command; !help lists them", done=False)


def _take(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    return enter(desk, replace(case, assignee=order.agent), Trigger.TAKE, order.at, now, by=order.agent)


def _assign(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    wanted = order.command.argument.strip("<> ").casefold()
    agent = desk.site.agent(wanted) or next(
        (a for a in desk.site.agents if a.address.startswith(f"{wanted}@")), None
    )
    if agent is None:
        return refused(case, order.command, "no such agent")
    return enter(
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
    return enter(
        desk, case, Trigger.ANSWER, order.at, now, by=order.agent, via=via.strip() or "told", note=note
    )


def _waiting(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    decision = enter(desk, case, Trigger.WAIT, order.at, now, by=order.agent)
    if decision.done and order.text:
        decision = sending(decision, letters.question(desk, decision.case, order))
    return decision


def _note(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:  # noqa: ARG001 - one form for all
    words = " ".join(part for part in (order.command.argument, order.text) if part)
    return Decision(
        case, (entry(case, EventName.CASE_NOTED, order.at, by=order.agent, note=words),), said="noted"
    )


def _severity(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:  # noqa: ARG001 - one form for all
    if order.command.argument not in {"1", "2", "3"}:
        return refused(case, order.command, "write !severity 1, 2 or 3")
    severity = Severity(int(order.command.argument))
    if not case.open:
        return refused(case, order.command, f"the case is {case.state}")
    decision = with_severity(desk, replace(case, correction=severity), severity, order.at, by=order.agent)
    note = (
        (entry(case, EventName.CASE_NOTED, order.at, by=order.agent, note=order.text),) if order.text else ()
    )
    return replace(
        decision,
        events=(*decision.events, *note),
        said=f"severity {severity}, deadline {iso(decision.case.deadline.at)}",
    )


def _product(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:  # noqa: ARG001 - one form for all
    wanted = order.command.argument.casefold()
    product = next((p for p in desk.support.company.products if p.casefold() == wanted), None)
    if product is None:
        return refused(case, order.command, "products: " + ", ".join(desk.support.company.products))
    case = replace(case, classification=replace(case.classification, product=product))
    event = entry(case, EventName.CASE_CLASSIFIED, order.at, by=order.agent, product=product)
    return Decision(case, (event,), said=f"product {product}")


def _escalate(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    wanted = order.command.argument.casefold()
    area = next((name for name in desk.site.areas if name.casefold() == wanted), None)
    if area is None:
        return refused(case, order.command, "areas: " + ", ".join(desk.site.areas))
    case = replace(case, area=area, escalated_at=order.at, assignee=case.assignee or order.agent)
    decision = enter(desk, case, Trigger.ESCALATE, order.at, now, by=order.agent, area=area)
    if not decision.done:
        return decision
    return sending(decision, *letters.escalated(desk, decision.case, order))


def _date(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    words = order.command.argument.split()
    try:
        planned = date.fromisoformat(words[0]) if words else None
    except ValueError:
        planned = None
    if planned is None:
        return refused(case, order.command, "write !date 2026-12-15 resolution, or quote")
    if planned < desk.today(now):
        return refused(case, order.command, "that day is past")
    what = "quote" if {"quote", "presupuesto", "orçamento", "orcamento"} & set(words[1:]) else "resolution"
    case = replace(case, planned_date=planned, planned_kind=what, assignee=case.assignee or order.agent)
    decision = enter(
        desk, case, Trigger.PLAN, order.at, now, by=order.agent, date=planned.isoformat(), what=what
    )
    return sending(decision, *letters.planned(desk, decision.case, order)) if decision.done else decision


def _resolve(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    for_now = order.command.argument.casefold().startswith("prov")
    trigger = Trigger.SOLVE_FOR_NOW if for_now else Trigger.SOLVE
    case = replace(case, assignee=case.assignee or order.agent)
    decision = enter(desk, case, trigger, order.at, now, by=order.agent, provisional=for_now)
    if not decision.done:
        return decision
    decision = sending(decision, *letters.solution(desk, decision.case, order, provisional=for_now))
    return decision if for_now else sending(decision, *letters.survey(desk, decision.case))


def _close(desk: Desk, case: Case, order: AgentOrdered, now: datetime, why: str = "closed") -> Decision:
    if case.state is State.CLOSED:
        return Decision(case, said=f"{case.reference} was closed already")
    case = replace(case, ended_why=why if case.attended_at or why != "closed" else "closed without a result")
    return enter(desk, case, Trigger.CLOSE, order.at, now, by=order.agent, why=why, note=order.text)


def _spam(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    return _close(desk, case, order, now, why="spam")


def _reopen(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:  # noqa: ARG001 - one form for all
    if case.open or case.state not in TRANSITIONS[Trigger.REOPEN]:
        return refused(case, order.command, f"the case is {case.state}")
    joined = entry(case, EventName.CASE_NOTED, order.at, by=order.agent, note=order.text)
    return reopened(desk, case, order.at, order.agent, joined, None)


def _snooze(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:  # noqa: ARG001 - one form for all
    length = desk.duration(order.command.argument)
    if length is None:
        return refused(case, order.command, "write !snooze 2h or 1d")
    until = order.at + length
    case = replace(case, snoozed_until=until)
    event = entry(case, EventName.CASE_SNOOZED, order.at, by=order.agent, until=iso(until))
    return Decision(
        case,
        (event,),
        (SetAlarms(case.reference, alarms_of(desk, case)),),
        said=f"no reminders until {iso(until)}",
    )


def _say(words: Callable[[Desk, Case], str]) -> "Order":
    def say(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:  # noqa: ARG001 - one form for all
        return Decision(case, said=words(desk, case))

    return say


Order = Callable[[Desk, Case, AgentOrdered, datetime], Decision]
ORDERS: Mapping[Action, Order] = {
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


def ordered(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    """Carry out one command."""
    action = order.command.action
    return _unknown(case, order.command) if action is None else ORDERS[action](desk, case, order, now)
