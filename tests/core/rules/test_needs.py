from tests.core.rules.vocabularies import group, has, mail, near, rule, rules
from triage.core.rules import classify
from triage.core.rules.needs import groups_of, needs_of
from triage.core.rules.vocabulary import AllOf, AnyOf, Condition, Context, Matches, NoneOf

GROUPS = [group("a", "alfa"), group("b", "beta"), group("c", "gama"), group("no", "no")]


def sets(*groups: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(each) for each in groups)


def holds(condition: Condition, text: str) -> bool:
    made = rules(GROUPS, [rule("r", condition, 1, unless=("denied",))], (Context("denied", "no", before=1),))
    return classify(made, mail(text)).rule == "r"


def test_every_group_of_a_condition_is_known() -> None:
    condition = AnyOf((has("a|b"), near("c", "d"), NoneOf((has("e"),)), Matches("x")))
    assert groups_of(condition) == set("abcde")


def test_each_term_needs_a_hit_of_one_of_its_groups() -> None:
    needs = needs_of(AllOf((has("a|b"), near("c", "d"), Matches("x"), NoneOf((has("e"),)))))
    assert needs.any_of == needs.meant == sets("ab", "c", "d")


def test_of_alternatives_one_must_have_what_it_needs_first() -> None:
    assert needs_of(AnyOf((has("a"), near("b", "c")))).any_of == sets("ab")
    assert needs_of(AnyOf((has("a"), Matches("x")))).any_of == ()


def test_a_term_that_asks_for_a_context_may_find_it_where_the_rule_counts_nothing_else() -> None:
    asked = has("a", is_=("denied",))
    assert needs_of(asked)[:2] == (sets("a"), ())
    assert holds(asked, "no alfa")


def test_what_may_not_be_there_is_told_apart_from_what_has_still_to_be_asked() -> None:
    plain, asked = has("b|c"), has("d", but=("denied",))
    first, last = Matches("x"), has("a")
    needs = needs_of(AllOf((AllOf((first, last)), NoneOf((plain, asked)))))
    assert needs.barred == set("bc")
    assert needs.rest == AllOf((first, last, NoneOf((asked,))))


def test_what_is_left_of_a_condition_is_no_longer_than_it_must_be() -> None:
    assert needs_of(AllOf((has("a"), NoneOf((has("b"),))))).rest == has("a")
    assert needs_of(NoneOf((has("b"),))).rest == NoneOf(())


def test_a_word_that_is_denied_bars_nothing() -> None:
    condition = AllOf((has("a"), NoneOf((has("b"),))))
    assert holds(condition, "alfa")
    assert not holds(condition, "alfa; beta")
    assert holds(condition, "alfa; no beta")


def test_words_of_another_matter_neither_bar_nor_help() -> None:
    condition = AllOf((has("a"), NoneOf((has("b"),))))
    both = near("a", "c")
    made = rules([*GROUPS, group("also", "ademas")], [rule("r", condition, 1)], matters="also")
    assert classify(made, mail("Alfa.\nAdemás, beta.")).rule == "r"
    made = rules([*GROUPS, group("also", "ademas")], [rule("r", both, 1)], matters="also")
    assert classify(made, mail("Alfa.\nAdemás, gama.")).rule != "r"
