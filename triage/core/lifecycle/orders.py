"""What agents order, command by command: each is one transition, or a refusal with words.

Merging, splitting and handing over stand in `regrouping`, taking back in `undoing`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from triage.core import accounts, commands, letters_agent, letters_client, sayings, signing
from triage.core.commands import ACTIONS, Action, Command
from triage.core.comparable import fold
from triage.core.dates import read_date
from triage.core.desk import Desk
from triage.core.effects import SendMail, SetAlarms
from triage.core.events import AgentOrdered, EventName
from triage.core.lifecycle import regrouping, undoing
from triage.core.lifecycle.moves import (
    Decision,
    alarms_of,
    both,
    enter,
    entry,
    iso,
    refused,
    sending,
    with_severity,
)
from triage.core.lifecycle.opening import reopened
from triage.core.lifecycle.table import TRANSITIONS, Trigger
from triage.core.model import ANSWER_KEPT, Answered, Case, Severity, State

_QUOTES = frozenset({"quote", "presupuesto", "cotizacion", "orcamento"})
_SOLUTIONS = frozenset({"", "resolution", "resolucion", "solution", "solucion", "resolucao", "solucao"})
_FOR_NOW = ("prov", "temp")


def ordered(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    """Carry out one command; text that it does not use becomes a note."""
    action = order.command.action
    if action is None:
        return Decision(case, said=sayings.fault(desk.site, order.command), done=False)
    if order.nonce and order.nonce in case.spent and ACTIONS[action].once:
        return refused(desk, case, "spent")
    to_client = ACTIONS[action].text_to_client
    if to_client and order.text and commands.strays(order.text):
        return refused(desk, case, "misplaced")
    decision = ORDERS[action](desk, case, order, now)
    if not decision.done:
        return Decision(case, said=decision.said, done=False)  # what was refused has changed nothing
    decision = undoing.remembered(desk, case, decision, order)
    if order.text and not goes_to_client(decision, order.command) and action not in _NOTING:
        decision = _with_note(decision, order, order.text)
    return _spent(decision, order, now)


def goes_to_client(decision: Decision, command: Command) -> bool:
    """Say whether the text below a command goes to the client; a case of nobody, or a monitor's, has none."""
    mails = any(isinstance(effect, SendMail) and effect.to_client for effect in decision.effects)
    return mails and command.action is not None and ACTIONS[command.action].text_to_client


def _with_note(decision: Decision, order: AgentOrdered, words: str) -> Decision:
    note = entry(decision.case, EventName.CASE_NOTED, order.at, by=order.who, note=words)
    return replace(decision, events=(*decision.events, note))


def _spent(decision: Decision, order: AgentOrdered, now: datetime) -> Decision:
    """Keep the link's nonce as used, and forget those that have expired by themselves."""
    if not order.nonce:
        return decision
    kept = tuple(nonce for nonce in decision.case.spent if signing.nonce_expires_at(nonce) > now)
    case = replace(decision.case, spent=tuple(dict.fromkeys((*kept, order.nonce))))
    return replace(decision, case=case)


def _carrier(desk: Desk, case: Case, order: AgentOrdered) -> str | None:
    """Return whose case it is now: nobody takes one by typing at a shell without an agent's name."""
    return case.assignee or (order.agent if desk.site.agent(order.agent) else None)


def _tells(before: Case, after: Case, order: AgentOrdered) -> bool:
    """Say whether the client hears of an order: an agent's words always, without any only what is new to him."""
    return bool(order.text) or _told_of(before) != _told_of(after)


def _told_of(case: Case) -> tuple[object, ...]:
    return case.state, case.area, case.planned_date, case.planned_kind


