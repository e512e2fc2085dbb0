"""Whole mails as programs write them, in: what the writer wrote now, out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.core import newtext

OWN = "Desde hoy el carrito no deja pagar.\n¿Lo pueden mirar?"

HISTORIES = {
    "gmail": "El mar, 7 abr 2026 a las 11:41, Soporte NetOne (<soporte@netone.example>) escribió:\n\n> Recibimos su mensaje.\n> Saludos",
    "gmail, two lines": "El mié, 4 nov 2026 a las 10:00, Soporte NetOne (<soporte@netone.example>)\nescribió:\n\n> Recibimos su mensaje.",
    "gmail, english": "On Tue, May 5, 2026 at 3:30 PM Sam Doyle <sam@tienda.example> wrote:\n\n> Hi there",
    "gmail, portuguese": "Em ter., 5 de mai. de 2026 às 15:30, Rafael <rafael@loja.example> escreveu:\n\n> Bom dia",
    "apple": "> El 5 may 2026, a la(s) 15:30, Ana Ruiz <ana@tienda.example> escribió:\n> \n> Hola",
    "apple, unmarked quote": "El 5 may 2026, a la(s) 15:30, Ana Ruiz <ana@tienda.example> escribió:\n\nHola, les cuento que\nno anda nada.",
    "thunderbird": "El 24/2/26 a las 20:31, Pablo Miranda escribió:\n> URGENTE: sitio caído",
    "outlook with a bar": "________________________________\nDe: Soporte <soporte@netone.example>\nEnviado: miércoles, 2 de septiembre de 2026 16:16\nPara: Ana <ana@tienda.example>\nAsunto: [NO-2026-000123] Factura\n\nRecibimos su mensaje.",
    "outlook without a bar": "De: Soporte <soporte@netone.example>\nEnviado el: miércoles, 2 de septiembre de 2026 16:16\nPara: Ana <ana@tienda.example>\nAsunto: Factura\n\nRecibimos su mensaje.",
    "outlook, english": "From: Support <soporte@netone.example>\nSent: Wednesday, September 2, 2026 4:16 PM\nTo: Ana <ana@tienda.example>\nSubject: Invoice\n\nWe received your message.",
    "outlook, portuguese": "De: Suporte <soporte@netone.example>\nEnviada em: quarta-feira, 2 de setembro de 2026 16:16\nPara: Ana <ana@loja.example>\nAssunto: Fatura\n\nRecebemos.",
    "original message": "-----Mensaje original-----\nDe: Ana\nEnviado el: lunes\nPara: Soporte\nAsunto: algo\n\nHola",
    "original message alone": "----- Original Message -----\n\nHola, les cuento",
    "webmail": "---- El lun, 02 mar 2026 14:02:50 -0300 Ana <ana@tienda.example> escribió ----\n\nHola",
    "yahoo": "El martes, 3 de marzo de 2026, 10:14:56 ART, Ana Ruiz <ana@tienda.example> escribió:\n\n Hola,\n\nles cuento",
    "bold headers": "*De:* Soporte <soporte@netone.example>\n*Enviado:* lunes, 1 de junio de 2026 10:00\n*Para:* Ana <ana@tienda.example>\n*Asunto:* Hola\n\nTexto",
    "french": "Le lun. 2 mars 2026 à 10:14, Ana Ruiz <ana@tienda.example> a écrit :\n\n> Bonjour",
    "german": "Am 02.03.26 um 10:14 schrieb Ana Ruiz:\n> Guten Tag",
    "italian": "Il giorno lun 2 mar 2026 alle ore 10:14 Ana Ruiz <ana@tienda.example> ha scritto:\n\n> Buongiorno",
    "polish": "pon., 2 mar 2026 o 10:14 Ana Ruiz <ana@tienda.example> napisał(a):\n\n> Dzień dobry",
    "russian": "пн, 2 мар. 2026 г. в 10:14, Ana Ruiz <ana@tienda.example>:\n\n> Привет",
    "zoho, without a colon": "On Wed, 14 Oct 2026 08:14:43 -0300 Sam Doyle <sam@tienda.example> wrote\n\nHi there",
    "a language without words of ours": "--------- Alkuperainen posti ----------\nFrom: Ana <ana@tienda.example>\nSent: Wednesday, September 2, 2026 4:16 PM\nTo: Sam <sam@tienda.example>\n\nHi there",
    "danish": "-------- Oprindelig besked --------\nFra: Ana <ana@tienda.example>\nDato: 02.03.2026 10.14\nTil: Sam <sam@tienda.example>\nEmne: Hej\n\nHej",
    "japanese": "2026年3月2日(月) 10:14 Ana Ruiz <ana@tienda.example>:\n> こんにちは",
}  # fmt: skip


@pytest.mark.parametrize("program", HISTORIES)
def test_the_history_under_an_answer_is_hidden(program: str) -> None:
    assert newtext.split(f"{OWN}\n\n{HISTORIES[program]}").new == OWN


def test_an_answer_under_the_quote_is_kept_without_the_quote() -> None:
    text = f"El 24/2/26 a las 20:31, Pablo Miranda escribió:\n> URGENTE: sitio caído\n> Respondan\n\n{OWN}"
    assert newtext.split(text).new == OWN


@pytest.mark.parametrize(
    "tail",
    [
        "-- \nAna Ruiz\nTienda Sol\n+54 11 4555-0101",
        "--\nAna Ruiz\n\nTienda Sol\nwww.tienda-sol.example",
        "Enviado desde mi iPhone",
        "__\nweb mailing list\nweb@lista.example\nhttps://lista.example/mailman/listinfo/web",
        "_______________\nYou received this message because you are subscribed to the group.",
    ],
)
def test_what_programs_put_below_the_quote_is_hidden(tail: str) -> None:
    text = f"{OWN}\n\nEl 24/2/26 a las 20:31, Pablo Miranda escribió:\n> URGENTE: sitio caído\n\n\n{tail}"
    assert newtext.split(text).new == OWN


@pytest.mark.parametrize(
    "below", ["Gracias\nAhora funciona", "--\n¿Y el buscador?", "-- lo de los pedidos\n-- lo del correo"]
)
def test_what_a_person_writes_below_the_quote_is_kept(below: str) -> None:
    text = f"{OWN}\n\nEl 24/2/26 a las 20:31, Pablo Miranda escribió:\n> URGENTE: sitio caído\n\n{below}"
    assert newtext.split(text).new == f"{OWN}\n\n{below}"


def test_answers_between_the_quoted_lines_are_all_kept() -> None:
    text = "On Dec 15, 2026, at 2:00 PM, Jane <jane@a.example> wrote:\n> Which browser?\n\nChrome 120.\n\n> Since when?\n\nSince Monday."
    assert newtext.split(text).new == "Chrome 120.\n\nSince Monday."


def test_the_tail_of_a_quoted_line_that_was_wrapped_is_no_new_text() -> None:
    quoted = "> " + "palabra " * 8 + "y mas\nla cola cortada\n> sigue la cita"
    assert (
        newtext.split(f"Hola, sigue igual.\n\nEl 1/2/26 a las 10:00, Ana escribió:\n{quoted}").new
        == "Hola, sigue igual."
    )


def test_a_person_may_tell_what_somebody_wrote_without_being_cut() -> None:
    text = "Hola, un cliente nos escribió:\nla página no abre\n¿qué le digo?"
    assert newtext.split(text).new == text


def test_a_list_of_points_with_colons_is_no_header_block() -> None:
    text = "Producto: Remera\nDe: algodón\nTalle: M\nNo se ve la foto."
    assert newtext.split(text).new == text


@pytest.mark.parametrize(
    "tail",
    [
        "-- \nAna Ruiz\nVentas\nTel. 011 5555-0100",
        "--\nAna Ruiz\nTienda Sol",
        "Enviado desde mi iPhone",
        "Enviado desde Outlook para Android<https://aka.ms/x>",
        "Obtener Outlook para iOS<https://aka.ms/o0ukef>",
        "Enviado do meu iPhone",
        "Sent from my Galaxy",
        "Saludos cordiales,\nAna Ruiz\nTienda Sol\nwww.tienda-sol.example",
        "Att,\nRafael\nLoja Sabiá",
        "Este mensaje y sus adjuntos son confidenciales y están dirigidos únicamente a su destinatario. Si lo recibió por error, elimínelo.",
        "AVISO LEGAL: la información contenida en este correo es reservada y de uso exclusivo de su destinatario.",
        "This e-mail and any attachments are confidential and intended solely for the addressee. If received in error, delete it.",
        "Esta mensagem e seus anexos são confidenciais. Se você a recebeu por erro, elimine-a. É proibida sua divulgação.",
        "___\nwebteam mailing list\nTo unsubscribe send an email to webteam-leave@lista.example",
    ],
)
def test_signature_and_disclaimer_are_hidden(tail: str) -> None:
    assert newtext.split(f"{OWN}\n\n{tail}").new == OWN


def test_a_slogan_under_the_signature_is_not_the_matter() -> None:
    text = f"{OWN}\n\nMuchas gracias.\n\nEsteban\n\n----------------\n¿SISTEMA CAÍDO? ¡LLAME YA!\n----------------"
    assert "CAÍDO" not in newtext.split(text).new


def test_a_postscript_under_the_closing_is_kept() -> None:
    text = f"{OWN}\n\nSaludos,\nAna\n\nPD: tampoco funciona el buscador desde ayer."
    assert "buscador" in newtext.split(text).new


def test_a_line_of_dashes_between_two_reports_hides_nothing() -> None:
    text = "1) No carga el panel.\n\n-----\n\n2) Tampoco anda el buscador, da error 500.\n\n-----\n\n3) ¿Cuándo vence el plan?"
    assert newtext.split(text).new == text


def test_sent_from_at_the_beginning_of_a_sentence_is_no_signature() -> None:
    text = "Hola.\n\nEnviado desde mi oficina, el pedido llega con otro nombre y no se puede facturar."
    assert newtext.split(text).new == text


FORWARD = "---------- Forwarded message ---------\nDe: Jorge Villalba <jorge@correo.example>\nDate: sáb, 20 jun 2026 a las 18:47\nSubject: no puedo entrar\nTo: <hola@tienda.example>\n\nLa página no abre."


def test_a_forward_is_told_apart_and_names_its_sender() -> None:
    parts = newtext.split(f"Les reenvío.\n\n{FORWARD}", "Fwd: no puedo entrar")
    assert parts.new == "Les reenvío."
    assert parts.forward is not None
    assert parts.forward.text == "La página no abre."
    assert parts.forward.sender is not None
    assert parts.forward.sender.address == "jorge@correo.example"


def test_a_forward_without_a_word_shows_the_forwarded_text() -> None:
    parts = newtext.split(FORWARD, "Fwd: no puedo entrar")
    assert parts.new == "La página no abre."
    assert parts.own == ""


def test_an_outlook_forward_is_known_by_its_subject() -> None:
    text = f"Para ustedes.\n\n{HISTORIES['outlook without a bar']}"
    forward = newtext.split(text, "RV: Factura").forward
    assert forward is not None
    assert forward.text == "Recibimos su mensaje."
    assert newtext.split(text, "RE: Factura").forward is None


def test_nothing_but_a_quote_is_shown_rather_than_nothing() -> None:
    assert newtext.split("> Hola\n> adiós").new == "Hola\nadiós"


def test_the_first_line_has_its_blanks_folded() -> None:
    assert newtext.first_line("\n \n Hola,   qué\ttal \nchau") == "Hola, qué tal"


@given(st.text(alphabet=st.sampled_from("ab >-_:@\n.<|De Para1/2026escribió"), max_size=300))
def test_there_is_new_text_whenever_there_is_text(text: str) -> None:
    visible = any(char.isalnum() for char in text)
    assert bool(newtext.split(text).new.strip()) or not visible


@pytest.mark.parametrize(
    "line",
    [
        "> a\n",
        "-" * 300 + "\n",
        "De: a\n",
        "On 1/1/2026 10:00 a@b.example\n",
        "x: y\n",
        "a" * 20_000 + "\n",
        "-----Mensaje original\n",
    ],
)
def test_a_hostile_text_is_read_in_linear_time(line: str) -> None:
    text = line * (400_000 // len(line))
    assert newtext.split(text, "Fwd: x").new
