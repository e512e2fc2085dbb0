"""No machine of ours carries a forger's words to his victim."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.app.house import DESK
from tests.builders import a_message
from tests.desks import a_calendar, a_case, a_policy, both, hours, local
from triage.adapters.renderer_jinja import sample_site
from triage.core import letters_client, reading
from triage.core.commands import Action, Command
from triage.core.events import AgentOrdered, AgentReplied, Opening
from triage.core.model import Address, Language, Severity, Trust
from triage.core.sla_calendar import Clock
from triage.core.sla_policy import Roll, SlaPolicy, Start
from triage.core.understood import Reading

CASE = sample_site.case(
    Language.ES, Severity.MEDIUM, sample_site.ARRIVAL, sample_site.a_deadline(sample_site.ARRIVAL)
)


@pytest.mark.parametrize(
    ("site_says", "authenticated", "subject", "echoed"),
    [
        ("all", False, "No carga la tienda", True),
        ("all", False, "Ganaste: http://estafa.example", False),
        ("all", False, "Entrá en WWW.estafa.example", False),
        ("all", True, "Se ve mal https://mi-tienda.example", True),
        ("authenticated", False, "No carga la tienda", False),
        ("authenticated", True, "No carga la tienda", True),
    ],
)
def test_the_clients_own_words_go_back_as_far_as_proof_and_site_allow(
    site_says: str, authenticated: bool, subject: str, echoed: bool
) -> None:
    desk = replace(DESK, echo_subject=site_says)
    case = replace(
        CASE, subject=subject, authenticated=authenticated, client=Address("a@x.example", "Ana Villar")
    )
    for mail in (
        letters_client.welcome(desk, case, sample_site.ARRIVAL),
        letters_client.deadline_moved(desk, case, case.deadline, "severity"),
    ):
        words = str(mail.variables)
        assert (subject in words) is echoed
        assert ("Villar" in words) is echoed
        assert mail.to_name == ("Ana Villar" if echoed else "")


def order(text: str = "") -> AgentOrdered:
    return AgentOrdered(
        sample_site.ARRIVAL, DESK.site.agents[0].address, Command(Action.DATE, "", "!date"), text
    )


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, 1),
        ({"client": Address("")}, 0),
        ({"client": Address("robot@mon.example"), "monitored": "robot@mon.example web1"}, 0),
    ],
    ids=["a client", "a case without an address", "a monitor"],
)
def test_what_clients_are_told_goes_to_those_who_can_be_told(fields: dict[str, Any], told: int) -> None:
    case = replace(CASE, **{"planned_date": date(2026, 12, 15), "area": "desarrollo", **fields})
    letters = [
        letters_client.planned(DESK, case, order()),
        letters_client.escalated(DESK, case, order()),
        letters_client.solution(DESK, case, order("ya"), provisional=True),
        letters_client.survey(DESK, case),
        letters_client.answers(DESK, case, AgentReplied(sample_site.ARRIVAL, order().agent, "ya")),
    ]
    assert [len(mails) for mails in letters] == [told] * len(letters)


def test_a_date_that_was_taken_back_meanwhile_is_not_told() -> None:
    assert letters_client.planned(DESK, replace(CASE, planned_date=None), order()) == ()


def opened(policy: SlaPolicy, arrival: str, severity: int) -> dict[str, Any]:
    """What the acknowledgement of a new case says besides the case."""
    support = replace(DESK.support, sla=replace(DESK.support.sla, default=policy))
    case = a_case(policy, local(arrival), severity)
    opening = Opening(
        case.reference, case.mailbox, case.arrival, case.client, case.language, case.subject, "", case.classification, True
    )  # fmt: skip
    return letters_client.acknowledgement(
        replace(DESK, support=support), case, opening, case.arrival
    ).variables


def test_a_date_with_hours_of_its_own_does_not_tell_the_usual_ones() -> None:
    half_day = a_policy(a_calendar(special_hours={date(2026, 12, 24): hours((9, 13))}))
    said = opened(half_day, "2026-12-24 15:30", 2)
    assert (said["closed"], said["hours"]) == ("night", "")
    assert opened(half_day, "2026-12-23 19:30", 2)["hours"] == "lunes a viernes de 9 a 18"


@pytest.mark.parametrize(
    ("terms", "closed"),
    [
        ({}, "weekend"),
        ({"clock": Clock.BUSINESS_HOURS}, ""),
        ({"start": Start.NEXT_OPENING}, ""),
        ({"roll": Roll.NEXT_OPENING}, ""),
    ],
    ids=["day and night", "open hours", "from the opening", "rolled to it"],
)
def test_attended_all_the_same_is_said_only_where_the_promise_runs_while_closed(
    terms: dict[str, Any], closed: str
) -> None:
    policy = a_policy(one=both(2, 24, **terms))
    assert opened(policy, "2026-10-24 10:00", 1)["closed"] == closed
    assert opened(policy, "2026-10-24 10:00", 2)["closed"] == "weekend", (
        "another sentence: the time allows for it"
    )


def a_reading(sender: Address, trust: Trust) -> Reading:
    read = reading.read(a_message(sender=sender, subject="Sugerencia"), DESK.site)
    return replace(read, trust=trust)


@pytest.mark.parametrize(
    ("site_says", "trust", "subject", "echoed"),
    [
        ("all", Trust.UNVERIFIED, "Modo oscuro", True),
        ("all", Trust.UNVERIFIED, "Modo oscuro en www.estafa.example", False),
        ("authenticated", Trust.UNVERIFIED, "Modo oscuro", False),
        ("authenticated", Trust.AUTHENTICATED, "Modo oscuro en www.mi-tienda.example", True),
    ],
)
def test_who_suggests_something_is_thanked_with_his_own_words_as_far_as_the_site_allows(
    site_says: str, trust: Trust, subject: str, echoed: bool
) -> None:
    ana = Address("ana@x.example", "Ana Villar")
    message = a_message(sender=ana, subject=subject)
    desk = replace(DESK, echo_subject=site_says)
    mail = letters_client.suggestion_thanks(desk, message, a_reading(ana, trust), ana, "soporte")
    assert (mail.to, mail.mailbox, mail.in_reply_to) == ("ana@x.example", "soporte", message.message_id)
    assert ("Modo oscuro" in str(mail.variables)) is echoed
    assert (mail.to_name == "Ana Villar") is echoed
