"""What hindsight says of stored cases, in lines and as YAML; the commands are tested in tests/cli/test_rules_hindsight.py."""

import yaml

from triage.app.hindsight import as_yaml
from triage.core.model import Severity
from triage.core.suggestions import Suggestion


def test_each_phrase_carries_its_figures_as_a_comment() -> None:
    text = as_yaml([Suggestion("no prende", Severity.HIGH, 3, 4, 5)], 7)
    assert '- "no prende"  # corrected: 3; 4 of 5 stored cases that hold it are severity 1 (80%)' in text


def test_phrases_that_mean_something_in_yaml_stay_words() -> None:
    found = yaml.safe_load(as_yaml([Suggestion("no", Severity.MEDIUM, 2, 2, 2)], 2))
    assert found["phrases"] == {"suggested_2": {"any": ["no"]}}


def test_each_level_has_a_group_and_a_rule_of_its_own() -> None:
    both = [Suggestion("a b", Severity.HIGH, 2, 2, 2), Suggestion("c d", Severity.LOW, 2, 2, 2)]
    found = yaml.safe_load(as_yaml(both, 4))
    assert [rule["when"] for rule in found["rules"]] == ["suggested_1", "suggested_3"]


def test_nothing_found_is_said_in_a_comment_that_can_be_pasted_too() -> None:
    assert yaml.safe_load(as_yaml([], 3)) is None
