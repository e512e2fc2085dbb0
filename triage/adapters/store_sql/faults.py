"""What a database's error means for us: try again later (StoreAway), never (Permanent), or our own mistake (as it is).

The only place that knows the codes of SQLite and the SQLSTATEs of PostgreSQL.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from triage.errors import Permanent, StoreAway, TriageError

_SQLITE_TEMPORARY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_INTERRUPT,
}
_SQLITE_HELD = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_SQLITE_PERMANENT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
# Classes: 08 connection, 25 wrong transaction state (a standby, or our session was ended), 40 deadlock or
# serialization, 53 no disk, memory or connection left, 55 lock not available, 57 the operator stopped it, 58 I/O.
_POSTGRES_TEMPORARY = ("08", "25", "40", "53", "55", "57", "58")


@contextmanager
def translated() -> Iterator[None]:
    """Run a block that talks to the database; its errors leave as ours."""
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        meaning = meaning_of(error)
        if meaning is None:
            raise
        raise meaning from error


def meaning_of(error: sa.exc.SQLAlchemyError) -> TriageError | None:
    """Return the error to raise instead, or None where it is a mistake of ours (SQL, a constraint)."""
    if isinstance(error, sa.exc.TimeoutError):
        return StoreAway("store: every connection is busy")
    if not isinstance(error, sa.exc.DBAPIError):
        return None
    origin = error.orig
    words = f"store: {str(origin).strip()}"
    if isinstance(origin, sqlite3.Error):
        code = getattr(origin, "sqlite_errorcode", 0) & 0xFF
        if code in _SQLITE_PERMANENT:
            return Permanent(f"{words}; bring back the last backup: triage db restore FILE")
        if code in _SQLITE_HELD:
            words += "; another program holds the file, such as a backup or an editor"
        return StoreAway(words) if code in _SQLITE_TEMPORARY else None
    state = getattr(origin, "sqlstate", None)
    if state is None:
        lost = error.connection_invalidated or isinstance(
            error, sa.exc.OperationalError | sa.exc.InterfaceError
        )
        return StoreAway(words) if lost else None
    return StoreAway(words) if state.startswith(_POSTGRES_TEMPORARY) else None
