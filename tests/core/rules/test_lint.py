from tests.core.rules.vocabularies import group, has, near, rule, rules
from triage.core.model import Severity
from triage.core.rules.lint import lint
from triage.core.rules.vocabulary import AllOf, Context, NoneOf, Vocabulary


def kinds(vocabulary: Vocabulary) -> list[tuple[str, str]]:
    return [(finding.kind, finding.rule or finding.group) for finding in lint(vocabulary)]


def vocabulary(*its: object, groups: tuple[str, ...] = ("a", "b"), **fields: object) -> Vocabulary:
    named = [group(name, f"{name}lfa {name}") for name in groups]
    return rules(named, list(its), **fields).vocabulary  # type: ignore[arg-type]


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
