"""Out-of-office notes without a mark, and what people write about being away: nobody's answer is taken for a note."""

import time

import pytest

from tests.builders import a_message, a_site
from triage.core import absence_notes, loopguard
from triage.core.message import Attachment
from triage.core.model import Address, MessageClass

NOTES = [
    "Buenos días:\n\nActualmente me encuentro de vacaciones y regreso a la oficina el lunes 14 de diciembre.\nDurante mi ausencia, por favor dirigir sus consultas a Carolina Méndez (cmendez@tienda.example).\n\nSaludos cordiales,\nRoberto Díaz\nResponsable de Sistemas",
    "Hola, gracias por escribirme.\n\nEstoy fuera de la oficina hasta el viernes 20 inclusive y no tendré acceso a mi correo.\nSi tu mensaje es urgente podés comunicarte con Martín al 11 4555-2020.\n\nTe respondo a mi regreso.",
    "No estaré disponible entre el 22 de diciembre y el 2 de enero. Para asuntos urgentes, favor de contactar a Luis Herrera en luis@tienda.example. Gracias por su comprensión.",
    "Estoy fuera de la oficina por capacitación. Regreso el 12/11. Cualquier urgencia comunicarse con mesa de entradas, tel. 4444-1234.",
    "I am out of the office today, Friday 13 November, and will reply to your email when I return on Monday.",
    "Thank you for your message.\n\nI am travelling on business this week and have only intermittent access to email. Please expect a delay in my response.\n\nFor anything urgent please call the main office on +44 20 7946 0000.",
    "I will be out of the office starting 11/16/2026 and will not return until 11/23/2026.\n\nI will respond to your message when I return.",
    "Our office will be closed from December 24 through January 2 in observance of the holidays. We will respond to all messages when we return on January 3. Happy Holidays!",
    "Oi, tudo bem?\n\nEstou fora do escritório até quinta-feira, 19/11, com acesso limitado aos e-mails. Assim que possível retornarei seu contato.\n\nObrigada,\nJuliana",
    "Obrigado pela sua mensagem!\nEstarei viajando a trabalho entre os dias 10 e 14 de novembro, sem acesso regular ao e-mail. Em casos urgentes, ligue para (11) 98888-7777.",
    "Gracias por su correo. En este momento no me encuentro en la oficina. Le responderé a mi regreso, el lunes 16.",
    "Hola! Estoy de vacaciones. Vuelvo el 30/11. Por urgencias escribile a deposito@tienda.example",
    "Thank you for your email. I am on sick leave and not reading my mail. Please contact accounts@shop.example with any questions.",
    "Olá, estou de recesso e retorno às atividades no dia 4 de janeiro. Em caso de urgência, procure o Marcelo (marcelo@loja.example). Boas festas!",
    "Gracias por tu correo. Estoy de viaje por trabajo hasta el jueves 26, con acceso limitado al correo. Responderé tu mensaje lo antes posible.",
    "Buen día, estaré fuera de la oficina desde hoy hasta el viernes. Ante cualquier urgencia comunicarse al 4777-8888 o con ventas@tienda.example.",
    "No me encuentro disponible en este momento. Volveré el 2 de diciembre y responderé su correo.",
    "Gracias por su mensaje. Por vacaciones, la oficina permanecerá cerrada del 21 de diciembre al 4 de enero. Responderemos su consulta a partir del 5 de enero.",
    "I'm out on vacation until December 1 and won't be checking email. For urgent issues, contact Dana (dana@shop.example).",
    "Hello,\n\nThank you for your email. I am currently out of the office with no access to my inbox and will return on Monday, 30 November.\n\nFor any urgent matters in my absence, please contact Helen Wright on 020 7946 0011.\n\nKind regards,\nOliver",
    "I am on leave from 24 to 27 November 2026. For assistance, please contact the service team at team@shop.example.",
    "I'm currently out of the office and will respond to your message as soon as possible when I return on Thursday.",
    "Olá,\n\nEstou de férias no período de 16/11 a 30/11 e retornarei no dia 01/12.\nEm caso de urgência, favor entrar em contato com Bruno Lima pelo e-mail bruno@loja.example.\n\nAtt,\nCamila",
    "Obrigado pelo contato! Estarei fora do escritório até sexta-feira, com acesso limitado ao e-mail. Responderei assim que possível.",
    "No momento estou ausente e sem acesso ao e-mail. Retornarei seu contato no dia 30/11.",
]
PEOPLE = [
    "Estoy de viaje hasta el jueves, llamen a Marta.",
    "I'm out until Monday, please go ahead meanwhile.",
    "Vuelvo el lunes y lo pruebo.",
    "No estoy en la oficina, el error sigue.",
    "Gracias por su mensaje. Estoy de vacaciones hasta el lunes, cuando vuelva lo reviso y les aviso.",
    "Gracias por el correo. Estoy de viaje con acceso limitado a internet, pero por lo que veo el carrito sigue sin cobrar.",
    "Estoy de licencia médica. Para cualquier cosa de la tienda hablen con Pedro, él tiene las claves.",
    "Durante mi ausencia el caso lo sigue Laura Paz (laura@tienda.example). Por favor copiarla en todo.",
    "Estoy fuera de la oficina hasta el 15. Por favor agreguen a compras@tienda.example a este caso.",
    "Me encuentro fuera de la oficina hasta el lunes. Mientras tanto pueden hacer el cambio.",
    "Me encuentro de vacaciones. Por favor contactar a Pedro para coordinar la actualización.",
    "Hola, estoy de vacaciones y sin acceso al panel. Recién el lunes puedo mirar.",
    "Hola, estoy de vacaciones y sin acceso al correo de la tienda, no puedo recuperar la clave.",
    "Estaré de vacaciones del 1 al 15. Necesito que quede resuelto antes.",
    "Estaré fuera de la oficina el lunes. Si es urgente llámenme al celular 11 5555-1234.",
    "Estaremos cerrados por vacaciones del 24/12 al 6/1. Hagan la migración en esos días.",
    "El lunes es feriado y no estamos. El martes les confirmo.",
    "No, el lunes no vuelvo. Regreso el miércoles.",
    "Gracias! Ahora estoy fuera de la oficina. Mañana lo veo.",
    "Urgente: estoy de vacaciones y me llaman los clientes que no pueden pagar.",
    "Gracias por su mensaje. Estoy fuera de la oficina hasta el lunes, por favor dejen el caso abierto.",
    "Gracias por su correo. Regreso el lunes 9 y les respondo.",
    "Para temas urgentes contacten a Pedro, yo no manejo la tienda.",
    "Juan está de vacaciones hasta el 15. ¿Puede seguir el caso conmigo?",
    "Juan está de vacaciones hasta el 15, en su ausencia los autorizo yo. Adelante.",
    "Estoy de vacaciones hasta el 20. En caso de urgencia pueden reiniciar el servidor sin consultarme.",
    "Estoy sin acceso al correo desde ayer, respondo desde gmail. Por favor escribir a esta dirección.",
    "I am out of the office, answering from my phone. Yes, please restart it.",
    "I'm on leave until Thursday. John will send you the logs.",
    "Thank you for your email. I am on annual leave until Monday but I approve the quote.",
    "Thank you for your message. I'm out of the office until Monday and can test it then.",
    "I'll be away from Monday. Please make sure it is fixed by then.",
    "I have no access to email on the server since this morning.",
    "I have limited access to the admin panel, and I'm out of the office until Friday. Please grant access to John.",
    "For urgent matters please contact me on my mobile, 555-0100. The shop must be up by Monday.",
    "I am out of the office. Please contact Kate Bell at kate@shop.example to schedule the migration.",
    "Please use kate@shop.example from now on, I'm going on maternity leave.",
    "We will be closed for the holidays until January 4. Do the upgrade while we are closed.",
    "Our office is closed on Friday, call on Monday.",
    "I'm on vacation. It can wait until I return on March 12.",
    "I'm on holiday until the 12th, close the ticket if you like.",
    "Yes.\n\nI am out of the office until Monday with limited access to email.",
    "I will be out of the office until Monday. In my absence please contact Peter about the invoices you sent twice.",
    "Estou de férias até dia 20, mas podem seguir com o ajuste.",
    "Volto na segunda e testo.",
    "Estou fora do escritório, consigo ver só amanhã.",
    "Obrigado pelo retorno. Estou viajando até quinta, o frete continua errado.",
    "Obrigada pela mensagem. Estou de licença até segunda. Favor incluir a Maria (maria@loja.example) no chamado.",
    "Em caso de urgência falem com o Rafael, ele tem a senha. Eu estou de férias.",
    "Estarei ausente na sexta. Podem fazer a atualização na sexta à noite.",
    "Estou sem acesso ao e-mail da loja, por isso escrevo daqui. Estou em viagem até segunda.",
    "A loja estará fechada de 24/12 a 2/1. Favor desativar os pedidos nesse período.",
    "Estoy de vacaciones.",
    "I'm out until Monday.",
    "Estou de férias, volto dia 20.",
    "Gracias por su mensaje. Estoy fuera de la oficina y la tienda está fuera de servicio.",
    "Estoy de vacaciones con acceso limitado al correo. A mi regreso respondo lo que falta.",
    "Estoy de viaje hasta el viernes con conectividad limitada. Respondo cuando pueda, pero no cierren el caso.",
    "Estoy de viaje. Por favor contactar a Marta (marta@tienda.example).",
    "Estoy de viaje hasta el jueves, por favor escribir a marta@tienda.example.",
    "I'm on leave until Thursday, please email kate@shop.example.",
    "I'm out of the office today. If it's urgent call Marta.",
    "Estoy de licencia hasta el lunes, si es urgente llamar a Marta.",
    "Estou de férias até segunda, em caso de urgência fale com o Rafael.",
    "Thanks, I'm on holiday until Monday.",
    "Thank you for the message. I am out of the office until Monday.",
    "Gracias por la consulta. Estoy de vacaciones, vuelvo el lunes.",
    "Gracias por el mail, estoy de viaje. Regreso el 12/11.",
    "Thanks for your email. I'm travelling, back on Monday.",
    "I'm on vacation, back on Monday. Will reply when I return.",
    "Estoy de vacaciones hasta el lunes. Les respondo a mi regreso.",
    "Estou de férias, volto segunda. Retorno em breve.",
    "Thank you for your email. I'm on leave until Monday. Restart the Server and contact John at john@shop.example.",
    "Gracias por su mensaje. Estoy fuera de la oficina hasta el lunes con acceso limitado al correo. Sigue el Error.",
    "I am out of the office until Monday with limited access to email. Same error today.",
    "I am out of the office until Monday with limited access to email. Do it.",
    "I am out of the office until Monday with limited access to email. Yes, on Monday.",
    "Lunes. Estoy de vacaciones hasta entonces y no leo el correo.",
    "El lunes, por favor. Estoy de vacaciones y no leo los correos.",
    "Estoy de vacaciones. No leo los mensajes de error.",
    "I'm on holiday and I have no access to email, the server refuses my password.",
    "Estoy de viaje sin acceso al correo: no llegan los mensajes.",
    "Estoy de viaje y no puedo responder el correo de los clientes desde el panel.",
    "I am away from the office and cannot reply to your questions now. What I know: it fails since Monday.",
    "Hola, gracias por su mensaje. Estoy fuera de la oficina hasta el lunes. Pueden escribir a Pedro (pedro@tienda.example) por el dominio.",
    "Hi, thanks for your email. I'm out of office until 12/11. For urgent matters please contact John at john@shop.example. Also, the invoice is wrong.",
    "Hi, thanks for your email. I'm out of office until 12/11. For urgent matters please contact John at john@shop.example. When will it be done?",
    "Hi, thanks for your email. I'm out of office until 12/11. For urgent matters please contact John at john@shop.example, he will test it.",
    "Olá, obrigado pelo contato. Estou de férias até 12/11. Em caso de urgência, ligue para (11) 98888-7777 que eu atendo.",
    "Olá, obrigado pelo contato. Estou de férias até 12/11 e o site continua fora do ar. Em caso de urgência, ligue para (11) 98888-7777.",
    "Prezados, estarei ausente até 12/11. Favor entrar em contato com a Maria (maria@loja.example) para o acesso.",
    "Prezados, estarei ausente até 12/11, podem fechar o chamado.",
    "Estimados: el comercio permanecerá cerrado por vacaciones. Por favor contactar a Pedro al 11 4555-2020 antes de tocar nada.",
    "We are closed until Monday, please contact John at john@shop.example.",
    "Our office is closed until Monday, please call 555-0100 then.",
    "I am not available on Monday. Please contact me on Tuesday.",
    "I'm not available on Monday, Tuesday at 10 is fine.",
    "No estaré disponible el lunes. El martes sí.",
    "Estoy de licencia. Respondo yo, no Marta.",
    "I'm on leave, but I will reply to your message.",
    "Me encuentro de viaje con acceso limitado al correo. Aprobado.",
    "Me encuentro de viaje con acceso limitado al correo, aprobado el presupuesto.",
    "Estoy de vacaciones y sin acceso al mail. Adjunto captura.",
    "In my absence Laura decides. I'm on leave until Monday.",
    "Durante mi ausencia contactar a Laura (laura@tienda.example), ella aprueba los cambios. Estoy de licencia hasta el 12.",
    "No, gracias. Estoy de vacaciones hasta el 12 y respondo su mensaje a mi regreso.",
    "OK. I am out of the office until Monday, I will reply to your message on my return.",
    "Recibido. Estoy de viaje hasta el lunes y a mi regreso respondo su consulta.",
    "Estoy de viaje y no tengo acceso al correo desde el lunes.",
    "Estoy de viaje sin acceso al correo desde el lunes. Si es urgente llamar a Pedro al 11 4555-2020.",
    "I'm travelling and have no access to my email since Monday.",
    "I'm travelling and have no access to my email since Monday. If urgent please call John at 555-0100.",
    "Estou viajando e sem acesso ao e-mail desde segunda.",
    "El martes. Estoy de viaje con acceso limitado al correo.",
    "On Monday. I am out of the office with limited access to email.",
    "Monday. I am out of the office with limited access to email.",
    "I am out of the office with limited access to email.\n\nFriday",
    "I'm on leave until Monday. My emails are not forwarded.",
    "Estoy de licencia hasta el lunes. No puedo leer los correos.",
    "I'm on leave until Monday and not able to read my emails.",
    "Até sexta. Estou fora do escritório com acesso limitado ao e-mail.",
    "Estoy de vacaciones hasta el lunes, no me llegan los correos.",
]
NOTE = "Estoy de vacaciones hasta el 5/4. Por temas urgentes escribir a pedro@tienda.example."


