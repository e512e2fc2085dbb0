"""Delivery to our relay, and what is known of it after a crash."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from triage.core.delivery import Trace
from triage.core.records import OutboxRow


class Delivery(StrEnum):
    """`refused`: 5xx for this recipient or content; `deferred`: fault before DATA or 4xx; `uncertain`: after DATA."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Sent:
    """`relay`: the fault lies with the relay or the way to it, not with this mail (no connection, sign-in refused)."""

    result: Delivery
    code: int = 0
    error: str = ""
    relay: bool = False


class Mailer(Protocol):
    """Delivers to our relay. Never raises for what the server or the network does: the result says it."""

    async def send(self, sender: str, recipient: str, content: bytes, begin: Callable[[], bool]) -> Sent:
        """Send one mail to one recipient over a kept connection. `sender` "" is the null return path.

        `begin` is asked when the relay took sender and recipient, right before DATA: after True the mail may arrive,
        after False it is deferred.
        """
        ...

    async def check(self) -> str:
        """Sign in and say hello; returns the server's name, raises Temporary or Permanent."""
        ...

    async def close(self) -> None: ...


class HandoverLog(Protocol):
    """What became of the mails a process had in hand, readable after its death on the same machine.

    Every call is quick and none raises: what cannot be written or read is `Trace.UNKNOWN`.
    """

    def open(self, process: str) -> None:
        """Begin to keep marks; the leases of this process's rows begin with its name and a dot."""
        ...

    def note(self, row: OutboxRow, trace: Trace) -> None:
        """Mark a claimed row: BEGUN before DATA, then ACCEPTED or UNTOUCHED as the relay answers."""
        ...

    def all_recorded(self) -> None:
        """Hear that the store knows everything: no mark matters any more."""
        ...

    def close(self, *, recorded: bool) -> None:
        """Keep no more marks; `recorded` says that those there are do not matter."""
        ...

    def trace(self, row: OutboxRow) -> Trace:
        """Return the last mark of a row under its lease, whichever process had it."""
        ...
