import pytest

from triage.adapters.parser_mailparser.html_text import to_text


def test_what_a_reader_sees_remains() -> None:
    document = (
        "<html><head><title>t</title><style>p{}</style></head><body><p>Hola &aacute;, <b>mun</b>do</p>"
        "<div style='display:none'>preheader</div><script>alert(1)</script><a href='http://x.example'>ver</a>"
        "<img src='http://x.example/pixel.gif' alt='pixel'><ul><li>uno<li>dos</ul></body></html>"
    )
    assert to_text(document) == "Hola á, mundo\n\nver\n* uno\n* dos"


def test_quoted_blocks_are_marked_with_their_depth() -> None:
    document = (
        "<p>Sí</p><blockquote type=cite>uno<br>dos<blockquote>tres</blockquote>cuatro</blockquote><p>fin</p>"
    )
    assert to_text(document).split("\n") == ["Sí", "", "> uno", "> dos", "> > tres", "> cuatro", "", "fin"]


def test_a_link_that_writes_a_mail_shows_what_it_writes() -> None:
    """By such links our own mail to an agent is known where his program quotes it without any mark."""
    link = "mailto:soporte@netone.example?subject=%5BNO-2026-000001%5D%20%23take.x"
    assert to_text(
        f"<p>Hola</p><div><a href='{link}'>Lo tomo</a> · <a href='mailto:a@x.example'>a</a></div>"
    ) == (f"Hola\n\nLo tomo {link} · a")


def test_an_indented_block_without_a_border_is_no_quote() -> None:
    assert to_text("<blockquote style='margin:0 0 0 40px; border:none'>Mi texto</blockquote>") == "Mi texto"


def test_layout_tables_do_not_tear_sentences() -> None:
    document = "<table><tr><td><p>El carrito<br>no anda</p></td><td><p>Menú<br>Pie</p></td></tr></table>"
    assert "El carrito\nno anda" in to_text(document)


def test_an_xml_declaration_is_no_obstacle() -> None:
    assert to_text("<?xml version='1.0' encoding='utf-16'?><html><body>Hola</body></html>") == "Hola"


@pytest.mark.parametrize(
    "document",
    [
        "<div>" * 50_000 + "Hola" + "</div>" * 50_000,
        "<b><i>" * 50_000 + "Hola",
        "<table><tr><td>" * 5_000 + "Hola",
        "<p>x</p>" * 30_000 + "Hola",
        "<div>" * 300 + "<script>no</script><style>no</style><!-- no -->Hola",
    ],
)
def test_monstrous_documents_keep_their_text(document: str) -> None:
    text = to_text(document)
    assert text.endswith("Hola")
    assert "no" not in text


@pytest.mark.parametrize(
    "document", ["<script " * 100_000, "<!--" * 200_000, "<head>" * 60_000, "&amp" * 200_000, "<" * 500_000]
)
def test_endless_constructions_do_not_stall(document: str) -> None:
    assert isinstance(to_text(document), str)


def test_blank_documents_are_empty() -> None:
    assert to_text("") == ""
    assert to_text(" \n<p>&nbsp;</p>") == ""
