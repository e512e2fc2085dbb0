"""The schema: what migrations build is what schema.py says, however often and by however many at once."""

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from triage.adapters.store_sql import engine as engines
from triage.adapters.store_sql.migrate import REVISIONS, migrate, schema_state, upgrade
from triage.adapters.store_sql.schema import metadata
from triage.adapters.store_sql.store import open_store
from triage.errors import Permanent, SchemaTooNew


def connect(url: str) -> sa.Engine:
    return engines.writing_engine(engines.parse_url(url))


def described(connection: sa.Connection) -> dict[str, object]:
    """Return everything that the database itself says about our tables, with all definitions of indexes and keys."""
    inspector = sa.inspect(connection)
    tables = sorted(set(inspector.get_table_names()) - {"alembic_version"})
    found: dict[str, object] = {}
    for table in tables:
        columns = [
            (c["name"], str(c["type"]), c["nullable"], c["default"], bool(c.get("autoincrement")))
            for c in inspector.get_columns(table)
        ]
        found[table] = (
            columns,
            inspector.get_pk_constraint(table),
            inspector.get_foreign_keys(table),
            inspector.get_unique_constraints(table),
            inspector.get_check_constraints(table),
        )
    if connection.dialect.name == "sqlite":
        sql = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name"
        options = (
            "SELECT name, sql LIKE '%WITHOUT ROWID%' FROM sqlite_master WHERE type = 'table' ORDER BY name"
        )
        found["options"] = [r for r in map(tuple, connection.exec_driver_sql(options)) if r[0] in tables]
    else:
        sql = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
    indexes = [tuple(row) for row in connection.exec_driver_sql(sql)]
    found["indexes"] = [row for row in indexes if "alembic" not in row[0]]
    return found


def test_replayed_migrations_give_exactly_the_schema(url):
    engine = connect(url)
    with engine.begin() as connection:
        upgrade(connection)
        replayed = described(connection)
        versions = sa.inspect(connection).get_columns("alembic_version")
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        metadata.drop_all(connection)
        connection.execute(sa.text("DROP TABLE alembic_version"))
    migrate(url)  # a new store is made at once, not version by version
    with engine.begin() as connection:
        assert described(connection) == replayed
        assert str(sa.inspect(connection).get_columns("alembic_version")) == str(versions)
    engine.dispose()
    assert schema_state(url).up_to_date
    assert set(replayed) >= set(metadata.tables)


def test_every_downgrade_leaves_nothing_behind(url):
    from alembic import command

    migrate(url)
    engine = connect(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "triage.adapters.store_sql:migrations")
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert set(sa.inspect(connection).get_table_names()) == {"alembic_version"}
    engine.dispose()
    migrate(url)
    assert schema_state(url).up_to_date


def test_the_known_revisions_are_those_of_the_scripts():
    config = Config()
    config.set_main_option("script_location", "triage.adapters.store_sql:migrations")
    scripts = ScriptDirectory.from_config(config)
    assert tuple(script.revision for script in reversed(list(scripts.walk_revisions()))) == REVISIONS


def test_migrating_twice_does_nothing_the_second_time(url):
    assert schema_state(url).current is None
    assert migrate(url).current is None
    assert migrate(url).current == REVISIONS[-1]
    assert schema_state(url).up_to_date


async def test_a_newer_schema_is_refused_with_a_clear_word(url):
    migrate(url)
    engine = connect(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(SchemaTooNew, match="9999, newer than this triage"):
        await open_store(url)
    with pytest.raises(SchemaTooNew):
        migrate(url)
    assert schema_state(url).too_new


async def test_a_missing_schema_is_not_made_when_not_asked_for(url):
    with pytest.raises(Permanent, match="triage db migrate"):
        await open_store(url, create=False)
    assert schema_state(url).current is None


_OPEN = """
import asyncio, sys
from triage.adapters.store_sql.store import open_store

async def main():
    store = await open_store(sys.argv[1])
    print(await store.write(lambda tx: tx.take_numbers("NO-2026", 1)))
    await store.close()

asyncio.run(main())
"""


def test_several_processes_open_an_empty_store_at_once(url):
    root = Path(__file__).parents[3]
    processes = [
        subprocess.Popen([sys.executable, "-c", _OPEN, url], stdout=-1, stderr=-1, text=True, cwd=root)
        for _ in range(4)
    ]
    answers = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0, 0], answers
    assert sorted(out.strip() for out, _ in answers) == ["1", "2", "3", "4"]
