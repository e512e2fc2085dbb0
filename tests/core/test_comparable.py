"""One spelling for what people and programs write in many."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.core import comparable


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("¿CÓMO  está\n esto?", "¿como esta esto?"),
        ("No\u00a0Reply", "no reply"),
        ("It’s – “so”…", 'it\'s - "so"...'),
        ("Ação", "acao"),
        ("", ""),
    ],
)
def test_capitals_accents_marks_and_blanks_do_not_matter(text: str, folded: str) -> None:
    assert comparable.fold(text) == folded


def test_the_voiced_marks_of_kana_are_letters() -> None:
    assert comparable.fold("配信できません") == "配信できません"


def test_phrases_are_found_whatever_their_spelling() -> None:
    phrases = comparable.folded(("Respuesta automática", "out of office"))
    text = comparable.fold("RESPUESTA AUTOMATICA: hola")
    assert comparable.holds_any(text, phrases)
    assert comparable.holding(text, phrases) == ("respuesta automatica",)


_LATIN = st.text(
    st.sampled_from("abzñÑáÉüçÃõ ß\u00a0\u00ad\u0301\u0303\t\nİıſK’“–…´`ﬁ½é😀\u200dがハ\u3099한ệ≠²"),
    max_size=60,
)


@given(st.one_of(_LATIN, st.text(max_size=60)), st.sampled_from([1, 20]))
def test_the_short_way_of_folding_gives_what_a_full_decomposition_gives(text: str, times: int) -> None:
    marks = str.maketrans(dict.fromkeys("\u00ad\u200b\ufeff") | dict.fromkeys("‘’ʼ´`", "'") | dict.fromkeys("“”«»", '"')
                          | dict.fromkeys("–—‐‑−", "-") | {"…": "..."})  # fmt: skip
    text *= times
    plain = unicodedata.normalize("NFKD", text.translate(marks))
    plain = "".join(char for char in plain if not "\u0300" <= char <= "\u036f")
    folded = " ".join(unicodedata.normalize("NFC", plain).casefold().replace("`", "'").split())
    assert comparable.fold(text) == folded


@given(
    st.lists(st.text("abcñ ", min_size=1, max_size=4), min_size=1, max_size=12), st.text("abcñ ", max_size=80)
)
def test_one_pass_over_a_text_finds_what_looking_for_each_phrase_finds(phrases: list[str], text: str) -> None:
    table = comparable.Phrases(phrases)
    found = tuple(phrase for phrase in phrases if phrase in text)
    assert comparable.holding(text, table) == found
    assert comparable.holds_any(text, table) is bool(found)
    tables = comparable.Tables({str(size): table[:size] for size in range(1, len(phrases) + 1)})
    assert tables.found_in(text) == [name for name in tables if any(word in text for word in tables[name])]


def test_a_lone_surrogate_and_its_neighbours_are_folded() -> None:
    assert comparable.fold("Ñandú \udcff Á") == "nandu \udcff a"
