from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.core import delivery
from triage.core.delivery import Trace
from triage.core.model import MailKind, MailState
from triage.core.records import OutboxRow

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def a_row(**more):
    settings = {
        "key": "ack:1",
        "kind": MailKind.ACKNOWLEDGEMENT,
        "to": "ana@x.example",
        "message_id": "m",
        "draft": {},
        "created_at": NOW,
        "next_at": NOW,
        "id": 7,
        "lease": "l",
        "state": MailState.SENDING,
    }
    return OutboxRow(**(settings | more))


@given(st.text(), st.integers(min_value=1, max_value=10_000))
def test_pauses_double_up_to_an_hour_with_a_fifth_of_jitter_and_repeatably(key, attempts):
    pause = delivery.pause(key, attempts)
    base = min(30 * 2 ** min(attempts - 1, 30), 3600)
    assert base * 0.8 - 1 <= pause.total_seconds() <= base * 1.2 + 1
    assert pause == delivery.pause(key, attempts)


def test_two_mails_deferred_together_do_not_come_back_together():
    assert len({delivery.pause(f"ack:{n}", 5) for n in range(50)}) > 20


def test_an_accepted_mail_counts_its_try():
    outcome = delivery.accepted(a_row(attempts=2), NOW)
    assert (outcome.id, outcome.lease, outcome.state, outcome.attempts) == (7, "l", MailState.ACCEPTED, 3)


def test_a_deferred_mail_waits_and_keeps_the_reason():
    outcome = delivery.deferred(a_row(), NOW, "RCPT: 451 later")
    assert (outcome.state, outcome.attempts, outcome.error) == (MailState.DEFERRED, 1, "RCPT: 451 later")
    assert outcome.next_at == NOW + delivery.pause("ack:1", 1)


def test_a_mail_the_relay_delays_for_itself_waits_five_minutes_at_most():
    outcome = delivery.deferred(a_row(attempts=20), NOW, "no connection", relay=True)
    assert outcome.next_at is not None
    assert outcome.next_at - NOW <= timedelta(minutes=6)


def test_a_mail_is_given_up_when_it_would_be_too_old_at_the_next_try():
    late = NOW + timedelta(days=2) - timedelta(seconds=10)
    outcome = delivery.deferred(a_row(attempts=9), late, "451 later")
    assert outcome.state is MailState.FAILED
    assert outcome.error == "given up after 10 tries: 451 later"
    assert delivery.deferred(a_row(), late, "451 later").error == "given up after 1 try: 451 later"


@pytest.mark.parametrize(
    ("person", "doubts", "state"),
    [
        (False, 0, MailState.DEFERRED),
        (False, 1, MailState.UNCERTAIN),
        (True, 0, MailState.UNCERTAIN),
    ],
)
def test_doubt_sends_a_machines_mail_once_more_and_holds_a_persons(person, doubts, state):
    outcome = delivery.uncertain(a_row(person=person, doubts=doubts), NOW, "lost")
    assert (outcome.state, outcome.doubts, outcome.attempts) == (state, doubts + 1, 1)
    assert (outcome.next_at is not None) == (state is MailState.DEFERRED)


@pytest.mark.parametrize(
    ("trace", "person", "doubts", "state"),
    [
        (Trace.UNTOUCHED, False, 0, MailState.QUEUED),
        (Trace.UNTOUCHED, True, 0, MailState.QUEUED),
        (Trace.ACCEPTED, True, 0, MailState.ACCEPTED),
        (Trace.BEGUN, True, 0, MailState.UNCERTAIN),
        (Trace.UNKNOWN, True, 0, MailState.UNCERTAIN),
        (Trace.BEGUN, False, 0, MailState.DEFERRED),
        (Trace.UNKNOWN, False, 2, MailState.DEFERRED),
        (Trace.BEGUN, False, 3, MailState.UNCERTAIN),
    ],
)
def test_a_process_that_died_leaves_a_mail_as_its_trace_tells(trace, person, doubts, state):
    outcome = delivery.lapsed(a_row(person=person, doubts=doubts), NOW, trace, "died")
    assert outcome.state is state
    assert outcome.doubts == (doubts + 1 if trace in {Trace.BEGUN, Trace.UNKNOWN} else None)
    assert outcome.next_at == (NOW if state is MailState.DEFERRED else None)


def test_a_death_with_a_mail_too_old_to_be_repeated_leaves_it_in_doubt():
    outcome = delivery.lapsed(a_row(), NOW + timedelta(days=3), Trace.BEGUN, "died")
    assert outcome.state is MailState.UNCERTAIN


def test_doubt_about_a_mail_too_old_to_be_repeated_rests():
    outcome = delivery.uncertain(a_row(), NOW + timedelta(days=3), "lost")
    assert outcome.state is MailState.UNCERTAIN


@pytest.mark.parametrize(
    ("row", "next_at", "state"),
    [
        (a_row(), None, MailState.QUEUED),
        (a_row(attempts=1, last_error="451"), None, MailState.DEFERRED),
        (a_row(), NOW, MailState.DEFERRED),
    ],
)
def test_a_released_mail_is_as_it_was_and_loses_no_try(row, next_at, state):
    outcome = delivery.released(row, NOW, next_at=next_at)
    assert (outcome.state, outcome.attempts, outcome.doubts, outcome.next_at) == (state, None, None, next_at)
    assert outcome.error == row.last_error


@pytest.mark.parametrize(
    ("row", "state"),
    [
        (a_row(), MailState.DROPPED),
        (a_row(attempts=3, last_error="451"), MailState.FAILED),
        (a_row(person=True), MailState.FAILED),
        (a_row(attempts=1, doubts=1), MailState.UNCERTAIN),
    ],
)
def test_what_is_too_old_is_dropped_in_silence_only_if_nobody_counts_on_it(row, state):
    assert delivery.too_old(row, NOW).state is state


def test_failed_and_refused_keep_their_words():
    assert delivery.failed(a_row(), NOW, "550 no").state is MailState.FAILED
    outcome = delivery.refused(a_row(), NOW, "too many")
    assert (outcome.state, outcome.error, outcome.attempts) == (MailState.REFUSED, "too many", None)


def test_age_counts_from_when_a_mail_was_meant_to_go():
    assert delivery.expires_at(a_row()) == NOW + timedelta(days=2)
    later = NOW + timedelta(days=9)
    assert delivery.expires_at(a_row(kind=MailKind.SURVEY, next_at=later)) == later + timedelta(days=5)
    assert delivery.expires_at(a_row(next_at=later, attempts=1)) == NOW + timedelta(days=2)
    assert delivery.expires_at(a_row(expires_at=later)) == later


def test_a_site_sets_the_ages():
    ages = delivery.max_ages(timedelta(hours=6), timedelta(days=9))
    assert ages[MailKind.ACKNOWLEDGEMENT] == timedelta(hours=6)
    assert ages[MailKind.ANSWER] == timedelta(days=9)
    assert ages[MailKind.REMINDER] == timedelta(days=1)
    assert delivery.expires_at(a_row(), ages) == NOW + timedelta(hours=6)
