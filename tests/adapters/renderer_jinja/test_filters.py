from datetime import UTC, datetime
from pathlib import Path

import pytest

from triage.adapters.renderer_jinja import JinjaRenderer

NOW = datetime(2026, 10, 20, 16, 42, tzinfo=UTC)
AT = "2026-10-20T18:42:00+00:00"


def say(tmp_path: Path, expression: str, language: str = "es", **values: object) -> str:
    folder = tmp_path / language
    folder.mkdir(exist_ok=True)
    (folder / "x.subject.txt").write_text("x")
    (folder / "x.txt").write_text(f"{{{{ {expression} }}}}")
    variables = {"zone": "America/Argentina/Buenos_Aires", "at": AT, **values}
    return JinjaRenderer(tmp_path).words("x", language, variables, NOW).text.rstrip("\n")


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("at | moment", "hoy a las 15:42"),
        ("at | by", "hoy antes de las 15:42"),
        ("at | deadline", "hoy antes de las 15:42, hora de Buenos Aires"),
        ("at | deadline('from')", "a partir del martes 20 (fecha a confirmar)"),
        ("at | left", "quedan 2 h"),
        ("at | exact", "martes 20 de octubre de 2026, 15:42 (hora de Buenos Aires)"),
        ("at | stamp", "mar 20/10 15:42"),
        ("'2026-12-15' | day", "el martes 15 de diciembre"),
        ("'2026-12-15' | calendar_day", "martes 15 de diciembre"),
        ("4.6 | number", "4,6"),
        ("'abc def' | cut(5)", "abc…"),
        ("'hola' | sentence", "Hola"),
        ("'yes' if at | future else 'no'", "yes"),
    ],
)
def test_a_filter_says_it_in_words(tmp_path: Path, expression: str, words: str) -> None:
    assert say(tmp_path, expression) == words


def test_a_quote_marks_every_line_and_is_cut(tmp_path: Path) -> None:
    assert say(tmp_path, "x | quote", x="a\r\n\n\n\nb") == "> a\n>\n> b"
    assert say(tmp_path, "x | quote(10)", x="uno dos tres cuatro") == "> uno dos […]"


def test_paragraphs_keep_their_lines(tmp_path: Path) -> None:
    assert say(tmp_path, "x | paragraphs", x="a\nb\n\n\nc") == "a\nb\n\nc"
