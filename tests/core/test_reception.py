"""The way of an agent's mail: what proves it, what it says, and where it goes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.builders import a_message, a_site
from tests.core.lifecycle.playbook import desk
from tests.desks import a_case, a_policy
from triage.core import actions, conversation, reading, reception, signing
from triage.core.commands import Fault
from triage.core.conversation import Link
from triage.core.message import Message
from triage.core.model import Address, Case, MessageClass, State
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


def test_an_answer_to_a_case_without_a_client_reaches_nobody_and_the_agent_hears_that() -> None:
    nobody = a_case(a_policy(), NOW, client=Address(""))
    found = routed(mail("Ya está.", PASS), PROVEN, nobody)
    assert (found.way, found.words) == (Way.ORDERS, "")
    assert found.orders is not None
    assert [(c.action, c.fault) for c in found.orders.commands] == [(None, Fault.NOBODY)]


def test_our_links_among_the_words_keep_a_mail_from_going_out() -> None:
    text = "Hola Ana\n\nLo tomo: mailto:soporte@netone.example?subject=%5BNO-2026-000001%5D%20%23take.x&body=%21take"
    route = routed(mail(text, PASS), PROVEN)
    assert route.way is Way.ORDERS
    assert route.orders is not None
    assert not route.orders.known


@pytest.mark.parametrize(
    ("text", "way"), [("Ya volví.\n!ausente off", Way.ORDERS), ("Anoten: volví", Way.OPEN)]
)
def test_a_command_further_down_opens_no_case_in_an_agents_name(text: str, way: Way) -> None:
    route = routed(mail(text, PASS, subject="volví"), None)
    assert route.way is way


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


def of_client(way: Way, **told: Any) -> Route:
    """Route a client's mail and say that it goes that way."""
    link, case, at = told.pop("link", None), told.pop("case", CASE), told.pop("at", NOW)
    message = a_message(**told)
    read = reading.read(message, SITE)
    route = reception.route(SITE, message, read, link, case if link else None, at, timedelta(days=30))
    assert route.way is way, route
    return route


def test_a_client_s_mail_opens_joins_or_is_left_alone() -> None:
    assert of_client(Way.OPEN).link is None
    assert of_client(Way.JOIN, link=NAMED).reason == "by subject"
    of_client(Way.IGNORE, subject="Re: x", text="Muchas gracias!")
    stranger = Link("subject", CASE.reference, joins=False)
    assert of_client(Way.OPEN, link=stranger).link == stranger


def test_machines_open_nothing_and_are_noted_on_their_case() -> None:
    mine = signing.message_id(SITE.secret, SITE.domain, "ack", "ana@tienda-prueba.example", CASE.reference)
    of_client(Way.IGNORE, message_id=mine, sender="soporte@netone.example")
    of_client(Way.BOUNCE, sender="mailer-daemon@mx.example", subject="Undelivered Mail Returned to Sender")
    away = {"headers": [AUTOMATIC], "text": "Estoy de vacaciones."}
    of_client(Way.IGNORE, **away)
    assert of_client(Way.NOTE, link=NAMED, **away).link == NAMED


def test_a_monitor_s_repeat_is_noted_on_what_it_watches() -> None:
    site = a_site(monitors=frozenset({"icinga@monitor.example"}))
    message = a_message(sender="icinga@monitor.example", subject="PROBLEM web1 is CRITICAL", text="down")
    read = reading.read(message, site)
    route = reception.route(site, message, read, NAMED, CASE, NOW, timedelta(days=30))
    assert (read.message_class, route.way) == (MessageClass.MONITOR, Way.NOTE)


def test_a_forged_client_writes_into_no_case_and_gets_no_answer() -> None:
    forged = ("Authentication-Results", "mx.netone.example; dmarc=fail header.from=tienda-prueba.example")
    route = of_client(Way.OPEN, link=NAMED, headers=[forged])
    assert route.silent
    of_client(Way.IGNORE, headers=[forged], subject="Re: x", text="Muchas gracias!")


def test_after_the_window_a_closed_case_s_client_opens_a_new_one_that_names_the_old() -> None:
    ended = replace(CASE, state=State.CLOSED, ended_at=NOW)
    of_client(Way.JOIN, link=NAMED, case=ended, at=NOW + timedelta(days=30))
    late = of_client(Way.OPEN, link=NAMED, case=ended, at=NOW + timedelta(days=31))
    assert late.link is not None
    assert not late.link.joins
    thanks = {"subject": "Re: x", "text": "Muchas gracias!"}
    of_client(Way.JOIN, link=NAMED, case=ended, at=NOW + timedelta(days=31), **thanks)


