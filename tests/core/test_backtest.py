"""Old cases under other rules: what moves, and whether the promise would have been kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from tests.adapters.store_sql.samples import a_case
from triage.adapters import rules_yaml
from triage.core.backtest import Again, Past, agreement, judge
from triage.core.model import Case, Severity
from triage.core.rules import Material
from triage.core.support_model import SupportModel

MONDAY = datetime(2026, 10, 19, 13, 0, tzinfo=UTC)  # 10:00 in Buenos Aires
LATER = MONDAY + timedelta(days=20)


@cache
def shipped() -> SupportModel:
    return rules_yaml.load(Path(__file__).parents[2] / "rules.yaml")[0]


def again(text: str, said: Severity, **values) -> Again:
    case: Case = a_case(arrival=MONDAY, severity=said, **values)
    sla = shipped().sla.default
    past = Past(case, Material(new_text=text), said, "unknown")
    return judge([past], shipped().rules, sla, sla, LATER)[0]


def test_a_case_that_the_rules_take_as_before_does_not_change() -> None:
    assert not again("La tienda no abre, a nadie.", Severity.HIGH).changes


def test_a_case_taken_as_graver_has_an_earlier_promise_that_may_have_been_broken() -> None:
    found = again("La tienda no abre, a nadie.", Severity.MEDIUM, attended_at=MONDAY + timedelta(hours=5))
    assert found.moves
    assert found.promised_otherwise
    assert (found.before.breached, found.after.breached) == (False, True)


def test_a_case_never_attended_is_judged_by_now() -> None:
    assert again("La tienda no abre.", Severity.HIGH).after.breached


def test_a_date_of_severity_3_cannot_be_broken() -> None:
    assert again("¿Se puede cambiar el logo?", Severity.LOW).after.breached is None


def test_a_reopened_case_says_nothing_of_its_first_promise() -> None:
    assert again("La tienda no abre.", Severity.HIGH, cycle=2).before.breached is None


def test_agents_corrections_are_held_against_both() -> None:
    right = again("La tienda no abre.", Severity.MEDIUM, correction=Severity.HIGH)
    wrong = again("¿Se puede cambiar el logo?", Severity.LOW, correction=Severity.MEDIUM)
    plain = again("La tienda no abre.", Severity.HIGH)
    found = agreement([right, wrong, plain])
    assert (found.corrected, found.before, found.after) == (2, 0, 1)


def test_a_level_of_which_the_new_table_promises_nothing_is_no_broken_promise() -> None:
    sla = shipped().sla.default
    less = replace(sla, severities={Severity.MEDIUM: sla.severities[Severity.MEDIUM]})
    case: Case = a_case(arrival=MONDAY, severity=Severity.HIGH)
    past = Past(case, Material(new_text="La tienda no abre."), Severity.HIGH, "unknown")
    (found,) = judge([past], shipped().rules, sla, less, LATER)
    assert found.before.breached
    assert (found.after.deadline, found.after.breached) == (None, None)
    assert found.promised_otherwise
