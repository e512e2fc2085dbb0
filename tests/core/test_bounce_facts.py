"""Whom a bounce is about: from reports, header fields and words; never our own address."""

from tests.builders import SUPPORT, a_message
from triage.core import bounce_facts

OWN = frozenset({SUPPORT})
DAEMON = "mailer-daemon@mx.destino.example"


def test_our_own_address_is_never_the_recipient_that_failed() -> None:
    text = f"Your message from {SUPPORT} could not be delivered:\n<{SUPPORT}>\n<ana@destino.example>: 550"
    assert bounce_facts.facts(a_message(sender=DAEMON, text=text), OWN).recipients == ("ana@destino.example",)


def test_failed_recipients_header_names_the_recipients() -> None:
    message = a_message(
        sender=DAEMON, text="", headers=[("X-Failed-Recipients", "Ana@Destino.example, b@destino.example")]
    )
    assert bounce_facts.facts(message, OWN).recipients == ("ana@destino.example", "b@destino.example")


def test_a_giant_bounce_is_read_in_a_moment() -> None:
    message = a_message(sender=DAEMON, subject="failure notice", text="a@" * 300_000 + "\n<" * 200_000)
    assert bounce_facts.facts(message, OWN) is not None
