"""Where a writer's own words end, line by line."""

import pytest

from triage.core import signatures


@pytest.mark.parametrize(
    "line",
    [
        "Enviado desde mi iPhone",
        "Sent from my Verizon Wireless BlackBerry",
        "Enviado do meu Samsung",
        "Get Outlook for iOS<https://aka.ms/x>",
        "Obtener Outlook para Android",
        "Envoyé de mon iPhone",
        "Von meinem iPhone gesendet",
        "iPhoneから送信",
        "Inviato da iPhone",
    ],
)
def test_phones_sign_like_this(line: str) -> None:
    assert signatures.is_sent_from(line)


@pytest.mark.parametrize(
    "line",
    [
        "Enviado desde mi oficina, el pedido llega mal y no se puede facturar.",
        "Sent from my office, I can confirm that it fails.",
        "Hola",
        "",
    ],
)
def test_people_write_like_that(line: str) -> None:
    assert not signatures.is_sent_from(line)


@pytest.mark.parametrize(
    "line",
    [
        "Saludos,",
        "Saludos cordiales",
        "Muchas gracias.",
        "Atte.",
        "Kind regards,",
        "Abraço",
        "Att,",
        "Best regards",
        "Obrigada!",
    ],
)
def test_closing_phrases_are_known(line: str) -> None:
    assert signatures.is_sign_off(line)


@pytest.mark.parametrize(
    "line",
    ["Gracias, pero sigue fallando", "Saludos a todos los que pueden entrar", "El saludo no aparece", ""],
)
def test_sentences_are_no_closing_phrases(line: str) -> None:
    assert not signatures.is_sign_off(line)


@pytest.mark.parametrize(
    "paragraph",
    [
        "Este mensaje da error cuando el destinatario confirma",
        "El correo de confirmación no llega a los clientes",
        "Confidencial",
        "This message appears at checkout",
    ],
)
def test_a_fault_that_speaks_of_messages_is_no_disclaimer(paragraph: str) -> None:
    assert not signatures.is_disclaimer(paragraph)


def test_the_end_is_never_before_the_first_words() -> None:
    assert signatures.own_end(["-- ", "Ana"]) == 2
    assert signatures.own_end(["Enviado desde mi iPhone"]) == 1
    assert signatures.own_end(["Hola", "-- ", "Ana"]) == 1


def test_all_disclaimer_is_no_disclaimer() -> None:
    text = ["Este mensaje es confidencial y está dirigido a su destinatario."]
    assert signatures.disclaimed(text) == [False]
