"""Thanks and greetings in three languages, and what only looks like them."""

from dataclasses import replace

import pytest

from tests.builders import a_message
from triage.core import courtesy
from triage.core.message import Attachment

KIND = [
    "Muchas gracias!", "gracias!!", "Mil gracias por la rapidez.\n\nSaludos,\nAna", "joya, gracias genios!! 🙌", "Perfecto, gracias.", "Listo, ya anda. Muchas gracias.",
    "Excelente, quedó perfecto. Gracias por todo!", "Ok gracias", "👍", "Dale, gracias", "Buenísimo! Gracias Diego", "Gracias, ya pude entrar.", "Buen día, recibido, gracias.",
    "Les deseamos felices fiestas y un próspero año nuevo.\n\nEquipo de Tienda Sol", "¡Feliz Navidad para todos!", "Hola Lucía, muchísimas gracias por la ayuda. Que tengas buen finde!",
    "Thanks a lot!", "Thank you so much, it works now.", "Great, thanks!\n\nSam", "Perfect, all good now. Thanks again.", "Thx!", "Happy holidays to all of you!", "Awesome, cheers", "No problem, thanks!",
    "Obrigado!", "Muito obrigada, deu certo!", "Valeu pessoal!", "Perfeito, obrigado pela ajuda. Abraço", "Show, valeu!", "Feliz Natal e um ótimo ano novo!", "Tudo certo, obrigado.",
    "Ya está todo funcionando de nuevo, mil gracias por la velocidad, pensé que perdíamos el día.", "Volvió a funcionar, gracias!", "Thank you, the login trouble is gone and everyone is back to work. Nothing else needed from you.", "Voltou ao normal, obrigada, vocês são demais. Boa semana pra todos aí 🙏",
    "Feliz día para todo el equipo!! Gracias por salvarnos cuando perdimos el catálogo, son lo más.", "Thank you for staying late when the shop was down, you are the best!", "Obrigada por ajudar quando a loja caiu, vocês são demais!",
    "Gracias por avisar, quedó todo bien.", "Ya funciona todo, un diez. Gracias!", "Crack! mil gracias", "Agradezco la pronta respuesta.",
    "Los pedidos entran como agua. Son unos ángeles, gracias!", "Gracias Lucía! Llueven las ventas", "Estão chovendo os pedidos! Vocês são uns amores, obrigada", "Sales are flooding in like mad. Thank you, you're absolute legends.", "Bookings keep rolling in, thanks!",
    "El tutorial que armaste me re sirvió, explicás bárbaro. Ya publiqué mi primera nota solita. Gracias!", "Obrigada pela aula, me ajudou muito. Publiquei a minha primeira notícia sozinha!", "Thank you for the lesson. I published my first page on my own.",
    "Mil gracias, te mandaría facturas si te tuviera cerca", "Thanks a million, I owe you a beer!", "Gracias, les debo un asado.", "Valeu! Devo uma cerveja pra vocês.",
    "Valeu demais, pessoal! Às 3 da manhã e vocês aí. Tamo junto, nota mil.", "Gracias!! Las 3 de la mañana y ustedes ahí, nota diez.",
]  # fmt: skip

NOT_ONLY_KIND = [
    "Gracias, pero sigue fallando.", "Confirmo, ninguno desde ayer.", "Gracias, nadie puede entrar", "Thanks, none of them", "Ok, ninguém consegue", "Gracias, pero todavía no anda.", "Gracias. ¿Y lo del logo?", "Muchas gracias, ahora el problema es otro: no carga el panel.", "Gracias, quedo a la espera de la factura", "Perfecto, necesito también el presupuesto. Gracias",
    "Ya anda, gracias. Igual el buscador sigue lento.", "Gracias por la respuesta. Por favor avisen cuando esté.", "Hola", "Hola, buenas tardes", "Buen día equipo", "Gracias, volvió a caerse la página.", "No, gracias. Así no sirve.", "Gracias por nada, se cayó de nuevo",
    "Thanks, but it is still broken.", "Thanks! However the cart fails.", "Thank you. When will it be ready?", "Great, can you also change the banner?", "Hi", "Thanks, it's down again",
    "Obrigado, mas continua com erro.", "Valeu, porém ainda não funciona.", "Obrigado! E o boleto?", "Bom dia", "Obrigada, preciso também do relatório.",
    "Gracias por arreglar el carrito, los pedidos de ayer quedaron duplicados en el panel de administración y los estamos borrando a mano uno por uno",
    "Gracias. Dejó de funcionar otra vez", "Creí que perdíamos los pedidos", "Gracias, volvió a funcionar mal", "Se nos acaba la paciencia con esto", "Por gentileza verificar o site", "Thanks, it stopped working again",
    "Gracias por responder cuando puedan.", "Gracias por mirarlo cuando tengan un rato", "Gracias por ayudar cuando se cayó y sigue caída", "Gracias por venir cuando perdimos el catálogo pero no está", "Thanks for helping when it was down and still is",
    "Gracias. Los pedidos entran con el precio viejo", "Thanks. Orders are pouring in with the wrong address", "Gracias. Ya publiqué la primera parte y el resto está en blanco", "Obrigada, os pedidos estão entrando sem endereço de entrega",
    "Les debo facturas, gracias", "Gracias, me sirvió el video. La tienda quedó en blanco desde las ocho de hoy", "You're the best. Orders are coming in as zero, thanks",
    "La tienda no abre. Gracias.", "Adjunto la captura, gracias.",
]  # fmt: skip


