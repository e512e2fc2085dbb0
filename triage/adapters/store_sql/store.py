"""`ports.Store` over SQLAlchemy: runs each piece of work in a thread of its own, inside one transaction.

Engines are synchronous: through an async driver every statement crosses threads, here only the whole piece of work
does (ADR 5). SQLite has one writer thread, which takes whatever waits into one commit: the disk's flush is the
price of a commit, and it is the same for one piece of work or twenty. On PostgreSQL several write side by side.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine

from triage.adapters.store_sql import engine as engines
from triage.adapters.store_sql import migrate
from triage.adapters.store_sql.faults import translated
from triage.adapters.store_sql.transaction import SqlTransaction
from triage.errors import Permanent, SchemaTooNew
from triage.ports import Store, Transaction

T = TypeVar("T")
Work = Callable[[Transaction], Any]
GROUP = 20  # pieces of work in one commit at most, so that none waits long for those behind it
READERS = 3


async def open_store(url: str, *, create: bool = True, process: str = "") -> "SqlStore":
    """Open a store; with `create`, make a missing schema and migrate an older one. `process`: this node's, if it is one.

    Raises Misconfigured (no URL that we know), SchemaTooNew, Permanent (no schema and `create` false, no access),
    Temporary (cannot be reached now).
    """
    return await asyncio.to_thread(_open, url, create=create, process=process)


def _open(url: str, *, create: bool, process: str) -> "SqlStore":
    state = migrate.schema_state(url)
    if state.too_new:
        raise SchemaTooNew(
            f"the store's schema is {state.current}, newer than this triage, which knows {state.expected}"
        )
    if not state.up_to_date:
        if not create:
            found = "no schema" if state.current is None else f"schema {state.current}"
            raise Permanent(
                f"the store has {found}, this triage needs {state.expected}: run triage db migrate"
            )
        migrate.migrate(url)
    return SqlStore(engines.parse_url(url), process)


class SqlStore:
    """The truth, on SQLite or PostgreSQL. Made by `open_store`.

    A caller that is cancelled while its work runs does not stop it: the work may still be committed.
    """

    def __init__(self, url: URL, process: str = "") -> None:
        self._writer = engines.writing_engine(url, process=process)
        self._reader = engines.reading_engine(url, process=process)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-read")
        self._lines = engines.Lines(self._writer, self._reader)
        if engines.is_sqlite(url):
            self._grouped: _GroupCommit | None = _GroupCommit(self._writer)
            self._writers = self._grouped.thread
        else:
            self._grouped = None
            self._writers = ThreadPoolExecutor(engines.POOL_SIZE, thread_name_prefix="store-write")

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in a transaction that commits when it returns; see ports.Store."""
        if self._grouped is not None:
            return await asyncio.wrap_future(self._grouped.submit(work))
        return await asyncio.wrap_future(self._writers.submit(_run, self._writer, work, writable=True))

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` on one snapshot; it can change nothing."""
        return await asyncio.wrap_future(self._readers.submit(_run, self._reader, work, writable=False))

    def hang_up(self) -> None:
        """End every session at once; what waits on one fails with Temporary. SQLite has none."""
        if self._grouped is None:
            self._lines.hang_up()

    async def close(self) -> None:
        """Wait for the work under way and let go of every connection."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writers.shutdown()
        self._readers.shutdown()
        self._reader.dispose()
        self._writer.dispose()


def _run(engine: Engine, work: Callable[[Transaction], T], *, writable: bool) -> T:
    with translated(), engine.begin() as connection:
        return _attempt(connection, work, writable=writable)


class _GroupCommit:
    """The one writer of an SQLite file: work that queued up meanwhile shares a transaction and its flush to disk.

    Each piece runs under a savepoint when there are several, so that one's failure undoes only its own writes. When
    the database itself fails, all of them fail: nobody hears of success before the commit.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: deque[tuple[Work, Future[Any]]] = deque()
        self._lock = threading.Lock()
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="store-write")

    def submit(self, work: Callable[[Transaction], T]) -> "Future[T]":
        future: Future[T] = Future()
        with self._lock:
            self._waiting.append((work, future))
        self.thread.submit(self._commit_waiting)
        return future

    def _take(self) -> list[tuple[Work, "Future[Any]"]]:
        with self._lock:
            taken = [self._waiting.popleft() for _ in range(min(GROUP, len(self._waiting)))]
        return [(work, future) for work, future in taken if future.set_running_or_notify_cancel()]

    def _commit_waiting(self) -> None:
        group = self._take()
        if not group:
            return  # done together with an earlier one
        outcomes: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with translated(), self._engine.begin() as connection:
                if len(group) == 1:
                    outcomes.append((group[0][1], _attempt(connection, group[0][0], writable=True), None))
                else:
                    outcomes += [(future, *_attempt_in_group(connection, work)) for work, future in group]
        except BaseException as error:  # noqa: BLE001 - whatever it is belongs to those who wait, not to this thread
            outcomes = [(future, None, error) for _, future in group]
        for future, result, problem in outcomes:
            if problem is None:
                future.set_result(result)
            else:
                future.set_exception(problem)


def _attempt(connection: sa.Connection, work: Callable[[Transaction], T], *, writable: bool) -> T:
    transaction = SqlTransaction(connection, writable=writable)
    result = work(transaction)
    transaction.check()  # should the work have swallowed it
    return result


def _attempt_in_group(connection: sa.Connection, work: Work) -> tuple[Any, BaseException | None]:
    """Run one piece of work among several; an error of its own is returned, one of the database is raised."""
    transaction = SqlTransaction(connection, writable=True)
    try:
        with transaction.savepoint():
            return work(transaction), None
    except Exception as error:  # noqa: BLE001 - handed to the one whose work it was
        transaction.check()
        return None, error


def _is_a_store(store: SqlStore) -> Store:
    return store  # for mypy: the promise is kept
