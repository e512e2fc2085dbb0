from typing import Any

from tests.core.rules.vocabularies import group, has, near, rule, rules
from triage.core.model import Language, Severity
from triage.core.rules.lint import lint
from triage.core.rules.vocabulary import AllOf, AnyOf, Context, NoneOf, Rule, Sign, Vocabulary, Weighing


def kinds(vocabulary: Vocabulary) -> list[tuple[str, str]]:
    return [(finding.kind, finding.rule or finding.group) for finding in lint(vocabulary)]


def vocabulary(*its: Rule, groups: tuple[str, ...] = ("a", "b"), **fields: Any) -> Vocabulary:
    named = [group(name, f"{name}lfa {name}") for name in groups]
    return rules(named, list(its), **fields).vocabulary


def test_a_sound_vocabulary_gives_nothing_to_say() -> None:
    assert kinds(vocabulary(rule("x", has("a"), 1), rule("y", has("b"), 2, weight=20))) == []


def test_a_group_that_nothing_uses_is_said() -> None:
    assert kinds(vocabulary(rule("x", has("a"), 1))) == [("unused", "b")]
    used = vocabulary(rule("x", has("a"), 1), contexts=(Context("c", "b"),))
    assert kinds(used) == []


def test_a_repeated_phrase_is_said() -> None:
    twice = rules([group("a", "uno dos", "uno dos")], [rule("x", has("a"), 1)]).vocabulary
    assert kinds(twice) == [("repeated", "a")]


def test_a_rule_that_can_never_hold_is_dead() -> None:
    opposite = AllOf((has("a"), NoneOf((has("a"),))))
    assert ("dead", "x") in kinds(vocabulary(rule("x", opposite, 1), rule("y", has("b"), 2)))
    empty = rules([group("a", "uno dos"), group("none")], [rule("x", near("a", "none"), 1)]).vocabulary
    assert ("dead", "x") in kinds(empty)


def test_a_rule_from_which_nothing_follows_is_dead() -> None:
    assert ("dead", "x") in kinds(vocabulary(rule("x", near("a", "b"))))


def test_a_rule_that_another_always_beats_is_shadowed() -> None:
    narrow = rule("x", AllOf((has("a"), has("b"))), 2, weight=20)
    assert kinds(vocabulary(narrow, rule("y", has("a"), 1))) == [("shadowed", "x")]


def test_a_heavier_rule_is_not_shadowed() -> None:
    narrow = rule("x", AllOf((has("a"), has("b"))), 3, weight=40)
    assert kinds(vocabulary(narrow, rule("y", has("a"), 1))) == []


def test_the_same_words_with_two_levels_and_one_weight_contradict() -> None:
    same = vocabulary(rule("x", near("a", "b"), 1), rule("y", near("a", "b"), 3))
    assert kinds(same) == [("contradictory", "y")]
    caps = vocabulary(
        rule("x", near("a", "b"), at_most=Severity.MEDIUM), rule("y", near("a", "b"), at_least=Severity.HIGH)
    )
    assert kinds(caps) == [("contradictory", "y")]


def test_a_common_word_that_decides_alone_is_broad() -> None:
    broad = rules(
        [group("a", "no"), group("b", "tienda")], [rule("x", has("a"), 1), rule("y", near("a", "b"), 2)]
    )
    assert kinds(broad.vocabulary) == [("broad", "x")]


def test_a_rule_for_no_kind_of_mail_is_dead() -> None:
    found = lint(vocabulary(rule("x", has("a"), 1, on=()), rule("y", has("b"), 2)))
    assert [(one.kind, one.rule) for one in found] == [("dead", "x")]
    assert "`on` is empty" in found[0].message


def test_a_choice_is_dead_only_when_every_branch_of_it_is() -> None:
    groups = [group("a", "uno dos"), group("none")]
    for branches, dead in (((has("none"), has("none")), True), ((has("none"), has("a")), False)):
        made = rules(groups, [rule("x", AnyOf(branches), 1)]).vocabulary
        assert (("dead", "x") in kinds(made)) is dead


def test_a_common_word_in_one_branch_of_a_choice_is_broad_beside_another_that_is_not() -> None:
    groups = [group("a", "no"), group("b", "catálogo")]
    either = rules(groups, [rule("x", AnyOf((has("b"), has("a"))), 1)]).vocabulary
    assert kinds(either) == [("broad", "x")]
    both = rules(groups, [rule("x", AllOf((has("b"), has("a"))), 1)]).vocabulary
    assert kinds(both) == []


def test_rules_for_other_languages_or_places_say_nothing_of_one_another() -> None:
    spanish = rule("x", near("a", "b"), 1, languages=(Language.ES,))
    english = rule("y", near("a", "b"), 3, languages=(Language.EN,))
    assert kinds(vocabulary(spanish, english)) == []
    assert (
        kinds(vocabulary(rule("x", near("a", "b"), 1), rule("y", near("a", "b"), 3, where=("subject",))))
        == []
    )


def test_a_cap_is_shadowed_by_nothing_for_it_proposes_no_level() -> None:
    cap = rule("x", AllOf((has("a"), has("b"))), at_most=Severity.MEDIUM, weight=20)
    assert kinds(vocabulary(cap, rule("y", has("a"), 1))) == []


def test_all_and_none_of_the_same_words_can_never_hold() -> None:
    contrary = AllOf((AllOf((has("g"),)), NoneOf((has("g"),))))
    made = rules([group("g", "lento")], [rule("never", contrary, 1)])
    assert [(each.kind, each.rule) for each in lint(made.vocabulary)] == [("dead", "never")]


def test_a_rule_that_the_sum_beats_and_whose_words_it_does_not_weigh_is_outweighed() -> None:
    weighing = Weighing({"b": Sign(said=(1, 0, 0))})
    light = rule("x", has("a"), 3, weight=10)
    assert kinds(vocabulary(light, weighing=weighing)) == [("outweighed", "x")]
    heavy = rule("x", has("a"), 3, weight=30)
    assert kinds(vocabulary(heavy, weighing=weighing)) == []
    weighed = rule("x", near("a", "b"), 3, weight=10)
    assert kinds(vocabulary(weighed, weighing=weighing)) == []
    assert kinds(vocabulary(light, groups=("a",))) == []
