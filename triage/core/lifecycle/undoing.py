"""Taking back the last risky command: the case as it was is kept on the case for a while, and compared before it returns.

Nothing else brings a case back to an earlier state. What was mailed cannot be unsent: a notice still waiting is
withdrawn, one that has left is corrected by a new one: the deadline that holds, or that the case is not solved.
"""

from dataclasses import replace
from datetime import datetime

from triage.core import letters_client, sayings
from triage.core.commands import Action
from triage.core.desk import Desk
from triage.core.effects import Effect, SendMail, SetAlarms, Withdraw
from triage.core.events import AgentOrdered, EventName
from triage.core.lifecycle.moves import Decision, alarms_of, entry, iso, move_deadline, refused
from triage.core.model import Case, Undoable

RISKY = frozenset({Action.CLOSE, Action.SPAM, Action.MERGE, Action.RESOLVE, Action.SEVERITY})


def remembered(desk: Desk, before: Case, decision: Decision, order: AgentOrdered) -> Decision:
    """Keep on the case what a risky command changed; a command that changes nothing leaves no trace."""
    action, after = order.command.action, decision.case
    if action not in RISKY or (after.state, after.severity, after.attended_at) == (
        before.state,
        before.severity,
        before.attended_at,
    ):
        return decision
    told = tuple(e.key for e in decision.effects if isinstance(e, SendMail) and e.to_client)
    kept = Undoable(
        action=str(action),
        by=order.who,
        until=order.at + desk.undo_for,
        before=replace(before, undo=None),
        state=after.state,
        version=after.deadline.version,
        cycle=after.cycle,
        told=told,
        joined=_joined(decision, order),
    )
    return replace(decision, case=replace(after, undo=kept))


def _joined(decision: Decision, order: AgentOrdered) -> tuple[str, ...]:
    """Return who takes part in the case that goes on because of a merge only."""
    if order.target is None:
        return ()
    before = order.target.participants
    return tuple(one for other in decision.also for one in other.case.participants if one not in before)


def undo(desk: Desk, case: Case, order: AgentOrdered, now: datetime) -> Decision:
    """Take the last risky command back, or say why that cannot be."""
    kept = case.undo
    if kept is None:
        return refused(desk, case, "undo_nothing")
    if order.at > kept.until:
        return refused(desk, case, "undo_late")
    if (case.state, case.deadline.version, case.cycle) != (kept.state, kept.version, kept.cycle):
        return refused(desk, case, "undo_changed")
    if case.answered not in {None, kept.before.answered}:  # somebody has attended since, and that holds
        return refused(desk, case, "undo_changed")
    left = [key for key in kept.told if key not in order.unsent]
    if kept.action == Action.SEVERITY:
        return _severity_back(desk, case, kept, order, now, left)
    return _back(desk, case, kept, order, left)


def _back(desk: Desk, case: Case, kept: Undoable, order: AgentOrdered, left: list[str]) -> Decision:
    """Bring back what the command changed; what happened meanwhile (mails, participants, to whom it was given) stays.

    A client who was told that his case is solved (`left`) is told that it is not.
    """
    was = kept.before
    case = replace(
        case,
        state=was.state,
        attended_at=was.attended_at,
        breached_at=was.breached_at,
        ended_at=was.ended_at,
        ended_why=was.ended_why,
        merged_into=was.merged_into,
        assignee=None if was.assignee is None and case.assignee == kept.by else case.assignee,
        pauses=was.pauses,
        deadline=replace(was.deadline, told_at=case.deadline.told_at)
        if was.deadline.version == case.deadline.version
        else was.deadline,
        earlier=was.earlier,
        undo=None,
    )
    unsent = tuple(key for key in kept.told if key not in left)
    effects: tuple[Effect, ...] = (
        *_withdrawn(case, unsent),
        SetAlarms(case.reference, alarms_of(desk, case)),
    )
    if left:
        effects = (*effects, letters_client.still_open(desk, case, order))
    decision = _undone(desk, case, kept, order, effects, "undone_told" if left else "undone")
    return replace(decision, also=_parted(kept, order))


def _parted(kept: Undoable, order: AgentOrdered) -> tuple[Decision, ...]:
    """Take who came by a merge out of the case that goes on: what is answered there is no longer theirs to read."""
    target = order.target
    if target is None or not kept.joined:
        return ()
    people = tuple(one for one in target.participants if one not in kept.joined)
    writers = tuple(one for one in target.writers if one not in kept.joined)
    return (Decision(replace(target, participants=people, writers=writers)),)


def _severity_back(
    desk: Desk, case: Case, kept: Undoable, order: AgentOrdered, now: datetime, left: list[str]
) -> Decision:
    """Give the severity and the deadline back, as a new version: alarms of the old one have fired, or were replaced."""
    was = kept.before
    unsent = tuple(key for key in kept.told if key not in left)
    case = replace(
        case,
        severity=was.severity,
        classification=replace(was.classification, product=case.classification.product),
        correction=was.correction,
        told_version=case.told_version if left else was.told_version,
        undo=None,
    )
    back = move_deadline(desk, case, was.deadline, now, "severity")
    if not left:  # the client knows of no other deadline than the one that holds again
        told = was.told_version == was.deadline.version
        version = back.case.deadline.version if told else was.told_version
        deadline = replace(back.case.deadline, told_at=was.deadline.told_at)
        back = replace(back, case=replace(back.case, told_version=version, deadline=deadline), effects=())
    alarms = SetAlarms(case.reference, alarms_of(desk, back.case))
    effects = (*_withdrawn(case, unsent), alarms, *back.effects)
    decision = _undone(
        desk, back.case, kept, order, effects, "undone_corrected" if left and back.effects else "undone"
    )
    return replace(decision, events=(*decision.events, *back.events))


def _withdrawn(case: Case, keys: tuple[str, ...]) -> tuple[Effect, ...]:
    return (Withdraw(case.reference, keys, "undone by an agent"),) if keys else ()


def _undone(
    desk: Desk, case: Case, kept: Undoable, order: AgentOrdered, effects: tuple[Effect, ...], key: str
) -> Decision:
    event = entry(
        case,
        EventName.CASE_UNDONE,
        order.at,
        by=order.who,
        action=kept.action,
        deadline=iso(case.deadline.at),
    )
    said = sayings.say(desk.site, key, action=f"!{kept.action}", reference=case.reference, state=case.state)
    return Decision(case, (event,), effects, said=said)
