"""What deserves a person's attention, and what does not."""

import json
from datetime import timedelta

import pytest

from tests.adapters.store_sql.samples import NOW, a_case, a_deadline, minutes
from triage.core.records import Node
from triage.core.standing import CanaryStanding, MailboxStanding, Standing, TokenStanding, as_json, troubles

WELL = Standing(
    NOW,
    mailboxes=(MailboxStanding("soporte", NOW - timedelta(seconds=40)),),
    cases={"new": 2},
    outbox={"accepted": 90, "queued": 1},
    oldest_waiting=NOW - timedelta(seconds=5),
    next_deadlines=(a_case(),),
)


def but(**values):
    fields = {name: getattr(WELL, name) for name in WELL.__dataclass_fields__}
    return Standing(**{**fields, **values})


def test_a_quiet_system_has_no_troubles():
    assert troubles(WELL) == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mailboxes": (MailboxStanding("soporte"),)}, "never looked into"),
        ({"mailboxes": (MailboxStanding("soporte", NOW - minutes(6)),)}, "6 min ago"),
        ({"mailboxes": (MailboxStanding("soporte", NOW, NOW - minutes(3)),)}, "cannot be reached since"),
        ({"mailboxes": (MailboxStanding("soporte", NOW, not_settled="quota"),)}, "refuses our marks: quota"),
        ({"tokens": (TokenStanding("soporte", NOW, "revoked"),)}, "cannot be renewed: revoked"),
        (
            {"canaries": (CanaryStanding("soporte", overdue_since=NOW),)},
            "test mails to soporte do not arrive",
        ),
        ({"oldest_waiting": NOW - minutes(125)}, "1 mail waits, the oldest for 2 h 5 min"),
        ({"oldest_waiting": NOW - minutes(60 * 50)}, "2 d 2 h"),
        ({"alarms_overdue": 1}, "1 alarm is overdue"),
        ({"alarms_overdue": 3}, "3 alarms are overdue"),
        ({"outbox": {"failed": 1}}, "1 mail has failed"),
        ({"outbox": {"failed": 2}}, "2 mails have failed"),
        ({"set_aside": 1}, "1 message is set aside"),
        ({"set_aside": 2}, "2 messages are set aside"),
        ({"breaker_until": NOW + minutes(5)}, "breaker"),
        ({"room": 412_345_678}, "the disk with the store has only 412 MB left: make room"),
        ({"relay_away_since": NOW}, "the smtp server cannot be reached since 2026"),
        ({"nodes": (Node("a", {"rules": "1"}), Node("b", {"rules": "2"}))}, "under different rules"),
        (
            {"next_deadlines": (a_case(deadline=a_deadline(at=NOW - minutes(1))),)},
            "1 case is past its deadline: NO-",
        ),
    ],
)
def test_each_trouble_is_said_in_one_sentence(change, words):
    (said,) = troubles(but(**change))
    assert words in said


def test_the_json_holds_every_field_and_is_plain():
    told = json.loads(json.dumps(as_json(but(open_cases={("new", 1): 2}))))
    assert told["open_cases"] == [{"state": "new", "severity": 1, "count": 2}]
    assert told["mailboxes"][0]["looked_at"] == "2026-11-20T12:29:35Z"
    assert told["nodes"] == []
    assert told["next_deadlines"][0]["reference"] == "NO-2026-000001"


def test_of_the_daemons_only_those_that_live_are_told_and_compared():
    nodes = (Node("a", {"rules": "1"}), Node("b", {"rules": "2"}, gone=True))
    assert troubles(but(nodes=nodes)) == ()
    assert as_json(but(nodes=nodes))["nodes"] == [{"name": "a", "rules": "1"}]
