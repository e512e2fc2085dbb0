"""Who gets which mail, when lifecycle says that something is to be told: picks the people and the facts for `drafts_*`.

Lifecycle decides that, drafts say how a fact becomes variables, templates how it is worded; this is the step between.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time

from triage.core import actions, commands, drafts_agent, drafts_client, duty, helping, moments, sayings
from triage.core import history as telling
from triage.core.desk import Desk
from triage.core.draft_facts import Facts, Recipient
from triage.core.drafts_agent import Forgery, OrderMail, Outcome
from triage.core.effects import SendMail
from triage.core.events import (
    AgentOrdered,
    AgentReplied,
    ClientNotReached,
    ClientWrote,
    MachineWrote,
    MailWent,
    Opening,
)
from triage.core.message import Message
from triage.core.model import Address, Answered, Case, Deadline, Trust
from triage.core.pacing import Together
from triage.core.reading import Reading
from triage.core.records import AlarmRow, Event
from triage.core.site import Agent

ESCALATED = "escalated"  # the template whose acceptance means that the client was told
_LINK = re.compile(r"://|\bwww\.", re.IGNORECASE)
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
        hours=_hours(desk, case),
        missing=opening.missing,
        article=desk.support.company.articles.get(wiki) if wiki else None,
        echo_subject=_may_echo(desk, case),
    )
    # A robot that answers every acknowledgement says the same each time; a client with two troubles does not.
    said = " ".join(f"{case.subject} {case.excerpt}".casefold().split())
    return replace(mail, tells=case.told_version, fingerprint=f"ack {said}")


def welcome(desk: Desk, case: Case, now: datetime) -> SendMail:
    """Return the first answer to a client whose case was a colleague's until now; he wrote nothing to us himself."""
    mail = drafts_client.acknowledgement(
        facts(desk, case),
        expires_at=now + desk.acknowledgement_expires,
        echo_subject=_may_echo(desk, case),
    )
    return replace(mail, tells=case.told_version)


def _may_echo(desk: Desk, case: Case) -> bool:
    """Say whether a machine may repeat the client's subject and name to the address that they claim to come from.

    Whoever forges a sender chooses the words, and we would carry them to the victim. So without proof of the sender
    never with a link in them, and not at all where the site says so. A person's answer is a person's business.
    """
    if case.authenticated:
        return True
    return desk.echo_subject == "all" and not _LINK.search(f"{case.subject} {case.client.name}")


def deadline_moved(desk: Desk, case: Case, old: Deadline, why: str) -> SendMail:
    mail = drafts_client.deadline_moved(facts(desk, case), old, why, echo_subject=_may_echo(desk, case))
    return replace(mail, tells=case.deadline.version, expires_at=case.deadline.at)


def answers(desk: Desk, case: Case, replied: AgentReplied) -> tuple[SendMail, ...]:
    """Return an agent's own words from the support address, in the conversation: to the client, and a mail of its own
    to everybody who wrote in it himself. Who was only in copy gets none: the agent does not see to whom he would write.
    """
    agent = desk.site.agent(replied.agent)
    company = desk.support.company.name or desk.site.name
    name = desk.answers_as.format(agent=agent.name, company=company) if agent and agent.name else ""
    key = replied.message_id or _moment(replied.at)
    people = [None, *(Address(a) for a in case.writers if a != case.client.address)]
    return tuple(
        replace(
            drafts_client.answer(
                facts(desk, case),
                replied.text,
                key=key,
                sender_name=name,
                to=to,
                attachments=replied.attachments,
            ),
            author=replied.agent,
        )
        for to in people
        if to is not None or (case.client.address and not case.of_robot)
    )


def question(desk: Desk, case: Case, order: AgentOrdered) -> SendMail:
    mail = drafts_client.question(
        facts(desk, case), order.text, by=_name(desk, order.agent), turn=len(case.pauses)
    )
    return replace(mail, key=f"{mail.key}/{_moment(order.at)}", author=order.agent)


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
            facts(desk, case),
            to,
            by=by,
            text=order.text,
            history=telling.lines(desk.site, order.history),
            actions=links(desk, case, to, order.at),
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


