"""Write decisions down: cases, history, outgoing mail and alarms, all in the caller's transaction.

The one place where effects become rows. Called by intake, dispatch's outcomes, alarms and the command line.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import assert_never

from triage.core import outgoing
from triage.core.desk import Desk
from triage.core.effects import SendMail, SetAlarms, Withdraw
from triage.core.lifecycle import Decision
from triage.core.model import Case, MailState
from triage.core.records import AlarmRow, Event, OutboxRow
from triage.ports import Transaction

WAITING = (MailState.QUEUED, MailState.DEFERRED)


def record(tx: Transaction, desk: Desk, decisions: Iterable[Decision], now: datetime) -> None:
    """Save what was decided, set-based; of several decisions about one case the last one's case and alarms count."""
    cases: dict[str, Case] = {}
    alarms: dict[str, tuple[AlarmRow, ...]] = {}
    events: list[Event] = []
    rows: list[OutboxRow] = []
    withdrawn: list[Withdraw] = []
    for decision in decisions:
        cases[decision.case.reference] = decision.case
        events += decision.events
        for effect in decision.effects:
            match effect:
                case SendMail():
                    rows.append(outgoing.row(desk.site, effect, now))
                case SetAlarms():
                    alarms[effect.reference] = effect.alarms
                case Withdraw():
                    withdrawn.append(effect)
                case _:
                    assert_never(effect)
    if cases:
        tx.save_cases(cases.values())
    if events:
        tx.add_events(events)
    if alarms:
        tx.replace_all_alarms(alarms)
    tx.add_outbox(rows)
    for effect in withdrawn:
        _withdraw(tx, effect, now)


def _withdraw(tx: Transaction, effect: Withdraw, now: datetime) -> None:
    """Drop what still waits; a row that is being sent just now is left to its sender."""
    waiting = tx.list_outbox(reference=effect.reference, states=WAITING)
    ids = [row.id for row in waiting if row.key in effect.keys]
    if ids:
        tx.set_outbox_state(ids, MailState.DROPPED, now, effect.why)
