import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.rules.vocabularies import group
from triage.core.model import Language
from triage.core.rules import phrases
from triage.core.rules.phrases import Use
from triage.core.rules.vocabulary import Group, Phrase


def test_a_phrase_stands_between_blanks_and_a_star_leaves_its_end_open() -> None:
    assert phrases.patterns_of("No  Ánda") == (" no anda ",)
    assert phrases.patterns_of("caíd*") == (" caid",)


def test_a_star_after_a_mark_asks_for_a_whole_word() -> None:
    assert phrases.patterns_of("ERR_*") == (" err ",)


def test_alternatives_are_written_out() -> None:
    assert phrases.patterns_of("no (me|nos|) abre") == (" no me abre ", " no nos abre ", " no abre ")


@pytest.mark.parametrize("words", ["", "  ", "*", "a*", "!!", "no* anda", "a (b", "a (b (c|d))", "a) b"])
def test_what_cannot_be_searched_for_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r"word|star|brackets"):
        phrases.patterns_of(words)


def test_too_many_alternatives_are_refused() -> None:
    many = "(" + "|".join(f"w{n}" for n in range(60)) + ")"
    with pytest.raises(ValueError, match="more than"):
        phrases.patterns_of(f"{many} {many}")


def test_overlapping_phrases_are_all_found() -> None:
    automaton = phrases.build([group("a", "no anda", "no anda nada", "nada")])
    assert len(automaton.find(" no anda nada ")) == 3


def test_slips_are_mended_towards_the_vocabulary_and_never_away_from_it() -> None:
    slips = phrases.slips([" no funciona la pagina ", " serbia ", " servia "]).meant
    assert slips["funsiona"] == "funciona"
    assert slips["fucniona"] == "funciona"
    assert slips["pajina"] == "pagina"
    assert "serbia" not in slips


def test_endings_carry_meaning_and_are_not_mended() -> None:
    slips = phrases.slips([" comprar "]).meant
    assert "compra" not in slips


@given(st.lists(st.sampled_from(["no anda", "caid*", "la (web|tienda)"]), min_size=1))
def test_the_same_phrase_in_many_groups_is_one_pattern_with_many_uses(words: list[str]) -> None:
    automaton = phrases.build([group(f"g{n}", each) for n, each in enumerate(words)])
    assert sum(map(len, automaton.groups)) == sum(len(phrases.patterns_of(each)) for each in words)


def test_a_phrase_of_one_language_or_an_exception_is_no_usual_meaning_and_is_kept_once() -> None:
    no = Phrase("no", Language.ES)
    automaton = phrases.build([Group("a", (no,), (no, no), own_language=True), group("b", "no")])
    assert automaton.patterns == (" no ",)
    assert automaton.groups == (("b",),)
    assert automaton.uses == {0: (Use("a", False, Language.ES), Use("a", True, Language.ES))}


def test_without_a_phrase_nothing_is_found() -> None:
    assert phrases.build([group("a")]).find(" no anda nada ") == []


_WRITTEN = st.lists(
    st.sampled_from(
        ["no", "ánda", " ", "(", ")", "|", "*", "-", "_", "²", "ʰ", "½", "(a|b)", "(|e)", "(c|d)" * 11]
    )
)


@given(st.one_of(_WRITTEN.map("".join), st.text()))
def test_a_phrase_is_refused_by_the_check_exactly_where_it_cannot_be_compiled(words: str) -> None:
    refused = []
    for judge in (phrases.check, phrases.patterns_of):
        try:
            judge(words)
        except ValueError as error:
            refused.append(str(error))
    assert len(refused) in {0, 2}
    assert len(set(refused)) <= 1
