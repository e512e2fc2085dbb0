"""The system's clock gives aware UTC."""

from datetime import timedelta

from triage.adapters.clock_system import SystemClock


def test_now_is_aware_and_utc_and_goes_on() -> None:
    first, second = SystemClock().now(), SystemClock().now()
    assert first.utcoffset() == timedelta(0)
    assert first <= second
