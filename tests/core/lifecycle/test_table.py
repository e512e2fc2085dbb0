"""The table of transitions: complete, and the page drawn from it in step."""

from pathlib import Path

import pytest

from triage.core.commands import ACTIONS
from triage.core.lifecycle import diagram
from triage.core.lifecycle.orders import ORDERS
from triage.core.lifecycle.table import ATTENDING, ENTERED, TRANSITIONS, Trigger
from triage.core.model import State

PAGE = Path(__file__).parents[3] / "docs/agents.md"


def test_every_trigger_has_its_row_and_every_command_its_order() -> None:
    assert set(TRANSITIONS) == set(Trigger)
    assert set(ORDERS) == set(ACTIONS)


def test_a_merged_case_is_left_by_nothing() -> None:
    assert all(State.MERGED not in moves for moves in TRANSITIONS.values())


def test_an_answer_is_never_refused_while_the_case_is_its_own() -> None:
    for trigger in (Trigger.ANSWER, Trigger.TOLD, Trigger.CLOSE, Trigger.MERGE):
        assert set(TRANSITIONS[trigger]) == set(State) - {State.MERGED}


def test_what_attends_has_a_name_in_the_history() -> None:
    assert set(ENTERED) >= ATTENDING


@pytest.mark.parametrize("made", [diagram.mermaid, diagram.table])
def test_the_page_shows_the_table_as_it_is(made) -> None:
    assert made() in PAGE.read_text(), "paste what triage.core.lifecycle.diagram prints"


def test_the_page_lists_every_command_with_all_its_words() -> None:
    page = PAGE.read_text()
    for action, spelling in ACTIONS.items():
        words = " ".join(f"`!{word}`" for word in spelling.words)
        text = "to the client" if spelling.text_to_client else "a note inside"
        usage = spelling.usage.replace("|", "\\|")
        assert f"| `{usage}` | {words} | {spelling.meaning} | {text} |" in page, action
