"""A store's files, while the daemon runs: whole and consistent copies (SQLite's backup API, PostgreSQL's own programs),
checked, and wiped of what was dropped.

Called by the command line only. Synchronous.
"""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL

from triage.adapters.store_sql import engine as engines
from triage.adapters.store_sql.faults import translated
from triage.adapters.store_sql.migrate import REVISIONS, schema_state
from triage.errors import Permanent, SchemaTooNew, Temporary

_PAGES = 2_000  # copied at a time (8 MB), so that the daemon's writes get their turn in between


def backup(url: str, target: Path) -> None:
    """Write a copy of the store to a new file, readable by its owner only; raises Permanent or Temporary."""
    parsed = engines.parse_url(url)
    if schema_state(url).current is None:
        raise Permanent("there is no store to back up")
    partial = target.with_name(f"{target.name}.partial")
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
        if engines.is_sqlite(parsed):
            _copy(engines.sqlite_path(parsed), partial)
        else:
            _run_tool(parsed, "pg_dump", "--format=custom", "--no-owner", f"--file={partial}")
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(target)
    except OSError as error:
        raise Permanent(f"{target}: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)


def restore(url: str, source: Path, *, replace: bool = False) -> None:
    """Put a copy made by `backup` in the place of the store; stop the daemon first.

    A store that exists is only replaced when asked for. An older copy is left for `migrate` to bring forward.
    Raises Permanent (no such file, no backup, a store in the way), SchemaTooNew, Temporary.
    """
    parsed = engines.parse_url(url)
    if not source.is_file():
        raise Permanent(f"{source}: no such file")
    if not replace and schema_state(url).current is not None:
        raise Permanent("there is a store already; its content would be lost (--replace does it)")
    if engines.is_sqlite(parsed):
        _check_copy(source)
        engines.create_file(parsed)
        _copy(source, engines.sqlite_path(parsed))
    else:
        options = ("--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error")
        _run_tool(parsed, "pg_restore", *options, str(source))


def integrity(url: str) -> list[str]:
    """Return what SQLite finds wrong with its file, in its words; PostgreSQL has no such question."""
    parsed = engines.parse_url(url)
    if not engines.is_sqlite(parsed):
        return []
    with _sqlite(engines.sqlite_path(parsed), "ro") as database:
        return _findings(database)


def wipe(url: str) -> bool:
    """Let the files forget too what was dropped: SQLite's log, PostgreSQL's dead rows. Returns false if others were busy.

    SQLite's pages are overwritten at once (`secure_delete`). PostgreSQL's archived log is its admin's. Raises Temporary.
    """
    parsed = engines.parse_url(url)
    if engines.is_sqlite(parsed):
        with _sqlite(engines.sqlite_path(parsed), "rw") as database:
            return bool(database.execute("pragma wal_checkpoint(truncate)").fetchone()[0] == 0)
    engine = engines.writing_engine(parsed)
    try:
        with translated(), engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(sa.text("VACUUM"))
    finally:
        engine.dispose()
    return True


def _findings(database: sqlite3.Connection) -> list[str]:
    said = [str(row[0]) for row in database.execute("pragma quick_check")]
    orphans = [
        f"{row[0]}: row {row[1]} has no {row[2]}" for row in database.execute("pragma foreign_key_check")
    ]
    return [line for line in said if line != "ok"] + orphans


def _check_copy(source: Path) -> None:
    with _sqlite(source, "ro") as database:
        if not database.execute("select 1 from sqlite_master where name = 'alembic_version'").fetchone():
            raise Permanent(f"{source}: is no triage store")
        found = database.execute("select version_num from alembic_version").fetchone()
        if found is None or found[0] not in REVISIONS:
            raise SchemaTooNew(f"{source}: its schema is not one that this triage knows")
        wrong = _findings(database)
        if wrong:
            raise Permanent(f"{source}: {wrong[0]}")


def _copy(source: Path, target: Path) -> None:
    with _sqlite(source, "ro") as one, _sqlite(target, "rw") as other:
        one.backup(other, pages=_PAGES, sleep=0.01)


@contextmanager
def _sqlite(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=engines.BUSY_TIMEOUT)
        ) as database:
            yield database
    except sqlite3.OperationalError as error:
        raise Temporary(f"{path}: {error}") from error
    except sqlite3.DatabaseError as error:
        raise Permanent(f"{path}: {error}") from error


def address(url: URL, passfile: str) -> str:
    """Return a PostgreSQL URL as its own programs take it, with the password's place instead of the password."""
    query = {**url.query, **({} if url.password is None else {"passfile": passfile})}
    plain = URL.create("postgresql", url.username, None, url.host, url.port, url.database, query)
    return plain.render_as_string(hide_password=False)


def _run_tool(url: URL, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; the password goes by a file, never into the list of processes."""
    found = shutil.which(program)
    if found is None:
        raise Permanent(f"{program} is not installed (Debian: apt-get install postgresql-client)")
    with tempfile.NamedTemporaryFile("w", prefix="triage-", suffix=".pgpass") as passwords:
        if url.password is not None:
            escaped = str(url.password).replace("\\", "\\\\").replace(":", "\\:")
            passwords.write(f"*:*:*:*:{escaped}\n")
            passwords.flush()
        target = f"--dbname={address(url, passwords.name)}"
        done = subprocess.run([found, target, *arguments], capture_output=True, text=True, check=False)  # noqa: S603 - no shell, our own words
    if done.returncode:
        raise Permanent(f"{program}: {done.stderr.strip()}")
