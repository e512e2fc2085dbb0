"""The way of an agent's mail: what proves it, what it says, and where it goes."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.builders import a_message, a_site
from tests.desks import a_case, a_policy
from triage.core import actions, conversation, reading, reception, signing
from triage.core.conversation import Link
from triage.core.message import Message
from triage.core.model import Address, Case
from triage.core.reception import Route, Way

SITE = a_site()
NOW = datetime(2026, 10, 20, 13, tzinfo=UTC)
LUCIA, DIEGO = "lucia.ferrari@netone.example", "diego.maidana@netone.example"
CASE = a_case(a_policy(), NOW)
PASS = ("Authentication-Results", "mx.netone.example; dmarc=pass header.from=netone.example")
FAIL = ("Authentication-Results", "mx.netone.example; dmarc=fail header.from=netone.example")
PROVEN = Link("own_id", CASE.reference, joins=True, proven=True)
NAMED = Link("subject", CASE.reference, joins=True)


def mail(text: str, *results: tuple[str, str], sender: str = LUCIA, **fields: Any) -> Message:
    return a_message(text=text, sender=sender, headers=results, message_id="x1@netone.example", **fields)


def routed(message: Message, link: Link | None, case: Case | None = CASE) -> Route:
    read = reading.read(message, SITE)
    return reception.route(SITE, message, read, link, case if link else None, NOW, timedelta(days=30))


@pytest.mark.parametrize(
    ("results", "link", "way"),
    [
        ((PASS,), NAMED, Way.ORDERS),
        ((PASS,), PROVEN, Way.ORDERS),
        ((), PROVEN, Way.ORDERS),
        ((), NAMED, Way.SET_ASIDE),
        ((FAIL,), PROVEN, Way.SET_ASIDE),
        ((FAIL,), NAMED, Way.SET_ASIDE),
        ((PASS,), None, Way.ORDERS),
        ((), None, Way.SET_ASIDE),
    ],
)
def test_commands_act_only_where_something_proves_the_agent(
    results: Any, link: Link | None, way: Way
) -> None:
    assert routed(mail("!close", *results), link).way is way


def test_an_answer_goes_on_without_what_is_quoted_below_it() -> None:
    text = "Hola Ana, ya está.\n\nEl mar, 20 oct 2026, Soporte escribió:\n> Severidad: 2\n> !close"
    route = routed(mail(text, PASS), PROVEN)
    assert (route.way, route.words) == (Way.REPLIED, "Hola Ana, ya está.")


def test_thanks_to_a_client_are_an_answer_too() -> None:
    assert routed(mail("¡Gracias a vos, Ana!", PASS), PROVEN).way is Way.REPLIED


def test_nothing_but_a_quote_is_nothing_to_pass_on() -> None:
    assert routed(mail("> !close\n> hola", PASS), PROVEN).way is Way.NOTE


def test_an_answer_to_a_case_without_a_client_reaches_nobody_and_attends_nothing() -> None:
    nobody = a_case(a_policy(), NOW, client=Address(""))
    assert routed(mail("Ya está.", PASS), PROVEN, nobody).way is Way.NOTE


def test_our_links_among_the_words_keep_a_mail_from_going_out() -> None:
    text = "Hola Ana\n\nLo tomo: mailto:soporte@netone.example?subject=%5BNO-2026-000001%5D%20%23take.x&body=%21take"
    route = routed(mail(text, PASS), PROVEN)
    assert route.way is Way.ORDERS
    assert route.orders is not None
    assert not route.orders.known


def test_the_client_among_the_recipients_means_it_was_answered_directly() -> None:
    to = (Address(CASE.client.address), Address("soporte@netone.example"))
    assert routed(mail("Ya está.", PASS, to=to), NAMED).way is Way.ANSWERED


def test_a_mail_to_a_third_party_is_a_note() -> None:
    to = (Address("proveedor@hosting.example"),)
    assert routed(mail("¿Tienen una caída?", PASS, to=to), NAMED).way is Way.NOTE


def test_our_plus_address_is_no_third_party_and_proves_who_uses_it() -> None:
    plus = signing.reply_address(SITE.secret, "soporte@netone.example", CASE.reference, LUCIA)
    for sender, way in ((LUCIA, Way.ORDERS), (DIEGO, Way.SET_ASIDE)):
        message = mail("!take", sender=sender, to=(Address(plus),))
        named = conversation.candidates((), (), (), [plus])
        link = conversation.link(SITE, named, sender, {}, {CASE.reference: CASE}, agent=True)
        if sender == LUCIA:
            assert link == Link("address", CASE.reference, joins=True, proven=True)
        assert routed(message, link or NAMED).way is way


def test_a_tapped_link_s_token_is_handed_on_with_the_orders() -> None:
    url = next(one["url"] for one in actions.for_agent(SITE, CASE, LUCIA, NOW) if one["name"] == "take")
    subject = parse_qs(urlsplit(url).query)["subject"][0]
    route = routed(mail("!take", subject=subject), NAMED)
    assert route.way is Way.ORDERS
    assert route.tap is not None
    assert route.tap.nonce
    assert routed(mail("!close", subject=subject), NAMED).way is Way.SET_ASIDE
    assert routed(mail("hola", subject=subject), NAMED).way is Way.SET_ASIDE


AUTOMATIC = ("Auto-Submitted", "auto-replied")


def test_an_agent_s_automatic_answer_goes_nowhere_and_says_that_he_is_away() -> None:
    assert routed(mail("Estoy de vacaciones.", PASS, AUTOMATIC), NAMED).absent == LUCIA
    assert routed(mail("Estoy de vacaciones.", AUTOMATIC), PROVEN).absent == LUCIA
    unproven = routed(mail("Estoy de vacaciones.", AUTOMATIC), NAMED)
    assert unproven.absent == ""
    for route in (unproven, routed(mail("x", FAIL, AUTOMATIC), PROVEN)):
        assert route.way in {Way.NOTE, Way.IGNORE}
        assert route.absent == ""
    assert routed(mail("No estoy.", PASS, AUTOMATIC, sender="ana@netone.example"), NAMED).absent == ""


FORWARD = (
    "{}---------- Forwarded message ---------\nDe: Marta <marta@libreria.example>\nDate: mar, 20 oct 2026\n"
    "Subject: no anda\nTo: lucia\n\nNo puedo entrar.\n"
)


def test_commands_above_a_forward_are_for_the_case_that_it_opens() -> None:
    route = routed(mail(FORWARD.format("!severity 1\n\n"), PASS, subject="Fwd: no anda"), None)
    assert route.way is Way.OPEN
    assert route.orders is not None
    assert route.orders.known
    assert routed(mail(FORWARD.format("!severity 1\n\n"), subject="Fwd: no anda"), None).way is Way.SET_ASIDE


def test_another_client_s_mail_forwarded_on_a_case_becomes_a_case_of_its_own_when_told_so() -> None:
    text = FORWARD.format("!forward-as-client\n!take\n\n")
    route = routed(mail(text, PASS, subject="Fwd: no anda"), PROVEN)
    assert route.way is Way.OPEN
    assert route.link is not None
    assert not route.link.joins
    assert route.orders is not None
    assert [str(c.action) for c in route.orders.commands] == ["take"]


def test_a_client_s_commands_are_words() -> None:
    message = a_message(text="!close", message_id="c1@tienda-prueba.example")
    assert routed(message, NAMED).way is Way.JOIN


def test_words_in_answer_to_a_mail_about_several_cases_reach_no_client_and_the_agent_is_told() -> None:
    digest = signing.message_id(SITE.secret, SITE.domain, "digest/1", LUCIA)
    several = mail("Ya lo resolví.", PASS, subject="Re: [NO-2026-000001] [NO-2026-000002] Recordatorios")
    about_none = mail("Ya lo resolví.", PASS, subject="Re: Resumen del día", in_reply_to=(digest,))
    for message in (several, about_none):
        way = routed(message, None)
        assert way.way is Way.ORDERS
        assert way.orders is not None
        assert [command.action for command in way.orders.commands] == [None]


def test_a_subject_that_names_several_cases_is_evidence_of_none() -> None:
    cases = {CASE.reference: CASE}
    named = conversation.candidates((), (), (CASE.reference, "NO-2026-000999"))
    assert conversation.link(SITE, named, LUCIA, {}, cases, agent=True) is None
