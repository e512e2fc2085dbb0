"""Forwarded blocks, inline and attached: text and sender, where exactly one is named."""

import pytest

from tests.builders import a_message, an_enclosed
from triage.core import forwards
from triage.core.model import Address


@pytest.mark.parametrize(
    "subject",
    ["Fwd: x", "FW: x", "RV: x", "Rv: x", "ENC: x", "Re: Fwd: x", "TR : x", "WG: x", "Reenviado: x"],
)
def test_forward_prefixes_are_known(subject: str) -> None:
    assert forwards.says_forward(subject)


@pytest.mark.parametrize("subject", ["Re: x", "RES: x", "Forward de pedidos", "Encuesta: x", "", "Riesgo: x"])
def test_other_subjects_are_no_forwards(subject: str) -> None:
    assert not forwards.says_forward(subject)


def block(sender: str) -> list[str]:
    return [
        "---------- Forwarded message ---------",
        f"De: {sender}",
        "Date: lunes",
        "Subject: x",
        "To: y@z.example",
        "",
        "La página no abre.",
    ]


def test_the_sender_comes_from_the_header_block() -> None:
    forward = forwards.inline(block("Jorge <Jorge@Correo.example>"))
    assert forward.text == "La página no abre."
    assert forward.sender == Address("jorge@correo.example", "Jorge")


@pytest.mark.parametrize("sender", ["Jorge", "a@x.example; b@x.example", ""])
def test_no_sender_is_guessed(sender: str) -> None:
    assert forwards.inline(block(sender)).sender is None


def test_a_quoted_block_is_read_without_its_marks() -> None:
    forward = forwards.inline([f"> {line}" for line in block("jorge@correo.example")])
    assert forward.text == "La página no abre."
    assert forward.sender == Address("jorge@correo.example")


def test_a_mail_systems_notice_is_told_apart() -> None:
    assert forwards.inline(block("Mail Delivery Subsystem <MAILER-DAEMON>")).of_mail_system


def test_exactly_one_attached_message_is_a_forward() -> None:
    one = an_enclosed(sender=Address("jorge@correo.example"), text="No abre.")
    found = forwards.attached(a_message(enclosed=(one,)))
    assert found is not None
    assert found.sender == Address("jorge@correo.example")
    assert forwards.attached(a_message()) is None
    assert forwards.attached(a_message(enclosed=(one, one))) is None