def _hours(desk: Desk, case: Case) -> str:
    """Return when the desk is open, in the client's words."""
    weekly = desk.policy(case.mailbox).calendar.weekly
    hours = {day: [(_clock(start), _clock(end)) for start, end in windows] for day, windows in weekly.items()}
    return moments.opening_hours(hours, case.language)


def _clock(seconds: int) -> time:
    """Return a second of the day as a time; the day's end is written as midnight."""
    return time(seconds // 3600 % 24, seconds // 60 % 60)


def suggestion_thanks(
    desk: Desk, message: Message, reading: Reading, client: Address, mailbox: str
) -> SendMail:
    """Thank for a suggestion, once for each."""
    suggestion = drafts_client.Suggestion(
        client, reading.language, message.subject, message.digest[:16], mailbox, message.message_id
    )
    return drafts_client.suggestion_thanks(
        desk.site, desk.support.company, suggestion, echo_subject=_echoes(desk, reading)
    )


def _echoes(desk: Desk, reading: Reading) -> bool:
    return desk.echo_subject == "all" or reading.trust is Trust.AUTHENTICATED


def _to_client(case: Case, mail: SendMail) -> tuple[SendMail, ...]:
    """Return the mail if there is somebody to send it to."""
    return (mail,) if case.client.address and not case.of_robot else ()


# -- to agents ---------------------------------------------------------------------------------------------------------


def reminders(
    desk: Desk, case: Case, alarm: AlarmRow, now: datetime, events: Sequence[Event] = ()
) -> tuple[SendMail, ...]:
    """Return the reminders of a step: one mail for each person that its roles lead to now, or for its `only` one."""
    told = telling.lines(desk.site, events)
    return tuple(
        drafts_agent.reminder(
            facts(desk, case),
            to,
            alarm.label,
            turn=alarm.turn,
            due=alarm.was_due,
            history=told if len(told) > 1 else (),
            attachments=case.attachments,
            actions=links(desk, case, to, now),
        )
        for to in _reminded(desk, case, alarm, now)
    )


def reminders_together(desk: Desk, cases: Mapping[str, Case], together: Together, now: datetime) -> SendMail:
    """Return the one mail that reminds a person of several cases."""
    to = Recipient(together.recipient, _name(desk, together.recipient), "several")
    parts = [
        drafts_agent.Part(
            facts(desk, cases[one.alarm.reference]),
            one.alarm.label,
            one.alarm.was_due,
            links(desk, cases[one.alarm.reference], to, now)[:1],
        )
        for one in together.reminders
    ]
    return drafts_agent.reminders(parts, to, now)


def _reminded(desk: Desk, case: Case, alarm: AlarmRow, now: datetime) -> tuple[Recipient, ...]:
    found = people(desk, case, tuple(alarm.data.get("to", ASSIGNEE)), now)
    only = alarm.data.get("only")
    if only is None:
        return found
    told = next((who for who in found if who.address == only), None)
    return (told or Recipient(only, _name(desk, only), "assignee"),)


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
            actions=links(desk, case, to, now),
            reopened=case.cycle > 1 and case.cycle_start == wrote.at,
        )
        for to in people(desk, case, ASSIGNEE, now)
    )


def monitored(desk: Desk, case: Case, wrote: MachineWrote, now: datetime) -> tuple[SendMail, ...]:
    """Tell that a monitor says that all is well again, or that it is not well after all."""
    key = wrote.key or _moment(wrote.at)
    return tuple(
        drafts_agent.monitored(
            facts(desk, case),
            to,
            key=key,
            text=wrote.text or wrote.first_line,
            recovered=wrote.recovered,
            actions=links(desk, case, to, now),
        )
        for to in people(desk, case, ASSIGNEE, now)
    )


def assigned(desk: Desk, case: Case, agent: Agent, order: AgentOrdered) -> tuple[SendMail, ...]:
    """Tell an agent that a colleague made the case his."""
    to = Recipient(agent.address, agent.name, "assignee")
    mail = drafts_agent.reminder(
        facts(desk, case),
        to,
        f"assigned-{_moment(order.at)}",
        history=telling.lines(desk.site, order.history),
        attachments=case.attachments,
        actions=links(desk, case, to, order.at),
    )
    return (mail,)


