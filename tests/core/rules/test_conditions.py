from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.rules.vocabularies import group, has, mail, near, rule, rules
from triage.core.rules import classify
from triage.core.rules.vocabulary import AllOf, AnyOf, Condition, Context, Matches, NoneOf

GROUPS = [group("a", "alfa"), group("b", "beta"), group("c", "gama"), group("no", "no")]


def holds(condition: Condition, text: str, **fields: Any) -> bool:
    contexts = (Context("denied", "no", before=1),)
    found = classify(rules(GROUPS, [rule("r", condition, 1)], contexts), mail(text, **fields))
    return found.rule == "r"


def test_any_all_and_none_mean_what_they_say() -> None:
    assert holds(AnyOf((has("a"), has("b"))), "beta")
    assert not holds(AllOf((has("a"), has("b"))), "beta")
    assert holds(AllOf((has("a"), NoneOf((has("b"),)))), "alfa")
    assert not holds(AllOf((has("a"), NoneOf((has("b"),)))), "alfa. beta")


def test_sentence_wants_one_sentence() -> None:
    assert holds(near("a", "b"), "beta y luego uno dos tres cuatro alfa")
    assert not holds(near("a", "b"), "alfa. beta")


def test_near_counts_the_words_between() -> None:
    assert holds(near("a", "b", words=2), "alfa uno dos beta")
    assert not holds(near("a", "b", words=2), "alfa uno dos tres beta")


def test_order_and_clause_can_be_asked_for() -> None:
    assert not holds(near("a", "b", words=2, in_order=True), "beta alfa")
    assert holds(near("a", "b", words=2, in_order=True), "beta alfa beta")
    assert not holds(near("a", "b", words=2, one_clause=True), "alfa, beta")


def test_a_term_counts_only_inside_or_outside_a_context() -> None:
    assert holds(has("a", is_=("denied",)), "no alfa")
    assert not holds(has("a", is_=("denied",)), "alfa")
    assert not holds(has("a", but=("denied",)), "no alfa")


def test_alternatives_share_a_term() -> None:
    assert holds(near("a|b", "c", words=0), "beta gama")


def test_patterns_look_at_the_text_as_written() -> None:
    assert holds(Matches(r"pedido #\d{4}"), "El PEDIDO #4711")
    assert holds(Matches("^x-alert", ("header:subject",)), "", headers={"subject": "X-Alert 1"})


def test_a_pattern_that_would_explode_elsewhere_is_linear() -> None:
    assert not holds(Matches("(a+)+$"), "a" * 5_000 + "!")


def test_words_are_told_in_the_order_of_the_conditions_though_patterns_are_asked_last() -> None:
    condition = AllOf((Matches("beta"), has("a"), NoneOf((has("c"),))))
    found = classify(rules(GROUPS, [rule("r", condition, 1)]), mail("alfa, beta"))
    assert [each.text for each in found.evidence] == ["beta", "alfa"]


@given(st.text(alphabet="ab. ,\n", max_size=200))
def test_near_within_any_distance_is_sentence(text: str) -> None:
    text = text.replace("a", " alfa ").replace("b", " beta ")
    assert holds(near("a", "b", words=1_000), text) == holds(near("a", "b"), text)


@pytest.mark.parametrize("condition", [near("a", "b", "c"), near("a", "b", words=30), has("a")])
def test_hostile_repetition_takes_no_longer_than_it_should(condition: Condition) -> None:
    holds(condition, "alfa beta gama " * 4_000)


def test_a_context_that_a_rule_leaves_out_counts_where_one_of_its_terms_asks_for_it() -> None:
    asked = rules(
        GROUPS,
        [rule("r", has("a", is_=("denied",)), 1, unless=("denied",))],
        (Context("denied", "no", before=1),),
    )
    both = rule("r", AllOf((has("a", is_=("denied",)), has("b"))), 1, unless=("denied",))
    mixed = rules(GROUPS, [both], (Context("denied", "no", before=1),))
    assert classify(asked, mail("no alfa")).rule == "r"
    assert classify(asked, mail("alfa")).rule != "r"
    assert classify(mixed, mail("no alfa, y beta")).rule == "r"
    assert classify(mixed, mail("no alfa; no beta")).rule != "r"
