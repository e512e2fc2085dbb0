import pytest

from tests.adapters.parser_mailparser.samples import HEAD, PDF, SAMPLES, multipart, parse, parse_body, part


def test_the_plain_alternative_is_read() -> None:
    message = parse(SAMPLES["alternative"])
    assert (message.text, message.attachments, message.defects) == ("Hola", (), ())


def test_a_blank_plain_text_beside_a_full_html_gives_way() -> None:
    raw = HEAD + multipart(
        "alternative", part("text/plain", " \r\n"), part("text/html", "<p>No anda el carrito</p>")
    )
    message = parse(raw)
    assert message.text == "No anda el carrito"
    assert "html-only" in message.defects
    assert message.attachments == ()


def test_a_plain_text_that_only_asks_for_html_gives_way() -> None:
    raw = HEAD + multipart(
        "alternative",
        part("text/plain", "Your email client does not support HTML."),
        part("text/html", "<p>" + "El sitio está caído desde las nueve. " * 5 + "</p>"),
    )
    assert parse(raw).text.startswith("El sitio está caído")


def test_text_split_around_attachments_is_joined_in_order() -> None:
    raw = HEAD + multipart("mixed", part("text/plain", "Antes"), PDF, part("text/plain", "Después"))
    message = parse(raw)
    assert message.text == "Antes\n\nDespués"
    assert [one.name for one in message.attachments] == ["factura.pdf"]


def test_alternatives_around_a_mixed_html_are_read_once() -> None:
    mixed = multipart(
        "mixed", part("text/html", "<p>Antes</p>"), PDF, part("text/html", "<p>Después</p>"), boundary="m"
    )
    message = parse(HEAD + multipart("alternative", part("text/plain", "Antes Después"), mixed))
    assert message.text == "Antes Después"
    assert [one.name for one in message.attachments] == ["factura.pdf"]


def test_a_named_text_is_a_file_unless_it_is_inline_or_all_there_is() -> None:
    log = part("text/plain; name=error.log", "ERROR 500")
    both = parse(HEAD + multipart("mixed", part("text/plain", "Va el log"), log))
    assert (both.text, [one.name for one in both.attachments]) == ("Va el log", ["error.log"])
    inline = part("text/plain; name=nota.txt", "y esto", "Content-Disposition: inline")
    assert parse(HEAD + multipart("mixed", part("text/plain", "Uno"), inline)).text == "Uno\n\ny esto"
    assert parse(HEAD + multipart("mixed", log, PDF)).text == "ERROR 500"


def test_html_that_repeats_the_plain_text_beside_it_is_dropped() -> None:
    assert (
        parse(HEAD + multipart("mixed", part("text/plain", "Hola"), part("text/html", "<p>Hola</p>"))).text
        == "Hola"
    )


def test_a_signed_message_is_read_without_its_signature() -> None:
    signature = part("application/pgp-signature; name=s.asc", "-----BEGIN")
    message = parse(HEAD + multipart("signed", part("text/plain", "Firmado"), signature))
    assert message.text == "Firmado"


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("text/plain; charset=no-such", "página", "página"),
        ("text/x-unknown", "algo", "algo"),
        ("text/enriched", "<bold>Hola</bold> mundo", "Hola mundo"),
        ("nonsense", "hola", "hola"),
        ("text/plain", "a\0b\r\nc", "ab\nc"),
    ],
)
def test_odd_texts_are_still_shown(content_type: str, body: str, expected: str) -> None:
    assert parse_body(content_type, body).text == expected


@pytest.mark.parametrize("declared", ["", "Content-Type: text/plain; charset=utf-8\r\n"])
@pytest.mark.parametrize("start", ["<html>", "\n<!DOCTYPE html>\n<HTML lang=es>"])
def test_a_page_that_is_not_declared_as_html_is_read_as_one(declared: str, start: str) -> None:
    page = f"{start}<body><p>La tienda&nbsp;no carga.</p></body></html>\n"
    message = parse(HEAD + f"{declared}\r\n{page}".encode())
    assert message.text == "La tienda no carga."


def test_a_tag_that_somebody_asks_about_is_shown() -> None:
    for text in ("<html> no cierra en el panel", "Pego esto:\n<html><body>x</body></html>"):
        assert parse_body("text/plain", text).text == text


def test_the_step_of_the_charset_ladder_is_kept() -> None:
    message = parse_body("text/plain; charset=us-ascii", "página".encode("latin-1"))
    assert (message.text, message.charset_step) == ("página", "cp1252")
    assert "charset:cp1252" in message.defects


def test_giant_texts_are_cut() -> None:
    message = parse_body("text/plain", b"a" * 5_000_000)
    assert len(message.text) <= 1_100_000
    assert "truncated" in message.defects
