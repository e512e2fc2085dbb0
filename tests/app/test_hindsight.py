"""What hindsight says of stored cases, in lines and as YAML; the commands are tested in tests/cli/test_rules_hindsight.py."""

import yaml

from triage.app.hindsight import as_yaml
from triage.core.model import Severity
from triage.core.suggestions import Suggestion


def test_each_phrase_carries_its_figures_as_a_comment() -> None:
    text = as_yaml([Suggestion("no prende", Severity.HIGH, 3, 4, 5)], 7, weighed=False)
    assert '- "no prende"  # corrected: 3; 4 of 5 stored cases that hold it are severity 1 (80%)' in text


def test_phrases_that_mean_something_in_yaml_stay_words() -> None:
    found = yaml.safe_load(as_yaml([Suggestion("no", Severity.MEDIUM, 2, 2, 2)], 2, weighed=False))
    assert found["phrases"] == {"suggested_2": {"any": ["no"]}}


def test_each_level_has_a_group_and_a_rule_of_its_own() -> None:
    both = [Suggestion("a b", Severity.HIGH, 2, 2, 2), Suggestion("c d", Severity.LOW, 2, 2, 2)]
    found = yaml.safe_load(as_yaml(both, 4, weighed=False))
    assert [rule["when"] for rule in found["rules"]] == ["suggested_1", "suggested_3"]


def test_nothing_found_is_said_in_a_comment_that_can_be_pasted_too() -> None:
    assert yaml.safe_load(as_yaml([], 3, weighed=False)) is None


def test_phrases_for_milder_levels_come_with_points_where_a_rule_would_not_outweigh_the_sum() -> None:
    found = [Suggestion(f"frase {int(level)}", level, 2, 2, 2) for level in Severity]
    pasted = yaml.safe_load(as_yaml(found, 6, weighed=True))
    points = pasted["weighing"]["points"]
    assert set(points) == {"suggested_2", "suggested_3"}
    assert max(points["suggested_2"]["meant"]) == points["suggested_2"]["meant"][1]
    assert max(points["suggested_3"]["meant"]) == points["suggested_3"]["meant"][2]
    assert "weighing" not in yaml.safe_load(as_yaml(found[:1], 2, weighed=True))
    assert "weighing" not in yaml.safe_load(as_yaml(found, 6, weighed=False))
