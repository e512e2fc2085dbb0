from dataclasses import replace
from datetime import date, time

import pytest

from tests.builders import a_site
from tests.desks import a_calendar, a_case, a_policy, holidays, local
from triage.core import duty
from triage.core.model import Classification, Severity, State
from triage.core.site import Absence, Agent, Area, OnCall

POLICY = a_policy()
LEAD = Agent("lucia@netone.example", "Lucía", frozenset({"lead"}), frozenset({"soporte"}))
DIEGO = Agent("diego@netone.example", "Diego", areas=frozenset({"soporte"}))
CARLA = Agent("carla@netone.example", "Carla", areas=frozenset({"soporte"}))
DEV = Agent("dora@netone.example", "Dora", frozenset({"planning"}), frozenset({"desarrollo"}))
BOSS = Agent("marta@netone.example", "Marta", frozenset({"manager"}))
AREAS = {
    "soporte": Area("soporte"),
    "desarrollo": Area("desarrollo", "desarrollo@netone.example", ("Portal",)),
}
DESK_TIME, NIGHT = local("2026-10-20 10:15"), local("2026-10-24 23:00")
TODAY = (Absence(date(2026, 10, 20), date(2026, 10, 20)),)


def told(*roles, case=None, now=DESK_TIME, unreachable=(), calendar=POLICY.calendar, **site):
    fields = {
        "agents": (LEAD, DIEGO, CARLA, DEV, BOSS),
        "areas": AREAS,
        "admin": "admin@netone.example",
        **site,
    }
    case = case or a_case(POLICY, local("2026-10-20 10:00"), 1)
    found = duty.recipients(roles, case, a_site(**fields), calendar, now, frozenset(unreachable))
    return [(who.name or who.address.partition("@")[0], who.why) for who in found]


def taken(by: Agent, **fields):
    return a_case(POLICY, local("2026-10-20 10:00"), 1, assignee=by.address, state=State.TAKEN, **fields)


# -- the assignee ----------------------------------------------------------------------------------------------------


def test_the_assignee_is_told_at_any_hour():
    assert told("assignee", case=taken(DIEGO)) == [("Diego", "assignee")]
    assert told("assignee", case=taken(DIEGO), now=NIGHT) == [("Diego", "assignee")]


def test_a_case_that_nobody_took_is_everybodys_on_duty_in_its_area():
    assert told("assignee") == [("Lucía", "queue"), ("Diego", "queue"), ("Carla", "queue")]


def test_the_area_is_that_of_the_rule_or_of_the_product():
    case = a_case(
        POLICY, DESK_TIME, 2, classification=Classification(Severity.MEDIUM, "r", area="desarrollo")
    )
    assert told("assignee", case=case) == [("Dora", "queue")]
    by_product = replace(case, classification=Classification(Severity.MEDIUM, "r", product="Portal"))
    assert told("assignee", case=by_product) == [("Dora", "queue")]


def test_agents_without_areas_are_all_there_is_where_nobody_has_the_cases():
    plain = (Agent("a@netone.example", "A"), Agent("b@netone.example", "B"))
    assert told("assignee", agents=plain, areas={}) == [("A", "queue"), ("B", "queue")]


def test_an_absent_assignee_is_skipped_and_the_others_of_the_area_are_told():
    away = replace(DIEGO, absent=TODAY)
    found = told("assignee", case=taken(away), agents=(LEAD, away, CARLA))
    assert found == [("Lucía", "queue"), ("Carla", "queue")]


def test_an_assignee_whose_mail_bounces_is_skipped():
    found = told("assignee", case=taken(DIEGO), unreachable=[DIEGO.address])
    assert found == [("Lucía", "queue"), ("Carla", "queue")]


# -- duty ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "works"),
    [
        ("2026-10-20 07:59", False),
        ("2026-10-20 08:00", True),
        ("2026-10-20 14:00", False),
        ("2026-10-20 23:30", True),
        ("2026-10-21 10:00", False),
        ("2026-10-27 10:00", False),
    ],
)
def test_an_agents_own_hours_count_except_on_holidays(now, works):
    own = {1: ((time(8), time(14)), (time(22), time.max))}
    calendar = a_calendar(holidays=holidays("2026-10-27"))
    assert duty.on_duty(replace(DIEGO, hours=own), calendar, local(now)) is works


def test_without_hours_of_his_own_an_agent_works_when_the_desk_is_open():
    assert duty.on_duty(DIEGO, POLICY.calendar, DESK_TIME)
    assert not duty.on_duty(DIEGO, POLICY.calendar, NIGHT)


def test_an_absence_includes_both_its_days():
    away = replace(DIEGO, absent=(Absence(date(2026, 10, 20), date(2026, 10, 22)),))
    found = [duty.on_duty(away, POLICY.calendar, local(f"2026-10-{day} 10:00")) for day in (19, 20, 22, 23)]
    assert found == [True, False, False, True]


# -- on call ---------------------------------------------------------------------------------------------------------

ROTATION = OnCall(date(2026, 10, 19), (DIEGO.address, CARLA.address, LEAD.address))


