"""`ports.Membership` beside the store: who of several daemons lives, told by the database and the operating system.

On PostgreSQL a node keeps one connection to itself. On it stands a row with the moment until which the node's word
holds (the database's clock), and a session lock under the node's name: a process that is killed loses the lock at
once, so that others need not wait for the row. On SQLite all nodes are on one machine, and a locked file beside the
store tells the same; its rows are written when a node comes and goes, never in between.

Blocking work runs in one thread, in turn. Called by `app.readers`.
"""

import asyncio
import fcntl
import os
import re
import secrets
import socket
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL

from triage.adapters.store_sql import engine as engines
from triage.adapters.store_sql.codec import from_json, to_json
from triage.adapters.store_sql.faults import translated
from triage.adapters.store_sql.schema import nodes
from triage.adapters.store_sql.session import database_now, insert
from triage.core.records import Node
from triage.errors import StoreAway, Temporary
from triage.ports import Beat, Membership

T = TypeVar("T")
_HOST = 24  # characters of the host's name: PostgreSQL cuts an application's name at 63
_ODD = re.compile(r"[^A-Za-z0-9-]+")  # a node's name stands in LIKE patterns and file names


def process_name() -> str:
    """Return a name for this process that no other has: host, process, and chance for containers that count from 1."""
    host = _ODD.sub("-", socket.gethostname().partition(".")[0])[:_HOST]
    return f"{host}:{os.getpid()}:{secrets.token_hex(3)}"


def membership(url: str, process: str, lasting: timedelta) -> Membership:
    """Return the membership beside a store; connects to nothing. `lasting`: how long a node's word holds."""
    parsed = engines.parse_url(url)
    if engines.is_sqlite(parsed):
        return FileMembership(parsed, process, lasting)
    return SessionMembership(parsed, process, lasting)


class SessionMembership:
    """On PostgreSQL: a row, a session and its lock."""

    shared = True

    def __init__(self, url: URL, process: str, lasting: timedelta) -> None:
        self.lasting = lasting
        self._process = process
        self._engine = engines.node_engine(url, process, lasting)
        self._connection: sa.Connection | None = None
        self._driver: Any = None
        self._incarnation = 0
        self._name = ""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="node")
        self._under_way: Future[Any] | None = None

    async def beat(self, about: Mapping[str, str]) -> Beat:
        return await self._ask(lambda: self._beat(about))

    async def look(self) -> Sequence[Node]:
        return await self._ask(self._look)

    async def leave(self) -> None:
        with suppress(Temporary):
            await self._ask(self._leave)
        self._hang_up()

    # -- one question at a time, and none waited for beyond its time -----------------------------------------------------

    async def _ask(self, work: Callable[[], T]) -> T:
        seconds = engines.patience(self.lasting)
        if self._under_way is not None and not self._under_way.done():
            self._hang_up()
            raise StoreAway("store: no answer to the last sign of life")
        future = self._thread.submit(work)
        self._under_way = future
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(asyncio.wrap_future(future))
        except TimeoutError:
            self._hang_up()
            raise StoreAway(f"store: no answer within {seconds:.1f} s") from None

    def _hang_up(self) -> None:
        """End the connection under the thread that waits on it; nothing else wakes a thread from a dead network."""
        driver = self._driver
        if driver is not None:
            engines.hang_up(driver)

    # -- in the thread ---------------------------------------------------------------------------------------------------

    def _connected(self) -> sa.Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
            self._driver = self._connection.connection.dbapi_connection
            if self._name:
                self._lock(self._connection)
        return self._connection

    def _forgetting_a_lost_connection(self, work: Callable[[sa.Connection], T]) -> T:
        try:
            with translated():
                return work(self._connected())
        except BaseException:
            connection, self._connection, self._driver = self._connection, None, None
            if connection is not None:
                connection.invalidate()
                connection.close()
            raise

    def _beat(self, about: Mapping[str, str]) -> Beat:
        return self._forgetting_a_lost_connection(lambda connection: self._said(connection, about))

    def _look(self) -> Sequence[Node]:
        return self._forgetting_a_lost_connection(self._others)

    def _said(self, connection: sa.Connection, about: Mapping[str, str]) -> Beat:
        until = database_now("postgresql") + int(self.lasting / timedelta(microseconds=1))
        words = {"about": to_json(about), "until": until}
        told = connection.execute(nodes.update().where(nodes.c.name == self._name).values(words))
        if told.rowcount == 0:  # the first word, or the others took us for dead
            self._rename(connection)
            connection.execute(nodes.insert().values(name=self._name, **words))
        others = self._others(connection)
        self._end_sessions(connection, [node for node in others if node.lapsed])
        return Beat(self._name, others)

    def _rename(self, connection: sa.Connection) -> None:
        self._incarnation += 1
        self._name = f"{self._process}.{self._incarnation}"
        connection.execute(sa.select(sa.func.pg_advisory_unlock_all()))
        self._lock(connection)

    def _lock(self, connection: sa.Connection) -> None:
        connection.execute(sa.select(sa.func.pg_advisory_lock(_key(sa.literal(self._name)))))

    def _others(self, connection: sa.Connection) -> list[Node]:
        # The lock of a node that lives is not to be had; one that was had falls with this statement.
        had = sa.func.pg_try_advisory_xact_lock(_key(nodes.c.name)).label("gone")
        lapsed = (nodes.c.until < database_now("postgresql")).label("lapsed")
        query = sa.select(nodes.c.name, nodes.c.about, lapsed, had).where(nodes.c.name != self._name)
        return [
            Node(row.name, from_json(row.about), gone=bool(row.gone), lapsed=bool(row.lapsed))
            for row in connection.execute(query)
        ]

    def _end_sessions(self, connection: sa.Connection, lapsed: Sequence[Node]) -> None:
        """A node that was stopped in the midst of a transaction holds its rows; whoever takes over cannot wait."""
        for node in lapsed:
            application = engines.application_name(node.name.partition(".")[0])
            connection.execute(
                sa.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND usename = current_user AND application_name = :application AND pid <> pg_backend_pid()"
                ),
                {"application": application},
            )

    def _leave(self) -> None:
        connection, self._connection, self._driver = self._connection, None, None
        if connection is not None:
            with closing(connection), translated():
                connection.execute(nodes.delete().where(nodes.c.name == self._name))


