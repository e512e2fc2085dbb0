"""A clock that stands still until it is told to jump: simulated time for the demo and the long tests.

Time jumps to the next due moment when the pipeline is idle; nothing ever waits for real time to pass.
"""

from collections.abc import Callable
from datetime import datetime


class SteppedClock:
    """The port Clock."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def jump(self, to: datetime) -> None:
        """Go on to an instant; never back."""
        self._now = max(self._now, to)


class SilentAlarmClock:
    """The port AlarmClock for stepped time: whoever moves the clock rings."""

    def start(self, ring: Callable[[], None]) -> None:
        ring()

    def set_next(self, at: datetime | None) -> None:
        pass

    def stop(self) -> None:
        pass
