"""The demo's script: who writes what and when, in a made-up week of October 2026. Data and mail building only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Argentina/Buenos_Aires")
SUPPORT = "soporte@netone.example"

Sent = Mapping[str, tuple[str, str]]
"""Scene name -> (case reference, Message-ID of the acknowledgement), as far as the story has come."""


@dataclass(frozen=True)
class Scene:
    """One mail that arrives. `answers`: the scene whose acknowledgement it answers; `headers` go on top."""

    name: str
    at: datetime
    who: str
    what: str
    subject: str
    text: str
    to: str = SUPPORT
    cc: str = ""
    answers: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    authenticated: str = "pass"


def _at(day: int, clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 10, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


LUCIA = "Lucía Ferrari <lucia.ferrari@netone.example>"
DIEGO = "Diego Maidana <diego.maidana@netone.example>"

STORY: tuple[Scene, ...] = (
    Scene(
        "wish",
        _at(23, "16:40"),
        "Marta Quiroga <marta@libreria-aguaribay.example>",
        "a wish, Friday afternoon",
        "Idea para el carrito",
        "Hola, ¿cómo andan?\n\nNos gustaría que a futuro el carrito de TornadoStore muestre cuánto falta para el envío "
        "gratis. No es urgente, es una mejora que le vendría bien a la tienda.\n\nSaludos,\nMarta",
    ),
    Scene(
        "outage",
        _at(24, "10:00"),
        "Raúl Domínguez <raul@ferreteria-elpuente.example>",
        "an outage, on a Saturday",
        "no anda la tienda",
        "Buen día. Desde hace media hora la tienda está caída, no abre ninguna página y nadie puede comprar.\n"
        "Tenemos la promo del fin de semana en marcha.\n\nRaúl",
    ),
    Scene(
        "more",
        _at(24, "10:12"),
        "Raúl Domínguez <raul@ferreteria-elpuente.example>",
        "a reply to the acknowledgement",
        "no anda la tienda",
        'Agrego: aparece "Error 502 Bad Gateway" en todas las computadoras y también con el celular.',
        answers="outage",
    ),
    Scene(
        "newsletter",
        _at(24, "11:05"),
        "Novedades eCommerce <boletin@ecommerce-hoy.example>",
        "a newsletter",
        "Las 10 caídas más famosas de la historia",
        "Esta semana: sitios caídos que hicieron historia. Leé la nota completa en nuestro portal.\n",
        headers={
            "List-Id": "<boletin.ecommerce-hoy.example>",
            "List-Unsubscribe": "<https://ecommerce-hoy.example/baja>",
            "Precedence": "bulk",
        },
    ),
    Scene(
        "vacation",
        _at(24, "11:30"),
        "Marta Quiroga <marta@libreria-aguaribay.example>",
        "an out-of-office",
        "Respuesta automática: Idea para el carrito",
        "Estoy fuera de la oficina hasta el lunes. Si la tienda está caída, llamen a Julio.",
        answers="wish",
        headers={"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"},
    ),
    Scene(
        "late-answer",
        _at(25, "11:20"),
        DIEGO,
        "an agent answers at last, with support in copy",
        "Re: [{ref}] no anda la tienda",
        "Hola Raúl, era el certificado del balanceador. Ya está funcionando; perdón por la demora.\n\nDiego",
        to="raul@ferreteria-elpuente.example",
        cc=SUPPORT,
        answers="outage",
    ),
    Scene(
        "english",
        _at(26, "09:10"),
        "Sam Doyle <sam@northwind-outdoor.example>",
        "a client in English",
        "Shipping labels print without the barcode",
        "Hi there,\n\nsince this morning some shipping labels come out without the barcode. We write the number by hand, "
        "so parcels still go out, but it slows us down.\n\nThanks,\nSam",
    ),
    Scene(
        "english-answer",
        _at(26, "10:02"),
        LUCIA,
        "an agent answers with support in copy",
        "Re: [{ref}] Shipping labels print without the barcode",
        "Hi Sam, the carrier changed its format; the fix goes live tonight. Writing the number by hand is fine until then.",
        to="sam@northwind-outdoor.example",
        cc=SUPPORT,
        answers="english",
    ),
    Scene(
        "portuguese",
        _at(26, "11:00"),
        "Joana Prado <joana@casa-jatoba.example>",
        "an outage in Portuguese, in hours",
        "Ninguém consegue pagar",
        "Bom dia,\n\ndesde as 10h ninguém consegue finalizar a compra na loja TornadoStore: todos os pagamentos dão "
        "erro, com qualquer cartão.\n\nJoana",
    ),
    Scene(
        "take",
        _at(26, "11:20"),
        LUCIA,
        "an agent takes it, by answering the new-case mail",
        "Re: [{ref}] Ninguém consegue pagar",
        "!take\nVeo con el gateway de pagos.",
        answers="portuguese",
    ),
    Scene(
        "forged",
        _at(26, "11:40"),
        LUCIA,
        "a forged mail in an agent's name",
        "Re: [{ref}] Ninguém consegue pagar",
        "!close\n",
        answers="portuguese",
        authenticated="fail",
    ),
    Scene(
        "portuguese-answer",
        _at(26, "12:10"),
        LUCIA,
        "the agent answers the client",
        "Re: [{ref}] Ninguém consegue pagar",
        "Olá Joana, o gateway voltou e os pagamentos estão passando. Qualquer coisa, me avise.\n\nLucía",
        to="joana@casa-jatoba.example",
        cc=SUPPORT,
        answers="portuguese",
    ),
    Scene(
        "close",
        _at(26, "15:00"),
        LUCIA,
        "the agent closes",
        "Re: [{ref}] Ninguém consegue pagar",
        "!close\nConfirmado por teléfono.",
        answers="portuguese",
    ),
    Scene(
        "thanks",
        _at(26, "15:30"),
        "Joana Prado <joana@casa-jatoba.example>",
        "thanks only: nothing reopens",
        "Ninguém consegue pagar",
        "Muito obrigada, Lucía!",
        answers="portuguese",
    ),
    Scene(
        "relapse",
        _at(27, "09:30"),
        "Joana Prado <joana@casa-jatoba.example>",
        "a relapse: the case is reopened",
        "Ninguém consegue pagar",
        "Obrigada, mas o problema voltou: de novo ninguém consegue pagar na loja.",
        answers="portuguese",
    ),
    Scene(
        "relapse-answer",
        _at(27, "10:15"),
        LUCIA,
        "the agent answers again",
        "Re: [{ref}] Ninguém consegue pagar",
        "Olá Joana, desta vez era o certificado do gateway. Já está trocado.\n\nLucía",
        to="joana@casa-jatoba.example",
        cc=SUPPORT,
        answers="portuguese",
    ),
    Scene(
        "date",
        _at(27, "16:00"),
        LUCIA,
        "planning tells the date of the wish",
        "Re: [{ref}] Idea para el carrito",
        "!date 2026-12-15 resolution\nEntra en la versión de diciembre.",
        answers="wish",
    ),
)

# What the story must have led to: the event, and the scene whose case it belongs to.
ENDING: tuple[tuple[str, str], ...] = (
    ("case.acknowledged", "wish"),
    ("case.acknowledged", "outage"),
    ("case.reminded", "outage"),
    ("case.breached", "outage"),
    ("case.attended", "outage"),
    ("case.joined", "outage"),
    ("case.attended", "english"),
    ("case.acknowledged", "portuguese"),
    ("case.taken", "portuguese"),
    ("case.attended", "portuguese"),
    ("case.closed", "portuguese"),
    ("case.reopened", "portuguese"),
    ("case.planned", "wish"),
    ("message.ignored", ""),
    ("message.set_aside", "portuguese"),
)


def compose(scene: Scene, sent: Sent) -> bytes:
    """Return the mail of a scene as it arrives, CRLF line ends."""
    reference, acknowledgement = sent.get(scene.answers, ("", ""))
    mail = EmailMessage()
    domain = scene.who.rpartition("@")[2].rstrip(">")
    mail["Received"] = (
        f"from mail.{domain} (mail.{domain} [203.0.113.7]) by mx.netone.example; {format_datetime(scene.at)}"
    )
    mail["Authentication-Results"] = f"mx.netone.example; dmarc={scene.authenticated} header.from={domain}"
    for name, value in scene.headers.items():
        mail[name] = value
    mail["From"] = scene.who
    mail["To"] = scene.to
    if scene.cc:
        mail["Cc"] = scene.cc
    subject = scene.subject.replace("{ref}", reference)
    mail["Subject"] = f"Re: [{reference}] {subject}" if reference and reference not in subject else subject
    mail["Date"] = format_datetime(scene.at.astimezone(ZONE))
    mail["Message-ID"] = f"<{scene.name}.demo@{domain}>"
    if acknowledgement:
        mail["In-Reply-To"] = f"<{acknowledgement}>"
        mail["References"] = f"<{acknowledgement}>"
    mail.set_content(scene.text)
    return mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
