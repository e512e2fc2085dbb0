"""Bounces as mail systems word them, in: whether it is one, whom it is about, whether it is only late."""

import pytest

from tests.builders import SUPPORT, a_message, a_site, an_enclosed
from triage.core import bounce_facts, loopguard
from triage.core.message import DeliveryReport
from triage.core.model import MessageClass

OWN = frozenset({SUPPORT})
DAEMON = "mailer-daemon@mx.destino.example"


def is_bounce(**fields: object) -> bool:
    return loopguard.classify(a_message(**fields), a_site()).message_class is MessageClass.BOUNCE


def report(action: str = "failed", status: str = "5.1.1") -> DeliveryReport:
    return DeliveryReport(
        "ana@destino.example", action=action, status=status, diagnostic="smtp; 550 no such user"
    )


FREE_FORMS = {
    "qmail": ("failure notice", "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up.\n\n<ana@destino.example>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 unknown\n\n--- Below this line is a copy of the message.\n\nMessage-ID: <x1@netone.example>\nTo: otro@otra.example"),
    "exim": ("Mail delivery failed: returning message to sender", "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. The following address(es) failed:\n\n  ana@destino.example\n    Unrouteable address\n\n------ This is a copy of the message ------\n\nMessage-ID: <x1@netone.example>"),
    "sendmail": ("Returned mail: see transcript for details", "   ----- The following addresses had permanent fatal errors -----\n<ana@destino.example>\n    (reason: 550 5.1.1 User unknown)\n\nMessage-ID: <x1@netone.example>"),
    "postfix": ("Undelivered Mail Returned to Sender", "I'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients.\n\n<ana@destino.example>: host mx[192.0.2.1] said: 550 no such user\n\nMessage-ID: <x1@netone.example>"),
    "spanish": ("No se puede entregar: Aviso", "No se pudo entregar el mensaje a los siguientes destinatarios:\n\n    ana@destino.example\n\nLa casilla no existe.\n\nMessage-ID: <x1@netone.example>"),
    "portuguese": ("Não foi possível entregar: Aviso", "Sua mensagem não pôde ser entregue aos destinatários:\n\nana@destino.example\n550 caixa postal cheia\n\nMessage-ID: <x1@netone.example>"),
    "french": ("Message non remis", "Votre message n'a pas pu être remis :\n\n<ana@destino.example> : 550 utilisateur inconnu\n\nMessage-ID: <x1@netone.example>"),
    "italian": ("Mancata consegna", "Il messaggio non può essere consegnato a:\nana@destino.example\n\nMessage-ID: <x1@netone.example>"),
    "polish": ("Niedostarczona wiadomość", "Wiadomość nie mogła zostać dostarczona do:\nana@destino.example\n\nMessage-ID: <x1@netone.example>"),
    "german": ("Unzustellbar: Hinweis", "Ihre Nachricht konnte nicht zugestellt werden:\nana@destino.example\n\nMessage-ID: <x1@netone.example>"),
    "japanese": ("配信エラー", "次の宛先にはメールを配信できませんでした。\n<ana@destino.example>: 550\n\nMessage-ID: <x1@netone.example>"),
}  # fmt: skip


@pytest.mark.parametrize("system", FREE_FORMS)
def test_a_free_form_bounce_is_recognised_with_recipient_and_message_id(system: str) -> None:
    subject, text = FREE_FORMS[system]
    message = a_message(sender=DAEMON, subject=subject, text=text, message_id="b1@mx.destino.example")
    assert loopguard.classify(message, a_site()).message_class is MessageClass.BOUNCE
    facts = bounce_facts.facts(message, OWN)
    assert facts.recipients == ("ana@destino.example",)
    assert not facts.temporary
    assert facts.original_message_id == "x1@netone.example"


def test_a_standard_report_gives_recipient_status_and_diagnostic() -> None:
    message = a_message(
        sender=DAEMON,
        subject="x",
        text="",
        content_type="multipart/report",
        report_type="delivery-status",
        reports=(report(),),
        enclosed=(an_enclosed(message_id="x1@netone.example"),),
    )
    facts = bounce_facts.facts(message, OWN)
    assert loopguard.classify(message, a_site()).message_class is MessageClass.BOUNCE
    assert facts.recipients == ("ana@destino.example",)
    assert (facts.status, facts.diagnostic) == ("5.1.1", "smtp; 550 no such user")
    assert facts.original_message_id == "x1@netone.example"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Warning: message 1x delayed 24 hours", "A message that you sent has not yet been delivered."),
        (
            "Delivery Status Notification (Delay)",
            "THIS IS A WARNING MESSAGE ONLY. YOU DO NOT NEED TO RESEND.",
        ),
        ("Entrega demorada", "El mensaje todavía no pudo entregarse; se seguirá intentando durante 2 días."),
        ("Entrega atrasada", "A mensagem ainda não foi entregue. Continuaremos tentando."),
    ],
)
def test_a_delay_is_a_bounce_but_no_failure(subject: str, text: str) -> None:
    message = a_message(
        sender=DAEMON, subject=subject, text=f"{text}\n\n<ana@destino.example>: 450 4.2.1 busy"
    )
    assert loopguard.classify(message, a_site()).message_class is MessageClass.BOUNCE
    assert bounce_facts.facts(message, OWN).temporary


@pytest.mark.parametrize(
    ("actions", "temporary"), [(["delayed"], True), (["failed"], False), (["delayed", "failed"], False)]
)
def test_the_reports_action_outweighs_the_words(actions: list[str], temporary: bool) -> None:
    message = a_message(
        sender=DAEMON,
        subject="delayed",
        text="could not be delivered",
        report_type="delivery-status",
        reports=tuple(report(a) for a in actions),
    )
    assert bounce_facts.facts(message, OWN).temporary is temporary


def test_a_report_of_success_is_a_receipt() -> None:
    message = a_message(
        sender=DAEMON,
        report_type="delivery-status",
        content_type="multipart/report",
        reports=(report("delivered", "2.1.5"),),
    )
    assert loopguard.classify(message, a_site()).message_class is MessageClass.RECEIPT


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Problema de entrega", "Hola, el correo devolvió el paquete al remitente, no se pudo entregar. ¿Cómo cargo otra dirección?"),
        ("Mail delivery failed", "Hola, a mis clientes les vuelve este error: 550 5.1.1 <ana@destino.example> user unknown. ¿Lo pueden ver?"),
        ("Fwd: Undelivered Mail Returned to Sender", "Nos rebotan los avisos de la tienda.\n\n<ana@destino.example>: 550 unknown"),
        ("Re: failure notice", "Sigue fallando, could not be delivered, 550 5.1.1"),
    ],
)  # fmt: skip
def test_a_client_who_speaks_of_a_bounce_is_a_person(subject: str, text: str) -> None:
    assert not is_bounce(subject=subject, text=text)


def test_a_postmaster_may_be_a_person() -> None:
    assert not is_bounce(
        sender="postmaster@tienda.example", subject="Consulta", text="Hola, ¿cambiaron de servidor?"
    )


def test_a_monitor_that_tells_of_a_missing_host_is_no_bounce() -> None:
    text = "Check failed: host does not exist (HTTP 502 - bad gateway)\nContact: ops@tienda.example"
    assert not is_bounce(sender="no-reply@alertas.example", subject="DOWN: tienda", text=text)
