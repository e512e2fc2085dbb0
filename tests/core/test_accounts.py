"""What an agent is told who asks about a case."""

from dataclasses import replace
from datetime import timedelta

from tests.app.house import DESK
from triage.adapters.renderer_jinja import sample_site
from triage.core import accounts
from triage.core.commands import Action, Command
from triage.core.events import AgentOrdered, EventName
from triage.core.model import Evidence, Kind, Language, Severity
from triage.core.records import Event

CASE = sample_site.case(
    Language.ES, Severity.MEDIUM, sample_site.ARRIVAL, sample_site.a_deadline(sample_site.ARRIVAL)
)


def asked(*history: Event) -> AgentOrdered:
    return AgentOrdered(
        sample_site.ARRIVAL, "lucia@netone.example", Command(Action.WHY, "", "!why"), history=history
    )


def test_why_names_rule_words_and_the_arithmetic_of_the_deadline() -> None:
    case = replace(
        CASE,
        classification=replace(
            CASE.classification,
            rule="photos",
            evidence=tuple(Evidence("g", word, "new_text", 0, 1) for word in ("fotos", "fotos", "no cargan")),
        ),
        deadline=replace(CASE.deadline, derivation=("arrived 10:15", "24 h maximum")),
    )
    assert accounts.why(DESK, case, asked()) == (
        "severidad 2: regla photos (fotos, no cargan)\n"
        "plazo: martes 20 de octubre de 2026, 10:15 (hora de Buenos Aires)\n"
        "arrived 10:15\n24 h maximum"
    )


def test_why_tells_the_words_of_what_was_weighed_and_no_rule_that_nobody_wrote() -> None:
    found = replace(CASE.classification, rule="weighed", evidence=(Evidence("g", "fotos", "subject", 0, 1),))
    assert accounts.why(DESK, replace(CASE, classification=found), asked()).startswith(
        "severidad 2: dice: fotos\n"
    )


def test_why_says_of_a_first_possible_date_that_it_is_to_be_confirmed() -> None:
    later = replace(
        CASE.deadline, at=sample_site.ARRIVAL + timedelta(hours=72), act_by=CASE.deadline.at, kind=Kind.FROM
    )
    assert "plazo: a partir del viernes 23 (fecha a confirmar)" in accounts.why(
        DESK, replace(CASE, deadline=later), asked()
    )


def test_why_says_when_an_agent_gave_the_severity() -> None:
    case = replace(CASE, correction=Severity.MEDIUM)
    assert accounts.why(DESK, case, asked()).startswith("severidad 2: la fijó un agente")


def test_history_begins_with_the_state_and_goes_on_line_by_line() -> None:
    opened = Event(sample_site.ARRIVAL, EventName.CASE_OPENED, CASE.reference, "ana@tienda.example")
    taken = Event(
        sample_site.ARRIVAL + timedelta(minutes=5), EventName.CASE_TAKEN, CASE.reference, "d@x.example"
    )
    lines = accounts.history(DESK, CASE, asked(opened, taken)).split("\n")
    assert lines == [
        f"{CASE.reference}: nuevo",
        "mar 20/10 10:15 ana@tienda.example: abrió el caso",
        "mar 20/10 10:20 d@x.example: tomó el caso",
    ]


def test_help_lists_every_command() -> None:
    text = accounts.help_text(DESK, CASE, asked())
    assert len(text.split("\n")) == len(Action)
