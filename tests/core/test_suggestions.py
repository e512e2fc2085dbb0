"""Which phrases of corrected cases are worth a rule."""

from triage.core.model import Severity
from triage.core.rules import Material
from triage.core.suggestions import Spoken, phrases_of, suggest

HIGH, MEDIUM = Severity.HIGH, Severity.MEDIUM


def spoken(client: str, text: str, level: Severity = HIGH, corrected: bool = True) -> Spoken:
    return Spoken(client, Material(new_text=text), level, corrected)


def test_words_that_several_corrected_clients_share_are_suggested_with_their_figures() -> None:
    found = suggest(
        [
            spoken("ana@a.example", "Hola, la tienda se esfumó."),
            spoken("beto@b.example", "Se esfumo todo"),
            spoken("caro@c.example", "se esfumó una foto", MEDIUM, corrected=False),
        ],
        precision=0.6,
    )
    best = next(each for each in found if "esfumo" in each.phrase)
    assert (best.support, best.right, best.holding, best.level) == (2, 2, 3, HIGH)


def test_the_words_of_one_client_are_never_shown() -> None:
    mails = [spoken("ana@a.example", "Ferretería Roca sin tienda")] * 3
    assert suggest(mails) == ()


def test_words_that_say_nothing_of_the_level_are_not_suggested() -> None:
    corrected = [spoken(f"{n}@a.example", "buenas tardes") for n in range(2)]
    others = [spoken(f"{n}@b.example", "buenas tardes", MEDIUM, corrected=False) for n in range(8)]
    assert suggest([*corrected, *others]) == ()


def test_of_phrases_that_hold_one_another_one_is_shown() -> None:
    found = suggest([spoken(f"{n}@a.example", "pantalla violeta gigante") for n in range(3)])
    assert len(found) == 1


def test_no_phrase_runs_across_a_mark_of_punctuation() -> None:
    assert "tienda gracias" not in set(phrases_of(Material(new_text="la tienda. Gracias")))


def test_a_phrase_is_not_shown_beside_a_part_of_it_that_more_clients_said() -> None:
    mails = [spoken(f"{n}@a.example", "pantalla violeta gigante") for n in range(2)]
    assert [each.phrase for each in suggest([*mails, spoken("x@b.example", "pantalla violeta")])] == [
        "pantalla violeta"
    ]