def _take(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    return enter(desk, replace(case, assignee=order.agent), Trigger.TAKE, order.at, now, by=order.who)


def _assign(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    wanted = order.command.argument.strip("<>., ").casefold()
    agent = desk.site.agent(wanted) or next(
        (
            a
            for a in desk.site.agents
            if wanted and (a.address.startswith((f"{wanted}@", f"{wanted}.")) or fold(a.name) == fold(wanted))
        ),
        None,
    )
    if agent is None:
        return refused(desk, case, "no_agent", all=", ".join(a.address for a in desk.site.agents))
    taken = replace(case, assignee=agent.address)
    decision = enter(desk, taken, Trigger.TAKE, order.at, now, by=order.who, to=agent.address)
    if not decision.done or agent.address == order.agent:
        return decision
    return sending(decision, *letters_agent.assigned(desk, decision.case, agent, order))


def _attended(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    via, colon, said = order.command.argument.partition(":")
    if not colon and len(via.split()) > 1:
        via, said = "", via
    case = replace(case, assignee=_carrier(desk, case, order))
    note = "\n".join(part for part in (said.strip(), order.text) if part)
    return enter(
        desk, case, Trigger.ANSWER, order.at, now, by=order.who, via=via.strip() or "told", note=note
    )


def _waiting(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    decision = enter(
        desk, case, Trigger.WAIT, order.at, now, by=order.who, note=order.command.argument or None
    )
    if not (decision.done and order.text and case.client.address and not case.of_robot):
        return decision
    asked = replace(decision.case, answered=Answered(order.who, order.at, order.text[:ANSWER_KEPT]))
    return sending(replace(decision, case=asked), letters_client.question(desk, asked, order))


def _note(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:  # noqa: ARG001 - one form for all
    words = "\n".join(part for part in (order.command.argument, order.text) if part)
    if not words:
        return refused(desk, case, "nothing_to_note")
    return _with_note(Decision(case, said=sayings.say(desk.site, "noted")), order, words)


def _severity(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:  # noqa: ARG001 - one form for all
    wanted = order.command.argument.strip(".,; ")
    if wanted not in {"1", "2", "3"}:
        return refused(desk, case, "severity_usage")
    severity = Severity(int(wanted))
    if not case.open:
        return refused(desk, case, "not_now", state=case.state)
    decision = with_severity(desk, replace(case, correction=severity), severity, order.at, by=order.who)
    said = sayings.say(desk.site, "severity", severity=int(severity), deadline=decision.case.deadline.at)
    return replace(decision, said=said)


def _product(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:  # noqa: ARG001 - one form for all
    wanted = fold(order.command.argument)
    product = next((p for p in desk.support.company.products if fold(p) == wanted), None)
    if product is None:
        return refused(desk, case, "products", all=", ".join(desk.support.company.products))
    case = replace(case, classification=replace(case.classification, product=product))
    event = entry(case, EventName.CASE_CLASSIFIED, order.at, by=order.who, product=product)
    return Decision(case, (event,), said=sayings.say(desk.site, "product", product=product))


def _escalate(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    wanted = fold(order.command.argument)
    area = next((name for name in desk.site.areas if fold(name) == wanted), None)
    if area is None:
        return refused(desk, case, "areas", all=", ".join(desk.site.areas))
    before = case
    case = replace(case, area=area, escalated_at=order.at, assignee=_carrier(desk, case, order))
    decision = enter(desk, case, Trigger.ESCALATE, order.at, now, by=order.who, area=area)
    if not decision.done:
        return decision
    if _tells(before, decision.case, order):
        decision = sending(decision, *letters_client.escalated(desk, decision.case, order))
    decision = sending(decision, *letters_agent.handed_over(desk, decision.case, order))
    if not case.of_robot:
        return decision
    # Nobody is to be told but the area: with that the monitor's case is in hands that attend it.
    return both(decision, enter(desk, decision.case, Trigger.TOLD, order.at, now, by=order.who))


def _date(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    words = order.command.argument.split(maxsplit=1)
    planned = read_date(words[0], desk.today(now)) if words else None
    what = fold(words[1].strip(".,;")) if len(words) > 1 else ""
    if planned is None or what not in _QUOTES | _SOLUTIONS:
        return refused(desk, case, "date_usage")
    if planned < desk.today(now):
        return refused(desk, case, "date_past")
    kind = "quote" if what in _QUOTES else "resolution"
    before = case
    case = replace(case, planned_date=planned, planned_kind=kind, assignee=_carrier(desk, case, order))
    decision = enter(
        desk, case, Trigger.PLAN, order.at, now, by=order.who, date=planned.isoformat(), what=kind
    )
    if not decision.done or not _tells(before, decision.case, order):
        return decision
    return sending(decision, *letters_client.planned(desk, decision.case, order))


def _resolve(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    argument = fold(order.command.argument)
    for_now = argument.startswith(_FOR_NOW)
    if len(argument.split()) > 1 or (argument and not for_now and not argument.startswith("defin")):
        return refused(desk, case, "resolve_usage")  # a misspelt `provisional` must not end a case
    trigger = Trigger.SOLVE_FOR_NOW if for_now else Trigger.SOLVE
    before = case
    case = replace(case, assignee=_carrier(desk, case, order))
    decision = enter(desk, case, trigger, order.at, now, by=order.who, provisional=for_now)
    if not decision.done:
        return decision
    if for_now or _tells(before, decision.case, order):  # no state says that a way around was told before
        told = letters_client.solution(desk, decision.case, order, provisional=for_now)
        decision = sending(decision, *told)
    return decision if for_now else sending(decision, *letters_client.survey(desk, decision.case))


def _close(desk: Desk, case: Case, order: AgentOrdered, now: datetime, why: str = "closed") -> Decision:
    if case.state is State.CLOSED:
        return Decision(case, said=sayings.say(desk.site, "closed_already"))
    case = replace(case, ended_why=why if case.attended_at or why != "closed" else "closed without a result")
    return enter(desk, case, Trigger.CLOSE, order.at, now, by=order.who, why=why)


def _spam(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    return _close(desk, case, order, now, why="spam")


def _reopen(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    if case.open or case.state not in TRANSITIONS[Trigger.REOPEN]:
        return refused(desk, case, "not_now", state=case.state)
    joined = entry(case, EventName.CASE_NOTED, order.at, by=order.who, note=order.text)
    return reopened(desk, case, order.at, order.who, joined, None, now)


def _snooze(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:  # noqa: ARG001 - one form for all
    length = desk.duration(order.command.argument)
    if length is None:
        return refused(desk, case, "snooze_usage")
    if not case.open:
        return refused(desk, case, "not_now", state=case.state)
    until = order.at + length
    case = replace(case, snoozed_until=until)
    event = entry(case, EventName.CASE_SNOOZED, order.at, by=order.who, until=iso(until))
    return Decision(
        case,
        (event,),
        (SetAlarms(case.reference, alarms_of(desk, case)),),
        said=sayings.say(desk.site, "snoozed", until=until),
    )


def _files(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:  # noqa: ARG001 - one form for all
    if desk.site.agent(order.agent) is None:
        return refused(desk, case, "files_whom")
    mails = letters_agent.files(desk, case, order)
    if not mails:
        return refused(desk, case, "files_none")
    said = sayings.say(desk.site, "files" if len(mails) == 1 else "files_parts", count=len(mails))
    return Decision(case, effects=mails, said=said)


def _away(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:  # noqa: ARG001 - one form for all
    """An absence is no matter of a case: `app.ordering` keeps it, before it asks here."""
    return refused(desk, case, "away_usage")


def _open(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:  # noqa: ARG001 - one form for all
    """A mail that opened no case is no matter of one: `app.ordering` opens it, before it asks here."""
    return refused(desk, case, "open_usage")


def _say(words: Callable[[Desk, Case, AgentOrdered], str]) -> "Order":
    def say(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:  # noqa: ARG001 - one form for all
        return Decision(case, said=words(desk, case, order))

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
    Action.MERGE: regrouping.merge,
    Action.SPLIT: regrouping.split,
    Action.SPAM: _spam,
    Action.SNOOZE: _snooze,
    Action.AWAY: _away,
    Action.OPEN: _open,
    Action.FORWARD: regrouping.hand_over,
    Action.WHY: _say(accounts.why),
    Action.HISTORY: _say(accounts.history),
    Action.FILES: _files,
    Action.UNDO: undoing.undo,
    Action.HELP: _say(accounts.help_text),
}
_NOTING = frozenset({Action.NOTE, Action.ATTENDED, Action.REOPEN})  # they keep the text themselves
