"""Mails for playbooks, built as people's mail programs write them: plain, HTML only, answers above, below and between."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from tests.e2e.daemon import SUPPORT

LUCIA = "lucia.ferrari@netone.example"
DIEGO = "diego.maidana@netone.example"
CARLA = "carla.benitez@netone.example"
ANA = "ana@tienda-prueba.example"
PASS = "mx.netone.example; spf=pass smtp.mailfrom={domain}; dkim=pass header.d={domain}; dmarc=pass header.from={domain}"
FAIL = "mx.netone.example; spf=fail smtp.mailfrom={domain}; dkim=none; dmarc=fail header.from={domain}"
FOREIGN = "mx.elsewhere.example; spf=pass smtp.mailfrom={domain}; dkim=pass header.d={domain}; dmarc=pass header.from={domain}"

_counter = iter(range(1, 1_000_000))


def a_mail(
    sender: str,
    text: str,
    *,
    at: datetime,
    subject: str = "Consulta",
    to: str = SUPPORT,
    cc: str = "",
    answers: EmailMessage | str = "",
    results: str = PASS,
    html: bool = False,
    headers: tuple[tuple[str, str], ...] = (),
    files: tuple[tuple[str, bytes], ...] = (),
    cte: str | None = None,
) -> bytes:
    """Return a mail as our server delivers it. `results`: its Authentication-Results, "" for none; `html`: HTML only.

    `cte`: how its text travels (quoted-printable, base64), else as it needs.
    """
    mail = EmailMessage()
    domain = sender.rpartition("@")[2].rstrip(">")
    mail["Received"] = (
        f"from mail.{domain} by mx.netone.example with ESMTPS id x; {format_datetime(at.astimezone(UTC))}"
    )
    if results:
        mail["Authentication-Results"] = results.format(domain=domain)
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    if cc:
        mail["Cc"] = cc
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<p{next(_counter)}@{domain}>"
    if answers:
        parent = answers if isinstance(answers, str) else str(answers["Message-ID"])
        mail["In-Reply-To"] = mail["References"] = parent
    for name, value in headers:
        mail[name] = value
    if html:
        mail.set_content(text, subtype="html", cte=cte)
    else:
        mail.set_content(text, cte=cte)
    for name, content in files:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


def quoted(mail: EmailMessage) -> str:
    """Return a mail's text as programs quote it."""
    return "\n".join(f"> {line}" for line in words(mail).splitlines())


def words(mail: EmailMessage) -> str:
    """Return the plain text of a mail of ours."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def attribution(mail: EmailMessage) -> str:
    return f"El mar, 20 oct 2026 a las 10:00, {mail['From']} escribió:"


def plain(order: str, below: str, mail: EmailMessage) -> tuple[str, bool]:
    del mail
    return f"{order}\n{below}\n", False


def top_posted(order: str, below: str, mail: EmailMessage) -> tuple[str, bool]:
    return f"{order}\n\n{below}\n\n{attribution(mail)}\n\n{quoted(mail)}\n", False


def bottom_posted(order: str, below: str, mail: EmailMessage) -> tuple[str, bool]:
    return f"{attribution(mail)}\n\n{quoted(mail)}\n\n{order}\n{below}\n", False


def outlook(order: str, below: str, mail: EmailMessage) -> tuple[str, bool]:
    head = f"De: {mail['From']}\nEnviado: martes, 20 de octubre de 2026 10:00\nPara: Lucía\nAsunto: {mail['Subject']}"
    return f"{order}\n{below}\n\n________________________________\n{head}\n\n{words(mail)}\n", False


def phone_html(order: str, below: str, mail: EmailMessage) -> tuple[str, bool]:
    """Only HTML, the command in a div of its own with a hard blank, a signature, the quote in a blockquote."""
    old = words(mail).replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>")
    return (
        f"<html><body dir='auto'><div>{order}&nbsp;</div><div><br></div><div>{below}</div>"
        "<div><br></div><div id='AppleMailSignature'>Enviado desde mi iPhone</div>"
        f"<div><br><blockquote type='cite'>{attribution(mail)}<br><br></blockquote></div>"
        f"<blockquote type='cite'><div>{old}</div></blockquote></body></html>"
    ), True


def gmail_html(order: str, below: str, mail: EmailMessage) -> tuple[str, bool]:
    old = words(mail).replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>")
    return (
        f'<div dir="auto"><b>{order}</b><div dir="auto"><br></div><div dir="auto">{below}</div></div><br>'
        f'<div class="gmail_quote"><div dir="ltr" class="gmail_attr">{attribution(mail)}<br></div>'
        f'<blockquote class="gmail_quote" style="margin:0 0 0 .8ex">{old}</blockquote></div>'
    ), True


STYLES = (plain, top_posted, bottom_posted, outlook, phone_html, gmail_html)


# -- phones: what they add, and what they make of what was typed --------------------------------------------------------


def _typed(order: str) -> str:
    """Return a command as a phone corrects it: a capital, a blank and a full stop of their own accord."""
    mark, word, rest = order[0], *f"{order[1:]} ".split(" ", 1)
    return f"{mark}\u00a0{word.capitalize()} {rest.strip()}".rstrip() + ". "


def _html(mail: EmailMessage) -> str:
    return words(mail).replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>")


def iphone(order: str, below: str, mail: EmailMessage) -> tuple[str, bool]:
    head = "El 20 oct. 2026, a la(s) 10:00, NetOne Soporte <soporte@netone.example> escribió:"
    old = "\n".join(f"> {line}".rstrip() for line in ["", *words(mail).splitlines()])
    return f"{_typed(order)}\n\n{below}\n\nEnviado desde mi iPhone\n\n> {head}\n{old}\n", False


def iphone_html(order: str, below: str, mail: EmailMessage) -> tuple[str, bool]:
    """The command stands in no element of its own, the signature in one that begins within the text's."""
    return (
        f'<html><head></head><body dir="auto">{_typed(order)}<div><br></div><div>{below}<br id='
        '"lineBreakAtBeginningOfSignature"><div dir="ltr">Enviado desde mi iPhone</div><div dir="ltr"><br>'
        '<blockquote type="cite">El 20 oct. 2026, a la(s) 10:00, NetOne Soporte &lt;soporte@netone.example&gt; '
        f'escribió:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">\ufeff{_html(mail)}</div>'
        "</blockquote></div></body></html>"
    ), True


