"""One mail of each kind that intake tells apart: where a fuzzer begins to change bytes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage

from tests.e2e.mails import ANA, CARLA, FAIL, LUCIA, a_mail

AT = datetime(2026, 10, 20, 13, 0, tzinfo=UTC)
REFERENCE = "NO-2026-000123"

REPORT = b"""From: MAILER-DAEMON@mx.netone.example
To: soporte@netone.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=utf-8

This is the mail system. Your message could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.netone.example

Final-Recipient: rfc822; ana@tienda-prueba.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 unknown user
--b
Content-Type: message/rfc822

From: soporte@netone.example
To: ana@tienda-prueba.example
Message-ID: <NO-2026-000123.kaaaaaaaaaa.saaaaaaaaaaaaaaaaaaaa@netone.example>
Subject: [NO-2026-000123] Consulta

Hola
--b--
"""
CALENDAR = b"""From: ana@tienda-prueba.example
To: soporte@netone.example
Subject: Accepted: capacitacion
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="c"

--c
Content-Type: text/html; charset=windows-1252
Content-Transfer-Encoding: quoted-printable

<html><body><p>Acept=F3</p><blockquote>On Mon, x wrote:<br>&gt; hola</blockquote></body></html>
--c
Content-Type: text/calendar; method=REPLY; charset=utf-8

BEGIN:VCALENDAR
METHOD:REPLY
END:VCALENDAR
--c--
"""
LIST = b"""From: novedades@lista.example
To: soporte@netone.example
Subject: =?iso-8859-1?q?Promoci=F3n?= =?utf-8?b?w7FhbmTDug==?=
List-Id: <novedades.lista.example>
List-Unsubscribe: <mailto:fuera@lista.example>
Precedence: bulk

Todo al 50 %
"""
ALERT = b"""From: icinga@monitor.example
To: soporte@netone.example
Subject: ** PROBLEM Service Alert: web1/HTTP is CRITICAL **
Auto-Submitted: auto-generated

Notification Type: PROBLEM
Service: HTTP
Host: web1
State: CRITICAL
"""


def seeds() -> Iterator[bytes]:
    """Yield raw messages; all people are made up."""
    client = a_mail(ANA, "La tienda no carga desde las 9.\n\n-- \nAna\nTienda Prueba", at=AT)
    yield client
    yield a_mail(ANA, "<p>No puedo <b>cobrar</b></p>", at=AT, html=True)
    yield a_mail(ANA, "Gracias!", at=AT, answers="<x1@netone.example>", subject=f"Re: [{REFERENCE}] Consulta")
    yield a_mail(LUCIA, "!severity 1\n!take\nlo miro", at=AT, subject=f"Re: [{REFERENCE}] Consulta")
    yield a_mail(CARLA, "!close", at=AT, results=FAIL, subject=f"Re: [{REFERENCE}] Consulta")
    forwarded = (
        "---------- Forwarded message ---------\nDe: Ana <ana@tienda-prueba.example>\nAsunto: x\n\nNo anda"
    )
    yield a_mail(LUCIA, f"!forward-as-client\n{forwarded}", at=AT, subject="Fwd: x")
    files = EmailMessage()
    files["From"], files["To"], files["Subject"] = ANA, "soporte@netone.example", "Fotos ñandú"
    files.set_content("Van dos capturas")
    files.add_attachment(b"\x89PNG....", maintype="image", subtype="png", filename="captura ñ.png")
    files.add_attachment(client, maintype="application", subtype="octet-stream", filename="mail.eml")
    files.add_attachment(
        b"\x78\x9f\x3e\x22\x01\x00", maintype="application", subtype="ms-tnef", filename="winmail.dat"
    )
    yield bytes(files)
    for raw in (REPORT, CALENDAR, LIST, ALERT):
        yield raw.replace(b"\n", b"\r\n")