def test_on_call_is_for_severity_1_out_of_hours_only():
    assert told("oncall", now=NIGHT, oncall=ROTATION) == [("Diego", "oncall")]
    assert told("assignee", "oncall", oncall=ROTATION)[0] == ("Lucía", "queue")
    two = a_case(POLICY, NIGHT, 2)
    assert ("Diego", "oncall") not in told("oncall", case=two, now=NIGHT, oncall=ROTATION)


@pytest.mark.parametrize(
    ("rotation", "day", "first"),
    [
        ("weekly", date(2026, 10, 25), DIEGO),
        ("weekly", date(2026, 10, 26), CARLA),
        ("weekly", date(2026, 10, 18), LEAD),
        ("daily", date(2026, 10, 21), LEAD),
        ("daily", date(2026, 10, 22), DIEGO),
    ],
)
def test_agents_take_turns(rotation, day, first):
    assert duty.oncall(replace(ROTATION, rotation=rotation), day)[0] == first.address


def test_weeks_change_on_mondays_whatever_day_the_first_begins():
    midweek = replace(ROTATION, start=date(2026, 10, 21))
    turns = [duty.oncall(midweek, date(2026, 10, day))[0] for day in (21, 25, 26, 31)]
    assert turns == [DIEGO.address, DIEGO.address, CARLA.address, CARLA.address]


def test_without_a_rotation_nobody_is_on_call():
    assert duty.oncall(None, date(2026, 10, 20)) == ()
    assert duty.oncall(OnCall(date(2026, 10, 19)), date(2026, 10, 20)) == ()


def test_the_next_in_turn_is_told_when_the_first_cannot_be_reached():
    assert told("oncall", now=NIGHT, oncall=ROTATION, unreachable=[DIEGO.address]) == [("Carla", "oncall")]


A, B = Agent("a@netone.example", "A"), Agent("b@netone.example", "B")


@pytest.mark.parametrize("rota", [None, OnCall(date(2026, 10, 19))])
def test_where_nobody_takes_turns_and_nobody_leads_severity_1_wakes_everybody_who_is_there(rota):
    away = replace(B, absent=(Absence(date(2026, 10, 24), date(2026, 10, 24)),))
    assert told("assignee", "oncall", now=NIGHT, agents=(A,), oncall=rota) == [("A", "everybody")]
    assert told("oncall", now=NIGHT, agents=(A, B), oncall=rota) == [("A", "everybody"), ("B", "everybody")]
    assert told("oncall", now=NIGHT, agents=(A, away), oncall=rota) == [("A", "everybody")]
    assert told("oncall", now=NIGHT, agents=(DEV, DIEGO), oncall=rota) == [("Diego", "everybody")]


def test_without_turns_a_lead_is_told_at_night_with_the_admin_and_nobody_else():
    assert told("assignee", "oncall", now=NIGHT) == [("Lucía", "lead"), ("admin", "admin")]
    assert told("oncall", now=NIGHT, unreachable=[LEAD.address]) == [
        ("Diego", "everybody"),
        ("Carla", "everybody"),
    ]


def test_without_turns_whoever_took_the_case_is_enough_at_night():
    assert told("assignee", "oncall", case=taken(A), now=NIGHT, agents=(A, B)) == [("A", "assignee")]


def test_without_turns_other_severities_wait_for_the_morning_with_the_admin():
    two = a_case(POLICY, NIGHT, 2)
    assert told("assignee", "oncall", case=two, now=NIGHT, agents=(A, B)) == [("admin", "admin")]


# -- roles and the last resort ---------------------------------------------------------------------------------------


def test_each_role_leads_to_its_agents_and_each_is_told_once_for_the_first_reason():
    found = told("assignee", "lead", "manager", "planning", case=taken(LEAD))
    assert found == [("Lucía", "assignee"), ("Marta", "manager"), ("Dora", "planning")]


def test_a_role_that_nobody_has_goes_to_the_lead():
    assert told("manager", agents=(LEAD, DIEGO)) == [("Lucía", "lead")]
    assert told("planning", agents=(LEAD, DIEGO)) == [("Lucía", "lead")]


def test_the_target_is_the_areas_address_or_its_agents():
    case = a_case(POLICY, DESK_TIME, 2, state=State.ESCALATED, area="desarrollo")
    assert told("target", case=case) == [("desarrollo", "area")]
    own = {**AREAS, "desarrollo": Area("desarrollo")}
    assert told("target", case=case, areas=own) == [("Dora", "area")]
    assert told("target", case=replace(case, area="nowhere")) == [("Lucía", "lead")]


def test_when_nobody_can_be_reached_the_lead_and_the_admin_are():
    assert told("assignee", now=NIGHT) == [("Lucía", "lead"), ("admin", "admin")]


def test_when_the_lead_is_away_too_the_admin_is_told():
    assert told("assignee", now=NIGHT, unreachable=[LEAD.address]) == [("admin", "admin")]


def test_without_an_admin_the_lead_is_told_even_if_away():
    assert told("assignee", agents=(replace(LEAD, absent=TODAY),), admin=None) == [("Lucía", "lead")]


def test_where_all_whose_turn_it_could_be_are_out_of_reach_the_lead_and_the_admin_are_told():
    rota = OnCall(date(2026, 10, 19), (DIEGO.address, CARLA.address))
    away = [DIEGO.address, CARLA.address]
    found = told("oncall", now=NIGHT, oncall=rota, unreachable=away)
    assert found == [("Lucía", "lead"), ("admin", "admin")]
