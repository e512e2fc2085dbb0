import json

import pytest

from tests.builders import a_site
from triage.adapters.renderer_jinja import sample_site
from triage.core import draft_facts
from triage.core.draft_facts import Facts
from triage.core.model import Address, Case, Language, Severity


def a_case(**fields: object) -> Case:
    from dataclasses import replace

    made = sample_site.case(
        Language.ES, Severity.MEDIUM, sample_site.ARRIVAL, sample_site.a_deadline(sample_site.ARRIVAL)
    )
    return replace(made, **fields)  # type: ignore[arg-type]


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
        ("Reclamo: fotos", "Reclamo: fotos"),
        ("RES:ENC: fotos", "fotos"),
        ("", ""),
    ],
)
def test_a_subject_loses_prefixes_and_our_reference(subject: str, clean: str) -> None:
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
