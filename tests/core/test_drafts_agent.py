from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from triage.adapters.renderer_jinja import sample_site
from triage.core import drafts_agent
from triage.core.draft_facts import Facts, Recipient
from triage.core.drafts_agent import HistoryLine
from triage.core.enclosures import Enclosed
from triage.core.model import Language, MailKind, Severity

TO = Recipient("diego.maidana@netone.example", "Diego Maidana", "lead")


def facts(**fields: Any) -> Facts:
    deadline = sample_site.a_deadline(sample_site.ARRIVAL + timedelta(hours=2))
    case = replace(sample_site.case(Language.PT, Severity.HIGH, sample_site.ARRIVAL, deadline), **fields)
    return Facts(case, sample_site.site(Language.ES), sample_site.COMPANY, sample_site.SEVERITIES)


@pytest.mark.parametrize(
    ("step", "phase"),
    [
        ("arrival", "arrival"),
        ("arrival+30m", "arrival"),
        ("opening", "opening"),
        ("50%", "before"),
        ("-15m", "before"),
        ("breach", "breach"),
        ("breach+1h", "breach"),
        ("from", "from"),
        ("escalated", "escalated"),
    ],
)
def test_a_step_is_a_kind_of_moment(step: str, phase: str) -> None:
    assert drafts_agent.phase_of(step) == phase


def test_a_reminder_is_unique_by_case_cycle_version_step_turn_and_recipient() -> None:
    mail = drafts_agent.reminder(facts(cycle=2), TO, "breach+1h", turn=3)
    assert mail.key == "NO-2026-000123/2/1/breach+1h/3/diego.maidana@netone.example"
    assert (mail.kind, mail.auto, mail.to_client) == (MailKind.REMINDER, "auto-generated", False)


def test_agents_are_written_to_in_the_sites_language() -> None:
    mail = drafts_agent.reminder(facts(), TO, "arrival")
    assert mail.language is Language.ES
    assert mail.variables["case"]["severity_name"] == "alta"


def test_a_long_mail_and_a_long_history_are_cut() -> None:
    lines = [HistoryLine(sample_site.ARRIVAL, "x", "y" * 900)] * 40
    mail = drafts_agent.reminder(facts(excerpt="palabra " * 9_000), TO, "arrival", history=lines)
    assert len(mail.variables["text"]) <= drafts_agent.EXCERPT_LIMIT + 4
    assert len(mail.variables["history"]) == drafts_agent.HISTORY_LIMIT
    assert len(mail.variables["history"][0]["what"]) == 200


def test_the_evidence_says_each_word_once() -> None:
    found = facts().case.classification
    doubled = replace(found, evidence=found.evidence * 3)
    mail = drafts_agent.reminder(facts(classification=doubled), TO, "arrival")
    assert mail.variables["why"]["words"] == ["no puedo cargar"]


def test_every_notice_to_two_agents_is_two_mails() -> None:
    other = replace(TO, address="carla@netone.example")
    for draft in (
        lambda to: drafts_agent.client_wrote(facts(), to, key="m", text="x"),
        lambda to: drafts_agent.client_unreachable(facts(), to, address="a@b.example", status="5.1.1"),
        lambda to: drafts_agent.second_answer(
            facts(), to, key="m", other="x", other_at=sample_site.ARRIVAL, text="y"
        ),
        lambda to: drafts_agent.answer_uncertain(facts(), to, key="m", text="y"),
        lambda to: drafts_agent.escalation_to_area(facts(area="desarrollo"), to, by="Diego"),
    ):
        assert draft(TO).key != draft(other).key
        assert draft(TO) == draft(TO)


def test_a_reminder_before_a_planned_date_is_of_a_kind_of_its_own() -> None:
    assert drafts_agent.phase_of("planned 2026-12-15 from") == "planned"
    assert drafts_agent.phase_of("planned 2026-12-15 -9h") == "planned"


def test_a_mail_about_several_cases_belongs_to_none_of_them() -> None:
    """Who answers it must say which case he means; the first one's actions are those of its line alone."""
    at = sample_site.ARRIVAL + timedelta(hours=1)
    first, second = facts(reference="NO-2026-000001", excerpt="x" * 5_000), facts(reference="NO-2026-000002")
    parts = [
        drafts_agent.Part(first, "arrival", at, [{"label": "!take", "url": "mailto:a"}]),
        drafts_agent.Part(second, "breach", at),
    ]
    mail = drafts_agent.reminders(parts, TO, at)
    assert (mail.reference, mail.template, mail.kind) == (None, "reminders", MailKind.REMINDER)
    assert [
        (one["reference"], one["phase"], one["first"], len(one["actions"])) for one in mail.variables["cases"]
    ] == [("NO-2026-000001", "arrival", True, 1), ("NO-2026-000002", "breach", False, 0)]
    assert len(mail.variables["cases"][0]["excerpt"]) == 200
    assert mail.variables["cases"][0]["actions"] == [{"name": "", "label": "!take", "url": "mailto:a"}]
    assert mail.key == drafts_agent.reminders(parts, TO, at).key
    assert mail.key != drafts_agent.reminders(parts, TO, at + timedelta(seconds=1)).key


@pytest.mark.parametrize("recovered", [True, False])
def test_what_a_monitor_says_is_told_once_a_message_and_agent(recovered: bool) -> None:
    mail = drafts_agent.monitored(facts(), TO, key="n1@mon.example", text="web01 OK", recovered=recovered)
    assert (mail.variables["recovered"], mail.variables["text"]) == (recovered, "web01 OK")
    assert mail.key.endswith("/monitored/n1@mon.example/diego.maidana@netone.example")


def test_files_travel_as_the_draft_names_them_and_the_others_are_told() -> None:
    enclosed = Enclosed(({"name": "a.png", "section": "2"},), ({"name": "b.mp4", "size": 9},))
    for mail in (
        drafts_agent.reminder(facts(), TO, "arrival", attachments=("a.png", "b.mp4"), enclosed=enclosed),
        drafts_agent.client_wrote(
            facts(), TO, key="m", text="x", attachments=("a.png", "b.mp4"), enclosed=enclosed
        ),
        drafts_agent.files(facts(), TO, enclosed, key="k", part=1, parts=1),
    ):
        assert mail.attachments == enclosed.files
        assert mail.variables["left_out"] == [{"name": "b.mp4", "size": 9}]
        assert "a.png" in mail.variables["attachments"]
