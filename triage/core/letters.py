"""Who gets which mail, when lifecycle says that something is to be told: picks the people and the facts for `drafts_*`.

Lifecycle decides that, drafts say how a fact becomes variables, templates how it is worded; this is the step between.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from triage.core import actions, commands, drafts_agent, drafts_client, duty
from triage.core.commands import Command
from triage.core.desk import Desk
from triage.core.draft_facts import Facts, Recipient
from triage.core.drafts_agent import Forgery, OrderMail, Outcome
from triage.core.effects import SendMail
from triage.core.events import AgentOrdered, AgentReplied, ClientNotReached, ClientWrote, Opening
from triage.core.message import Message
from triage.core.model import Case, Deadline
from triage.core.records import AlarmRow

ESCALATED = "escalated"  # the template whose acceptance means that the client was told
ASSIGNEE = ("assignee",)


def facts(desk: Desk, case: Case) -> Facts:
    return Facts(case, desk.site, desk.support.company, desk.support.severities)


# -- to the client ---------------------------------------------------------------------------------------------------


def acknowledgement(desk: Desk, case: Case, opening: Opening, now: datetime) -> SendMail:
    """Return the first answer; a deadline already past is not quoted (`told_version` is 0 then)."""
    calendar = desk.policy(case.mailbox).calendar
    local = case.arrival.astimezone(calendar.zone).date()
    wiki = case.classification.wiki
    mail = drafts_client.acknowledgement(
        facts(desk, case),
        expires_at=now + desk.acknowledgement_expires,
        holiday=" · ".join(calendar.holiday(local)),
        hours="",
        missing=opening.missing,
        article=desk.support.company.articles.get(wiki) if wiki else None,
        echo_subject=desk.echo_subject == "all" or opening.authenticated,
    )
    # A robot that answers every acknowledgement says the same each time; a client with two troubles does not.
    said = " ".join(f"{case.subject} {case.excerpt}".casefold().split())
    return replace(mail, tells=case.told_version, fingerprint=f"ack {said}")


def deadline_moved(desk: Desk, case: Case, old: Deadline, why: str) -> SendMail:
    mail = drafts_client.deadline_moved(facts(desk, case), old, why)
    return replace(mail, tells=case.deadline.version, expires_at=case.deadline.at)


def answer(desk: Desk, case: Case, replied: AgentReplied) -> SendMail:
    """Return an agent's own words for the client, from the support address and in the client's conversation."""
    agent = desk.site.agent(replied.agent)
    name = f"{agent.name} - {desk.support.company.name}" if agent else ""
    key = replied.message_id or _moment(replied.at)
    return drafts_client.answer(facts(desk, case), replied.text, key=key, sender_name=name)


def question(desk: Desk, case: Case, order: AgentOrdered) -> SendMail:
    return drafts_client.question(
        facts(desk, case), order.text, by=_name(desk, order.agent), turn=len(case.pauses)
    )


def escalated(desk: Desk, case: Case, order: AgentOrdered) -> tuple[SendMail, ...]:
    """Tell the client which area has the case, and hand it to the area."""
    area = desk.site.areas.get(case.area or "")
    by = _name(desk, order.agent)
    told = drafts_client.escalated(facts(desk, case), case.area or "", order.text, by)
    if area is None or area.address is None:
        members = [a for a in desk.site.agents if case.area in a.areas and a.address != order.agent]
        targets = [Recipient(a.address, a.name) for a in members]
    else:
        targets = [Recipient(area.address)]
    handed = (
        drafts_agent.escalation_to_area(
            facts(desk, case), to, by=by, text=order.text, actions=links(desk, case, to)
        )
        for to in targets
    )
    return (*(_to_client(case, told)), *handed)


def planned(desk: Desk, case: Case, order: AgentOrdered) -> tuple[SendMail, ...]:
    if case.planned_date is None:
        return ()
    mail = drafts_client.planned_date(
        facts(desk, case),
        case.planned_date,
        case.planned_kind or "resolution",
        order.text,
        _name(desk, order.agent),
    )
    return _to_client(case, mail)


def solution(desk: Desk, case: Case, order: AgentOrdered, *, provisional: bool) -> tuple[SendMail, ...]:
    mail = drafts_client.solution(
        facts(desk, case),
        provisional=provisional,
        text=order.text,
        by=_name(desk, order.agent),
        turn=case.cycle,
    )
    return _to_client(case, mail)


def survey(desk: Desk, case: Case) -> tuple[SendMail, ...]:
    """Ask once how it went; the key of the mail holds for the case, whatever its cycles."""
    return _to_client(case, drafts_client.survey(facts(desk, case), actions.survey(desk.site, case)))


def _to_client(case: Case, mail: SendMail) -> tuple[SendMail, ...]:
    """Return the mail if there is somebody to send it to."""
    return (mail,) if case.client.address else ()


# -- to agents ---------------------------------------------------------------------------------------------------------


def reminders(desk: Desk, case: Case, alarm: AlarmRow, now: datetime) -> tuple[SendMail, ...]:
    """Return the reminders of a step: one mail for each person that its roles lead to now."""
    roles = tuple(alarm.data.get("to", ASSIGNEE))
    return tuple(
        drafts_agent.reminder(
            facts(desk, case), to, alarm.step, turn=alarm.turn, actions=links(desk, case, to)
        )
        for to in _people(desk, case, roles, now)
    )


def client_wrote(desk: Desk, case: Case, wrote: ClientWrote, now: datetime) -> tuple[SendMail, ...]:
    key = wrote.message_id or _moment(wrote.at)
    return tuple(
        drafts_agent.client_wrote(
            facts(desk, case),
            to,
            key=key,
            text=wrote.text,
            sender=wrote.sender.address,
            attachments=wrote.attachments,
            actions=links(desk, case, to),
            reopened=case.cycle > 1 and case.cycle_start == wrote.at,
        )
        for to in _people(desk, case, ASSIGNEE, now)
    )


def linked(desk: Desk, case: Case, other: str, now: datetime) -> tuple[SendMail, ...]:
    return tuple(
        drafts_agent.case_linked(facts(desk, case), to, other) for to in _people(desk, case, ASSIGNEE, now)
    )


def client_unreachable(desk: Desk, case: Case, bounced: ClientNotReached) -> tuple[SendMail, ...]:
    return tuple(
        drafts_agent.client_unreachable(
            facts(desk, case),
            to,
            address=bounced.address,
            status=bounced.status,
            diagnostic=bounced.diagnostic,
        )
        for to in _people(desk, case, ASSIGNEE, bounced.at)
    )


def forged(
    desk: Desk, case: Case | None, claimed: str, message: Message, why: str, at: datetime
) -> tuple[SendMail, ...]:
    """Warn the lead and the other agents; never the address in From, whose owner may not have written it."""
    forgery = Forgery(claimed, message.subject, at, why, _orders(message))
    people = sorted(
        (a for a in desk.site.agents if a.address != claimed), key=lambda a: "lead" not in a.roles
    )
    return tuple(
        drafts_agent.forged_warning(
            desk.site,
            desk.support.company,
            Recipient(a.address, a.name),
            forgery,
            key=message.message_id or message.digest[:16],
            case=case,
        )
        for a in people
    )


def _orders(message: Message) -> tuple[str, ...]:
    return tuple(command.line for command in commands.read(message.text).commands)


def transcript(
    desk: Desk, case: Case | None, agent: str, lines: Iterable[tuple[str, str, bool]], message: Message
) -> SendMail:
    """Answer an agent's commands line by line."""
    found = desk.site.agent(agent)
    key = message.message_id or message.digest[:16]
    return drafts_agent.transcript(
        desk.site,
        desk.support.company,
        Recipient(agent, found.name if found else ""),
        [Outcome(line, said, done) for line, said, done in lines],
        OrderMail(key, message.subject, message.message_id),
        case=case,
    )


