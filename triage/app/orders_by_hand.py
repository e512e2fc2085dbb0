"""One command about one case, given at the shell instead of by mail: the same decisions, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from triage.app import ordering, roster
from triage.app.ordering import Asked, Line
from triage.app.record import record
from triage.core.commands import Action, Command, Orders
from triage.core.desk import Desk
from triage.core.lifecycle import Decision
from triage.core.model import Case
from triage.core.records import Event, StoredMessage
from triage.ports import Transaction


class ShellBook:
    """Writes each decision at once: there is but one command. Implements `ordering.Book`."""

    def __init__(self, tx: Transaction, desk: Desk, now: datetime) -> None:
        self.tx = tx
        self.desk = roster.desk_of(tx, desk, now)
        self.now = now

    def case(self, reference: str) -> Case | None:
        return self.tx.cases([reference], lock=True).get(reference)

    def keep(self, decision: Decision) -> None:
        record(self.tx, self.desk, [replace(decision, also=()), *decision.also], self.now)

    def number(self) -> str:
        year = self.now.astimezone(self.desk.site.zone).year
        series = f"{self.desk.site.reference_prefix}-{year}"
        return f"{series}-{self.tx.take_numbers(series, 1):06d}"

    def unwritten(self, reference: str) -> tuple[Sequence[Event], Sequence[str], Sequence[StoredMessage]]:  # noqa: ARG002 - nothing waits
        return (), (), ()

    def move(self, digest: str, reference: str) -> None:
        self.tx.assign_messages({digest: reference})


@dataclass(frozen=True, slots=True)
class Given:
    """A command as it was typed. `agent`: in whose name, else `by` (`cli:user`) stands for him."""

    action: Action
    by: str
    argument: str = ""
    text: str = ""
    agent: str = ""


def give(tx: Transaction, desk: Desk, now: datetime, reference: str, given: Given) -> Line | None:
    """Carry one command out; None where there is no such case."""
    book = ShellBook(tx, desk, now)
    if book.case(reference) is None:
        return None
    line = f"!{given.action} {given.argument}".strip()
    orders = Orders((Command(given.action, given.argument, line),), given.text)
    lines, _ = ordering.carry_out(book, Asked(now, given.agent or given.by, orders, by=given.by), reference)
    return lines[0]
