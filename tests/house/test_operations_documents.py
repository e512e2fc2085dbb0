"""The pages for admins are in step with the code: metrics, events, and the commands that they name."""

import importlib.util
import re
from pathlib import Path

import pytest

from triage.cli import _COMMANDS
from triage.core.events import EventName

ROOT = Path(__file__).parents[2]
PAGES = ("first-day.md", "tuning-rules.md", "what-to-do-when.md", "threat-model.md")


@pytest.mark.parametrize(("script", "made"), [("metrics.py", "metrics.md"), ("manual.py", "triage.1")])
def test_a_made_page_is_in_step_with_what_it_is_made_from(script: str, made: str) -> None:
    spec = importlib.util.spec_from_file_location("page_maker", ROOT / "docs" / script)
    assert spec is not None
    assert spec.loader is not None
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    assert (ROOT / "docs" / made).read_text() == maker.page(), f"run python docs/{script} > docs/{made}"


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
