"""Connections: from the URL of the configuration to SQLAlchemy engines set up as we need them.

Knows pragmas, session settings and pools; nothing of tables. One engine writes, one reads: on SQLite so that
readers never wait for the writer (WAL), on PostgreSQL so that a read sees one snapshot and can change nothing.
"""

import os
import shutil
import socket
import sqlite3
import time
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Engine, make_url

from triage.errors import Misconfigured, Permanent, Problem

BUSY_TIMEOUT = 10.0  # seconds to wait for another process that writes
POOL_SIZE = 8
# A daemon that hangs in a transaction must not hold its rows for ever: after this PostgreSQL ends its session.
_SESSION = (
    "-c idle_in_transaction_session_timeout=15000 -c lock_timeout=10000 -c statement_timeout=120000 "
    "-c client_encoding=utf8"
)


def parse_url(url: str) -> URL:
    """Return the URL with its driver; raises Misconfigured for a database that we do not know."""
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except sa.exc.ArgumentError as error:
        raise _wrong("is no database URL such as sqlite:////path or postgresql://user@host/db") from error
    if backend == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise _wrong("an SQLite store needs a file: sqlite:////absolute/path")
        return parsed.set(drivername="sqlite+pysqlite")
    if backend in {"postgresql", "postgres"}:
        if find_spec("psycopg") is None:
            raise _wrong("PostgreSQL needs the extra: pip install 'mailtriage[postgres]'")
        return parsed.set(drivername="postgresql+psycopg")
    raise _wrong(f"{backend} is not supported; use sqlite:////path or postgresql://user@host/db")


def _wrong(message: str) -> Misconfigured:
    return Misconfigured((Problem("triage.yaml", 0, 0, "store", message),))


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def sqlite_path(url: URL) -> Path:
    return Path(url.database or "")


def free_octets(url: str) -> int | None:
    """Return the octets left on the disk of an SQLite store; None for PostgreSQL, or where there is no folder yet."""
    parsed = parse_url(url)
    if not is_sqlite(parsed):
        return None
    try:
        return shutil.disk_usage(sqlite_path(parsed).parent).free
    except OSError:
        return None


def create_file(url: URL) -> None:
    """Create a missing SQLite file readable by its owner only: it holds people's mail."""
    path = sqlite_path(url)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise Permanent(f"store {path}: {error.strerror or error}") from error


def writing_engine(url: URL, *, foreign_keys: bool = True, process: str = "") -> Engine:
    """Return the engine whose transactions may write; SQLite's begin at once, so that reads in them hold the lock."""
    if not is_sqlite(url):
        return _postgres_engine(url, process, read_only=False)
    engine = sa.create_engine(url, pool_size=1, max_overflow=0, connect_args=_sqlite_arguments())

    @event.listens_for(engine, "connect")
    def _prepare(dbapi: sqlite3.Connection, _: Any) -> None:
        _write_ahead(dbapi)
        # 16 MB of cache; a write-ahead log that grew under a long read is cut back to 64 MB.
        _pragmas(dbapi, "synchronous=full", "cache_size=-16384", "journal_size_limit=67108864")
        _pragmas(dbapi, "secure_delete=on")  # what a person asked us to forget is not left in free pages
        _pragmas(dbapi, f"foreign_keys={'on' if foreign_keys else 'off'}")

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def node_engine(url: URL, process: str, lasting: timedelta) -> Engine:
    """Return the engine of a node's one own connection on PostgreSQL; every statement on it is its own transaction.

    A sign of life that a crash of the database forgets does no harm, so no commit of it waits for the disk.
    """
    seconds = patience(lasting)
    ours = {
        **_postgres_arguments(url, application_name(process)),
        "connect_timeout": max(2, int(seconds)),
        "options": f"-c synchronous_commit=off -c lock_timeout={int(seconds * 1000)} -c client_encoding=utf8",
    }
    arguments = {key: value for key, value in ours.items() if key not in url.query}
    return sa.create_engine(
        url, poolclass=sa.pool.NullPool, isolation_level="AUTOCOMMIT", connect_args=arguments
    )


def patience(lasting: timedelta) -> float:
    """Return how many seconds a node waits for an answer to its sign of life."""
    return max(1.0, lasting.total_seconds() / 3)


def application_name(process: str) -> str:
    """Return the name under which all sessions of a process are seen in pg_stat_activity."""
    return f"triage {process}".rstrip()


def hang_up(driver: Any) -> None:
    """End a PostgreSQL connection whose thread waits for an answer that may never come; callable from any thread."""
    if driver.closed:
        return
    try:
        with socket.socket(fileno=os.dup(driver.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is down already


class Lines:
    """The open connections of engines, whoever uses them at the moment."""

    def __init__(self, *all_engines: Engine) -> None:
        self._open: set[Any] = set()
        for engine in all_engines:
            event.listen(engine, "connect", lambda driver, _: self._open.add(driver))
            event.listen(engine, "close", lambda driver, _: self._open.discard(driver))

    def hang_up(self) -> None:
        """End them all."""
        for driver in list(self._open):
            hang_up(driver)


def reading_engine(url: URL, *, process: str = "") -> Engine:
    """Return the engine for reads: one snapshot per transaction, and no way to write."""
    if not is_sqlite(url):
        return _postgres_engine(url, process, read_only=True)
    engine = sa.create_engine(url, pool_size=POOL_SIZE, max_overflow=0, connect_args=_sqlite_arguments())

    @event.listens_for(engine, "connect")
    def _prepare(dbapi: sqlite3.Connection, _: Any) -> None:
        _pragmas(dbapi, "query_only=on", "cache_size=-4096")

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def _sqlite_arguments() -> dict[str, Any]:
    # isolation_level None: we send BEGIN ourselves. Python's sqlite3 sends none before a SELECT, and a
    # read-modify-write then loses updates without an error.
    return {"timeout": BUSY_TIMEOUT, "isolation_level": None, "check_same_thread": False}


def _pragmas(dbapi: sqlite3.Connection, *pragmas: str) -> None:
    for pragma in (*pragmas, "temp_store=memory"):
        dbapi.execute(f"pragma {pragma}")


def _write_ahead(dbapi: sqlite3.Connection) -> None:
    """Switch the file to write-ahead logging; SQLite does not wait for others in this one, so we do."""
    give_up = time.monotonic() + BUSY_TIMEOUT
    while dbapi.execute("pragma journal_mode").fetchone()[0] != "wal":
        try:
            dbapi.execute("pragma journal_mode=wal")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.01)


def _postgres_engine(url: URL, process: str, *, read_only: bool) -> Engine:
    engine = sa.create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=BUSY_TIMEOUT,
        pool_pre_ping=True,
        isolation_level="REPEATABLE READ" if read_only else "READ COMMITTED",
        connect_args=_postgres_arguments(url, application_name(process)),
    )
    if read_only:

        @event.listens_for(engine, "connect")
        def _prepare(dbapi: Any, _: Any) -> None:
            dbapi.read_only = True

    return engine


def _postgres_arguments(url: URL, application: str) -> dict[str, Any]:
    """Notice a dead server within half a minute; what the URL says itself wins."""
    ours: dict[str, Any] = {
        "connect_timeout": 10,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
        "application_name": application,
        "options": _SESSION,
    }
    return {key: value for key, value in ours.items() if key not in url.query}
