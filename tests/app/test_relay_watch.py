from datetime import UTC, datetime, timedelta

from triage.app.relay_watch import RelayWatch, Seen
from triage.ports import Delivery, Sent

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
AWAY = Sent(Delivery.DEFERRED, 0, "cannot be reached", relay=True)
GOOD = Sent(Delivery.ACCEPTED, 250)


def test_a_few_faults_of_the_relay_are_no_absence():
    watch = RelayWatch(3)
    assert [watch.saw(AWAY, NOW), watch.saw(AWAY, NOW), watch.saw(GOOD, NOW), watch.saw(AWAY, NOW)] == [
        False
    ] * 4
    assert watch.room(NOW, 50) == 50


def test_a_fault_of_one_mail_is_none_of_the_relay():
    watch = RelayWatch(3)
    assert not any(watch.saw(Sent(Delivery.DEFERRED, 451, "greylisted"), NOW) for _ in range(10))


def test_an_absent_relay_is_probed_with_one_mail_after_growing_pauses():
    watch = RelayWatch(3)
    assert [watch.saw(AWAY, NOW) for _ in range(4)] == [False, False, True, True]
    now, pauses = NOW, []
    for _ in range(9):
        assert watch.away_until is not None
        assert watch.room(now, 50) == 0
        pauses.append((watch.away_until - now).total_seconds())
        now = watch.away_until
        assert watch.room(now, 50) == 1
        watch.saw(AWAY, now)
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    watch.saw(GOOD, now)
    assert watch.room(now, 50) == 50
    assert [watch.saw(AWAY, now) for _ in range(3)] == [False, False, True]
    assert watch.away_until == now + timedelta(seconds=5)


def test_an_absence_seen_before_the_clock_was_put_back_lasts_no_longer_than_the_longest_pause():
    watch = RelayWatch(3)
    tomorrow = NOW + timedelta(days=1)
    assert [watch.saw(AWAY, tomorrow) for _ in range(3)][-1]
    assert watch.room(NOW, 50) == 0
    assert watch.away_until == NOW + timedelta(seconds=300)
    assert watch.room(NOW + timedelta(seconds=300), 50) == 1


def test_an_absence_is_news_until_it_is_written_and_begins_with_the_first_fault() -> None:
    watch = RelayWatch(3)
    assert watch.news() is None
    for minute in range(3):
        watch.saw(AWAY, NOW + timedelta(minutes=minute))
    assert watch.news() == Seen(NOW)
    watch.wrote(watch.news())
    watch.saw(AWAY, NOW + timedelta(minutes=9))
    assert watch.news() is None
    watch.saw(GOOD, NOW + timedelta(minutes=10))
    assert watch.news() == Seen()


def test_the_first_success_of_a_process_is_news_for_whoever_died_while_the_relay_was_away() -> None:
    watch = RelayWatch(3)
    watch.saw(GOOD, NOW)
    assert watch.news() == Seen()
    watch.wrote(watch.news())
    watch.saw(GOOD, NOW)
    assert watch.news() is None
