"""The messages that are kept, and the history: what happened, of each case and of none."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from triage.core.records import Event, KnownMessage, StoredMessage


class Messages(Protocol):
    def digests(self, digests: Iterable[str]) -> Mapping[str, StoredMessage]: ...
    def known_messages(self, message_ids: Iterable[str]) -> Mapping[str, Sequence[KnownMessage]]:
        """Look Message-IDs up among received messages and our own outbox."""
        ...

    def add_messages(self, messages: Iterable[StoredMessage]) -> None: ...
    def assign_messages(self, references: Mapping[str, str]) -> None:
        """Give messages, by digest, to other cases (a split)."""
        ...

    def messages(self, reference: str) -> Sequence[StoredMessage]:
        """Return a case's messages: the opening one (stored first), then by time."""
        ...

    def count_messages(self, references: Iterable[str]) -> Mapping[str, int]:
        """Count what came in, per case."""
        ...

    def add_events(self, events: Iterable[Event]) -> None: ...
    def events(self, reference: str) -> Sequence[Event]: ...
    def events_since(self, at: datetime, names: Iterable[str]) -> Sequence[Event]: ...