def second_answer(desk: Desk, case: Case, replied: AgentReplied, first: Answered) -> SendMail:
    """Warn an agent that a colleague had answered just before him; both answers went out."""
    return drafts_agent.second_answer(
        facts(desk, case),
        Recipient(replied.agent, _name(desk, replied.agent), "author"),
        key=replied.message_id or _moment(replied.at),
        other=_name(desk, first.by) or first.by,
        other_at=first.at,
        text=first.text,
    )


def answer_uncertain(desk: Desk, case: Case, mail: MailWent) -> SendMail:
    """Ask the author of an answer of which nobody knows whether it arrived; it is not sent twice by itself."""
    to = Recipient(mail.author, _name(desk, mail.author), "author")
    return drafts_agent.answer_uncertain(
        facts(desk, case), to, key=mail.key, text=mail.text, error=mail.error
    )


def linked(desk: Desk, case: Case, other: str, now: datetime) -> tuple[SendMail, ...]:
    return tuple(
        drafts_agent.case_linked(facts(desk, case), to, other) for to in people(desk, case, ASSIGNEE, now)
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
        for to in people(desk, case, ASSIGNEE, bounced.at)
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
    desk: Desk,
    case: Case | None,
    agent: str,
    lines: Iterable[tuple[str, str, bool]],
    message: Message,
    notes: Sequence[str] = (),
) -> SendMail:
    """Answer an agent's commands line by line; `notes` say what became of the text below them."""
    found = desk.site.agent(agent)
    key = message.message_id or message.digest[:16]
    return drafts_agent.transcript(
        desk.site,
        desk.support.company,
        Recipient(agent, found.name if found else ""),
        [Outcome(line[:200], said, done) for line, said, done in lines],
        OrderMail(key, actions.without_token(message.subject), message.message_id),
        case=case,
        notes=notes,
    )


def people(desk: Desk, case: Case, roles: Sequence[str], now: datetime) -> tuple[Recipient, ...]:
    """Return the people that roles lead to now, each once."""
    calendar = desk.policy(case.mailbox).calendar
    return tuple(
        Recipient(who.address, who.name, who.why)
        for who in duty.recipients(roles, case, desk.site, calendar, now, desk.unreachable)
    )


def links(desk: Desk, case: Case, to: Recipient, now: datetime) -> tuple[dict[str, str], ...]:
    """Return the one-tap actions of a mail, signed for whom it is for; an area's address is no agent and gets none."""
    if desk.site.agent(to.address) is None:
        return ()
    return actions.for_agent(desk.site, case, to.address, now)


# -- answers to commands, in words -------------------------------------------------------------------------------------


def why(desk: Desk, case: Case, _: AgentOrdered) -> str:
    """Tell why this severity and this deadline, in lines."""
    found, site = case.classification, desk.site
    words = ", ".join(dict.fromkeys(evidence.text for evidence in found.evidence))
    given = (
        sayings.say(site, "by_hand")
        if case.correction is not None
        else sayings.say(site, "by_rule", rule=found.rule, words=words or sayings.say(site, "no_words"))
    )
    return "\n".join(
        (sayings.say(site, "why", severity=int(case.severity), given=given), *case.deadline.derivation)
    )


def history(desk: Desk, case: Case, order: AgentOrdered) -> str:
    """Tell what happened to the case, line by line, in the site's zone."""
    site = desk.site
    told = telling.lines(site, order.history)
    head = sayings.say(site, "state", reference=case.reference, state=case.state)
    return "\n".join(
        (head, *(f"{moments.stamp(one.at, site.zone, site.language)} {one.who}: {one.what}" for one in told))
    )


def help_text(desk: Desk, _: Case, __: AgentOrdered) -> str:
    return helping.help_text(desk.site)


def _name(desk: Desk, address: str) -> str:
    agent = desk.site.agent(address)
    return agent.name if agent else ""


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
