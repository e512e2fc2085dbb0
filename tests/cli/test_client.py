"""`triage client` by its output and its exit codes."""

import json

import pytest

from tests.adapters.store_sql.samples import ANA, a_case, a_message
from tests.cli.test_status import fill
from tests.e2e.daemon import Site, configured

REF = "NO-2026-000001"


@pytest.fixture
def site(tmp_path) -> Site:
    made = configured(tmp_path, imap=1, smtp=1, user="soporte")
    fill(
        made, lambda tx: (tx.save_cases([a_case()]), tx.add_messages([a_message(reference=REF, sender=ANA)]))
    )
    return made


async def test_export_is_one_json_document_or_a_file_for_the_owners_eyes(site):
    code, out, err = await site.triage("client", "export", f"<{ANA.upper()}>")
    assert (code, json.loads(out)["cases"][0]["reference"]) == (0, REF), err
    target = site.folder / "ana.json"
    code, out, _ = await site.triage("client", "export", ANA, "--output", str(target))
    assert (code, out) == (0, "")
    assert target.stat().st_mode & 0o777 == 0o600


async def test_erase_asks_and_forgets_and_the_second_time_finds_nothing(site):
    code, _, _ = await site.triage("client", "erase", ANA)
    assert code == 2
    code, out, err = await site.triage("client", "erase", ANA, "--yes")
    assert code == 0
    assert f"{REF}: contents erased" in out
    assert "backups" in err
    code, _, _ = await site.triage("client", "erase", ANA, "--yes")
    assert code == 1
    assert (await site.triage("client", "export", ANA))[0] == 1


async def test_our_own_people_and_what_is_no_address_are_refused(site):
    for who in ("lucia.ferrari@netone.example", "soporte@netone.example", "ana"):
        code, _, err = await site.triage("client", "erase", who, "--yes")
        assert code == 2, err


async def test_a_file_that_cannot_be_written_is_wrong_use_and_not_nothing_held(site):
    missing = site.folder / "nowhere" / "ana.json"
    code, out, err = await site.triage("client", "export", ANA, "--output", str(missing))
    assert (code, out) == (2, "")
    assert f"{missing} cannot be written: No such file or directory" in err
