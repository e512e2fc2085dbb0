"""Who wrote it, and who waits for the answer."""

import pytest

from tests.builders import CLIENT, SUPPORT, a_message, a_site
from triage.core import identity
from triage.core.model import Address, MessageClass, Role

AGENT = "diego.maidana@netone.example"
SITE = a_site()


@pytest.mark.parametrize(
    ("sender", "message_class", "role"),
    [
        (CLIENT, MessageClass.PERSON, Role.CLIENT),
        (AGENT, MessageClass.PERSON, Role.AGENT),
        (AGENT, MessageClass.AUTO_REPLY, Role.MACHINE),
        (CLIENT, MessageClass.BOUNCE, Role.MACHINE),
        (CLIENT, MessageClass.MONITOR, Role.MACHINE),
        (SUPPORT, MessageClass.OWN, Role.SELF),
        (CLIENT, MessageClass.LIST, Role.CLIENT),
    ],
)
def test_the_role_follows_from_address_and_class(
    sender: str, message_class: MessageClass, role: Role
) -> None:
    assert identity.role(a_message(sender=sender), message_class, SITE) is role


def test_a_display_name_makes_nobody_an_agent() -> None:
    forged = Address("x@otra.example", "Diego Maidana <diego.maidana@netone.example>")
    assert identity.role(a_message(sender=forged), MessageClass.PERSON, SITE) is Role.CLIENT


def client(**fields: object) -> str | None:
    found = identity.client(a_message(**fields), SITE)
    return found.address if found else None


def test_the_client_is_the_author() -> None:
    assert client() == CLIENT


def test_a_web_forms_reply_to_is_the_client() -> None:
    assert (
        client(sender="web@netone.example", reply_to=(Address("rt@tienda.example"),)) == "rt@tienda.example"
    )


@pytest.mark.parametrize(
    "reply_to",
    [
        (),
        (Address("a@x.example"), Address("b@x.example")),
        (Address(SUPPORT),),
        (Address("sin-arroba"),),
        (Address("soporte+x@netone.example"),),
        (Address("mailer-daemon@x.example"),),
    ],
)
def test_a_reply_to_that_makes_no_sense_is_passed_over(reply_to: tuple[Address, ...]) -> None:
    assert client(reply_to=reply_to) == CLIENT


def test_a_lists_own_reply_to_is_not_the_client() -> None:
    lists = [("List-Post", "<mailto:webteam@x.example>")]
    assert client(reply_to=(Address("webteam@x.example"),), headers=lists) == CLIENT


def test_there_is_nobody_to_answer_without_a_sender_or_when_it_is_us() -> None:
    assert client(sender=None) is None
    assert client(sender=SUPPORT) is None


def test_an_agent_who_hands_a_mail_on_speaks_for_its_author() -> None:
    author = Address("jorge@correo.example", "Jorge")
    assert identity.client(a_message(sender=AGENT), SITE, author) == author
    assert identity.client(a_message(), SITE, author) == Address(CLIENT)


def test_an_agent_who_hands_on_a_colleagues_mail_speaks_for_himself() -> None:
    found = identity.client(a_message(sender=AGENT), SITE, Address("lucia.ferrari@netone.example"))
    assert found == Address(AGENT)


@pytest.mark.parametrize(
    "address",
    [
        "no-reply@x.example",
        "noresponder@x.example",
        "nao-responda@x.example",
        "ventas-noreply@x.example",
        "bounces+1@x.example",
        "do_not_reply@x.example",
    ],
)
def test_some_addresses_say_that_nobody_reads_them(address: str) -> None:
    assert identity.is_silent(address)


@pytest.mark.parametrize(
    "address", ["ana@x.example", "norelia@x.example", "bouncer@x.example", "rootbeer@x.example"]
)
def test_and_others_do_not(address: str) -> None:
    assert not identity.is_silent(address)


def test_a_reply_to_without_a_name_is_the_author_with_his_name() -> None:
    ana = Address(CLIENT, "Ana Ruiz")
    found = identity.client(a_message(sender=ana, reply_to=(Address(CLIENT),)), SITE)
    assert found == ana
    other = identity.client(a_message(sender=ana, reply_to=(Address("compras@tienda.example"),)), SITE)
    assert other == Address("compras@tienda.example")
