import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.core.text_cleaning import base_name, clean_line, clean_text


def test_every_kind_of_line_break_becomes_a_line_feed() -> None:
    assert clean_text("a\r\nb\rc\vd\fe\x85f\u2028g\u2029h") == "a\nb\nc\nd\ne\nf\ng\nh"


def test_terminal_escapes_and_control_characters_vanish() -> None:
    assert clean_text("\x1b[31mred\x1b[0m\x00\x07 \x1b]0;title\x07ok\x9b") == "red ok"


def test_bidi_controls_and_unseen_characters_vanish() -> None:
    assert clean_text("ca\u200bí\u00addo \u202egpj.exe\u2066\ufeff") == "caído gpj.exe"


def test_a_lone_surrogate_becomes_the_replacement_character() -> None:
    assert clean_text("a\udcffb") == "a\ufffdb"


def test_ordinary_text_passes_unchanged() -> None:
    text = "Hola,\n\tno anda el carrito — ¿qué pasó? 👩\u200d🔧"
    assert clean_text(text) == text


@given(st.text() | st.text(st.characters(max_codepoint=0x7F)))
def test_a_line_is_cleaned_as_a_text_is(text: str) -> None:
    assert clean_line(text) == " ".join(clean_text(text).split())


def test_a_line_has_no_line_break_and_is_cut() -> None:
    assert clean_line("  a\r\n b\tc  d ") == "a b c d"
    assert clean_line("x" * 500, 200) == "x" * 200


def test_a_file_name_is_a_label_and_never_a_path() -> None:
    assert base_name("../../etc/passwd") == "passwd"
    assert base_name("C:\\Users\\ana\\foto.png") == "foto.png"
    assert base_name("..") == ""
    assert base_name("a" * 400 + ".pdf") == "a" * 146 + ".pdf"


@given(st.text())
def test_cleaning_is_idempotent_and_leaves_nothing_dangerous(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    assert not set(once) & set("\r\0\x1b\u2028\u202e")
    once.encode("utf-8")
    assert "\n" not in clean_line(text)


@given(st.text(alphabet=st.characters(), max_size=300))
def test_a_label_never_holds_a_separator(name: str) -> None:
    assert not set(base_name(name)) & set("/\\\n\0")


def test_giant_texts_are_cut_before_they_are_read() -> None:
    assert clean_text("a\r" * 1_000, 10) == "a\n" * 5
    assert clean_line("  a" * 10_000, 5) == "a a a"


@pytest.mark.parametrize(
    ("wire", "text"),
    [("a\r\nb\r\n", "a\nb\n"), ("a\r\r\nb", "a\n\nb"), ("a\rb\r\n\0", "a\nb\n"), ("a\r\n\u2028b", "a\n\nb")],
)
def test_every_end_of_a_line_becomes_one_line_feed(wire: str, text: str) -> None:
    assert clean_text(wire) == text
