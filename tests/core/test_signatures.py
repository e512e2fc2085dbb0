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
        "Yahoo Mail: Busca, organiza, conquista",
        "Yahoo Mail: Search, Organize, Conquer",
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
        "Saludos \N{SLIGHTLY SMILING FACE}",
        "\N{WAVING HAND SIGN} Abrazo,",
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


NOTICE = (
    "Este mensaje y sus adjuntos son confidenciales y están dirigidos únicamente a su destinatario. Si usted recibió "
    "este correo por error, por favor elimínelo y avise al remitente. Queda prohibida su divulgación."
)


def test_a_legal_notice_speaks_of_the_mail_itself_and_of_secrecy() -> None:
    assert signatures.is_disclaimer(NOTICE)
    assert signatures.is_disclaimer("Antes de imprimir este mail pensá en el medio ambiente")
    assert not signatures.is_disclaimer("Este mensaje no llega.")
    assert not signatures.is_disclaimer("La tienda no anda y los pedidos no llegan a su destino. " * 10)


def test_a_mail_that_is_nothing_but_a_notice_keeps_its_words() -> None:
    assert signatures.disclaimed([NOTICE, ""]) == [False, False]
    assert signatures.disclaimed(["Hola", "", NOTICE]) == [False, False, True]


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        (["No anda el carrito.", "--", "Ana Ruiz", "Tienda Prueba"], 1),
        (["No anda el carrito.", "--", "¿Me pueden ayudar con esto?"], 4),
        (["No anda el carrito.", "--", *["otra línea más de lo mismo"] * 20], 22),
        (["No anda.", "_" * 20, "Ana Ruiz", "Tel. 4555-0101"], 4),
        (["No anda.", "-- ", "Ana"], 1),
        (["No anda.", "Enviado desde mi iPhone", "", "de nuevo"], 1),
        (["Saludos,", "es urgente que lo vean hoy mismo porque no podemos cobrar", "Ana", "_" * 20, "x"], 3),
        (["No anda.", "Saludos,", "Ana"], 1),
        (["No anda.", "Saludos,"], 2),
        (["No anda.", "Saludos,", "¿cuándo lo ven?"], 3),
        (["No anda.", "Ana Ruiz", "--", "Ana Ruiz"], 2),
    ],
)
def test_a_loose_delimiter_cuts_only_what_tells_nothing(lines: list[str], kept: int) -> None:
    assert signatures.own_end(lines) == min(kept, len(lines))


@pytest.mark.parametrize("dash", ["--", "—", "___________"])
def test_a_lists_footer_is_cut_whatever_it_asks_or_tells(dash: str) -> None:
    footer = [
        "You received this message because you are subscribed to the group.",
        "Questions? Ask us.",
        "x" * 120,
    ]
    assert signatures.own_end(["No anda el carrito.", dash, *footer]) == 1
