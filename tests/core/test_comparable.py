"""One spelling for what people and programs write in many."""

import pytest

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
