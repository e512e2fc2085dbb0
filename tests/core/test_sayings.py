"""What is said about a command: every sentence in every language, with the same blanks to fill."""

import string

import pytest

from tests.builders import a_site
from triage.core import sayings
from triage.core.commands import Command, Fault
from triage.core.model import Language, State


def blanks(sentence: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("key", sayings.SAYINGS)
def test_every_sentence_is_there_in_every_language_with_the_same_facts(key: str) -> None:
    said = sayings.SAYINGS[key]
    assert set(said) == set(Language)
    assert len({frozenset(blanks(words)) for words in said.values()}) == 1


def test_every_state_has_a_name_in_every_language() -> None:
    assert set(sayings.STATES) == set(State)
    assert all(set(words) == set(Language) for words in sayings.STATES.values())


def test_states_and_instants_are_said_in_words() -> None:
    assert sayings.say(a_site(), "not_now", state=State.CLOSED) == "no se puede: el caso está cerrado"


@pytest.mark.parametrize("fault", [*Fault, None])
def test_every_fault_has_an_answer(fault: Fault | None) -> None:
    assert sayings.fault(a_site(), Command(None, "", "!x", "take", fault))
