from pathlib import Path

import pytest

from tests.adapters.rules_yaml.test_rules import COMPANY, written
from triage.adapters import rules_yaml
from triage.core.rules.vocabulary import Sign
from triage.errors import Misconfigured

TEXT = """
phrases:
  gone: {es: ["no abre"]}
  denial: [no es que]
contexts:
  denied: {cues: denial, before: 3}
usual: [denied]
weighing:
  start: [0, 3, 1]
  points:
    gone: {meant: [5, 2, 0], denied: [-3, 0, 1]}
"""


def test_points_are_read_for_what_is_said_and_for_contexts(tmp_path: Path) -> None:
    weighing = rules_yaml.load_rules(written(tmp_path, COMPANY + TEXT)).vocabulary.weighing
    assert weighing is not None
    assert (weighing.start, weighing.weight, weighing.unless) == ((0, 3, 1), 29, ("denied",))
    assert weighing.signs == {"gone": Sign(meant=(5, 2, 0), only=(("denied", (-3, 0, 1)),))}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("gone: {said: [1, 2]}", "at least 3 items"),
        ("gne: {said: [1, 2, 3]}", "no group is called gne"),
        ("gone: {sayd: [1, 2, 3]}", "sayd is neither said, meant, often nor a context"),
    ],
)
def test_a_name_or_a_number_too_few_is_told_with_its_place(tmp_path: Path, wrong: str, words: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        rules_yaml.load_rules(
            written(tmp_path, f"{COMPANY}{TEXT}".replace("gone: {meant", f"{wrong}\n    x: {{meant"))
        )
    assert any(words in str(problem) and ":15:" in str(problem) for problem in caught.value.problems), (
        caught.value
    )


def test_a_context_without_its_group_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no group is called nobody"):
        rules_yaml.load_rules(written(tmp_path, COMPANY + TEXT.replace("cues: denial", "cues: nobody")))
