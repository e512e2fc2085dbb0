"""`triage outbox` by its words, its JSON and its exit codes, on a store beside a configuration."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from tests.adapters.store_sql.samples import a_mail
from tests.e2e.daemon import Site, configured
from triage.adapters.store_sql.store import open_store
from triage.core.model import MailState
from triage.core.records import OutboxRow

LONG_AGO = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)
REF = "NO-2026-000001"
BYTES = b"Subject: Hola\r\nTo: ana@tienda.example\r\n\r\nUn saludo \x1b[31mrojo\r\n"


@pytest.fixture
def site(tmp_path) -> Site:
    return configured(tmp_path, imap=1, smtp=1, user="soporte")


def triage(site: Site, *words: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "triage", *map(str, words)]
    return subprocess.run(
        command, capture_output=True, env={**os.environ, "TRIAGE_CONFIG": str(site.config)}, check=False
    )


def at_store(site: Site, work):
    async def main():
        store = await open_store(f"sqlite:///{site.folder / 'triage.db'}")
        try:
            return await store.write(work)
        finally:
            await store.close()

    return asyncio.run(main())


def fill(site: Site, *rows: OutboxRow) -> list[int]:
    at_store(site, lambda tx: tx.add_outbox(rows))
    return [row.id for row in at_store(site, lambda tx: tx.list_outbox())]


def mail(site: Site, one: int) -> OutboxRow:
    return at_store(site, lambda tx: tx.outbox([one]))[one]


def old(number: int, state: MailState, **more) -> OutboxRow:
    plain = {"created_at": LONG_AGO, "next_at": LONG_AGO, "reference": REF, "content": BYTES, "attempts": 4}
    return a_mail(number, state=state, **{**plain, **more})


def test_list_shows_what_waits_or_failed_in_the_promised_fields(site):
    states = [MailState.QUEUED, MailState.FAILED, MailState.ACCEPTED, MailState.DROPPED, MailState.DEFERRED]
    ids = fill(site, *[old(n, state, last_error="550 no") for n, state in enumerate(states, 1)])
    run = triage(site, "outbox", "list", "--json")
    found = [json.loads(line) for line in run.stdout.splitlines()]
    assert (run.returncode, [row["state"] for row in found]) == (0, ["queued", "failed", "deferred"])
    assert list(found[1]) == [
        "id", "case", "kind", "to", "state", "message_id", "attempts", "next_at", "last_error",
    ]  # fmt: skip
    assert (found[1]["id"], found[1]["case"], found[1]["attempts"]) == (ids[1], REF, 4)
    assert (found[1]["next_at"], found[1]["last_error"]) == (None, "550 no")
    assert found[0]["next_at"] == "2026-01-10T12:00:00Z"
    everything = triage(site, "outbox", "list", "--json", "--all").stdout.splitlines()
    failed = triage(site, "outbox", "list", "--state", "failed").stdout.decode().splitlines()
    assert (len(everything), len(failed), failed[0].split("\t")[0]) == (5, 1, str(ids[1]))
    assert triage(site, "outbox", "list", "--state", "lost").returncode == 2


def test_show_prints_the_stored_mail_and_raw_its_very_bytes(site):
    (one, two) = fill(site, old(1, MailState.FAILED), old(2, MailState.QUEUED, content=None))
    text = triage(site, "outbox", "show", one).stdout.decode()
    assert "state      failed" in text
    assert "Subject: Hola\nTo: ana@tienda.example\n\nUn saludo" in text
    assert "\x1b" not in text
    assert b"Un saludo" not in triage(site, "outbox", "show", one, "--headers").stdout
    assert triage(site, "outbox", "show", one, "--raw").stdout == BYTES
    assert json.loads(triage(site, "outbox", "show", one, "--json").stdout)["content"] == BYTES.decode()
    assert b"not put into words yet" in triage(site, "outbox", "show", two).stdout
    missing = triage(site, "outbox", "show", one, 99)
    assert (missing.returncode, missing.stderr) == (1, b"99: no such mail\n")
    assert b"Subject: Hola" in missing.stdout


def test_a_retried_mail_is_as_new_however_old_it_is(site):
    refused = old(1, MailState.REFUSED, expires_at=LONG_AGO, doubts=2)
    (one, accepted) = fill(site, refused, old(2, MailState.ACCEPTED))
    run = triage(site, "outbox", "retry", one, accepted, 99)
    assert (run.returncode, run.stdout) == (1, f"{one}: queued\n".encode())
    assert run.stderr.decode().splitlines() == [
        f"{accepted}: the relay has taken it; a second one would be a repeat",
        "99: no such mail",
    ]
    row = mail(site, one)
    assert (row.state, row.attempts, row.doubts, row.content) == (MailState.QUEUED, 0, 0, BYTES)
    assert row.expires_at is not None
    assert row.expires_at - row.next_at >= timedelta(days=1)
    assert mail(site, accepted).state is MailState.ACCEPTED
    (event,) = at_store(site, lambda tx: tx.events(REF))
    assert (event.event, event.data["was"]) == ("mail.retried", "refused")
    assert event.by.startswith("cli:")


def test_a_dropped_mail_keeps_its_reason_and_can_be_retried_after_all(site):
    (one, sending) = fill(site, old(1, MailState.DEFERRED), old(2, MailState.SENDING))
    run = triage(site, "outbox", "drop", one, sending, "--why", "the client was called")
    assert (run.returncode, run.stdout) == (1, f"{one}: dropped\n".encode())
    assert run.stderr.startswith(f"{sending}: it is on its way".encode())
    row = mail(site, one)
    assert row.state is MailState.DROPPED
    assert row.last_error.endswith("the client was called")
    (event,) = at_store(site, lambda tx: tx.events(REF))
    assert (event.event, event.data["why"]) == ("mail.dropped", "the client was called")
    assert triage(site, "outbox", "drop", one).returncode == 1
    assert triage(site, "outbox", "retry", one).returncode == 0
    assert mail(site, one).state is MailState.QUEUED


def test_without_a_store_there_is_nothing_to_look_at(site):
    run = triage(site, "outbox", "list")
    assert (run.returncode, run.stdout) == (2, b"")
    assert triage(site, "outbox", "retry", "x").returncode == 2
    assert triage(site, "outbox", "retry").returncode == 2
