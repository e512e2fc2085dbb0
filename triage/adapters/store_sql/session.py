"""What the parts of a transaction share: the connection, the database's dialect, sets cut into pieces.

Each table module adds its methods in a class of its own upon `Session`; `transaction.py` joins them.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any, TypeVar

import sqlalchemy as sa

from triage.adapters.store_sql.faults import meaning_of
from triage.errors import TriageError

V = TypeVar("V")
CHUNK = 500  # values in one IN list
_NAMED = re.compile(r"%\((\w+)\)s")


def chunks(values: Iterable[V]) -> Iterator[Sequence[V]]:
    """Cut distinct values into lists that fit into one statement, in their order."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), CHUNK):
        yield distinct[start : start + CHUNK]


def insert(table: sa.Table, dialect: str) -> Any:
    """Return the dialect's INSERT, which knows ON CONFLICT; both speak the same words."""
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - the other one's are a tenth of a start

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return postgresql.insert(table)


@cache
def insert_new(table: sa.Table, dialect: str) -> Any:
    """Return an INSERT that passes over rows which are there already."""
    return insert(table, dialect).on_conflict_do_nothing()


@cache
def upsert(table: sa.Table, dialect: str) -> Any:
    """Return an INSERT that replaces the row of the same primary key."""
    statement = insert(table, dialect)
    replaced = {column.name: statement.excluded[column.name] for column in table.c if not column.primary_key}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=replaced)


def database_now(dialect: str) -> sa.ColumnElement[int]:
    """Return the database's own time of day in microseconds: the one clock that several nodes share.

    Not PostgreSQL's now(), which stands still in a transaction that waited for a lock.
    """
    if dialect == "sqlite":
        return sa.literal_column(
            "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)", sa.BigInteger
        )
    return sa.literal_column("CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)", sa.BigInteger)


_ROWS_AT_ONCE = 16  # of an INSERT
_VALUES_AT_ONCE = {"sqlite": 1000, "postgresql": 50}  # psycopg remembers a statement's form up to that many


@cache
def _prepared(
    statement: Any, dialect: sa.Dialect, names: tuple[str, ...], rows: int
) -> tuple[str, Callable[[dict[str, Any]], tuple[Any, ...]]]:
    """Return a statement as its driver wants it, and what takes the values out of a row in their order."""
    if rows == 1:
        columns = list(names) if isinstance(statement, sa.Insert) else None  # an UPDATE names its own
        compiled = statement.compile(dialect=dialect, column_keys=columns)
        of_row = ""
    else:
        of_row = "_0"
        of = statement.table.c
        values = [
            {name: sa.bindparam(f"{name}_{row}", type_=of[name].type) for name in names}
            for row in range(rows)
        ]
        compiled = statement.values(values).compile(dialect=dialect)
    sql, order = str(compiled), compiled.positiontup
    if order is None:
        order = _NAMED.findall(sql)
        sql = _NAMED.sub("%s", sql)
    # One row's values lie together, and each row's in the same order.
    own = [name.removesuffix(of_row) for name in order[: len(order) // rows]]
    return sql, itemgetter(*own)


class Session:
    """One database transaction. `writable` is false in reads, where no row may be locked.

    `lost`: the database failed in the middle of a savepoint. SQLite has then undone everything by itself and would
    run what follows outside of any transaction, so nothing more is let through.
    """

    def __init__(self, connection: sa.Connection, *, writable: bool) -> None:
        self._connection = connection
        self._writable = writable
        self.lost: TriageError | None = None
        self._dialect = connection.dialect.name
        self._sqlite = self._dialect == "sqlite"

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo only what was written inside when it raises; Temporary ends the whole transaction."""
        self.check()
        nested = self._connection.begin_nested()
        try:
            yield
            nested.commit()
        except sa.exc.SQLAlchemyError as error:
            self.lost = meaning_of(error)
            self.check()
            nested.rollback()
            raise
        except BaseException:
            if self.lost is None:
                nested.rollback()
            raise

    def check(self) -> None:
        """Raise what the database failed with, if it did."""
        if self.lost is not None:
            raise self.lost

    def _execute(
        self, statement: Any, rows: Sequence[dict[str, Any]] | dict[str, Any] | None = None
    ) -> sa.CursorResult[*tuple[Any, ...]]:
        self.check()
        return self._connection.execute(statement, rows)

    def _many(self, statement: Any, rows: Sequence[dict[str, Any]]) -> int:
        """Run one statement, kept by its module, over rows with equal keys; returns how many it changed.

        Every value must be among the row's: a constant is written as a literal. Goes past SQLAlchemy's handling of each
        value, a third of a batch's time: ours are integers, text and bytes, which both drivers take as they are. An INSERT
        takes several rows at once: for each statement SQLite gives up the interpreter's lock, PostgreSQL begins anew.
        """
        self.check()
        if not rows:
            return 0
        at_once = 1
        if isinstance(statement, sa.Insert):
            at_once = max(1, min(_ROWS_AT_ONCE, _VALUES_AT_ONCE[self._dialect] // len(rows[0])))
        together = len(rows) - len(rows) % at_once
        changed = self._run(statement, rows[:together], at_once)
        return changed + self._run(statement, rows[together:], 1)

    def _run(self, statement: Any, rows: Sequence[dict[str, Any]], at_once: int) -> int:
        if not rows:
            return 0
        sql, values_of = _prepared(statement, self._connection.dialect, tuple(rows[0]), at_once)
        values = [values_of(row) for row in rows]
        if at_once > 1:
            together = range(0, len(rows), at_once)
            values = [tuple(chain.from_iterable(values[start : start + at_once])) for start in together]
        return self._connection.exec_driver_sql(sql, values, {"preserve_rowcount": True}).rowcount

    def _pairs(self, query: sa.Select[Any, Any]) -> dict[Any, Any]:
        """Return a query of two columns as a mapping."""
        return {row[0]: row[1] for row in self._execute(query)}

    def _insert(self, table: sa.Table) -> Any:
        return insert(table, self._dialect)

    def _locked(
        self, statement: sa.Select[Any], *, skip: bool = False, shared: bool = False
    ) -> sa.Select[Any]:
        """Lock the rows read until the end; SQLite's writer already holds the whole file.

        `shared`: others may hold them likewise, and nobody changes them.
        """
        if self._sqlite or not self._writable:
            return statement
        return statement.with_for_update(skip_locked=skip, read=shared)