def _people(desk: Desk, case: Case, roles: Sequence[str], now: datetime) -> tuple[Recipient, ...]:
    """Return the people that roles lead to now, each once."""
    calendar = desk.policy(case.mailbox).calendar
    return tuple(
        Recipient(who.address, who.name, who.why)
        for who in duty.recipients(roles, case, desk.site, calendar, now, desk.unreachable)
    )


def links(desk: Desk, case: Case, to: Recipient) -> tuple[dict[str, str], ...]:
    return actions.for_agent(desk.site, case, to.address)


# -- answers to commands, in words -------------------------------------------------------------------------------------


def no_case(command: Command) -> str:
    if command.action is commands.Action.HELP:
        return commands.help_text()
    return "names no case: answer a mail about the case, or write its reference in the subject"


def why(_: Desk, case: Case) -> str:
    """Tell why this severity and this deadline, in lines."""
    found = case.classification
    words = ", ".join(dict.fromkeys(evidence.text for evidence in found.evidence)) or "no words"
    given = "given by hand" if case.correction is not None else f"rule {found.rule} ({words})"
    return "\n".join((f"severity {int(case.severity)}: {given}", *case.deadline.derivation))


def history(_: Desk, case: Case) -> str:
    """Tell the facts that the case itself holds."""
    moments = (
        ("opened", case.opened_at),
        ("acknowledged", case.acknowledged_at),
        ("escalated", case.escalated_at),
        ("attended", case.attended_at),
        ("breached", case.breached_at),
        ("ended", case.ended_at),
    )
    told = sorted((at, name) for name, at in moments if at is not None)
    return "\n".join((f"{case.reference} is {case.state}", *(f"{_moment(at)} {name}" for at, name in told)))


def help_text(_: Desk, __: Case) -> str:
    return commands.help_text()


def _name(desk: Desk, address: str) -> str:
    agent = desk.site.agent(address)
    return agent.name if agent else ""


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
