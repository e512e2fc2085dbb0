"""Open cases under changed rules: decided anew once for each version of rules.yaml, in one transaction.

Called by the chores: after a reload, and when a daemon starts with rules that changed while it was down.
"""

from collections.abc import Sequence
from datetime import datetime

from triage.app import roster
from triage.app.record import record
from triage.core.desk import Desk
from triage.core.lifecycle.rules_changed import rules_changed
from triage.core.model import State
from triage.core.records import Event
from triage.ports import Transaction

OPEN = tuple(s for s in State if s not in {State.RESOLVED, State.CLOSED, State.MERGED})
_NOTE = "rules"


def is_due(tx: Transaction, desk: Desk) -> bool:
    """Say whether the open cases were last planned by other rules."""
    return tx.get_note(_NOTE) != desk.support.hash


def replan(tx: Transaction, desk: Desk, now: datetime) -> Sequence[Event]:
    """Plan every open case by the rules in force; returns what that changed."""
    present = roster.desk_of(tx, desk, now)
    open_now = [case.reference for case in tx.list_cases(OPEN)]
    cases = tx.cases(open_now, lock=True)
    decisions = [
        rules_changed(present, case, tx.alarms(reference), now)
        for reference, case in cases.items()
        if case.open
    ]
    record(tx, present, decisions, now)
    tx.set_note(_NOTE, desk.support.hash)
    return [event for decision in decisions for event in decision.events]
