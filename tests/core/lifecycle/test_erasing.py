"""A case without its people: no word and no name is left, every figure is."""

import json

from tests.adapters.store_sql.samples import ANA, NOW, a_case, a_whole_case
from triage.adapters.store_sql.codec import case_to_json
from triage.core.lifecycle import erasing
from triage.core.model import State
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


def test_in_somebody_elses_case_only_the_address_goes():
    case = a_case(participants=(ANA, "beto@otra.example"), writers=(ANA,))
    assert erasing.without_participant(case, ANA).participants == ("beto@otra.example",)
    event = Event(NOW, "mail.accepted", by=ANA, data={"to": [ANA], "kind": "notice", "subject": "mio"})
    told = erasing.without_address(event, ANA)
    assert (told.by, dict(told.data)) == ("erased", {"kind": "notice"})