def _key(name: sa.ColumnElement[str]) -> sa.ColumnElement[int]:
    return sa.func.hashtextextended(sa.literal("node/") + name, 0)


class FileMembership:
    """On SQLite: a row, and a locked file beside the store. A node that hangs is not gone."""

    shared = False

    def __init__(self, url: URL, process: str, lasting: timedelta) -> None:
        self.lasting = lasting
        self._store = engines.sqlite_path(url)
        self._process = process
        self._writer = engines.writing_engine(url)
        self._reader = engines.reading_engine(url)
        self._file: int | None = None
        self._said: str | None = None

    async def beat(self, about: Mapping[str, str]) -> Beat:
        return await asyncio.to_thread(self._beat, to_json(about))

    async def look(self) -> Sequence[Node]:
        return await asyncio.to_thread(self._others)

    async def leave(self) -> None:
        with suppress(Temporary):
            await asyncio.to_thread(self._leave)

    def _beat(self, about: str) -> Beat:
        if self._file is None:
            self._file = _locked(self._path(self._process), create=True)
        if about != self._said:
            statement = insert(nodes, "sqlite").values(name=self._process, about=about, until=0)
            with translated(), self._writer.begin() as connection:
                connection.execute(
                    statement.on_conflict_do_update(index_elements=["name"], set_={"about": about})
                )
            self._said = about
        return Beat(self._process, self._others())

    def _others(self) -> list[Node]:
        query = sa.select(nodes.c.name, nodes.c.about).where(nodes.c.name != self._process)
        with translated(), self._reader.begin() as connection:
            rows = connection.execute(query).all()
        return [
            Node(name, from_json(about), gone=gone, lapsed=gone)
            for name, about, gone in ((row.name, row.about, self._is_gone(row.name)) for row in rows)
        ]

    def _is_gone(self, name: str) -> bool:
        """Say whether a node's file is there and unlocked, or not there; a file that nobody needs is removed."""
        path = self._path(name)
        try:
            held = _locked(path, create=False)
        except FileNotFoundError:
            return True
        if held is None:
            return False
        path.unlink(missing_ok=True)
        os.close(held)
        return True

    def _leave(self) -> None:
        if self._file is not None:
            with translated(), self._writer.begin() as connection:
                connection.execute(nodes.delete().where(nodes.c.name == self._process))
            self._path(self._process).unlink(missing_ok=True)
            os.close(self._file)
            self._file = None
        self._writer.dispose()
        self._reader.dispose()

    def _path(self, name: str) -> Path:
        return self._store.with_name(f"{self._store.name}-node-{name}")


def _locked(path: Path, *, create: bool) -> int | None:
    """Open a node's file and lock it; None where another process holds the lock. Raises FileNotFoundError."""
    flags = os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if create else 0)
    opened = os.open(path, flags, 0o600)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(opened)
        return None
    return opened
