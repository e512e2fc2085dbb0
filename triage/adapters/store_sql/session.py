"""What the parts of a transaction share: the connection, the database's dialect, sets cut into pieces.

Each table module adds its methods in a class of its own upon `Session`; `transaction.py` joins them.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

V = TypeVar("V")
CHUNK = 500  # values in one IN list


def chunks(values: Iterable[V]) -> Iterator[Sequence[V]]:
    """Cut distinct values into lists that fit into one statement, in their order."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), CHUNK):
        yield distinct[start : start + CHUNK]


class Session:
    """One database transaction. `writable` is false in reads, where no row may be locked."""

    def __init__(self, connection: sa.Connection, *, writable: bool) -> None:
        self._connection = connection
        self._writable = writable
        self._sqlite = connection.dialect.name == "sqlite"

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo only what was written inside when it raises."""
        with self._connection.begin_nested():
            yield

    def _execute(
        self, statement: Any, rows: Sequence[dict[str, Any]] | None = None
    ) -> sa.CursorResult[*tuple[Any, ...]]:
        return self._connection.execute(statement, rows)

    def _pairs(self, query: sa.Select[Any, Any]) -> dict[Any, Any]:
        """Return a query of two columns as a mapping."""
        return {row[0]: row[1] for row in self._execute(query)}

    def _insert(self, table: sa.Table) -> Any:
        """Return the dialect's INSERT, which knows ON CONFLICT; both speak the same words."""
        return sqlite.insert(table) if self._sqlite else postgresql.insert(table)

    def _locked(self, statement: sa.Select[Any], *, skip: bool = False) -> sa.Select[Any]:
        """Lock the rows read until the end; SQLite's writer already holds the whole file."""
        if self._sqlite or not self._writable:
            return statement
        return statement.with_for_update(skip_locked=skip)
