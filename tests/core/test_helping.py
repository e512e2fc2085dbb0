"""`!help` in every language."""

from dataclasses import replace

import pytest

from tests.builders import a_site
from triage.core import helping
from triage.core.commands import ACTIONS
from triage.core.model import Language


@pytest.mark.parametrize("language", Language)
def test_every_command_stands_in_the_list_with_all_its_words(language: Language) -> None:
    lines = helping.help_text(replace(a_site(), language=language)).split("\n")
    assert len(lines) == len(ACTIONS)
    for line, spelling in zip(lines, ACTIONS.values(), strict=True):
        assert all(f"!{word}" in line for word in spelling.words)


@pytest.mark.parametrize("language", Language)
def test_the_list_says_of_which_commands_the_text_below_goes_to_the_client(language: Language) -> None:
    below = {Language.ES: "lo de abajo", Language.EN: "the text below", Language.PT: "texto abaixo"}[language]
    lines = helping.help_text(replace(a_site(), language=language)).split("\n")
    for line, spelling in zip(lines, ACTIONS.values(), strict=True):
        assert (below in line) == spelling.text_to_client, line


def test_a_spanish_site_is_helped_in_spanish() -> None:
    assert "!take: el caso es tuyo (!tomar, " in helping.help_text(a_site())


def test_every_meaning_is_translated() -> None:
    assert set(helping.MEANINGS) == set(ACTIONS)
    assert all(set(words) == {Language.ES, Language.PT} for words in helping.MEANINGS.values())
