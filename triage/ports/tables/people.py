"""What is held of one person, and forgetting it; and what is dropped when its time is over."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from triage.core.model import Case, MailKind
from triage.core.person import Person
from triage.core.records import Event, OutboxRow, StoredMessage


class People(Protocol):
    def cases_with(self, address: str) -> Sequence[Case]:
        """Return every case, ended ones too, in which an address takes part, oldest first."""
        ...

    def ended_before(self, at: datetime, limit: int, after: str = "") -> Sequence[Case]:
        """Return cases of a client that ended before an instant, by reference, from the one behind `after` on."""
        ...

    def messages_from(self, address: str) -> Sequence[StoredMessage]: ...
    def outbox_to(self, address: str) -> Sequence[OutboxRow]: ...
    def cases_naming(self, who: Person) -> Sequence[Case]:
        """Return the cases that name somebody anywhere, in a text too."""
        ...

    def events_naming(self, who: Person) -> Sequence[tuple[int, Event]]:
        """Return the events by or about somebody, with their ids."""
        ...

    def events_of(self, references: Iterable[str]) -> Sequence[tuple[int, Event]]: ...
    def rewrite_events(self, history: Mapping[int, Event]) -> None:
        """Give events, by id, the `by` and the data of these; for erasing a person, and nothing else."""
        ...

    def drop_contents(self, references: Iterable[str]) -> None:
        """Drop the messages of cases, the mails about them and what of them was set aside."""
        ...

    def drop_person(self, who: Person) -> int:
        """Drop what somebody wrote or was written, in whichever case, and what no case holds and names that address.

        What others wrote on their own cases stays, without the address. Returns how many pieces were dropped.
        """
        ...

    def drop_mails_naming(self, references: Iterable[str]) -> None:
        """Drop mails about no single case (digests, reports) that speak of these cases."""
        ...

    def drop_messages_without_case(self, before: datetime, limit: int) -> int:
        """Drop messages that opened no case, `limit` of them at most; returns how many, 0 at the end."""
        ...

    def drop_mails(self, kind: MailKind, to: str, before: datetime) -> None:
        """Drop the mails of a kind to an address that were written before an instant, whatever their state."""
        ...

    def drop_ignored_senders(self, before: datetime, limit: int) -> int:
        """Drop from the history who sent such messages, of `limit` at most; returns of how many, 0 at the end."""
        ...

    def drop_loose_mails(self, before: datetime, limit: int) -> int:
        """Drop mails about no single case (digests, alarms, reports) that are done with, `limit` of them at most."""
        ...
