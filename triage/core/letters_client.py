"""Which mail a client gets when lifecycle says that something is to be told: picks the facts for `drafts_client`.

Lifecycle decides that, drafts say how a fact becomes variables, templates how it is worded; this is the step between.
What agents get stands in `letters_agent`.
"""

import re
import zlib
from dataclasses import replace
from datetime import datetime, time
from functools import lru_cache

from triage.core import actions, conversation, draft_facts, drafts_client, moments
from triage.core.desk import Desk
from triage.core.draft_facts import moment_key
from triage.core.effects import SendMail
from triage.core.events import AgentOrdered, AgentReplied, Opening
from triage.core.message import Message
from triage.core.model import Address, Case, Deadline, Language
from triage.core.sla_calendar import Clock, Window
from triage.core.sla_policy import Roll, Start
from triage.core.understood import Reading

ESCALATED = "escalated"  # the template whose acceptance means that the client was told
_LINK = re.compile(r"://|\bwww\.", re.IGNORECASE)


def acknowledgement(desk: Desk, case: Case, opening: Opening, now: datetime) -> SendMail:
    """Return the first answer; a deadline already past is not quoted (`told_version` is 0 then)."""
    calendar = desk.policy(case.mailbox).calendar
    local = case.arrival.astimezone(calendar.zone).date()
    wiki = case.classification.wiki
    # A robot that answers every acknowledgement says the same each time; a client with two troubles does not.
    said = " ".join(f"{case.subject} {case.excerpt}".casefold().split())
    return drafts_client.acknowledgement(
        draft_facts.of(desk, case),
        expires_at=now + desk.acknowledgement_expires,
        holiday=calendar.holiday_words(local, case.language) if calendar.holiday(local) else None,
        # A date with hours of its own is no day to tell the usual ones: half past three lies within "9 to 18".
        hours="" if local in calendar.special_hours else _hours(desk, case),
        round_the_clock=_round_the_clock(desk, case),
        missing=opening.missing,
        article=desk.support.company.articles.get(wiki) if wiki else None,
        echo_subject=_may_echo(desk, case),
        tells=case.told_version,
        fingerprint=f"ack {said}",
    )


def welcome(desk: Desk, case: Case, now: datetime) -> SendMail:
    """Return the first answer to a client whose case was a colleague's until now; he wrote nothing to us himself."""
    return drafts_client.acknowledgement(
        draft_facts.of(desk, case),
        expires_at=now + desk.acknowledgement_expires,
        round_the_clock=_round_the_clock(desk, case),
        echo_subject=_may_echo(desk, case),
        tells=case.told_version,
    )


def _round_the_clock(desk: Desk, case: Case) -> bool:
    """Say whether the promise runs while the desk is closed: only then are such cases "attended to all the same"."""
    clause = desk.policy(case.mailbox).clause(case.severity, case.deadline.column)
    return (clause.clock, clause.start, clause.roll) == (Clock.CALENDAR, Start.ARRIVAL, Roll.NONE)


def _may_echo(desk: Desk, case: Case) -> bool:
    """Say whether a machine may repeat the client's subject and name to the address that they claim to come from.

    Whoever forges a sender, or names a victim in Reply-To, chooses the words, and we would carry them there. So without
    proof never with a link in them, and not at all where the site says so. A person's answer is a person's business.
    """
    return case.authenticated or _harmless(desk, case.subject, case.client)


def deadline_moved(desk: Desk, case: Case, old: Deadline, why: str) -> SendMail:
    mail = drafts_client.deadline_moved(
        draft_facts.of(desk, case), old, why, echo_subject=_may_echo(desk, case)
    )
    return replace(mail, tells=case.deadline.version, expires_at=case.deadline.at)


