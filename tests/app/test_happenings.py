"""What a message is to the lifecycle: what opens a case, or what happens on one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.app.batches import ANA, CARLA, DIEGO, FOLDER, LUCIA, PROVEN, received, unreadable
from tests.app.house import DESK, START
from triage.app import happenings
from triage.app.received import BACKLOG, EXCERPT, Received
from triage.core import commands
from triage.core.conversation import Link
from triage.core.desk import Desk
from triage.core.events import AgentAnswered, AgentReplied, ClientWrote, Happening, MachineWrote, Opening
from triage.core.message import Attachment
from triage.core.model import Address, Severity
from triage.core.reception import Route, Way
from triage.core.records import Data

NEW = Route(Way.OPEN, "a new matter")
CASE = Link("subject", "NO-2026-000001", joins=True)
PHOTO = Attachment("captura.png", "image/png", 90_000, section="2")
FORWARD = (
    "---------- Forwarded message ---------\nDe: Beto <beto@otra.example>\n"
    "Date: 20 oct 2026\nSubject: no anda\nTo: <diego@netone.example>\n\nNo abre la tienda."
)


def opening(one: Received, route: Route = NEW, desk: Desk = DESK) -> Opening:
    return happenings.opening(desk, one, route, "NO-2026-000001", FOLDER)


def happening(one: Received, way: Way, **route: Any) -> Happening:
    assert one.message is not None
    assert one.reading is not None
    found = Route(way, "", CASE, **route)
    return happenings.on_case(DESK, one, one.message, one.reading, found, FOLDER)


# -- what opens a case -------------------------------------------------------------------------------------------------


def test_a_client_s_mail_opens_a_case_of_his_in_his_words() -> None:
    copied = Address("beto@tienda-prueba.example")
    found = opening(received(7, text="La tienda no abre, a nadie.", cc=(copied, Address(LUCIA))))
    assert (found.client.address, found.arrival, found.mailbox) == (ANA, START, "soporte")
    assert (found.subject, found.excerpt) == ("Consulta", "La tienda no abre, a nadie.")
    assert (found.classification.severity, found.may_ack) == (Severity.HIGH, True)
    assert (found.participants, found.forwarded_by, found.related) == ((copied.address,), None, None)


def test_a_case_is_proven_to_be_the_client_s_only_if_the_client_s_side_wrote_it() -> None:
    results = (("Authentication-Results", "mx.netone.example; dmarc=pass"),)
    assert opening(received(headers=results)).authenticated
    victim = Address("victima@otra.example")
    assert not opening(received(headers=results, reply_to=(victim,))).authenticated


def test_agents_get_to_see_the_beginning_of_very_much() -> None:
    assert len(opening(received(text="no anda " * 2_000)).excerpt) == EXCERPT


@pytest.mark.parametrize(
    ("one", "route", "why"),
    [
        (received(), replace(NEW, silent=True, reason="forged"), "forged"),
        (replace(received(), flags=(BACKLOG,)), NEW, "backlog"),
        (received(sender=None), NEW, "nobody to answer"),
    ],
    ids=["a silent way", "found too late", "no sender"],
)
def test_nobody_is_acknowledged_who_must_not_be(one: Received, route: Route, why: str) -> None:
    found = opening(one, route)
    assert not found.may_ack
    assert found.ack_reason.startswith(why)


def test_who_named_another_s_case_opens_one_beside_it() -> None:
    assert opening(received(), replace(NEW, link=replace(CASE, joins=False))).related == CASE.reference


def forwarded(text: str = "") -> Received:
    return received(
        sender=Address(DIEGO), headers=PROVEN, subject="Fwd: no anda", text=f"{text}\n\n{FORWARD}".strip()
    )


def test_a_mail_that_an_agent_hands_on_is_its_writer_s_case() -> None:
    found = opening(forwarded("Les paso esto"))
    assert (found.client.address, found.forwarded_by) == ("beto@otra.example", DIEGO)
    assert "Les paso esto" in found.excerpt
    assert "No abre la tienda." in found.excerpt


def test_of_commands_above_a_forwarded_mail_only_what_is_below_them_is_told() -> None:
    orders = commands.read("!severity 1\nLes paso esto")
    found = opening(forwarded("!severity 1\nLes paso esto"), replace(NEW, orders=orders))
    assert found.excerpt.startswith("Les paso esto")
    assert "!severity" not in found.excerpt
    assert "No abre la tienda." in found.excerpt


def test_where_a_mail_lies_is_kept_where_it_has_files_or_somebody_wants_the_mail() -> None:
    assert opening(received()).source is None
    found = opening(received(9, attachments=(PHOTO,)))
    assert found.source is not None
    assert (found.source.uid, found.attachments) == (9, ("captura.png",))
    lucia, *others = DESK.site.agents
    site = replace(DESK.site, agents=(replace(lucia, original=True), *others))
    assert opening(received(9), desk=replace(DESK, site=site)).source is not None


def test_a_monitor_s_case_keeps_what_it_watches_and_a_person_s_does_not() -> None:
    desk = replace(DESK, site=replace(DESK.site, monitors=("nagios@vigia.example",)))
    alert = received(desk=desk, sender="nagios@vigia.example", subject="PROBLEM: web-01/HTTP is CRITICAL")
    assert "web" in opening(alert, desk=desk).monitored
    assert opening(received()).monitored == ""


def test_only_what_was_read_opens_a_case_so() -> None:
    with pytest.raises(AssertionError):
        opening(unreadable())


def test_what_could_not_be_read_opens_a_case_that_says_why_and_answers_nobody() -> None:
    found = happenings.unreadable(DESK, unreadable(error="no message at all"), "NO-2026-000001", FOLDER)
    assert "no message at all" in found.excerpt
    assert (found.client.address, found.may_ack, found.unreadable) == ("", False, "no message at all")
    assert found.classification.rule == happenings.UNREADABLE_RULE


# -- what happens on one -----------------------------------------------------------------------------------------------


def test_what_a_client_writes_is_his_with_his_files_and_whom_he_copies() -> None:
    copied = Address("beto@tienda-prueba.example")
    found = happening(received(3, text="Sigue igual.", cc=(copied,), attachments=(PHOTO,)), Way.JOIN)
    assert isinstance(found, ClientWrote)
    assert found.source is not None
    assert (found.sender.address, found.text, found.participants) == (ANA, "Sigue igual.", (copied.address,))
    assert (found.attachments, found.thanks_only) == (("captura.png",), False)
    thanks = happening(received(3, subject="Re: Consulta", text="¡Muchas gracias!"), Way.JOIN)
    assert isinstance(thanks, ClientWrote)
    assert thanks.thanks_only


def test_a_stranger_whom_a_client_s_mail_copies_takes_part_only_if_the_mail_is_proven() -> None:
    one = received(cc=(Address("contable@estudio.example"),))
    assert one.message is not None
    assert one.reading is not None
    assert opening(one).participants == ()
    for link, people in ((CASE, ()), (replace(CASE, proven=True), ("contable@estudio.example",))):
        route = Route(Way.JOIN, "", link)
        found = happenings.on_case(DESK, one, one.message, one.reading, route, FOLDER)
        assert isinstance(found, ClientWrote)
        assert found.participants == people


def test_an_agent_s_answer_with_us_in_copy_went_to_people_not_to_us() -> None:
    one = received(sender=LUCIA, to=(Address(ANA), Address(DIEGO)), cc=(Address("soporte@netone.example"),))
    found = happening(one, Way.ANSWERED)
    assert isinstance(found, AgentAnswered)
    assert (found.agent, found.via, found.recipients) == (LUCIA, "mail", (ANA,))


def test_an_agent_s_reply_goes_on_in_the_words_that_were_told_apart_with_its_files() -> None:
    file: Data = {"name": "guia.pdf"}
    one = replace(received(sender=LUCIA, text="Probá de nuevo.\n\n> No anda"), files=(file,))
    found = happening(one, Way.REPLIED, words="Probá de nuevo.")
    assert isinstance(found, AgentReplied)
    assert (found.agent, found.text, found.attachments) == (LUCIA, "Probá de nuevo.", (file,))


@pytest.mark.parametrize(("message_id", "key"), [("m1@x", "m1@x"), (None, "d1")])
def test_a_machine_s_mail_is_told_once_by_its_id_or_by_what_it_holds(
    message_id: str | None, key: str
) -> None:
    found = happening(received(message_id=message_id), Way.NOTE)
    assert isinstance(found, MachineWrote)
    assert (found.key, found.recovered) == (key, False)


@pytest.mark.parametrize(
    ("writer", "agent"),
    [(DIEGO, DIEGO), ("soporte@netone.example", LUCIA)],
    ids=["his own", "the shared one"],
)
def test_what_was_sent_elsewhere_is_its_writer_s_or_under_our_address_the_assignee_s(
    writer: str, agent: str
) -> None:
    one = received(at=START + timedelta(hours=1), sender=writer, to=(Address(ANA), Address(CARLA)))
    assert one.message is not None
    assert one.reading is not None
    found = happenings.answered_elsewhere(DESK.site, one, one.message, one.reading, LUCIA)
    assert (found.agent, found.via, found.recipients) == (agent, "sent", (ANA,))
    assert found.at == START + timedelta(hours=1)
