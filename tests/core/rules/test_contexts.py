import pytest

from tests.core.rules.vocabularies import group, mail, rules
from triage.core.rules.contexts import Contexts
from triage.core.rules.matcher import find
from triage.core.rules.vocabulary import Context, Group, Phrase

GROUPS = [
    group("fault", "caido", "se cayo", "no anda"),
    group("site", "sitio", thing=True),
    Group("no", (Phrase("no"),), (Phrase("no se si"),)),
    group("back", "ya anda", "volvio"),
    group("again", "otra vez"),
    group("but", "pero"),
    group("test", "pruebas"),
]
DENIED = Context("c", "no", before=2, alone=True, spares_things=True)
OVER = Context("c", "back", sentence=True, following=2, cancelled_by="again")


def holds(text: str, context: Context, groups: str = "fault") -> bool:
    vocabulary = rules(GROUPS, [], (context,), adversative="but")
    found = find(vocabulary.compiled, mail(text))
    contexts = Contexts(found, vocabulary.compiled, "but")
    return any(contexts.holds("c", hit) for hit in found.hits.of(groups))


@pytest.mark.parametrize("text", ["no está caído", "no se cayó", "el sitio no está todo caído"])
def test_a_fault_is_denied_by_a_word_close_before_it(text: str) -> None:
    assert holds(text, DENIED)


@pytest.mark.parametrize(
    "text",
    [
        "está caído",
        "no anda",  # the no is the fault's own
        "no, está caído",  # another clause
        "no pasa pero está caído",  # beyond the turn
        "no abre nada de nada caído",  # too far
        "caído, no",  # behind
        "no sé si está caído",  # excepted
    ],
)
def test_a_fault_is_not_denied_from_elsewhere(text: str) -> None:
    assert not holds(text, DENIED)


def test_the_no_of_a_longer_phrase_denies_nothing_else() -> None:
    assert not holds("no anda caído", Context("c", "no", before=2, alone=True))


def test_names_of_things_are_spared() -> None:
    assert not holds("no hay sitio", DENIED, "site")
    assert holds("no hay sitio", Context("c", "no", before=2), "site")


@pytest.mark.parametrize("text", ["ayer se cayó, ya anda", "Ayer se cayó. Fue feo. Volvió."])
def test_what_is_over_may_be_said_later(text: str) -> None:
    assert holds(text, OVER)


@pytest.mark.parametrize(
    "text",
    [
        "Se cayó. Uno. Dos. Volvió.",  # too late
        "volvió pero se cayó",  # it turned
        "se cayó otra vez, volvió",  # cancelled
    ],
)
def test_what_goes_on_is_not_over(text: str) -> None:
    assert not holds(text, OVER)


def test_a_context_may_reach_back_a_sentence_or_the_whole_matter() -> None:
    text = "Es el ambiente de pruebas. Se cayó."
    assert holds(text, Context("c", "test", preceding=1))
    assert not holds(text, Context("c", "test", sentence=True))
    assert holds("Pruebas. Uno. Dos. Tres. Se cayó.", Context("c", "test", matter=True))


def test_contexts_of_one_name_hold_where_one_of_them_does() -> None:
    vocabulary = rules(GROUPS, [], (Context("c", "test", sentence=True), Context("c", "no", before=1)))
    found = find(vocabulary.compiled, mail("no está caído"))
    assert Contexts(found, vocabulary.compiled, None).holds("c", found.hits.of("fault")[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Volvió. Uno. Dos. Se cayó. Tres.", [False]),  # beyond every cue's reach
        ("Se cayó. Volvió. Uno. Dos. Tres. Se cayó.", [True, False]),
        ("Se cayó. Uno. Son pruebas. Volvió.", [False]),  # each context has its own reach
        ("Son pruebas. Se cayó.", [True]),
    ],
)
def test_any_of_several_contexts_holds_only_as_far_as_each_reaches(text: str, expected: list[bool]) -> None:
    after, before = Context("over", "back", following=1), Context("tried", "test", preceding=1)
    vocabulary = rules(GROUPS, [], (after, before))
    found = find(vocabulary.compiled, mail(text))
    contexts = Contexts(found, vocabulary.compiled, None)
    assert [contexts.any_of(("over", "tried"), hit) for hit in found.hits.of("fault")] == expected


def test_a_context_of_the_whole_matter_reaches_beside_others_that_do_not() -> None:
    vocabulary = rules(GROUPS, [], (Context("over", "back"), Context("tried", "test", matter=True)))
    found = find(vocabulary.compiled, mail("Pruebas. Volvió. Uno. Se cayó."))
    contexts = Contexts(found, vocabulary.compiled, None)
    hit = found.hits.of("fault")[0]
    assert contexts.any_of(("over", "tried"), hit)
    assert contexts.any_of(("over", "tried"), hit)  # the same, remembered