def answers(desk: Desk, case: Case, replied: AgentReplied) -> tuple[SendMail, ...]:
    """Return an agent's own words from the support address, in the conversation: to the client, and a mail of its own
    to everybody who wrote in it himself. Who was only in copy gets none: the agent does not see to whom he would write.
    """
    agent = desk.site.agent(replied.agent)
    company = desk.support.company.name or desk.site.name
    name = desk.answers_as.format(agent=agent.name, company=company) if agent and agent.name else ""
    key = replied.message_id or moment_key(replied.at)
    people = [None, *(Address(a) for a in case.writers if a != case.client.address)]
    return tuple(
        replace(
            drafts_client.answer(
                draft_facts.of(desk, case),
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
        draft_facts.of(desk, case), order.text, by=desk.site.name_of(order.agent), turn=len(case.pauses)
    )
    return replace(_ordered(mail, order), author=order.agent)


def escalated(desk: Desk, case: Case, order: AgentOrdered) -> tuple[SendMail, ...]:
    """Tell the client which area has the case; `letters_agent.handed_over` tells the area."""
    by = desk.site.name_of(order.agent)
    told = drafts_client.escalated(draft_facts.of(desk, case), case.area or "", order.text, by)
    return _to_client(case, _ordered(told, order))


def planned(desk: Desk, case: Case, order: AgentOrdered) -> tuple[SendMail, ...]:
    if case.planned_date is None:
        return ()
    mail = drafts_client.planned_date(
        draft_facts.of(desk, case),
        case.planned_date,
        case.planned_kind or "resolution",
        order.text,
        desk.site.name_of(order.agent),
    )
    return _to_client(case, _ordered(mail, order))


def solution(desk: Desk, case: Case, order: AgentOrdered, *, provisional: bool) -> tuple[SendMail, ...]:
    mail = drafts_client.solution(
        draft_facts.of(desk, case),
        provisional=provisional,
        text=order.text,
        by=desk.site.name_of(order.agent),
        turn=case.cycle,
    )
    return _to_client(case, _ordered(mail, order))


def _ordered(mail: SendMail, order: AgentOrdered) -> SendMail:
    """Return the mail as one of its own for each order: said again, with other words or after an `!undo`, it goes again.

    The words count too: arrivals are told to the second, and a telephone sends what it kept all at once.
    """
    words = f"/{zlib.crc32(order.text.encode()):08x}" if order.text else ""
    return replace(mail, key=f"{mail.key}/{moment_key(order.at)}{words}")


def still_open(desk: Desk, case: Case, order: AgentOrdered) -> SendMail:
    """Tell a client that the solution he was told of was a mistake of ours."""
    return drafts_client.still_open(draft_facts.of(desk, case), key=moment_key(order.at))


def survey(desk: Desk, case: Case) -> tuple[SendMail, ...]:
    """Ask once how it went; the key of the mail holds for the case, whatever its cycles."""
    return _to_client(case, drafts_client.survey(draft_facts.of(desk, case), actions.survey(desk.site, case)))


def _hours(desk: Desk, case: Case) -> str:
    """Return when the desk is open, in the client's words."""
    return _week(desk.policy(case.mailbox).calendar.week, case.language)


@lru_cache(maxsize=64)  # the same for every client of a language
def _week(week: tuple[tuple[int, tuple[Window, ...]], ...], language: Language) -> str:
    hours = {day: [(_clock(start), _clock(end)) for start, end in windows] for day, windows in week}
    return moments.opening_hours(hours, language)


def _clock(seconds: int) -> time:
    """Return a second of the day as a time; the day's end is written as midnight."""
    return time(seconds // 3600 % 24, seconds // 60 % 60)


def suggestion_thanks(
    desk: Desk, message: Message, reading: Reading, client: Address, mailbox: str
) -> SendMail:
    """Thank for a suggestion, once for each."""
    echoed = conversation.proven(reading, client.address) or _harmless(desk, message.subject, client)
    suggestion = drafts_client.Suggestion(
        client, reading.language, message.subject, message.digest[:16], mailbox, message.message_id
    )
    return drafts_client.suggestion_thanks(desk.site, desk.support.company, suggestion, echo_subject=echoed)


def _harmless(desk: Desk, subject: str, client: Address) -> bool:
    return desk.echo_subject == "all" and not _LINK.search(f"{subject} {client.name}")


def _to_client(case: Case, mail: SendMail) -> tuple[SendMail, ...]:
    """Return the mail if there is somebody to send it to."""
    return (mail,) if case.client.address and not case.of_robot else ()
