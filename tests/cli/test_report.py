"""`triage report` by its output and its exit codes."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.adapters.store_sql.samples import a_case
from tests.cli.test_status import fill
from tests.e2e.daemon import Site, configured

YESTERDAY = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture
def site(tmp_path) -> Site:
    made = configured(tmp_path, imap=1, smtp=1, user="soporte")
    fill(made, lambda tx: tx.save_cases([a_case(arrival=YESTERDAY, cycle_start=YESTERDAY)]))
    return made


async def test_the_last_week_is_the_default_in_plain_tables_in_a_pipe(site):
    code, out, err = await site.triage("report")
    assert code == 0, err
    assert "# attended in time\nseverity\tcases\tin time" in out


async def test_json_is_one_object_of_the_days_asked_for(site):
    day = YESTERDAY.date().isoformat()
    code, out, _ = await site.triage("report", "--from", day, "--to", day, "--json")
    assert code == 0
    assert json.loads(out)["from"] == f"{day}T03:00:00Z"


async def test_the_page_is_written_and_named(site):
    code, out, _ = await site.triage("report", "--html", str(site.folder / "r.html"))
    assert code == 0
    assert out.startswith(str(site.folder / "r.html"))
    assert "data:image/png" in (site.folder / "r.html").read_text()


async def test_days_in_the_wrong_order_are_refused(site):
    code, _, err = await site.triage("report", "--from", "2026-10-02", "--to", "2026-10-01")
    assert code == 2
    assert "is after" in err