def test_a_survey_s_answer_and_a_suggestion_go_their_own_ways() -> None:
    asked = signing.message_id(
        SITE.secret, SITE.domain, actions.survey_key(CASE), CASE.client.address, CASE.reference
    )
    client = {"sender": CASE.client.address, "link": NAMED}
    of_client(Way.SURVEY, text="5", in_reply_to=(asked,), **client)
    site = a_site(suggestions="ideas@netone.example")
    message = a_message(text="Estaría bueno poder ordenar la lista.", to=(Address("ideas@netone.example"),))
    read = reading.read(message, site)
    assert reception.route(site, message, read, None, None, NOW, timedelta(days=30)).way is Way.SUGGESTION


@pytest.mark.parametrize(
    ("fields", "case", "way"),
    [
        ({"message_id": signing.message_id(SITE.secret, SITE.domain, "a", LUCIA, None)}, CASE, Way.IGNORE),
        ({"headers": [("Auto-Submitted", "auto-generated")]}, CASE, Way.IGNORE),
        ({}, None, Way.IGNORE),
        ({"to": (Address("proveedor@hosting.example"),)}, CASE, Way.IGNORE),
        ({"to": (CASE.client,)}, CASE, Way.ANSWERED),
        ({"cc": (CASE.client,), "headers": [("Auto-Submitted", "no")]}, CASE, Way.ANSWERED),
    ],
)
def test_what_lies_in_the_sent_folder_counts_as_an_answer_only_to_the_client(
    fields: dict[str, Any], case: Case | None, way: Way
) -> None:
    assert reception.sent(SITE, a_message(sender=LUCIA, **fields), case).way is way


def test_an_agent_s_mail_about_no_case_opens_one_only_if_it_is_for_us() -> None:
    assert routed(mail("No anda la tienda de Marta.", PASS), None).way is Way.OPEN
    assert routed(mail("Muchas gracias!", PASS, subject="Re: x"), None).way is Way.IGNORE
    outside = (Address("proveedor@hosting.example"), Address("soporte@netone.example"))
    assert routed(mail("¿Tienen una caída?", PASS, to=outside), None).way is Way.IGNORE
    handed = routed(mail(FORWARD.format("Miren esto\n\n"), subject="Fwd: no anda"), None)
    assert (handed.way, handed.silent) == (Way.OPEN, True)
    assert not routed(mail(FORWARD.format("Miren esto\n\n"), PASS, subject="Fwd: no anda"), None).silent


def test_a_digest_s_link_opens_the_one_mail_it_names_and_nothing_else() -> None:
    query = parse_qs(urlsplit(actions.opening(SITE, "d17", LUCIA, NOW)).query)
    subject, body = query["subject"][0], query["body"][0]
    assert routed(mail(body, subject=subject), None).way is Way.ORDERS
    assert routed(mail("!open d18", subject=subject), None).way is Way.SET_ASIDE
    assert routed(mail("!close", subject=subject), None).way is Way.SET_ASIDE
    assert routed(mail(body), None).way is Way.SET_ASIDE
    assert routed(mail(body, subject=subject, sender=DIEGO), None).way is Way.SET_ASIDE


ANA = "ana@tienda-prueba.example"
ANAS = ("Authentication-Results", "mx.netone.example; dmarc=pass header.from=tienda-prueba.example")


def colleagues(link: Link | None, *copied: str, sender: str = ANA, results: Any = ()) -> tuple[str, ...]:
    message = a_message(
        sender=sender, headers=results, cc=tuple(Address(a) for a in (LUCIA, sender, *copied))
    )
    return reception.colleagues(SITE, message, reading.read(message, SITE), link, sender)


def test_a_client_s_colleagues_are_those_he_writes_to_beside_us() -> None:
    bruno = "bruno@tienda-prueba.example"
    assert colleagues(None, bruno, bruno) == (bruno,)


@pytest.mark.parametrize(
    ("link", "results", "takes_part"),
    [
        (None, (ANAS,), True),
        (NAMED, (ANAS,), True),
        (PROVEN, (), True),
        (None, (), False),
        (NAMED, (), False),
        (NAMED, (("Authentication-Results", "mx.netone.example; dmarc=fail"),), False),
    ],
)
def test_a_stranger_takes_part_only_by_a_mail_that_is_proven(
    link: Link | None, results: Any, takes_part: bool
) -> None:
    """Else who forges a client's address puts his own in Cc, writes into the case and gets what agents answer."""
    found = colleagues(link, "contable@estudio.example", results=results)
    assert found == (("contable@estudio.example",) if takes_part else ())


def test_users_of_a_public_mail_service_are_strangers_to_each_other() -> None:
    assert colleagues(NAMED, "eva@gmail.com", sender="ana@gmail.com") == ()


def test_the_window_is_the_support_model_s() -> None:
    assert reception.window(desk()) == timedelta(days=desk().support.lifecycle.reopen_days)
