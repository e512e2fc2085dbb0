"""Whether the loops make progress: what stands between a hung daemon and the supervisor's watchdog.

Every loop says by when it will be heard of again; one that lets that pass is late, and while anyone is late the
supervisor is told nothing and ends us. Time is monotonic: a clock set forward makes nobody late. Loop-only, no locks.
"""

import time
from collections.abc import Callable

GRACE = 300.0
"""Seconds on top of what a loop means to rest: the longest that work between two reports may take unremarked."""


class Progress:
    """Whom we wait for, and until when; `clock` counts monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}

    def expect(self, name: str, rest: float = 0.0) -> None:
        """Hear of a loop: it lives, and will be heard of again after `rest` seconds and a grace."""
        self._until[name] = self._clock() + rest + GRACE

    def done(self, name: str) -> None:
        """A loop came to its end: nobody waits for it any more."""
        self._until.pop(name, None)

    def late(self) -> tuple[str, ...]:
        """Return the loops that should have been heard of by now."""
        now = self._clock()
        return tuple(sorted(name for name, until in self._until.items() if until < now))
