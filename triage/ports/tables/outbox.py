"""Outgoing mails, from the row to the outcome."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from triage.core.records import OutboxOutcome, OutboxRow


class Outbox(Protocol):
    def add_outbox(self, rows: Iterable[OutboxRow]) -> None:
        """Insert rows whose key is not there yet."""
        ...

    def claim_outbox(self, now: datetime, lease: str, until: datetime, limit: int) -> Sequence[OutboxRow]:
        """Take due rows (queued, deferred) for sending under a lease, oldest first; state becomes sending.

        The rows come with `lease` and `content`; `attempts` and `doubts` stay (outcomes bring their new values).
        """
        ...

    def renew_leases(self, leases: Iterable[str], until: datetime) -> None:
        """Put off the end of leases whose rows are still `sending`: their worker lives."""
        ...

    def expired_leases(self, now: datetime) -> Sequence[OutboxRow]:
        """Return rows still in `sending` whose lease ran out (with that `lease`): a worker died with them.

        In a write they are this transaction's until it ends: give each its new state in the same one.
        """
        ...

    def pull_back_outbox(self, now: datetime, lease: timedelta, slack: timedelta) -> None:
        """Put right what was written while a clock was ahead that has been put back since.

        A mail that waits and was written or changed later than `now` + `slack` keeps the wait that it had, from `now`
        on; a claim that would last longer than `lease` + `slack` ends after `lease`. `slack`: how far clocks of nodes
        may differ.
        """
        ...

    def store_content(self, contents: Mapping[int, bytes]) -> None: ...
    def record_outcomes(self, outcomes: Iterable[OutboxOutcome]) -> Sequence[OutboxRow]:
        """Write results whose lease still holds; return the rows as they are now (late ones are left out)."""
        ...

    def outbox(self, ids: Iterable[int], *, lock: bool = False) -> Mapping[int, OutboxRow]: ...
    def list_outbox(
        self,
        *,
        reference: str | None = None,
        states: Iterable[str] | None = None,
        message_ids: Iterable[str] | None = None,
    ) -> Sequence[OutboxRow]: ...
    def set_outbox_state(self, ids: Iterable[int], state: str, at: datetime, why: str) -> None:
        """Set the state from outside an attempt; takes any lease away. A waiting state becomes due at `at`."""
        ...

    def requeue_outbox(self, expiries: Mapping[int, datetime], at: datetime, by: str) -> None:
        """Let mails be tried anew from `at` on, as if never tried, each until its new expiry; takes any lease away.

        `by` is written into the draft as `by_hand`: the governor lets such a mail pass.
        """
        ...

    def written_to(self, addresses: Iterable[str], since: datetime) -> Mapping[str, Sequence[datetime]]:
        """Return when automatic mails to each address were written, from `since` on, oldest first.

        Refused and dropped ones do not count; an address without any is absent.
        """
        ...

    def mails_since(
        self, kind: str, recipients: Iterable[str], since: datetime, limit: int = 10_000
    ) -> Sequence[OutboxRow]:
        """Return the automatic mails of a kind written to people since an instant, the oldest ones first, whatever
        became of them.

        Refused and dropped ones do not count; `content` is left out.
        """
        ...

    def next_outbox_at(self) -> datetime | None:
        """Return when the next row is due: the earliest `next_at` of queued and deferred, or end of a lease."""
        ...

    def count_outbox(self) -> Mapping[str, int]:
        """Count outgoing mails per state."""
        ...
