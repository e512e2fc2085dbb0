"""A case's events told in brief."""

from datetime import UTC, datetime

import pytest

from tests.builders import a_site
from triage.core import history
from triage.core.events import EventName
from triage.core.records import Event

AT = datetime(2026, 10, 20, 13, tzinfo=UTC)
LUCIA = "lucia.ferrari@netone.example"


def told(*events: Event) -> list[tuple[str, str]]:
    return [(line.who, line.what) for line in history.lines(a_site(), events)]


def test_people_are_named_and_what_they_did_is_said_in_the_site_s_language() -> None:
    assert told(
        Event(AT, EventName.CASE_OPENED, "r", "ana@x.example"),
        Event(AT, EventName.CASE_TAKEN, "r", LUCIA),
        Event(AT, EventName.CASE_ESCALATED, "r", LUCIA, {"area": "desarrollo"}),
        Event(AT, EventName.CASE_NOTED, "r", LUCIA, {"note": "llamar"}),
        Event(AT, EventName.CASE_ATTENDED, "r", LUCIA, {"via": "phone", "note": "le dijimos"}),
    ) == [
        ("ana@x.example", "abrió el caso"),
        ("Lucía Ferrari", "tomó el caso"),
        ("Lucía Ferrari", "escaló a desarrollo"),
        ("Lucía Ferrari", "nota: llamar"),
        ("Lucía Ferrari", "atendió por teléfono: le dijimos"),
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"date": "2026-11-12", "what": "resolution"}, "le dijo al cliente la fecha de la solución: jueves 12 de noviembre"),
        ({"date": "2027-01-07", "what": "quote"}, "le dijo al cliente la fecha del presupuesto: jueves 7 de enero de 2027"),
    ],
)  # fmt: skip
def test_a_date_is_said_in_words_with_what_it_is_for(data: dict[str, str], words: str) -> None:
    assert told(Event(AT, EventName.CASE_PLANNED, "r", LUCIA, data)) == [("Lucía Ferrari", words)]


def test_how_a_client_was_answered_is_said_in_words_and_a_way_of_the_agent_s_own_as_he_wrote_it() -> None:
    ways = [
        Event(AT, EventName.CASE_ATTENDED, "r", LUCIA, {"via": via})
        for via in ("reply", "told", "en persona")
    ]
    assert [words for _, words in told(*ways)] == ["atendió por mail", "atendió", "atendió en persona"]


def test_an_end_says_why_only_where_closing_does_not() -> None:
    ends = [Event(AT, EventName.CASE_CLOSED, "r", LUCIA, {"why": why}) for why in ("closed", "spam")]
    assert [words for _, words in told(*ends)] == ["lo cerró", "lo cerró (correo basura)"]


def test_what_a_reader_need_not_know_is_left_out() -> None:
    assert told(
        Event(AT, EventName.CASE_REMINDED, "r"),
        Event(AT, EventName.MAIL_ACCEPTED, "r"),
        Event(AT, EventName.CASE_CLASSIFIED, "r", "triage", {"severity": 2, "rules": "h"}),
        Event(AT, EventName.CASE_NOTED, "r", LUCIA),
    ) == []  # fmt: skip


def test_words_from_outside_are_no_template() -> None:
    assert told(Event(AT, EventName.CASE_CLOSED, "r", LUCIA, {"why": "{secret}"})) == [
        ("Lucía Ferrari", "lo cerró ({secret})")
    ]
