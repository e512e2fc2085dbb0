"""Who of the agents gets which mail."""

from dataclasses import replace

import pytest

from tests.app.house import DESK
from triage.adapters.renderer_jinja import sample_site
from triage.core import letters_agent
from triage.core.commands import Action, Command
from triage.core.draft_facts import Recipient
from triage.core.events import AgentOrdered
from triage.core.model import Case, Language, Severity

CASE = sample_site.case(
    Language.ES, Severity.MEDIUM, sample_site.ARRIVAL, sample_site.a_deadline(sample_site.ARRIVAL)
)
AT = sample_site.ARRIVAL


def escalated_to(area: str) -> tuple[Case, AgentOrdered]:
    command = Command(Action.ESCALATE, area, f"!escalate {area}")
    return replace(CASE, area=area, escalated_at=AT), AgentOrdered(AT, DESK.site.agents[0].address, command)


def test_an_area_with_an_address_gets_its_case_there() -> None:
    name, area = next((name, area) for name, area in DESK.site.areas.items() if area.address)
    (mail,) = letters_agent.handed_over(DESK, *escalated_to(name))
    assert mail.to == area.address
    assert mail.variables["actions"] == []  # an address is no agent: nothing is signed for it


def test_an_area_of_agents_is_told_one_by_one_but_not_who_escalated() -> None:
    agents = [replace(agent, areas=frozenset({"logistica"})) for agent in DESK.site.agents]
    desk = replace(DESK, site=replace(DESK.site, agents=tuple(agents)))
    told = [mail.to for mail in letters_agent.handed_over(desk, *escalated_to("logistica"))]
    assert told == [agent.address for agent in agents[1:]]


def test_only_an_agent_gets_links_signed_for_him() -> None:
    agent = DESK.site.agents[0].address
    assert letters_agent.links(DESK, CASE, Recipient(agent), AT)
    assert letters_agent.links(DESK, CASE, Recipient("desarrollo@netone.example"), AT) == ()


@pytest.mark.parametrize("related", [(), ("NO-2026-000099",)])
def test_the_cases_a_case_belongs_to_stand_in_every_mail_about_it(related: tuple[str, ...]) -> None:
    case = replace(CASE, related=related)
    order = AgentOrdered(AT, DESK.site.agents[0].address, Command(Action.ASSIGN, "x", "!assign x"))
    (mail,) = letters_agent.assigned(DESK, case, DESK.site.agents[-1], order)
    assert mail.variables["case"]["related"] == list(related)