def an_answer(text: str, **fields: object) -> MessageClass:
    given = {"subject": "Re: Consulta", "in_reply_to": ("x@netone.example",), **fields}
    return loopguard.classify(a_message(text=text, **given), a_site()).message_class


@pytest.mark.parametrize("text", NOTES)
def test_an_answer_that_is_a_note_and_nothing_else_is_automatic(text: str) -> None:
    assert an_answer(text) is MessageClass.AUTO_REPLY


@pytest.mark.parametrize("text", PEOPLE)
def test_who_says_anything_else_with_it_or_only_that_he_is_away_is_a_person(text: str) -> None:
    assert an_answer(text) is MessageClass.PERSON


@pytest.mark.parametrize("more", ["El error sigue.", "Do it.", "When?", "Aprobado", "Sí."])
@pytest.mark.parametrize("between", [" ", "\n\n"])
def test_one_more_word_before_or_behind_makes_it_a_person_s(more: str, between: str) -> None:
    assert an_answer(NOTE) is MessageClass.AUTO_REPLY
    assert an_answer(f"{NOTE}{between}{more}") is MessageClass.PERSON
    assert an_answer(f"{more}{between}{NOTE}") is MessageClass.PERSON


def test_only_answers_are_asked_about() -> None:
    assert an_answer(NOTE, subject="Consulta", in_reply_to=()) is MessageClass.PERSON
    assert an_answer(NOTE, subject="Consulta", in_reply_to=(), references=("x@y.example",)) is (
        MessageClass.AUTO_REPLY
    )
    assert an_answer(NOTE, subject="RES: Consulta", in_reply_to=()) is MessageClass.AUTO_REPLY


