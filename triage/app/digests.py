"""The daily digest: what is overdue, due today or without a date, and the mails that opened no case since the last one.

One mail for each agent who works that day: his own cases and those nobody took; all of them for a lead. It names who is
away, and tells who was taken to be away because of his mailbox until when. Nothing to say, no mail. Called by the chores.
"""

from collections.abc import Sequence
from datetime import datetime

from triage.app import roster
from triage.app.replan import OPEN
from triage.core import actions, drafts_site, duty, outgoing, pacing, reason_words, signing
from triage.core.desk import Desk
from triage.core.draft_facts import Recipient
from triage.core.drafts_site import Ignored
from triage.core.effects import SendMail
from triage.core.events import EventName
from triage.core.model import Case, MessageClass
from triage.core.records import Event
from triage.core.site import Agent, Site
from triage.ports import Transaction

_OVERSEE = frozenset({"lead", "manager", "planning"})


def send(tx: Transaction, desk: Desk, since: datetime, now: datetime) -> int:
    """Write today's digests; `since`: when the last ones were. Returns how many."""
    away, back = roster.away(tx, desk.site, now), roster.come_back(tx, desk.site, since, now)
    desk = roster.desk_of(tx, desk, now)
    rules = desk.support.reminders
    calendar = desk.support.sla.default.calendar
    day = calendar.local(now).date()
    cases = tx.list_cases(OPEN)
    ignored = _ignored(desk.site, tx.events_since(since, [EventName.MESSAGE_IGNORED]))
    mails: list[SendMail] = []
    for agent in desk.site.agents:
        if duty.absent(agent, day) or agent.address in desk.unreachable:
            continue
        found = pacing.sections([c for c in cases if _concerns(agent, c)], rules, calendar, now)
        told = [_openable(desk, agent, event, now) for event in ignored]
        was_away = back.get(agent.address)
        if not found and not told and not was_away and not (rules.digest and rules.digest.when_empty):
            continue
        lines = {
            name: [drafts_site.case_line(case, desk.site) for case in section]
            for name, section in found.items()
        }
        to = Recipient(agent.address, agent.name)
        company = desk.support.company
        mails.append(
            drafts_site.digest(
                desk.site, company, to, day, sections=lines, ignored=told, away=away, was_away=was_away
            )
        )
    tx.add_outbox([outgoing.row(desk.site, mail, now) for mail in mails])
    return len(mails)


def _concerns(agent: Agent, case: Case) -> bool:
    return case.assignee in {None, agent.address} or bool(agent.roles & _OVERSEE)


def _ignored(site: Site, events: Sequence[Event]) -> list[Event]:
    """Return the mails that may have deserved a case, those of persons first; no copies of what triage itself sent."""
    kept = [event for event in events if event.data.get("digest") and not _is_copy(site, event)]
    return sorted(kept, key=lambda event: event.data.get("class") != MessageClass.PERSON)


def _is_copy(site: Site, event: Event) -> bool:
    identity = str(event.data.get("message_id") or "")
    return signing.verify_message_id(site.secret, site.domain, identity) is not None


def _openable(desk: Desk, agent: Agent, event: Event, now: datetime) -> Ignored:
    digest = str(event.data["digest"])
    return Ignored(
        at=event.at,
        sender=str(event.data.get("from", "")),
        subject=str(event.data.get("subject", "")),
        reason=reason_words.said(str(event.data.get("reason", "")), desk.site.language),
        url=actions.opening(desk.site, digest, agent.address, now),
    )
