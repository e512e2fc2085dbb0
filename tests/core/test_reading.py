"""The whole answer about one message: case or not, acknowledgement or not, and why."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import CLIENT, a_message, a_site, an_enclosed
from triage.core import reading
from triage.core.model import Address, Language, MessageClass, Role, Trust

SITE = a_site()
AGENT = "diego.maidana@netone.example"
PASSED = ("Authentication-Results", "mx.netone.example; dmarc=pass header.from=netone.example")


def test_a_clients_mail_is_a_case_and_is_acknowledged() -> None:
    read = reading.read(a_message(), SITE)
    assert (read.is_case, read.may_ack, read.role) == (True, True, Role.CLIENT)
    assert read.client == Address(CLIENT)
    assert read.language is Language.ES
    assert read.first_line == "Hola, no puedo cargar fotos en el catálogo."


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"headers": [("Auto-Submitted", "auto-replied")]}, "automatic answer"),
        ({"subject": "Re: x", "text": "Muchas gracias!"}, "thanks"),
        ({"report_type": "disposition-notification"}, "receipt"),
        ({"calendar_method": "REPLY"}, "invitation"),
        ({"sender": "boletin@x.example", "text": "Novedades\nRecibís este boletín porque te suscribiste. Darse de baja: http://x.example", "headers": [("List-Unsubscribe", "<x>")]}, "newsletter"),
    ],
)  # fmt: skip
def test_what_is_no_case_says_why(fields: dict[str, object], reason: str) -> None:
    read = reading.read(a_message(**fields), SITE)
    assert not read.is_case
    assert not read.may_ack
    assert reason in read.case_reason


@pytest.mark.parametrize(
    "fields",
    [
        {"headers": [("List-Id", "<x.example>"), ("List-Post", "<mailto:x@x.example>")]},
        {"headers": [("X-Auto-Response-Suppress", "All")]},
        {"sender": "nagios@x.example", "subject": "** PROBLEM Host Alert: web is DOWN **", "text": "Notification Type: PROBLEM\nHost: web\nState: DOWN"},
        {"headers": [("Authentication-Results", "mx.netone.example; dmarc=fail header.from=tienda-prueba.example")]},
        {"sender": None},
    ],
)  # fmt: skip
def test_some_cases_are_opened_without_an_acknowledgement(fields: dict[str, object]) -> None:
    read = reading.read(a_message(**fields), SITE)
    assert read.is_case
    assert not read.may_ack


def test_a_recovery_notice_opens_no_case() -> None:
    text = "Notification Type: RECOVERY\nHost: web\nState: UP"
    read = reading.read(
        a_message(sender="nagios@x.example", subject="** RECOVERY Host Alert: web is UP **", text=text), SITE
    )
    assert read.message_class is MessageClass.MONITOR
    assert not read.is_case


def test_an_agent_is_not_acknowledged() -> None:
    read = reading.read(a_message(sender=AGENT, headers=[PASSED]), SITE)
    assert (read.role, read.trust, read.may_ack) == (Role.AGENT, Trust.AUTHENTICATED, False)


def test_an_agent_who_forwards_opens_the_authors_case() -> None:
    text = "---------- Forwarded message ---------\nDe: Jorge <jorge@correo.example>\nDate: 20 jun 2026\nSubject: no anda\nTo: <diego@netone.example>\n\nLa página no abre."
    read = reading.read(a_message(sender=AGENT, subject="Fwd: no anda", text=text, headers=[PASSED]), SITE)
    assert read.forwarded
    assert read.client is not None
    assert read.client.address == "jorge@correo.example"
    assert read.may_ack
    assert read.new_text == "La página no abre."


def test_an_attached_message_is_a_forward_too() -> None:
    enclosed = an_enclosed(sender=Address("jorge@correo.example"), text="La página no abre.")
    read = reading.read(
        a_message(sender=AGENT, subject="RV: no anda", text="Ver adjunto", enclosed=(enclosed,)), SITE
    )
    assert read.forwarded_text == "La página no abre."
    assert read.client == Address("jorge@correo.example")


def test_a_client_who_forwards_stays_the_client() -> None:
    enclosed = an_enclosed(sender=Address("jorge@correo.example"), text="No abre.")
    assert reading.read(a_message(subject="RV: no anda", enclosed=(enclosed,)), SITE).client == Address(
        CLIENT
    )


def test_a_bounce_is_no_forward_of_what_it_returns() -> None:
    enclosed = an_enclosed(
        sender=Address("soporte@netone.example"), message_id="x@netone.example", text="Hola"
    )
    read = reading.read(
        a_message(
            sender="mailer-daemon@x.example",
            subject="failure notice",
            text="could not be delivered",
            enclosed=(enclosed,),
        ),
        SITE,
    )
    assert not read.forwarded
    assert read.bounce is not None
    assert read.bounce.original_message_id == "x@netone.example"


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        ("Re: [NO-2026-000123] Consulta", ("NO-2026-000123",)), ("no-2026-000123 datos", ("no-2026-000123",)), ("Menú: más datos [NO-2026-000123]", ("NO-2026-000123",)), ("NO-2026-000001 y NO-2026-000002", ("NO-2026-000001", "NO-2026-000002")),
        ("XNO-2026-000123", ()), ("NO-2026-12", ()), ("NO-26-000123", ()), ("NO-2026-000123-9", ()), ("NO-2026-٠٠٠١٢٣", ()),
    ],
)  # fmt: skip
def test_references_in_the_subject_are_found_as_written(subject: str, found: tuple[str, ...]) -> None:
    assert a_site(reference_prefix="NO").references_in(subject) == found


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=400),
    st.text(max_size=80),
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "from",
                    "return-path",
                    "auto-submitted",
                    "precedence",
                    "list-id",
                    "authentication-results",
                    "x-auto-response-suppress",
                ]
            ),
            st.text(max_size=60),
        ),
        max_size=4,
    ),
)
def test_no_message_makes_the_reading_raise(text: str, subject: str, headers: list[tuple[str, str]]) -> None:
    read = reading.read(a_message(text=text, subject=subject, headers=headers), SITE)
    assert read.is_case or read.case_reason
    assert read.may_ack or read.ack_reason


@pytest.mark.parametrize(
    ("words", "acknowledged"),
    [("", False), ("FYI", False), ("Ver abajo, gracias", False),
     ("No nos llegan los pedidos de la tienda, rebotan así desde ayer", True)],
)  # fmt: skip
def test_a_mail_systems_notice_handed_on_is_acknowledged_only_with_words_of_ones_own(
    words: str, acknowledged: bool
) -> None:
    """A program that forwards bounces to us would answer every acknowledgement with another bounce."""
    notice = an_enclosed(
        sender=Address("mailer-daemon@mx.example"),
        headers=[("From", "Mail Delivery System <mailer-daemon@mx.example>")],
        text="550 no such user",
    )
    read = reading.read(
        a_message(sender=CLIENT, subject="Fwd: Undelivered mail", text=words, enclosed=(notice,)), SITE
    )
    assert (read.is_case, read.may_ack) == (True, acknowledged)
