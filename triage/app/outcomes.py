"""What became of a mail, told to its case in the transaction that records it. Handed to the dispatcher."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from triage.app import roster
from triage.app.record import record
from triage.core import absences, lifecycle
from triage.core.desk import Desk
from triage.core.events import MailWent
from triage.core.lifecycle import Decision
from triage.core.model import Case, MailKind, MailState
from triage.core.records import OutboxRow
from triage.ports import Transaction


class Outcomes:
    """Callable by the dispatcher with rows whose state has just changed; all of them in one go."""

    def __init__(self, desk: Callable[[], Desk]) -> None:
        self._desk = desk

    def __call__(self, tx: Transaction, rows: Sequence[OutboxRow], now: datetime) -> None:
        desk = self._desk()
        for row in rows:
            if row.state is MailState.FAILED and desk.site.agent(row.to) is not None:
                roster.keep_silence(tx, row.to, now + absences.BOUNCED_FOR)
        # only now: in place of whom this mail did not reach another is told
        desk = roster.desk_of(tx, desk, now)
        wanted = {row.reference for row in rows if row.reference} | {r for row in rows for r in lost_to(row)}
        cases = dict(tx.cases(wanted, lock=True))
        decisions: list[Decision] = []
        for row in rows:
            case = cases.get(row.reference or "")
            found = in_place(tx, desk, cases, row, now)
            if case is not None:
                found = [lifecycle.decide(desk, case, went(tx, row, now), now)]
            for decision in found:
                cases[decision.case.reference] = decision.case
                decisions.append(decision)
        record(tx, desk, decisions, now)


def lost_to(row: OutboxRow) -> dict[str, str]:
    """Return the cases of a lost mail that reminded of several, each with the key of its reminder."""
    keys = row.draft.get("reminds", ()) if row.state in lifecycle.LOST else ()
    return {str(key).split("/", 1)[0]: str(key) for key in keys}


def in_place(
    tx: Transaction, desk: Desk, cases: Mapping[str, Case], row: OutboxRow, now: datetime
) -> list[Decision]:
    """Tell others of each case that a lost mail about several was to remind of."""
    return [
        lifecycle.told_others(desk, cases[reference], replace(went(tx, row, now), key=key, history=history))
        for reference, key in lost_to(row).items()
        if reference in cases
        for history in (tuple(tx.events(reference)),)
    ]


def went(tx: Transaction, row: OutboxRow, now: datetime) -> MailWent:
    """Return what the lifecycle wants to know of a row."""
    lost = row.kind is MailKind.REMINDER and row.state in lifecycle.LOST
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
        history=tuple(tx.events(row.reference)) if lost and row.reference else (),
    )
