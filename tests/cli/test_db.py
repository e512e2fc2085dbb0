"""`triage db` by its words, its files and its exit codes."""

import asyncio
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.adapters.store_sql.samples import a_case, a_message
from tests.e2e.daemon import configured
from triage.adapters.store_sql.store import open_store

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def urls(request, tmp_path) -> tuple[str, str]:
    """Return two empty stores."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/one.db", f"sqlite:///{tmp_path}/two.db"
    if shutil.which("pg_dump") is None:
        pytest.skip("pg_dump is not installed")
    cluster = request.getfixturevalue("postgres")
    return cluster.url(), cluster.url()


def triage(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "triage", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


def fill(url: str) -> None:
    async def main() -> None:
        store = await open_store(url)
        await store.write(
            lambda tx: (tx.save_cases([a_case(1), a_case(2)]), tx.add_messages([a_message(source=b"x" * 9)]))
        )
        await store.close()

    asyncio.run(main())


def content(url: str) -> object:
    async def main() -> object:
        store = await open_store(url, create=False)
        found = await store.read(lambda tx: (tx.list_cases(), tx.messages("NO-2026-000001")))
        await store.close()
        return found

    return asyncio.run(main())


def test_check_migrate_and_check_again(urls):
    url = urls[0]
    before = triage("db", "check", "--store", url)
    assert before.returncode == 1
    assert "schema none, expected 0004" in before.stdout
    done = triage("db", "migrate", "--store", url)
    assert (done.returncode, done.stdout) == (0, "schema none -> 0004\n")
    assert triage("db", "migrate", "--store", url).stdout == "schema 0004: nothing to do\n"
    after = triage("db", "check", "--store", url)
    assert (after.returncode, after.stdout) == (0, "schema 0004: up to date\n")


def test_what_is_backed_up_comes_back(urls, tmp_path):
    source, target = urls
    fill(source)
    copy = tmp_path / "copy"
    done = triage("db", "backup", "--store", source, copy)
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []
    done = triage("db", "restore", "--store", target, copy)
    assert done.returncode == 0, done.stderr
    assert content(target) == content(source)


def test_a_store_in_the_way_is_replaced_only_when_asked_for(urls, tmp_path):
    source, target = urls
    fill(source)
    triage("db", "migrate", "--store", target)
    triage("db", "backup", "--store", source, tmp_path / "copy")
    refused = triage("db", "restore", "--store", target, tmp_path / "copy")
    assert refused.returncode == 2
    assert "--replace" in refused.stderr
    assert triage("db", "restore", "--replace", "--store", target, tmp_path / "copy").returncode == 0
    assert content(target) == content(source)


def test_a_backup_of_nothing_says_so(urls, tmp_path):
    done = triage("db", "backup", "--store", urls[0], tmp_path / "copy")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no store to back up" in done.stderr
    assert not (tmp_path / "copy").exists()


def test_a_file_that_is_no_backup_replaces_nothing(urls, tmp_path):
    fill(urls[0])
    before = content(urls[0])
    (tmp_path / "letter").write_text("Dear all" * 1000)
    for name in ("letter", "missing"):
        done = triage("db", "restore", "--replace", "--store", urls[0], tmp_path / name)
        assert done.returncode == 2, name
        assert "Traceback" not in done.stderr
    assert content(urls[0]) == before


def test_check_finds_a_damaged_file_and_a_newer_one(tmp_path):
    url = f"sqlite:///{tmp_path}/triage.db"
    fill(url)
    database = sqlite3.connect(tmp_path / "triage.db")
    database.execute("insert into case_participants values ('NO-2026-9', 'x@y', 1)")
    database.commit()
    found = triage("db", "check", "--store", url)
    assert found.returncode == 1
    assert "case_participants" in found.stdout
    database.execute("update alembic_version set version_num = '9999'")
    database.commit()
    database.close()
    for command in ("check", "migrate"):
        refused = triage("db", command, "--store", url)
        assert refused.returncode == 2
        assert "newer than this triage" in refused.stderr


def test_an_unknown_database_is_a_wrong_use(tmp_path):
    done = triage("db", "check", "--store", "mysql://x/y")
    assert done.returncode == 2
    assert "mysql is not supported" in done.stderr


def test_postgresql_without_its_driver_says_what_to_install(tmp_path):
    program = "import sys; sys.modules['psycopg'] = None; from triage.cli import main; main()"
    words = (sys.executable, "-c", program, "db", "check", "--store", "postgresql://x@127.0.0.1:1/y")
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'mailtriage[postgres]'" in done.stderr.splitlines()[-1]


def test_a_relative_store_lies_beside_the_configuration_wherever_the_command_is_given(tmp_path):
    (tmp_path / "site").mkdir()
    site = configured(tmp_path / "site", imap=1, smtp=1, user="x")
    fill(f"sqlite:///{tmp_path}/site/triage.db")
    done = triage("--config", site.config, "db", "backup", tmp_path / "copy.db")
    assert (done.returncode, (tmp_path / "copy.db").is_file()) == (0, True), done.stderr
    assert triage("--config", site.config, "db", "check").returncode == 0
    assert not (ROOT / "triage.db").exists()
