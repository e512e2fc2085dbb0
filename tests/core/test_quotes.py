"""Single lines: attributions, separators, header blocks, and lines that only resemble them."""

import pytest

from triage.core import quotes
from triage.core.quotes import Kind


@pytest.mark.parametrize(
    "line",
    [
        "El lun, 2 mar 2026 a las 10:14, Ana Ruiz (<ana@x.example>) escribió:", "On Mon, Mar 2, 2026 at 10:14 AM Ana <ana@x.example> wrote:", "Em seg., 2 de mar. de 2026 às 10:14, Ana <ana@x.example> escreveu:", "Le 02/03/2026 à 10:14, Ana a écrit :", "Am 02.03.2026 um 10:14 schrieb Ana Ruiz:", "Il 02/03/2026 10:14, Ana Ruiz ha scritto:", "Op 2 mrt. 2026 om 10:14 schreef Ana <ana@x.example>:", "Den mån 2 mars 2026 kl 10:14 skrev Ana <ana@x.example>:", "Dnia 02.03.2026 10:14 Ana napisał(a):", "2 марта 2026 г., 10:14, Ana <ana@x.example> написал:", "2026年3月2日 10:14 Ana <ana@x.example>:", "Dne 2. 3. 2026 10:14 Ana napsal(a):", "Ana Ruiz <ana@x.example> escribió el 2/3/2026 10:14:", "On Mon, 2 Mar 2026 10:14:00 -0300 Ana Ruiz <ana@x.example> wrote",
    ],
)  # fmt: skip
def test_attribution_lines_of_many_languages_are_known(line: str) -> None:
    assert quotes.is_attribution(line)


@pytest.mark.parametrize(
    "line",
    [
        "On the other hand, we should:",
        "El cliente escribió:",
        "Los pedidos del 2026 son:",
        "Nos wrote:",
        "Horario: 10:14",
        "El error del 2/3/2026 dice:",
        "El 2/3/2026 el cliente <ana@x.example> escribió que no anda",
        "El cliente <ana@x.example> escribió",
        "El 2/3/2026 > escribió",
        "",
    ],
)
def test_lines_that_resemble_them_are_not(line: str) -> None:
    assert not quotes.is_attribution(line)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("-----Mensaje original-----", Kind.HISTORY), ("----- Original Message -----", Kind.HISTORY), ("-----Mensagem original-----", Kind.HISTORY), ("-----Ursprüngliche Nachricht-----", Kind.HISTORY),
        ("---------- Forwarded message ---------", Kind.FORWARD), ("-------- Mensaje reenviado --------", Kind.FORWARD), ("---------- Mensagem encaminhada ---------", Kind.FORWARD), ("Inicio del mensaje reenviado:", Kind.FORWARD), ("Begin forwarded message:", Kind.FORWARD),
        ("Mensaje original", None), ("-----", None), ("El mensaje reenviado no llegó:", None), ("original message", None),
    ],
)  # fmt: skip
def test_separators_are_known_by_words_and_rule(line: str, kind: Kind | None) -> None:
    assert quotes.separator(line) is kind


def test_a_header_block_needs_a_sender_and_two_more() -> None:
    lines = ["De: Ana <ana@x.example>", "Enviado: lunes", "Para: Soporte", "Asunto: hola", "", "texto"]
    block = quotes.header_block(lines, 0)
    assert block is not None
    assert block.end == 4
    assert quotes.header_block(["De: algodón", "Talle: M"], 0) is None


def test_every_line_gets_a_kind() -> None:
    kinds = quotes.mark(["Hola", "", "> cita", "El 2/3/26 a las 10:14, Ana escribió:", "> x", "abajo"])
    assert kinds == [Kind.OWN, Kind.OWN, Kind.QUOTE, Kind.QUOTE, Kind.QUOTE, Kind.OWN]


def test_a_header_block_s_values_may_be_folded_and_blanks_may_stand_between() -> None:
    folded = [
        "From: Ana",
        " <ana@x.example>",
        "To: a@x.example;",
        "b@x.example",
        "Subject:",
        "no anda",
        "Hola",
    ]
    block = quotes.header_block(folded, 0)
    assert block is not None
    assert block.end == 6
    assert dict(block.fields)["to"] == "a@x.example; b@x.example"
    spaced = ["De: Ana", "", "Enviado: lunes", "", "Para: Soporte", "Asunto: hola", "", "texto"]
    block = quotes.header_block(spaced, 0)
    assert block is not None
    assert block.end == 6
    assert quotes.header_block(["De: Ana", "", "texto", "Para: x", "Asunto: y"], 0) is None
    assert quotes.header_block(["De: Ana", "Hola a todos", "Para: x", "Asunto: y"], 0) is None


def test_a_weekday_alone_attributes_nothing_but_with_an_hour_it_does() -> None:
    assert not quotes.is_attribution("miércoles por la tarde:")
    assert not quotes.is_attribution("x" * 2_000 + ":")


def test_what_a_forward_s_separator_leaves_open_ends_with_the_mail() -> None:
    lines = ["Miren", "---------- Forwarded message ---------", "De: Ana <a@x.example>", "", "No anda"]
    assert quotes.mark(lines, forwarding=True)[1:] == [Kind.FORWARD] * 4
    assert (
        quotes.mark(["El 2/3/26 a las 10:14, Ana escribió:", "", "", "", "", "", "hola"])[-1]
        is not Kind.QUOTE
    )


def test_an_attribution_broken_over_lines_is_put_together_and_a_text_is_not() -> None:
    broken = ["El lun, 2 mar 2026 a las 10:14, Ana Ruiz", "<ana@x.example> escribió:", "> hola"]
    assert quotes.attribution_end(broken, 0) == 2
    assert quotes.attribution_end(["El lunes 2 de marzo", "", "escribió:"], 0) == 0
    assert quotes.attribution_end(["El lunes 2 de marzo", "> no anda", "escribió:"], 0) == 0
    assert quotes.attribution_end([""], 0) == 0
    assert quotes.attribution_end(["El lunes", "no", "anda", "nada", "de", "nada", "hoy"], 0) == 0


def test_a_weekday_and_a_colon_attribute_only_in_the_form_of_the_program_that_writes_so() -> None:
    assert quotes.is_attribution("On Monday:")
    assert not quotes.is_attribution("on my Monday:")


def test_an_attribution_with_nothing_near_below_it_begins_the_history() -> None:
    """HTML turned into text may leave many blank lines above a quote that has lost its marks."""
    lines = ["Sigue igual.", "El 2/3/26 a las 10:14, Ana escribió:", "", "", "", "", "", "No anda"]
    assert quotes.mark(lines) == [Kind.OWN, *[Kind.HISTORY] * 7]