@pytest.mark.parametrize("text", KIND)
def test_courtesy_alone_asks_for_nothing(text: str) -> None:
    assert courtesy.is_only(a_message(subject="Re: Consulta", text=text), text)


@pytest.mark.parametrize("text", NOT_ONLY_KIND)
def test_courtesy_with_a_matter_is_a_matter(text: str) -> None:
    assert not courtesy.is_only(a_message(subject="Re: Consulta", text=text), text)


def test_a_matter_in_the_subject_of_a_new_mail_counts() -> None:
    assert not courtesy.is_only(a_message(subject="No anda el carrito"), "Gracias, Ana")
    assert courtesy.is_only(a_message(subject="¡Felices fiestas!"), "Gracias por este año, Ana")


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("¡Felices fiestas!", "Se va el año y no queríamos dejar de agradecerles. Todavía nos acordamos de aquella noche sin servidor. Que el 2027 los encuentre bien."),
        ("Season's greetings", "Dear all,\nwe remember that night in May when the shop was down. May the new year be quiet. Happy holidays!"),
        ("Un brindis", "Queridos: que no se les caiga ningún servidor y que el 2027 los encuentre con salud. Gracias por todo el año."),
        ("Boas festas", "Pessoal, lembramos daquela queda em maio. Desejamos um ótimo ano novo a todos!"),
    ],
)  # fmt: skip
def test_a_letter_at_the_season_s_turn_may_remember_troubles(subject: str, text: str) -> None:
    assert courtesy.is_only(a_message(subject=subject, text=text), text)


@pytest.mark.parametrize(
    "text",
    [
        "Felices fiestas para todos! Aprovecho: la tienda está caída.",
        "Feliz Navidad, el carrito tira error al pagar.",
        "Feliz Navidad! El buscador falló toda la tarde. Que tengan un lindo 2027",
        "Feliz año! Este año queremos cambiar el logo.",
        "Que tengan felices fiestas. ¿Trabajan el 24?",
        "Felices fiestas. Este año no anda el envío gratis",
    ],
)
def test_a_letter_at_the_season_s_turn_may_hold_a_matter(text: str) -> None:
    assert not courtesy.is_only(a_message(subject="Felices fiestas", text=text), text)


def test_an_attached_file_is_a_matter() -> None:
    attached = (Attachment("error.png", "image/png", 10),)
    assert not courtesy.is_only(a_message(subject="Re: x", attachments=attached), "Gracias")


def test_a_picture_beside_the_season_s_wishes_is_a_card() -> None:
    text = "Gracias por este año, y por el Hot Sale. Que 2027 nos encuentre vendiendo."
    card = a_message(subject="Felices fiestas", text=text, attachments=(Attachment("a.png", "image/png", 9),))
    assert courtesy.is_only(card, text)
    assert not courtesy.is_only(replace(card, subject="La home"), text)
    assert not courtesy.is_only(replace(card, attachments=(Attachment("a.pdf", "application/pdf", 9),)), text)


def test_an_inline_logo_is_none() -> None:
    logo = (Attachment("logo.png", "image/png", 10, inline=True),)
    assert courtesy.is_only(a_message(subject="Re: x", attachments=logo), "Gracias")


@pytest.mark.parametrize(
    ("subject", "text"),
    [("Hola", "Hola"), ("hello", "Hi there"), ("Buenas", "Buenas tardes")],
)
def test_a_new_mail_that_only_greets_asks_for_nothing(subject: str, text: str) -> None:
    assert courtesy.is_only(a_message(subject=subject, text=text), text)


def test_a_greeting_under_a_subject_that_asks_is_no_mere_greeting() -> None:
    assert not courtesy.is_only(a_message(subject="Consulta", text="hola"), "hola")


def test_a_greeting_without_a_subject_is_somebody_s_first_try_at_writing_to_us() -> None:
    assert not courtesy.is_only(a_message(subject="", text="Buen día!"), "Buen día!")


@pytest.mark.parametrize("text", ["!cerrar", "Gracias\n!close", "Gracias\n!cualquiera"])
def test_a_command_is_no_courtesy(text: str) -> None:
    assert not courtesy.is_only(a_message(subject="Re: Consulta", text=text), text)


def test_thanks_that_a_program_wrapped_are_one_sentence() -> None:
    text = "Muchísimas gracias por la atención que nos brindaron siempre en estos\naños."
    assert courtesy.is_only(a_message(subject="Re: Consulta", text=text), text)


def test_a_letter_of_thanks_may_hold_a_matter() -> None:
    assert not courtesy.is_only(a_message(subject="Re: Consulta"), "Gracias. " * 200)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("muy rápidos, gracias", False),
        ("ningún problema,\ncomo siempre", False),
        ("gracias\npero el carrito sigue sin andar", True),
    ],
)
def test_an_objection_is_found_beside_praise(text: str, expected: bool) -> None:
    assert courtesy.objects(text) is expected
