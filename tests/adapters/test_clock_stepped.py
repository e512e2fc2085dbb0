"""Stepped time goes where it is told, and never back."""

from datetime import UTC, datetime, timedelta

from triage.adapters.clock_stepped import SilentAlarmClock, SteppedClock

START = datetime(2026, 10, 20, 13, 0, tzinfo=UTC)


def test_it_stands_still_until_it_jumps_and_never_goes_back() -> None:
    clock = SteppedClock(START)
    assert clock.now() == clock.now() == START
    clock.jump(START + timedelta(hours=2))
    clock.jump(START)
    assert clock.now() == START + timedelta(hours=2)


def test_the_silent_alarm_clock_rings_once_at_the_start_and_leaves_the_rest_to_the_driver() -> None:
    rings: list[int] = []
    alarm_clock = SilentAlarmClock()
    alarm_clock.start(lambda: rings.append(1))
    alarm_clock.set_next(START)
    alarm_clock.stop()
    assert rings == [1]