def test_what_is_quoted_below_is_no_part_of_it() -> None:
    quoted = "El mar, 3 mar 2026 a las 10:00, Soporte <soporte@netone.example> escribió:\n> ¿Sigue el error?\n> Adjunte una captura."
    assert an_answer(f"{NOTE}\n\n{quoted}") is MessageClass.AUTO_REPLY
    assert an_answer(f"Sí, sigue.\n\n> {NOTE}") is MessageClass.PERSON


def test_a_file_a_forward_and_many_words_are_a_person_s() -> None:
    file = Attachment("captura.png", "image/png", 9_000)
    assert an_answer(NOTE, attachments=(file,)) is MessageClass.PERSON
    forwarded = (
        f"{NOTE}\n\n-------- Mensaje reenviado --------\nDe: Ana <ana@x.example>\nAsunto: Hola\n\nNo anda."
    )
    assert an_answer(forwarded, subject="Fwd: Consulta") is MessageClass.PERSON
    assert an_answer(f"{NOTE} " * 12) is MessageClass.PERSON


def test_a_signature_is_known_by_the_sender_s_own_name() -> None:
    signed = f"{NOTE}\n\nAna Ruiz\nGerente de Compras"
    assert an_answer(signed, sender=Address("compras@tienda.example", "Ana Ruiz")) is MessageClass.AUTO_REPLY
    assert an_answer(signed, sender=Address("ana@tienda.example")) is MessageClass.AUTO_REPLY
    assert an_answer(signed, sender=Address("compras@tienda.example")) is MessageClass.PERSON
    assert not absence_notes.is_one(a_message(subject="Re: x", text="Fuera de lugar", sender=None))


@pytest.mark.parametrize(
    "word", ["cualquier caso ", "ao ", "1-1-1-", "contactar a la ", "hasta el ", "por favor "]
)
@pytest.mark.parametrize("begin", ["", "Por ", "Estoy de viaje, contactar a Ana ", "Hasta el "])
def test_a_text_made_to_take_long_does_not(begin: str, word: str) -> None:
    text = "Fuera de la oficina " + begin + word * (800 // len(word))
    started = time.process_time()
    assert an_answer(f"{begin}{word * (700 // len(word))} fuera de") is MessageClass.PERSON
    assert an_answer(text) is MessageClass.PERSON
    assert time.process_time() - started < 1
