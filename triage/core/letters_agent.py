"""Which agents get which mail when lifecycle says that something is to be told: picks people and facts for `drafts_agent`.

What clients get stands in `letters_client`, who is on duty in `duty`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from triage.core import (
    actions,
    commands,
    draft_facts,
    drafts_agent,
    drafts_orders,
    duty,
    enclosures,
    history,
    reason_words,
)
from triage.core.desk import Desk
from triage.core.draft_facts import Recipient, moment_key
from triage.core.drafts_orders import Forgery, OrderMail, Outcome
from triage.core.effects import SendMail
from triage.core.enclosures import Enclosed
from triage.core.events import (
    AgentOrdered,
    AgentReplied,
    ClientNotReached,
    ClientWrote,
    EventName,
    MachineWrote,
    MailWent,
)
from triage.core.message import Message
from triage.core.model import Answered, Case
from triage.core.pacing import Together
from triage.core.records import AlarmRow, Event
from triage.core.site import Agent

ASSIGNEE = ("assignee",)


def reminders(
    desk: Desk, case: Case, alarm: AlarmRow, now: datetime, events: Sequence[Event] = ()
) -> tuple[SendMail, ...]:
    """Return the reminders of a step: one mail for each person that its roles lead to now, or for its `only` one.

    Whoever hears of the case for the first time in its cycle gets the client's files along; a mail about several cases,
    which carries none, does not count.
    """
    told = history.lines(desk.site, events)
    seen = {who for event in events if _reminds(case, event) for who in _alone(event)}
    return tuple(
        drafts_agent.reminder(
            draft_facts.of(desk, case),
            to,
            alarm.label,
            turn=alarm.turn,
            due=alarm.was_due,
            history=told if len(told) > 1 else (),
            attachments=case.attachments,
            enclosed=enclosures.NOTHING if to.address in seen else _with_the_first(desk, case, to),
            actions=links(desk, case, to, now),
        )
        for to in _reminded(desk, case, alarm, now)
    )


def _reminds(case: Case, event: Event) -> bool:
    return event.event == EventName.CASE_REMINDED and event.at >= case.cycle_start


def _alone(event: Event) -> set[str]:
    return set(event.data.get("to", ())) - set(event.data.get("listed", ()))


def _with_the_first(desk: Desk, case: Case, to: Recipient) -> Enclosed:
    """Return the files that go along with the first mail about a case; the mail itself (.eml) for who wants it."""
    agent = desk.site.agent(to.address)
    original = f"{case.reference}.eml" if agent is not None and agent.original else ""
    return enclosures.enclosed(case.source, desk.files_with_notice, original)


def reminders_together(desk: Desk, cases: Mapping[str, Case], together: Together, now: datetime) -> SendMail:
    """Return the one mail that reminds a person of several cases."""
    to = Recipient(together.recipient, desk.site.name_of(together.recipient), "several")
    parts = [
        drafts_agent.Part(
            draft_facts.of(desk, cases[one.alarm.reference]),
            one.alarm.label,
            one.alarm.was_due,
            _to_take(desk, cases[one.alarm.reference], to, now) if shown < draft_facts.LINES_LIMIT else (),
            one.alarm.turn,
        )
        for shown, one in enumerate(together.reminders)
    ]
    return drafts_agent.reminders(parts, to, now)


def _reminded(desk: Desk, case: Case, alarm: AlarmRow, now: datetime) -> tuple[Recipient, ...]:
    found = people(desk, case, tuple(alarm.data.get("to", ASSIGNEE)), now)
    only = alarm.data.get("only")
    if only is None:
        return found
    told = next((who for who in found if who.address == only), None)
    return (told or Recipient(only, desk.site.name_of(only), "assignee"),)


def client_wrote(desk: Desk, case: Case, wrote: ClientWrote, now: datetime) -> tuple[SendMail, ...]:
    key = wrote.message_id or moment_key(wrote.at)
    return tuple(
        drafts_agent.client_wrote(
            draft_facts.of(desk, case),
            to,
            key=key,
            text=wrote.text,
            sender=wrote.sender.address,
            attachments=wrote.attachments,
            enclosed=enclosures.enclosed(wrote.source, desk.files_with_notice),
            actions=links(desk, case, to, now),
            from_area=desk.site.area_of(wrote.sender.address),
        )
        for to in people(desk, case, ASSIGNEE, now)
    )


def monitored(desk: Desk, case: Case, wrote: MachineWrote, now: datetime) -> tuple[SendMail, ...]:
    """Tell that a monitor says that all is well again, or that it is not well after all."""
    key = wrote.key or moment_key(wrote.at)
    return tuple(
        drafts_agent.monitored(
            draft_facts.of(desk, case),
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
        draft_facts.of(desk, case),
        to,
        f"assigned-{moment_key(order.at)}",
        history=history.lines(desk.site, order.history),
        attachments=case.attachments,
        enclosed=_with_the_first(desk, case, to),
        actions=links(desk, case, to, order.at),
    )
    return (mail,)


def handed_over(desk: Desk, case: Case, order: AgentOrdered) -> tuple[SendMail, ...]:
    """Hand an escalated case to its area: to the area's address, else to the agents who belong to it."""
    area = desk.site.areas.get(case.area or "")
    if area is None or area.address is None:
        members = [a for a in desk.site.agents if case.area in a.areas and a.address != order.agent]
        targets = [Recipient(a.address, a.name, "area") for a in members]
    else:
        targets = [Recipient(area.address, why="area")]
    return tuple(
        drafts_agent.escalation_to_area(
            draft_facts.of(desk, case),
            to,
            by=desk.site.name_of(order.agent),
            text=order.text,
            history=history.lines(desk.site, order.history),
            enclosed=_with_the_first(desk, case, to),
            actions=links(desk, case, to, order.at),
        )
        for to in targets
    )


