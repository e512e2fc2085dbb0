"""Merging, splitting and handing over."""

from tests.core.lifecycle.playbook import Play, a_case, an_opening
from triage.core.model import Address, Classification, Severity, State

BETO = "beto@tienda-prueba.example"


def test_a_merged_case_drops_its_alarms_and_its_people_take_part_in_the_other() -> None:
    target = a_case(reference="NO-2026-000002", client=Address(BETO))
    done = Play(a_case(participants=("contable@tienda-prueba.example",))).order(
        "!merge NO-2026-000002", target=target
    )
    assert (done.case.state, done.case.merged_into, done.alarms) == (State.MERGED, "NO-2026-000002", 0)
    assert done.case.ended_at is not None
    (other,) = done.decision.also
    assert set(other.case.participants) == {"ana@tienda-prueba.example", "contable@tienda-prueba.example"}
    assert other.case.writers == ("ana@tienda-prueba.example",)
    assert done.to_client == []


def test_the_graver_severity_holds_unless_an_agent_gave_the_other_by_hand() -> None:
    grave = Play(a_case(1))
    target = a_case(3, reference="NO-2026-000002")
    (other,) = grave.order("!merge NO-2026-000002", target=target).decision.also
    assert other.case.severity is Severity.HIGH
    by_hand = a_case(3, reference="NO-2026-000002", correction=Severity.LOW)
    (other,) = grave.order("!merge NO-2026-000002", target=by_hand).decision.also
    assert other.case.severity is Severity.LOW


def test_nothing_is_merged_into_itself_an_ended_case_or_nothing() -> None:
    play = Play(a_case())
    for target in (play.case, a_case(reference="NO-2026-000002", state=State.CLOSED), None):
        done = play.order("!merge NO-2026-000002", target=target)
        assert not done.decision.done
        assert done.decision.also == ()


def test_a_split_opens_a_case_with_a_promise_of_its_own() -> None:
    opening = an_opening(
        reference="NO-2026-000002",
        classification=Classification(Severity.HIGH, "site-down"),
        message_id="m2@x.example",
    )
    done = Play(a_case()).order("!split", opening=opening)
    (opened,) = done.decision.also
    assert (opened.case.reference, opened.case.severity) == ("NO-2026-000002", Severity.HIGH)
    assert opened.case.related == ("NO-2026-000001",)
    assert done.case.related == ("NO-2026-000002",)
    assert done.events == ["case.split"]


def test_a_colleague_s_case_is_handed_to_the_client_who_is_acknowledged_once() -> None:
    mine = a_case(client=Address("lucia.ferrari@netone.example"))
    done = Play(mine).order("!forward-as-client", forwarded=Address(BETO, "Beto"))
    assert done.case.client == Address(BETO, "Beto")
    assert done.to_client == ["acknowledgement"]
    known = Play(a_case(client=Address("lucia.ferrari@netone.example"), acknowledged_at=mine.arrival))
    assert known.order("!forward-as-client", forwarded=Address(BETO)).to_client == []


def test_a_client_s_case_is_not_given_to_another_client_nor_to_a_colleague() -> None:
    for who in (Address(BETO), Address("diego.maidana@netone.example")):
        assert not Play(a_case()).order("!forward-as-client", forwarded=who).decision.done


def test_a_case_that_has_gone_into_another_goes_into_no_third() -> None:
    done = Play(a_case(state=State.MERGED, merged_into="NO-2026-000009")).order(
        "!merge NO-2026-000002", target=a_case(reference="NO-2026-000002")
    )
    assert not done.decision.done
    assert done.case.merged_into == "NO-2026-000009"
    assert done.decision.also == ()


def test_an_ended_case_is_handed_to_nobody() -> None:
    mine = a_case(client=Address("lucia.ferrari@netone.example"), state=State.CLOSED)
    done = Play(mine).order("!forward-as-client", forwarded=Address(BETO))
    assert (done.decision.done, done.case) == (False, mine)