def android_gmail(order: str, below: str, mail: EmailMessage) -> tuple[str, bool]:
    return (
        f'<div dir="auto">{_typed(order)}<div dir="auto">{below}</div></div><br><div class="gmail_quote '
        'gmail_quote_container"><div dir="ltr" class="gmail_attr">El mar, 20 oct 2026, 10:00, NetOne Soporte &lt;'
        '<a href="mailto:soporte@netone.example">soporte@netone.example</a>&gt; escribió:<br></div>'
        f'<blockquote class="gmail_quote" style="margin:0 0 0 .8ex">{_html(mail)}</blockquote></div>'
    ), True


def outlook_phone(order: str, below: str, mail: EmailMessage) -> tuple[str, bool]:
    return (
        f'<html><body><div dir="ltr">{_typed(order)}</div><div dir="ltr"><br></div><div dir="ltr">{below}</div>'
        '<div id="ms-outlook-mobile-body-separator-line" dir="ltr"><br></div><div id="ms-outlook-mobile-signature">'
        'Obtener <a href="https://aka.ms/o0ukef">Outlook para iOS</a></div><hr style="width:98%">'
        '<div id="divRplyFwdMsg" dir="ltr"><b>De:</b> NetOne Soporte &lt;soporte@netone.example&gt;<br><b>Enviado:</b> '
        "martes, 20 de octubre de 2026 10:00<br><b>Para:</b> Lucía<br><b>Asunto:</b> Caso nuevo<div>&nbsp;</div></div>"
        f"<div>{_html(mail)}</div></body></html>"
    ), True


def samsung(order: str, below: str, mail: EmailMessage) -> tuple[str, bool]:
    """The old mail stands below a head and in no quote at all."""
    return (
        f'<html><body><div dir="auto">{_typed(order)}</div><div dir="auto"><br></div><div dir="auto">{below}</div>'
        '<div dir="auto"><br></div><div id="composer_signature" dir="auto"><div dir="auto">Enviado desde mi Galaxy'
        '</div></div><div><br></div><div align="left" dir="auto"><div>-------- Mensaje original --------</div><div>De: '
        "NetOne Soporte &lt;soporte@netone.example&gt; </div><div>Fecha: 20/10/26  10:00 a. m.  (GMT-03:00) </div>"
        "<div>Para: lucia.ferrari@netone.example </div><div>Asunto: Caso nuevo </div><div><br></div></div>"
        f"{_html(mail)}</body></html>"
    ), True


def yahoo_phone(order: str, below: str, mail: EmailMessage) -> tuple[str, bool]:
    return (
        f"<html><body><div><div>{_typed(order)}</div><div><br></div><div>{below}</div><div><br></div>"
        '<a href="https://mail.onelink.me/1">Yahoo Mail: Busca, organiza, conquista</a><br> <blockquote '
        'style="margin:0 0 20px 0"><div>El mar., 20 de oct. de 2026 a la(s) 10:00, NetOne Soporte</div><div>'
        f"&lt;soporte@netone.example&gt; escribió:</div><div>{_html(mail)}</div></blockquote></div></body></html>"
    ), True


PHONES = (iphone, iphone_html, android_gmail, outlook_phone, samsung, yahoo_phone)