def files(desk: Desk, case: Case, order: AgentOrdered) -> tuple[SendMail, ...]:
    """Send an agent all files of the case's clients, in as many mails as their size asks for; none where there are none."""
    parcels = enclosures.parcels(order.sources, desk.files_on_request)
    if parcels == (enclosures.NOTHING,):
        return ()
    to = Recipient(order.agent, desk.site.name_of(order.agent), "asked")
    return tuple(
        drafts_agent.files(
            draft_facts.of(desk, case), to, parcel, key=moment_key(order.at), part=part, parts=len(parcels)
        )
        for part, parcel in enumerate(parcels, 1)
    )


def second_answer(desk: Desk, case: Case, replied: AgentReplied, first: Answered) -> SendMail:
    """Warn an agent that a colleague had answered just before him; both answers went out."""
    return drafts_agent.second_answer(
        draft_facts.of(desk, case),
        Recipient(replied.agent, desk.site.name_of(replied.agent), "author"),
        key=replied.message_id or moment_key(replied.at),
        other=desk.site.name_of(first.by) or first.by,
        other_at=first.at,
        text=first.text,
    )


def answer_uncertain(desk: Desk, case: Case, mail: MailWent) -> SendMail:
    """Ask the author of an answer of which nobody knows whether it arrived; it is not sent twice by itself."""
    to = Recipient(mail.author, desk.site.name_of(mail.author), "author")
    return drafts_agent.answer_uncertain(
        draft_facts.of(desk, case), to, key=mail.key, text=mail.text, error=mail.error
    )


def client_unreachable(desk: Desk, case: Case, bounced: ClientNotReached) -> tuple[SendMail, ...]:
    return tuple(
        drafts_agent.client_unreachable(
            draft_facts.of(desk, case),
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
    told = reason_words.said(why, desk.site.language)
    forgery = Forgery(claimed, message.subject, at, told, _orders(message))
    people = sorted(
        (a for a in desk.site.agents if a.address != claimed), key=lambda a: "lead" not in a.roles
    )
    return tuple(
        drafts_orders.forged_warning(
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
    # The agent's own subject names ours, and that one his before: about a case its own is what he knows it by.
    subject = draft_facts.clean_subject(case) if case else actions.without_token(message.subject)
    return drafts_orders.transcript(
        desk.site,
        desk.support.company,
        Recipient(agent, found.name if found else ""),
        [Outcome(line[:200], said, done) for line, said, done in lines],
        OrderMail(key, subject, message.message_id),
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


def _to_take(desk: Desk, case: Case, to: Recipient, now: datetime) -> tuple[dict[str, str], ...]:
    return actions.to_take(desk.site, case, to.address, now) if desk.site.agent(to.address) else ()
