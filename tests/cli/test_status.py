"""`triage status` by its words, its JSON and its exit codes, on a store beside a configuration."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from tests.adapters.store_sql.samples import a_case
from tests.e2e.daemon import Site, configured
from triage.adapters.store_sql.store import open_store
from triage.app import roster


@pytest.fixture
def site(tmp_path) -> Site:
    return configured(tmp_path, imap=1, smtp=1, user="soporte")


def fill(site: Site, work) -> None:
    async def main():
        store = await open_store(f"sqlite:///{site.folder / 'triage.db'}")
        await store.write(work)
        await store.close()

    asyncio.run(main())


def status(site: Site, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "triage", "status", *words]
    env = {**os.environ, "TRIAGE_CONFIG": str(site.config)}
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False)


def test_a_site_just_looked_into_is_well(site):
    fill(site, lambda tx: tx.set_note("looked/soporte", datetime.now(UTC).isoformat()))
    done = status(site)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "all is well"), done.stderr


def test_troubles_come_first_and_exit_1(site):
    fill(site, lambda tx: tx.save_cases([a_case()]))
    done = status(site)
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == "! mailbox soporte was never looked into"
    assert "NO-2026-000001" in done.stdout


def test_who_is_away_is_named_with_his_last_day(site):
    until = datetime.now(UTC) + timedelta(days=2)
    fill(site, lambda tx: roster.keep_silence(tx, "lucia.ferrari@netone.example", until))
    done = status(site)
    assert "\naway\n  Lucía Ferrari        until " in done.stdout
    [told] = json.loads(status(site, "--json").stdout)["away"]
    assert told["agent"] == "lucia.ferrari@netone.example"


def test_json_is_one_object_with_the_same_troubles(site):
    fill(site, lambda tx: tx.save_cases([a_case()]))
    told = json.loads(status(site, "--json").stdout)
    assert told["cases"] == {"new": 1}
    assert told["troubles"]


def test_without_a_store_it_says_so_and_exits_2(site):
    done = status(site)
    assert done.returncode == 2
    assert "triage db migrate" in done.stderr
