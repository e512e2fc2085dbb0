"""What people write, and are no commands: a client's further message, an agent's answer."""

from dataclasses import replace
from datetime import datetime

from triage.core import letters_agent, letters_client
from triage.core.desk import Desk
from triage.core.effects import Effect
from triage.core.events import AgentAnswered, AgentReplied, ClientWrote, EventName
from triage.core.lifecycle.moves import Decision, both, enter, entry, graver, judged, merged, with_severity
from triage.core.lifecycle.opening import reopened
from triage.core.lifecycle.table import Trigger
from triage.core.model import ANSWER_KEPT, Answered, Case, State
from triage.core.records import Event


def client_wrote(desk: Desk, case: Case, wrote: ClientWrote, now: datetime) -> Decision:
    joined = entry(case, EventName.CASE_JOINED, wrote.at, by=wrote.sender.address)
    courtesy = wrote.thanks_only and not _was_asked(case)
    named = (wrote.sender.address, *wrote.participants)
    case = replace(case, participants=merged(case.participants, named, case.client.address))
    if desk.site.area_of(wrote.sender.address) and wrote.sender.address != case.client.address:
        return _area_wrote(desk, case, wrote, joined, now)
    case = replace(
        case,
        writers=merged(case.writers, (wrote.sender.address,), case.client.address),
        answered=None,
        last_client_id=wrote.message_id or case.last_client_id,
        references=wrote.references or case.references,
    )
    if not case.open:
        if wrote.thanks_only:
            return Decision(case, (joined,))
        return reopened(desk, case, wrote.at, wrote.sender.address, joined, wrote, now)
    if courtesy:
        return Decision(case, (joined,))
    decision = enter(desk, case, Trigger.CLIENT_WRITES, wrote.at, now)
    decision = _raised(desk, decision, wrote, now)
    notices = letters_agent.client_wrote(desk, decision.case, wrote, now)
    return replace(decision, events=(joined, *decision.events), effects=(*decision.effects, *notices))


def _was_asked(case: Case) -> bool:
    """Say whether an agent asked the client something last: "Chrome, thanks!" is an answer then, however polite."""
    return case.state is State.WAITING or (case.answered is not None and "?" in case.answered.text)


def _raised(desk: Desk, decision: Decision, wrote: ClientWrote, now: datetime) -> Decision:
    """On replies rules may raise the severity, never lower it, and never over an agent's word."""
    case = decision.case
    found = wrote.classification
    if found is None or not graver(case, found) or case.correction is not None or case.attended_at:
        return decision
    raised = with_severity(desk, judged(case, found), found.severity, now)
    return both(decision, raised)


def _area_wrote(desk: Desk, case: Case, wrote: ClientWrote, joined: Event, now: datetime) -> Decision:
    """Hand a word of an area of ours to who has the case. The client said nothing: the case stays as it is, he is told
    nothing, and what is written to him is neither copied to the area nor put below its mail.
    """
    return Decision(case, (joined,), letters_agent.client_wrote(desk, case, wrote, now))


def agent_answered(desk: Desk, case: Case, answered: AgentAnswered) -> Decision:
    case = replace(
        case,
        assignee=case.assignee or answered.agent or None,
        answered=Answered(answered.agent, answered.at, answered.text[:ANSWER_KEPT]),
    )
    if answered.recipients:
        case = replace(case, participants=merged(case.participants, answered.recipients, case.client.address))
    return enter(desk, case, Trigger.ANSWER, answered.at, answered.at, by=answered.agent, via=answered.via)


def agent_replied(desk: Desk, case: Case, replied: AgentReplied) -> Decision:
    """Pass an agent's words on to the client from our address; the clock stops (a person has attended).

    Who answers just after a colleague is warned: both answers arrive, and they may contradict each other.
    """
    first = case.answered
    effects: list[Effect] = list(letters_client.answers(desk, case, replied))
    if first is not None and first.by != replied.agent and replied.at - first.at <= desk.at_once:
        effects.append(letters_agent.second_answer(desk, case, replied, first))
    decision = agent_answered(
        desk,
        case,
        AgentAnswered(replied.at, replied.agent, "reply", replied.message_id, text=replied.text),
    )
    return replace(decision, effects=(*effects, *decision.effects))
