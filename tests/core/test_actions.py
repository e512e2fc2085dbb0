"""One-tap links: what they hold, and whom a token lets do what."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.builders import a_site
from tests.desks import a_case, a_policy
from triage.core import actions, commands
from triage.core.model import Case, State

NOW = datetime(2026, 10, 20, 13, tzinfo=UTC)
SITE = a_site()
LUCIA, DIEGO = "lucia.ferrari@netone.example", "diego.maidana@netone.example"


def case(**fields: Any) -> Case:
    return a_case(a_policy(), NOW, **fields)


def subject_of(name: str, agent: str = LUCIA, about: Case | None = None) -> str:
    found = {one["name"]: one["url"] for one in actions.for_agent(SITE, about or case(), agent, NOW)}
    return parse_qs(urlsplit(found[name]).query)["subject"][0]


def permitted(
    subject: str,
    order: str,
    *,
    agent: str = LUCIA,
    later: timedelta = timedelta(),
    spent: tuple[str, ...] = (),
) -> bool:
    tap = actions.tap(SITE, subject, agent, "NO-2026-000001", NOW + later)
    return tap is not None and actions.permits(tap, commands.read(order), spent)


def test_a_link_only_writes_a_mail_to_us() -> None:
    for action in actions.for_agent(SITE, case(), LUCIA, NOW):
        assert action["url"].startswith("mailto:soporte@netone.example?subject=%5BNO-2026-000001%5D%20%23")


def test_the_token_lets_its_agent_do_its_action_in_any_language() -> None:
    assert permitted(subject_of("take"), "!take")
    assert permitted(subject_of("take"), "!tomar")
    assert permitted(f"Re: [EXTERNO] {subject_of('take').upper()} ", "!take")


def test_the_token_is_refused_for_everything_else() -> None:
    take = subject_of("take")
    assert not permitted(take, "!close")
    assert not permitted(take, "!take\n!close")
    assert not permitted(take, "hola")
    assert not permitted(take, "!take", agent=DIEGO)
    assert not permitted(take, "!take", later=actions.VALID_FOR + timedelta(minutes=1))
    assert not permitted(take.replace("#take", "#close"), "!close")
    assert not permitted(subject_of("take", about=case(reference="NO-2026-000002")), "!take")


def test_a_spent_token_is_refused_only_where_repeating_would_hurt() -> None:
    for name, order, again in (("close", "!close", False), ("take", "!take", True)):
        tap = actions.tap(SITE, subject_of(name), LUCIA, "NO-2026-000001", NOW)
        assert tap is not None
        assert permitted(subject_of(name), order, spent=(tap.nonce,)) is again


def test_an_ended_case_can_be_reopened_and_nothing_else() -> None:
    assert [one["name"] for one in actions.for_agent(SITE, case(state=State.CLOSED), LUCIA, NOW)] == [
        "reopen"
    ]
    assert actions.for_agent(SITE, case(state=State.MERGED), LUCIA, NOW) == ()


def offered(agent: str, **fields: object) -> list[str]:
    return [one["name"] for one in actions.for_agent(SITE, case(**fields), agent, NOW)]


def test_taking_is_offered_to_all_but_the_agent_who_has_the_case() -> None:
    assert "take" in offered(DIEGO)
    assert "take" in offered(DIEGO, assignee=LUCIA, state=State.TAKEN)
    assert "take" not in offered(LUCIA, assignee=LUCIA, state=State.TAKEN)
    assert actions.to_take(SITE, case(assignee=LUCIA), LUCIA, NOW) == ()
    assert [one["name"] for one in actions.to_take(SITE, case(assignee=LUCIA), DIEGO, NOW)] == ["take"]


def test_what_would_change_nothing_is_not_offered() -> None:
    now = f"severity_{case().severity:d}"
    others = {"severity_1", "severity_2", "severity_3"} - {now}
    assert now not in offered(LUCIA)
    assert others <= set(offered(LUCIA))
    assert "waiting" in offered(LUCIA)
    assert "waiting" not in offered(LUCIA, state=State.WAITING)


def test_a_subject_is_shown_without_its_token() -> None:
    assert actions.without_token(subject_of("take")) == "[NO-2026-000001]"
    assert actions.without_token("Re: hola #take.no") == "Re: hola #take.no"
