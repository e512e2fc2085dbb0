import pytest

from triage.core import checklist
from triage.core.message import Attachment
from triage.core.model import Severity

BARE = "Buen día, no funciona el carrito. Gracias."
FULL = (
    "Cuando entro al carrito y toco Pagar, después de elegir la tarjeta, aparece el mensaje 'No se pudo procesar' "
    "y vuelve al inicio. Probé en otra máquina y pasa lo mismo desde ayer a la tarde."
)
SHOT = Attachment("captura.png", "image/png", 80_000)
LOGO = Attachment("image001.png", "image/png", 2_100, inline=True)


def test_a_bare_complaint_is_asked_for_everything() -> None:
    assert checklist.missing(BARE) == ("steps", "error", "screenshot", "description")


def test_a_full_report_is_asked_for_a_screenshot_only() -> None:
    assert checklist.missing(FULL) == ("screenshot",)


def test_a_picture_of_the_screen_shows_the_error_and_describes_the_rest() -> None:
    assert checklist.missing(BARE, (SHOT,)) == ("steps",)


def test_the_logo_of_a_signature_is_no_screenshot() -> None:
    assert "screenshot" in checklist.missing(FULL, (LOGO,))


def test_a_pasted_picture_in_the_text_is_a_screenshot() -> None:
    assert checklist.missing(FULL, (Attachment("", "image/png", 60_000, inline=True),)) == ()


@pytest.mark.parametrize("name", ["informe.pdf", "pantalla.docx", "captura.JPG", "video.mp4"])
def test_documents_and_videos_may_hold_the_screen(name: str) -> None:
    assert checklist.missing(FULL, (Attachment(name, "application/octet-stream", 100_000),)) == ()


def test_a_link_to_a_picture_counts() -> None:
    assert checklist.missing(FULL + " https://prnt.sc/abc123") == ()


def test_nothing_fails_in_severity_3_so_no_error_is_asked_for() -> None:
    assert checklist.missing("¿Se puede cambiar el color?", severity=Severity.LOW) == ("description",)
    assert checklist.missing(FULL, severity=Severity.LOW) == ()


def test_the_rule_chooses_what_to_ask_for() -> None:
    assert checklist.missing(BARE, ask=("screenshot", "order number")) == ("screenshot", "order number")


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("When I press Save the page reloads", "steps"),
        ("Quando clico em Salvar a página recarrega", "steps"),
        ("1. abro el panel\n2. guardo", "steps"),
        ("It shows a 500", "error"),
        ("Aparece un cartel rojo", "error"),
        ("Dá erro na hora do pagamento", "error"),
        ("dice “Sesión vencida”", "error"),
    ],
)
def test_what_a_mail_holds_is_seen_in_three_languages(text: str, given: str) -> None:
    assert given not in checklist.missing(text)


@pytest.mark.parametrize(
    "text",
    [
        "Gente, cadê nosso site? Só aparece uma página dizendo conta suspensa.",
        "Hi team, no rush, but the shop shows just an empty white page to everyone since nine.",
        "Entrás a nuestra dirección y aparece una bandera y música árabe. Bajen todo por favor.",
    ],
)
def test_of_an_outage_that_is_clear_nothing_is_asked(text: str) -> None:
    assert checklist.missing(text, severity=Severity.HIGH) == ()
    assert checklist.missing("ayuda!!", severity=Severity.HIGH) == ("description",)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (
            "The DHL label prints with the return address swapped. We cross it out by hand.",
            ("steps", "error", "screenshot"),
        ),
        (
            "As fotos do produto novo não sobem, dá erro de formato. Os outros estão certos.",
            ("steps", "screenshot"),
        ),
        ("Quem tenta se cadastrar com CNPJ recebe erro de validação. Com CPF passa sempre.", ("screenshot",)),
        (
            "El mail de bienvenida sale con el nombre de otro cliente cada vez que alguien se registra.",
            ("error", "screenshot"),
        ),
    ],
)
def test_of_a_fault_only_what_is_not_there_is_asked(text: str, asked: tuple[str, ...]) -> None:
    assert checklist.missing(text) == asked


def test_a_short_request_that_says_what_it_wants_is_clear() -> None:
    text = "There's an error in the footer: \"Adress\" should have two d's."
    assert checklist.missing(text, severity=Severity.LOW) == ()


def test_hostile_text_is_judged_in_linear_time() -> None:
    checklist.missing('"' * 500_000 + "al " * 100_000)
