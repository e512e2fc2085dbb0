"""A case without its people: no word and no name is left, every figure is."""

import json
from dataclasses import replace

import pytest

from tests.adapters.store_sql.samples import ANA, NOW, a_case, a_whole_case
from triage.adapters.store_sql.codec import case_to_json
from triage.core.lifecycle import erasing
from triage.core.model import Address, Answered, State, Unreachable
from triage.core.person import Person
from triage.core.records import Event

KEPT = ("reference", "severity", "arrival", "attended_at", "breached_at", "deadline", "language", "cycle")


def test_what_says_when_and_how_well_stays():
    whole = a_whole_case()
    figure = erasing.without_people(whole, NOW)
    for name in KEPT:
        assert getattr(figure, name) == getattr(whole, name)
    assert figure.classification.rule == whole.classification.rule


def test_no_word_of_the_client_is_left_anywhere_in_the_case():
    whole = a_whole_case()
    words = {whole.client.address, whole.client.name, whole.subject, whole.excerpt, *whole.participants}
    words |= {evidence.text for evidence in whole.classification.evidence} | set(whole.attachments)
    stored = case_to_json(erasing.without_people(whole, NOW))
    assert [word for word in words if word and json.dumps(word)[1:-1] in stored] == []


def test_an_open_case_ends_and_an_ended_one_keeps_its_end():
    assert erasing.without_people(a_case(), NOW).state is State.CLOSED
    assert erasing.without_people(a_case(), NOW).ended_why == erasing.ERASED
    merged = a_case(state=State.MERGED, ended_at=NOW, ended_why="duplicate")
    assert erasing.without_people(merged, NOW).ended_why == "duplicate"


def test_the_history_says_what_happened_and_who_of_ours_did_it():
    agents = frozenset({"lucia@netone.example"})
    data = {"severity": 1, "subject": "no anda", "client": ANA, "rule": "site-down"}
    told = [
        erasing.as_figure(Event(NOW, "e", by=by, data=data), agents) for by in (ANA, "lucia@netone.example")
    ]
    assert [event.by for event in told] == ["erased", "lucia@netone.example"]
    assert dict(told[0].data) == {"severity": 1, "rule": "site-down"}


WHO = Person(ANA, frozenset({"hers@tienda.example"}))


def test_in_somebody_elses_case_the_person_and_her_message_ids_go():
    case = a_case(
        participants=(ANA, "beto@otra.example"),
        writers=(ANA,),
        references=("hers@tienda.example", "his@otra.example"),
        last_client_id="hers@tienda.example",
        excerpt=f"lo vio {ANA}",
        answered=Answered("lucia@netone.example", NOW, f"como dijo {ANA}, ya anda"),
        unreachable=Unreachable(ANA, "5.1.1", NOW),
    )
    left = erasing.without_participant(case, WHO)
    assert ANA not in case_to_json(replace(left, client=Address("beto@otra.example")))
    assert (left.participants, left.references) == (("beto@otra.example",), ("his@otra.example",))
    assert (left.last_client_id, left.unreachable, left.excerpt) == (None, None, "lo vio erased")


def test_what_is_of_others_in_their_case_stays():
    case = a_case(last_client_id="his@otra.example", unreachable=Unreachable("c@otra.example", "5.1.1", NOW))
    left = erasing.without_participant(case, WHO)
    assert (left.last_client_id, left.unreachable, left.answered) == (
        "his@otra.example",
        case.unreachable,
        None,
    )


@pytest.mark.parametrize(
    ("by", "data", "left"),
    [
        (ANA, {"kind": "notice", "first_line": "mio"}, {"kind": "notice"}),
        ("triage", {"to": [ANA], "kind": "notice", "subject": "mio"}, {"kind": "notice"}),
        ("triage", {"error": f"RCPT: 550 <{ANA.upper()}>", "kind": "ack"}, {"kind": "ack"}),
        ("triage", {"to": "x", "message_id": "hers@tienda.example"}, {"to": "x"}),
        ("triage", {"to": f"ju{ANA}", "subject": "suyo"}, {"to": f"ju{ANA}", "subject": "suyo"}),
    ],
)
def test_an_event_of_another_case_keeps_what_is_not_hers(by, data, left):
    told = erasing.without_address(Event(NOW, "mail.accepted", by=by, data=data), WHO)
    assert (told.by, dict(told.data)) == ("erased" if by == ANA else by, left)
