"""The store: the truth, and one transaction on it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from triage.ports.tables.alarms import Alarms
from triage.ports.tables.aside import Aside
from triage.ports.tables.cases import Cases
from triage.ports.tables.figures import Figures
from triage.ports.tables.ledger import Ledger
from triage.ports.tables.messages import Messages
from triage.ports.tables.nodes import Nodes
from triage.ports.tables.outbox import Outbox
from triage.ports.tables.people import People
from triage.ports.tables.tallies import Tallies

T = TypeVar("T")


class Transaction(
    Ledger,
    Cases,
    Messages,
    Outbox,
    Alarms,
    Aside,
    Tallies,
    Figures,
    People,
    Nodes,
    Protocol,
):
    """Set-based reads and writes inside one transaction; synchronous, runs in the store's own thread.

    Reads see the writes before them. Nothing is visible outside until the transaction commits.
    """

    def savepoint(self) -> AbstractContextManager[None]:
        """Undo only what was written inside the block when it raises; for replaying a failed batch one by one."""
        ...

    def lock(self, name: str) -> None:
        """Hold a name until the transaction ends; another write that wants it waits. SQLite has one writer anyway."""
        ...


class Store(Protocol):
    """The truth. One writer at a time on SQLite; on PostgreSQL rows are locked where asked.

    Both methods run `work` in a thread of the store, inside one transaction, and commit when it returns; an
    exception rolls everything back and is raised here. `Temporary` when the store cannot be reached or the disk
    is full. `work` must not call the store again.
    """

    async def write(self, work: Callable[[Transaction], T]) -> T: ...
    async def read(self, work: Callable[[Transaction], T]) -> T: ...
    def hang_up(self) -> None:
        """End every session with a database that answers no more: what waits for it fails with Temporary."""
        ...

    async def close(self) -> None: ...
