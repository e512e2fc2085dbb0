"""The pages for admins are in step with the code: metrics, events, and the commands that they name."""

import importlib.util
import re
from pathlib import Path

import pytest

from triage.cli import _COMMANDS
from triage.core.events import EventName

ROOT = Path(__file__).parents[2]
PAGES = ("first-day.md", "tuning-rules.md", "what-to-do-when.md", "threat-model.md")


def test_the_page_of_metrics_is_made_from_the_metrics() -> None:
    spec = importlib.util.spec_from_file_location("metrics_page", ROOT / "docs/metrics.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    assert (ROOT / "docs/metrics.md").read_text() == made.page(), (
        "run python docs/metrics.py > docs/metrics.md"
    )


def test_every_event_is_described_and_nothing_else() -> None:
    rows = (ROOT / "docs/events.md").read_text().rpartition("---|\n")[2]
    named = {
        name
        for line in rows.splitlines()
        for name in re.findall(r"`([a-z]+\.[a-z_]+)`", line.split("|")[1] if "|" in line else "")
    }
    assert named == {str(name) for name in EventName}


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_that_a_page_names_exist(page: str) -> None:
    named = set(re.findall(r"`triage ([a-z]+)", (ROOT / "docs" / page).read_text()))
    assert named <= set(_COMMANDS), named - set(_COMMANDS)
