"""What became of a mail, told to its case in the transaction that records it. Handed to the dispatcher."""

from collections.abc import Callable, Sequence
from datetime import datetime

from triage.app import roster
from triage.app.record import record
from triage.core import absences, lifecycle
from triage.core.desk import Desk
from triage.core.events import MailWent
from triage.core.lifecycle import Decision
from triage.core.model import MailState
from triage.core.records import OutboxRow
from triage.ports import Transaction


class Outcomes:
    """Callable by the dispatcher with rows whose state has just changed; all of them in one go."""

    def __init__(self, desk: Callable[[], Desk]) -> None:
        self._desk = desk

    def __call__(self, tx: Transaction, rows: Sequence[OutboxRow], now: datetime) -> None:
        desk = roster.desk_of(tx, self._desk(), now)
        for row in rows:
            if row.state is MailState.FAILED and desk.site.agent(row.to) is not None:
                roster.keep_silence(tx, row.to, now + absences.BOUNCED_FOR)
        cases = dict(tx.cases({row.reference for row in rows if row.reference}, lock=True))
        decisions: list[Decision] = []
        for row in rows:
            case = cases.get(row.reference or "")
            if case is None:
                continue
            decision = lifecycle.decide(desk, case, went(row, now), now)
            cases[case.reference] = decision.case
            decisions.append(decision)
        record(tx, desk, decisions, now)


def went(row: OutboxRow, now: datetime) -> MailWent:
    """Return what the lifecycle wants to know of a row."""
    return MailWent(
        at=now,
        kind=row.kind,
        to=row.to,
        state=row.state,
        key=row.key,
        message_id=row.message_id,
        template=str(row.draft.get("template", "")),
        version=int(row.draft.get("tells", 0) or 0),
        error=row.last_error,
        author=str(row.draft.get("author", "")),
        text=str((row.draft.get("variables") or {}).get("text", "")),
    )
