"""The schema's version: compare it, create it, bring it forward, under a lock that holds across processes.

A store that is new gets the tables as they are (a test says that the replayed versions give the same); Alembic, a second
of work, is imported only where an older schema is brought forward. A start on a current schema costs one SELECT.
"""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import URL

from triage.adapters.store_sql import engine as engines
from triage.adapters.store_sql.faults import translated
from triage.adapters.store_sql.schema import metadata
from triage.errors import SchemaTooNew

# Every revision, oldest first; the last is what this version of triage works with.
REVISIONS = ("0001", "0002", "0003", "0004")
# As Alembic makes it; not among ours, which it compares with the versions.
_VERSION = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
_LOCK = 0x7472696167650001  # "triage", 1: the key of PostgreSQL's advisory lock around migrations


@dataclass(frozen=True, slots=True)
class SchemaState:
    """`current` is None where there is no schema yet."""

    current: str | None
    expected: str

    @property
    def up_to_date(self) -> bool:
        return self.current == self.expected

    @property
    def too_new(self) -> bool:
        return self.current is not None and self.current not in REVISIONS


def _age(index: sa.Index) -> tuple[bool, str]:
    """Order indexes by name, the narrow ones (with a condition of their own) last, as the migrations made them."""
    name = str(index.name)
    return "_first_" in name, name


def schema_state(url: str) -> SchemaState:
    """Look at a store's schema without changing anything; raises Temporary where it cannot be reached."""
    parsed = engines.parse_url(url)
    if engines.is_sqlite(parsed) and not engines.sqlite_path(parsed).exists():
        return SchemaState(None, REVISIONS[-1])
    engine = engines.reading_engine(parsed)
    try:
        with translated(), engine.begin() as connection:
            return SchemaState(_current(connection), REVISIONS[-1])
    finally:
        engine.dispose()


def migrate(url: str) -> SchemaState:
    """Create or bring forward the schema; returns the state before. Raises SchemaTooNew, Temporary, Permanent.

    Any number of processes may call it at once: one works, the others wait and find nothing to do.
    """
    parsed = engines.parse_url(url)
    if engines.is_sqlite(parsed):
        engines.create_file(parsed)
    return _migrate(parsed)


def _migrate(url: URL) -> SchemaState:
    # Batch migrations on SQLite rebuild a table: with foreign keys on, dropping the old one would empty others.
    engine = engines.writing_engine(url, foreign_keys=False)
    try:
        with translated(), engine.begin() as connection:
            if not engines.is_sqlite(url):
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            before = SchemaState(_current(connection), REVISIONS[-1])
            if before.too_new:
                raise SchemaTooNew(
                    f"the store's schema is {before.current}, newer than this triage, which knows {before.expected}"
                )
            if before.current is None:
                _create(connection)
            elif not before.up_to_date:
                upgrade(connection)
            return before
    finally:
        engine.dispose()


def _current(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _create(connection: sa.Connection) -> None:
    # A table keeps its indexes in a set; where two serve alike, planners take one by age, so their order is fixed.
    ordered = [(table, sorted(table.indexes, key=_age)) for table in metadata.sorted_tables]
    for table, indexes in ordered:
        connection.execute(sa.schema.CreateTable(table))
        for index in indexes:
            connection.execute(sa.schema.CreateIndex(index))
    _VERSION.create(connection, checkfirst=True)
    connection.execute(_VERSION.insert().values(version_num=REVISIONS[-1]))


def upgrade(connection: sa.Connection) -> None:
    """Replay every version that the store lacks; raises what Alembic raises."""
    from alembic import command  # noqa: PLC0415 - a second that only a migration pays
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "triage.adapters.store_sql:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
