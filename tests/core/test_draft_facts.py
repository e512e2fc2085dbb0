import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.builders import a_site
from tests.core.lifecycle.playbook import desk as a_desk
from triage.adapters.renderer_jinja import sample_site
from triage.core import draft_facts
from triage.core.draft_facts import Facts, Recipient
from triage.core.model import Address, Case, Language, MailKind, Severity
from triage.core.support import Company


def a_case(**fields: Any) -> Case:
    from dataclasses import replace

    made = sample_site.case(
        Language.ES, Severity.MEDIUM, sample_site.ARRIVAL, sample_site.a_deadline(sample_site.ARRIVAL)
    )
    return replace(made, **fields)


@pytest.mark.parametrize(
    ("name", "greeting"),
    [
        ("Ana Villar", "Ana"),
        ("VILLAR, ANA", "Ana"),
        ("María José O'Brien", "María"),
        ("Ventas Tienda", ""),
        ("Soporte Técnico", ""),
        ("Ana", ""),
        ("", ""),
        ("ana villar", ""),
        ("Compre YA en http://mal.example", ""),
        ("Gane 1000 Pesos", ""),
        ("Un Nombre Demasiado Largo Para Saludar", ""),
        ("Á" * 500 + " B", ""),
    ],
)
def test_only_what_looks_like_a_persons_name_is_greeted(name: str, greeting: str) -> None:
    assert draft_facts.first_name(Address("x@y.example", name)) == greeting


@pytest.mark.parametrize(
    ("subject", "clean"),
    [
        ("Re: RV: Fwd: [NO-2026-000123] Fotos", "Fotos"),
        ("Fotos [NO-2026-000123]", "Fotos"),
        ("Re: Fotos [NO-2026-000007] [no-2026-000123]", "Fotos"),
        ("Fotos [NO-ESTA]", "Fotos [NO-ESTA]"),
        ("Reclamo: fotos", "Reclamo: fotos"),
        ("RES:ENC: fotos", "fotos"),
        ("", ""),
    ],
)
def test_a_subject_loses_prefixes_and_our_references(subject: str, clean: str) -> None:
    assert draft_facts.clean_subject(a_case(subject=subject)) == clean


def test_a_long_subject_is_cut() -> None:
    assert len(draft_facts.clean_subject(a_case(subject="x" * 999))) == draft_facts.SUBJECT_LIMIT


def test_the_variables_are_plain_json_without_secrets() -> None:
    site = a_site()
    made = draft_facts.case_facts(
        Facts(a_case(), site, sample_site.COMPANY, sample_site.SEVERITIES), Language.PT
    )
    text = json.dumps(made)
    assert site.secret.decode() not in text
    assert made["case"]["severity_name"] == "média"
    assert made["zone"] == "America/Argentina/Buenos_Aires"


def test_an_unknown_product_is_not_named() -> None:
    from triage.core.model import Classification

    case = a_case(classification=Classification(Severity.MEDIUM, "default"))
    made = draft_facts.case_facts(Facts(case, a_site(), sample_site.COMPANY), Language.ES)
    assert made["case"]["product"] == ""
    assert made["case"]["severity_name"] == ""


def test_references_end_with_the_clients_latest_message() -> None:
    case = a_case(references=("a@x", "c@x", "b@x"), message_id="a@x", last_client_id="c@x")
    assert draft_facts.references(case) == ("a@x", "b@x", "c@x")
    assert draft_facts.references(a_case(message_id=None)) == ()


def test_words_fall_back_to_the_sites_language() -> None:
    words = {Language.ES: "hola", Language.EN: "hello"}
    assert draft_facts.said(words, Language.PT, Language.ES) == "hola"
    assert draft_facts.said({Language.EN: "hello"}, Language.PT, Language.ES) == "hello"
    assert draft_facts.said({}, Language.PT, Language.ES) == ""


def test_a_mail_to_our_people_is_from_the_desk_about_one_case_or_none() -> None:
    site, to = a_site(language=Language.PT), Recipient("lucia@netone.example", "Lucía")
    case = a_case()
    of_case, of_none = (
        draft_facts.to_ours(site, Company("NetOne"), MailKind.NOTICE, "alarm", "key", to, {"a": 1}, about)
        for about in (case, None)
    )
    assert (of_case.reference, of_case.mailbox) == (case.reference, case.mailbox)
    assert (of_none.reference, of_none.mailbox) == (None, "")
    assert (of_none.to, of_none.to_name, of_none.language) == (to.address, "Lucía", Language.PT)
    assert (of_none.sender_name, of_none.variables) == ("NetOne Suporte", {"a": 1})


def test_where_the_company_has_no_name_the_site_s_is_used() -> None:
    site, to = a_site(name="Tienda"), Recipient("lucia@netone.example")
    mail = draft_facts.to_ours(site, Company(""), MailKind.NOTICE, "alarm", "key", to, {})
    assert mail.sender_name == "Tienda Soporte"


def test_what_the_desk_knows_to_say_about_a_case_comes_with_it() -> None:
    case, desk = a_case(), a_desk()
    facts = draft_facts.of(desk, case)
    assert (facts.case, facts.site, facts.company) == (case, desk.site, desk.support.company)
    assert facts.severities == desk.support.severities


def test_a_moment_is_part_of_a_key_to_the_second() -> None:
    assert draft_facts.moment_key(datetime(2026, 10, 20, 12, 15, 7, 99, UTC)) == "2026-10-20T12:15:07Z"
