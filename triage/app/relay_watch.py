"""Whether the relay is there at all: after several faults of its own in a row, mails wait for it together.

Without this a relay that is away for an hour would cost every waiting mail one try after the other, each with a full
connection time-out. Called by both halves of dispatch only; its clock is a parameter.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.log import logger
from triage.ports import Sent

_FIRST_PAUSE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Seen:
    """How the relay was found: away since its first fault, or there (None)."""

    away_since: datetime | None = None


class RelayWatch:
    """Counts faults without a success between them; `patience` of them mean that the relay is away."""

    def __init__(self, patience: int, longest_pause: float = 300.0) -> None:
        self._longest = timedelta(seconds=longest_pause)
        self._first = min(_FIRST_PAUSE, self._longest)
        self._patience = max(3, patience)
        self._faults = 0
        self._first_fault: datetime | None = None
        self._seen: Seen | None = None
        self._written: Seen | None = None
        self._pause = self._first
        self.away_until: datetime | None = None
        self.reason = ""

    def saw(self, sent: Sent, now: datetime) -> bool:
        """Take note of one result; True when mails at hand should be given back."""
        if not sent.relay:
            if self.away_until is not None:
                logger(part="dispatch").info("relay.back")
            self._faults, self._pause, self.away_until = 0, self._first, None
            self._first_fault, self._seen = None, Seen()
            return False
        self._put_right(now)
        self._faults += 1
        self._first_fault = self._first_fault or now
        if self._faults < self._patience:
            return False
        if self.away_until is None:
            logger(part="dispatch").error("relay.unreachable", error=sent.error)
        if self.away_until is None or now >= self.away_until:
            self.away_until = now + self._pause
            self._pause = min(self._pause * 2, self._longest)
        self.reason = f"the relay is away: {sent.error}"
        self._seen = Seen(self._first_fault)
        return True

    def news(self) -> Seen | None:
        """Return how the relay was found, where that is not written down yet; a process's first success is news too."""
        return None if self._seen == self._written else self._seen

    def wrote(self, seen: Seen | None) -> None:
        """Take note that this news stands in the store."""
        self._written = seen or self._written

    def room(self, now: datetime, usual: int) -> int:
        """Return how many mails may be on hand: none while it is away, one to see whether it is back."""
        self._put_right(now)
        if self.away_until is None:
            return usual
        return 0 if now < self.away_until else 1

    def _put_right(self, now: datetime) -> None:
        """Let no absence last longer than the longest pause from now: the clock may have been put back."""
        if self.away_until is not None:
            self.away_until = min(self.away_until, now + self._longest)
