"""When a canary is sent, what its coming and its absence mean, and which mails are one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import SUPPORT, a_message, a_site
from triage.core import canary, reading, signing
from triage.core.canary import Canary, News
from triage.core.model import Address
from triage.core.site import MailboxIdentity

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=9)
EVERY, PATIENCE = timedelta(minutes=5), timedelta(minutes=15)
SITE = a_site()
(BOX,) = SITE.mailboxes


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def ours(words: str, sender: str = SUPPORT, **fields):
    message = a_message(
        sender=sender, subject=words, headers=[("auto-submitted", "auto-generated")], **fields
    )
    return message, reading.read(message, SITE)


def test_the_first_is_due_at_once_and_the_next_after_the_pause():
    assert canary.due(Canary(), EVERY, NOW)
    one = canary.sent(Canary(), NOW)
    assert not canary.due(one, EVERY, after(4.9))
    assert canary.due(one, EVERY, after(5))


def test_one_that_comes_tells_its_round_trip_and_settles_those_before_it():
    state = Canary()
    for minutes in (0, 5, 10):
        state = canary.sent(state, after(minutes))
    state = canary.came(state, after(5), after(5.5))
    assert state.waiting == (after(10),)
    assert (state.back_at, state.round_trip) == (after(5.5), timedelta(seconds=30))


def test_one_that_came_before_or_was_never_sent_changes_nothing():
    state = canary.came(canary.sent(Canary(), NOW), NOW, after(1))
    assert canary.came(state, NOW, after(60)) == state
    assert canary.came(state, after(-99), after(60)) == state


def test_a_clock_set_back_makes_no_negative_round_trip():
    state = canary.came(canary.sent(Canary(), NOW), NOW, after(-1))
    assert state.round_trip == timedelta()


def test_overdue_is_told_once_and_back_once():
    state = canary.sent(Canary(), NOW)
    assert canary.news(state, PATIENCE, after(15), LONG_AGO) is None
    assert canary.news(state, PATIENCE, after(16), LONG_AGO) is News.OVERDUE
    state = canary.told(state, News.OVERDUE, after(16))
    assert canary.news(state, PATIENCE, after(99), LONG_AGO) is None
    state = canary.came(state, NOW, after(100))
    assert canary.news(state, PATIENCE, after(100), LONG_AGO) is News.BACK
    state = canary.told(state, News.BACK, after(100))
    assert canary.news(state, PATIENCE, after(100), LONG_AGO) is None


def test_while_nobody_reads_the_mailbox_no_canary_is_overdue():
    state = canary.sent(Canary(), NOW)
    assert canary.missing_since(state, PATIENCE, after(600), after(595)) is None
    assert canary.missing_since(state, PATIENCE, after(600), after(580)) == NOW


@given(st.lists(st.integers(1, 10_000), max_size=120, unique=True))
def test_however_many_are_missing_the_oldest_is_remembered_and_the_memory_bounded(minutes):
    state = Canary()
    for at in sorted(minutes):
        state = canary.sent(state, after(at))
    assert len(state.waiting) <= 50
    assert state.waiting[:1] == tuple(after(at) for at in sorted(minutes)[:1])
    assert state.waiting == tuple(sorted(state.waiting))


def test_our_own_is_recognised_whatever_a_relay_does_to_its_id_and_subject():
    at = canary.moment(NOW + timedelta(microseconds=123_456))
    words = signing.canary(SITE.secret, SUPPORT, at)
    for subject in (f"triage {words}", f"[EXT] triage {words} ***"):
        assert canary.recognised(SITE, BOX, *ours(subject, message_id="other@relay.example")) == at


@pytest.mark.parametrize(
    "words",
    [
        "triage canary",
        "triage canary 2026-10-20T12:00:00.000Z aaaaaaaaaa",
        f"triage {signing.canary(b'another secret', SUPPORT, NOW)}",
        f"triage {signing.canary(SITE.secret, 'otro@netone.example', NOW)}",
        f"triage {signing.canary(SITE.secret, SUPPORT, NOW).replace('12:00', '12:01')}",
    ],
)
def test_a_forged_one_is_none(words):
    assert canary.recognised(SITE, BOX, *ours(words)) is None


def test_a_person_who_quotes_its_subject_is_a_person():
    words = f"Re: triage {signing.canary(SITE.secret, SUPPORT, NOW)}"
    message = a_message(sender="ana@tienda.example", subject=words, text="¿Qué es esto?")
    assert canary.recognised(SITE, BOX, message, reading.read(message, SITE)) is None
    assert message.sender == Address("ana@tienda.example")


def test_another_mailbox_has_canaries_of_its_own():
    other = MailboxIdentity("ventas", "ventas@netone.example")
    words = f"triage {signing.canary(SITE.secret, SUPPORT, NOW)}"
    assert canary.recognised(SITE, other, *ours(words)) is None


def test_of_very_many_that_never_came_the_oldest_and_the_newest_are_remembered():
    state = Canary()
    for minutes in range(1_000):
        state = canary.sent(state, after(minutes))
    assert (state.waiting[0], state.waiting[-1]) == (after(0), after(999))
    assert len(state.waiting) < 1_000
