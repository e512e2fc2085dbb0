import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from triage.adapters.renderer_jinja import sample_site
from triage.core import drafts_client
from triage.core.draft_facts import Facts
from triage.core.model import Address, Column, Language, MailKind, Severity

LATER = sample_site.ARRIVAL + timedelta(hours=24)


def facts(**fields: Any) -> Facts:
    case = sample_site.case(Language.PT, Severity.MEDIUM, sample_site.ARRIVAL, sample_site.a_deadline(LATER))
    case = replace(case, references=("m0@x.example",), **fields)
    return Facts(case, sample_site.site(Language.ES), sample_site.COMPANY, sample_site.SEVERITIES)


def test_an_acknowledgement_answers_the_clients_message_once() -> None:
    mail = drafts_client.acknowledgement(facts(), expires_at=LATER)
    assert mail.key == "NO-2026-000123/ack"
    assert (mail.kind, mail.auto, mail.to_client, mail.person) == (
        MailKind.ACKNOWLEDGEMENT,
        "auto-replied",
        True,
        False,
    )
    assert mail.in_reply_to == "m1@tienda-andina.example"
    assert mail.references == ("m0@x.example", "m1@tienda-andina.example")
    assert (mail.to, mail.language, mail.expires_at) == (
        "ana.villar@tienda-andina.example",
        Language.PT,
        LATER,
    )
    assert mail.sender_name == "NetOne Suporte"


def test_nothing_a_sender_wrote_comes_back_to_an_unverified_one() -> None:
    case = facts(subject="Compre en mal.example").case
    mail = drafts_client.acknowledgement(
        replace(facts(), case=replace(case, excerpt="texto del spam")), expires_at=None, echo_subject=False
    )
    told = json.dumps(mail.variables) + mail.to_name
    assert not [
        words for words in ("mal.example", "spam", "Ana", "Villar") if words in told.replace(mail.to, "")
    ]


def test_an_acknowledgement_never_holds_the_clients_text() -> None:
    mail = drafts_client.acknowledgement(facts(excerpt="palabras propias"), expires_at=None)
    assert "palabras propias" not in json.dumps(mail.variables)


def test_what_is_missing_is_said_in_the_clients_language() -> None:
    mail = drafts_client.acknowledgement(
        facts(), expires_at=None, missing=("screenshot", "nobody knows this")
    )
    assert mail.variables["missing"] == ["uma captura de tela"]


def test_the_reason_of_a_closed_desk_is_told() -> None:
    def closed(at: datetime, holiday: str = "", column: Column = Column.OUT_OF_HOURS) -> str:
        made = facts(cycle_start=at, deadline=replace(facts().case.deadline, column=column))
        return str(
            drafts_client.acknowledgement(
                made, expires_at=None, holiday=(holiday,) if holiday else None
            ).variables["closed"]
        )

    saturday = datetime(2026, 10, 24, 13, tzinfo=UTC)
    assert closed(saturday) == "weekend"
    assert closed(saturday, "Navidad") == "holiday"
    assert closed(datetime(2026, 10, 20, 22, tzinfo=UTC)) == "night"
    assert closed(datetime(2026, 10, 24, 2, tzinfo=UTC)) == "night", "Friday night in Buenos Aires"
    assert closed(sample_site.ARRIVAL, column=Column.IN_HOURS) == ""


def test_keys_tell_notices_apart_and_stay_the_same() -> None:
    day, drafts = date(2026, 12, 15), drafts_client
    keys = [
        drafts.escalated(facts(), "desarrollo").key,
        drafts.planned_date(facts(), day, "resolution").key,
        drafts.planned_date(facts(), day, "quote").key,
        drafts.deadline_moved(facts(), None).key,
        drafts.solution(facts(), provisional=True).key,
        drafts.solution(facts(), provisional=False).key,
        drafts.solution(facts(), provisional=False, turn=1).key,
        drafts.question(facts(), "?").key,
        drafts.survey(facts(), ()).key,
        drafts.answer(facts(), "!", key="a").key,
        drafts.answer(facts(cycle=2), "!", key="b").key,
        drafts.escalated(facts(cycle=2), "desarrollo").key,
    ]
    assert len(set(keys)) == len(keys)
    assert drafts.escalated(facts(), "desarrollo").key == keys[0]


def test_a_persons_words_are_marked_so_and_carry_no_mark_of_automatic_mail() -> None:
    answer = drafts_client.answer(facts(), "Hola", key="a", sender_name="Lucía Ferrari")
    assert answer.sender_name == "Lucía Ferrari"
    for mail in (answer, drafts_client.question(facts(), "¿?")):
        assert (mail.person, mail.auto) == (True, "")


def test_a_reopened_case_quotes_no_earlier_deadline() -> None:
    case = facts().case
    assert drafts_client.deadline_moved(facts(), case.deadline, "reopened").variables["earlier"] == {}
    assert drafts_client.deadline_moved(facts(), case.deadline).variables["earlier"]["kind"] == "maximum"


def test_a_suggestion_is_thanked_once_in_the_conversation_of_its_mail() -> None:
    suggestion = drafts_client.Suggestion(
        Address("ana@x.example", "Ana Villar"), Language.EN, "Dark mode", "d1", "soporte", "m1@x.example"
    )
    site = sample_site.site(Language.ES)
    mail = drafts_client.suggestion_thanks(site, sample_site.COMPANY, suggestion)
    assert (mail.key, mail.language, mail.in_reply_to, mail.references) == (
        "suggestion/d1", Language.EN, "m1@x.example", ("m1@x.example",),
    )  # fmt: skip
    assert (mail.variables["subject"], mail.variables["greeting"]) == ("Dark mode", "Ana")
    silent = drafts_client.suggestion_thanks(site, sample_site.COMPANY, suggestion, echo_subject=False)
    assert (silent.variables["subject"], silent.variables["greeting"], silent.to_name) == ("", "", "")
    lone = replace(suggestion, message_id=None)
    assert drafts_client.suggestion_thanks(site, sample_site.COMPANY, lone).references == ()


def test_a_holiday_without_a_name_is_one_all_the_same() -> None:
    at = sample_site.ARRIVAL
    out = replace(sample_site.a_deadline(at), column=Column.OUT_OF_HOURS)
    made = drafts_client.acknowledgement(facts(deadline=out), expires_at=None, holiday=())
    assert (made.variables["closed"], made.variables["holiday"]) == ("holiday", "")
