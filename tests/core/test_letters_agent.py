"""Who of the agents gets which mail."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.app.house import DESK
from tests.builders import a_message
from triage.adapters.renderer_jinja import sample_site
from triage.core import draft_facts, letters_agent
from triage.core.commands import Action, Command
from triage.core.draft_facts import Recipient
from triage.core.events import AgentOrdered, MachineWrote
from triage.core.model import Case, ClientFile, Language, Severity, Source
from triage.core.pacing import Due, Together
from triage.core.records import AlarmRow, Event

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


# -- reminders -------------------------------------------------------------------------------------------------------

LUCIA, DIEGO = DESK.site.agents[0].address, DESK.site.agents[1].address


def an_alarm(**data: object) -> AlarmRow:
    return AlarmRow(CASE.reference, CASE.cycle, CASE.deadline.version, "80%", AT, 0, data)


def test_a_step_reminds_everybody_its_roles_lead_to_one_mail_each() -> None:
    mails = letters_agent.reminders(DESK, CASE, an_alarm(to=["assignee"]), AT)
    assert len({mail.to for mail in mails}) == len(mails) > 1
    assert all(mail.variables["actions"] for mail in mails)


def test_a_reminder_for_one_goes_to_him_for_the_reason_he_has_now() -> None:
    (told,) = letters_agent.reminders(DESK, CASE, an_alarm(to=["lead"], only=LUCIA), AT)
    assert (told.to, told.variables["reason"]) == (LUCIA, "lead")
    (other,) = letters_agent.reminders(DESK, CASE, an_alarm(to=["lead"], only=DIEGO), AT)
    assert (other.to, other.variables["reason"]) == (DIEGO, "assignee")


def test_one_line_of_history_is_no_history_worth_showing() -> None:
    opened = Event(AT, "case.opened", by="ana@x.example")
    taken = Event(AT, "case.taken", by=LUCIA)
    for events, shown in (((opened,), 0), ((opened, taken), 2)):
        mail, *_ = letters_agent.reminders(DESK, CASE, an_alarm(to=["lead"]), AT, events)
        assert len(mail.variables["history"]) == shown


def test_several_cases_are_one_mail_with_the_first_action_of_each() -> None:
    other = replace(CASE, reference="NO-2026-000777")
    due = (
        Due(an_alarm(to=["lead"]), LUCIA),
        Due(replace(an_alarm(to=["lead"]), reference=other.reference), LUCIA),
    )
    cases = {CASE.reference: CASE, other.reference: other}
    mail = letters_agent.reminders_together(DESK, cases, Together(LUCIA, due), AT)
    assert (mail.to, mail.to_name, mail.variables["reason"]) == (LUCIA, DESK.site.agents[0].name, "several")
    assert [line["reference"] for line in mail.variables["cases"]] == [CASE.reference, other.reference]
    assert all(len(line["actions"]) == 1 for line in mail.variables["cases"])


def test_a_mail_about_several_cases_says_which_reminders_it_stands_for() -> None:
    (alone,) = letters_agent.reminders(DESK, CASE, an_alarm(to=["lead"], only=LUCIA), AT)
    together = Together(LUCIA, (Due(an_alarm(to=["lead"]), LUCIA), Due(an_alarm(to=["lead"]), LUCIA)))
    mail = letters_agent.reminders_together(DESK, {CASE.reference: CASE}, together, AT)
    assert mail.reminds == (alone.key, alone.key)


def test_after_a_flood_the_first_cases_are_shown_and_the_others_named() -> None:
    cases = {f"NO-2026-{n:06d}": replace(CASE, reference=f"NO-2026-{n:06d}") for n in range(1, 501)}
    alarm = an_alarm(to=["lead"])
    due = tuple(Due(replace(alarm, reference=reference), LUCIA) for reference in cases)
    mail = letters_agent.reminders_together(DESK, cases, Together(LUCIA, due), AT)
    shown, others = mail.variables["cases"], mail.variables["others"]
    assert (len(shown), len(others), len(mail.reminds)) == (50, 450, 500)
    assert all(line["actions"] for line in shown)
    assert [one["reference"] for one in (*shown, *others)] == list(cases)


def test_files_go_along_once_and_a_list_of_cases_has_brought_none() -> None:
    case = replace(
        CASE,
        source=Source("soporte", 1, 7, 900, "m@x", (ClientFile("a.png", "image/png", 50, "2", "base64"),)),
    )
    told = {"step": "arrival", "turn": 0, "to": [LUCIA]}
    alone = Event(case.cycle_start, "case.reminded", data=told)
    listed = Event(case.cycle_start, "case.reminded", data={**told, "listed": [LUCIA]})
    for events, files in (((), 1), ((alone,), 0), ((listed,), 1), ((listed, alone), 0)):
        (mail,) = letters_agent.reminders(DESK, case, an_alarm(to=["lead"], only=LUCIA), AT, events)
        assert len(mail.attachments) == files


# -- notices ---------------------------------------------------------------------------------------------------------


def test_a_monitors_message_without_an_id_is_told_once_a_moment() -> None:
    wrote = MachineWrote(AT, "robot@mon.example", "monitor", "web01 OK", recovered=True)
    first, again = (letters_agent.monitored(DESK, CASE, wrote, AT) for _ in range(2))
    assert first == again
    assert first[0].variables["text"] == "web01 OK"
    later = letters_agent.monitored(DESK, CASE, replace(wrote, at=AT + timedelta(seconds=1)), AT)
    assert {mail.key for mail in first}.isdisjoint(mail.key for mail in later)


def test_a_forgery_warns_the_lead_first_and_never_whose_name_was_used() -> None:
    message = a_message(
        sender=DIEGO, subject="RE: [NO-2026-000001]", text="!close\nlisto", message_id="f@x.example"
    )
    mails = letters_agent.forged(DESK, None, DIEGO, message, "dmarc=fail", AT)
    assert mails[0].to == LUCIA
    assert DIEGO not in {mail.to for mail in mails}
    assert all(mail.variables["orders"] == ["!close"] for mail in mails)
    nameless = letters_agent.forged(DESK, None, DIEGO, replace(message, message_id=None), "dmarc=fail", AT)
    assert len({mail.key for mail in (*mails, *nameless)}) == 2 * len(mails)


def test_a_forgery_is_told_with_its_reason_in_the_site_s_language() -> None:
    message = a_message(sender=DIEGO, message_id="f@x.example")
    mail, *_ = letters_agent.forged(DESK, None, DIEGO, message, "commands that nothing proves", AT)
    assert mail.variables["why"] == "trae órdenes y nada prueba que las haya escrito esa persona"


def test_a_transcript_answers_in_the_agents_name_and_shows_no_token() -> None:
    message = a_message(sender=LUCIA, message_id="o@x.example")
    mail = letters_agent.transcript(DESK, CASE, LUCIA, [("!take" + "x" * 300, "hecho", True)], message)
    assert (mail.to, mail.to_name, mail.in_reply_to) == (LUCIA, DESK.site.agents[0].name, "o@x.example")
    assert len(mail.variables["lines"][0]["line"]) == 200
    assert mail.variables["subject"] == draft_facts.clean_subject(CASE)
    area = letters_agent.transcript(DESK, CASE, "desarrollo@netone.example", [], message)
    assert area.to_name == ""
