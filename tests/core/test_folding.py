import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.core.folding import blanked, fold, fold_phrase, replaced


def shown(text: str, words: str) -> str:
    """Return the original words for a folded passage."""
    folded = fold(text)
    start = folded.text.index(words)
    return text[folded.original(start) : folded.original(start + len(words))]


def test_case_and_accents_go_and_enye_stays() -> None:
    assert fold("ANDÁ, señora, en otoño; ação É").text == "anda, señora, en otoño; acao e"


def test_year_does_not_become_anus() -> None:
    assert "ano" not in fold("el año").text
    assert fold("el an\u0303o").text == "el año"


def test_apostrophes_inside_words_vanish_however_they_are_typed() -> None:
    assert fold("can't can’t can´t 'can'").text == "cant cant cant 'can'"


def test_a_wrapped_line_is_one_thought_and_a_short_line_ends_one() -> None:
    wrapped = "desde esta mañana la tienda de nuestra empresa no\nabre en ningún lado"
    assert "no abre" in fold(wrapped).text
    assert fold("no anda\nsaludos").text == "no anda\nsaludos"


def test_evidence_is_shown_in_the_clients_words_where_folding_changes_lengths() -> None:
    text = "La  Straße   no\u00a0abre — can’t open"
    assert shown(text, "strasse") == "Straße"
    assert shown(text, "cant") == "can’t"
    assert shown(text, "open") == "open"


def test_a_phrase_folds_as_a_text_does() -> None:
    assert fold_phrase("  No   ABRE\nmás ") == "no abre mas"


def test_later_edits_keep_the_way_back() -> None:
    folded = fold("La  pájina   no carga")
    start = folded.text.index("pajina")
    mended = replaced(folded, [(start, start + 6, "pagina")])
    assert mended.text == "la pagina no carga"
    assert mended.original(mended.text.index("carga")) == len("La  pájina   no ")


@given(st.text(max_size=300))
def test_every_folded_position_leads_into_the_original_and_never_backwards(text: str) -> None:
    folded = fold(text)
    places = [folded.original(at) for at in range(len(folded.text) + 1)]
    assert all(0 <= place <= len(text) for place in places)
    assert places == sorted(places)


@given(st.text(max_size=300))
def test_blanking_keeps_every_position(text: str) -> None:
    assert len(blanked(text)) == len(text)


@given(st.text(alphabet="abcñ áé'\n", max_size=200))
def test_folding_twice_changes_nothing_more_than_folding_once(text: str) -> None:
    once = fold(text).text
    assert fold(once).text.split() == once.split() or "'" in once


def test_a_letter_that_grows_in_lower_case_moves_nothing() -> None:
    """Turkish "İ" has two characters in lower case: lowered one by one, the places stay."""
    text = "İSTANBUL: la tienda no ABRE"
    assert shown(text, "no abre") == "no ABRE"


def test_what_lies_about_a_line_end_is_folded_with_it_and_leads_back() -> None:
    long = "desde esta mañana la tienda de nuestra empresa no"
    text = f"{long}  \n   ABRE\n\n  Saludos \n Ana"
    assert fold(text).text == f"{fold(long).text} abre\nsaludos\nana"
    for words in ("abre", "saludos", "ana"):
        assert shown(text, words).lower() == words


def test_a_line_before_an_item_ends_a_thought_however_long_it_is() -> None:
    long = "desde esta mañana la tienda de nuestra empresa no"
    assert fold(f"{long}\n  - abre").text == f"{fold(long).text}\n- abre"
    assert fold(f"{long}\n\n\nabre").text == f"{fold(long).text}\nabre"


def test_what_cannot_be_seen_does_not_make_a_line_longer() -> None:
    assert fold("no anda nada en la tienda" + "\u200b" * 40 + "\nsaludos").text.endswith("tienda\nsaludos")
    assert fold("ca\u0301n't").text == "cant"


def test_ligatures_and_marks_out_of_their_order_are_edited_in_order() -> None:
    text = "\u00adﬁn ß\u0301 ﬁn"
    assert fold(text).text == "fin ss fin"
    assert text[fold(text).original(7) :] == "ﬁn"


def test_a_text_in_many_alphabets_folds_as_its_parts_do() -> None:
    latin = "".join(map(chr, range(0x1E00, 0x1E80)))  # Ḁ to ẑ: more than are replaced one by one
    assert fold(latin).text == "".join(fold(char).text for char in latin)
    greek = "".join(map(chr, range(0x391, 0x3A2)))
    cyrillic = "".join(map(chr, range(0x410, 0x450)))
    text = f"{greek} {cyrillic} No ANDÁ"
    assert fold(text).text == f"{fold(greek).text} {fold(cyrillic).text} no anda"
    assert shown(text, "anda") == "ANDÁ"


def test_in_any_alphabet_all_that_is_no_letter_or_digit_is_blank() -> None:
    assert blanked("que—no: anda… №4") == "que no  anda   4"
    assert blanked("не работает — сайт!") == "не работает   сайт "


@pytest.mark.timeout(20)
@pytest.mark.parametrize("part", [" ", "\n", " \n", "\n ", "a'", "\n1", "\u200b", "n\u0303"])
def test_a_hostile_text_is_folded_in_linear_time(part: str) -> None:
    text = part * (400_000 // len(part)) + "x \n  y"
    folded = fold(text)
    assert text[folded.original(len(folded.text) - 1) :] == "y"
