"""How it stands, and what happened in a span of time ([start, end), by arrival or by the event's moment)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from triage.core.model import Case
from triage.core.records import Event


class Figures(Protocol):
    def count_open_cases(self) -> Mapping[tuple[str, int], int]:
        """Count the cases that are not ended, by (state, severity)."""
        ...

    def next_deadlines(self, limit: int) -> Sequence[Case]:
        """Return the cases neither ended nor attended, the one to act on first first."""
        ...

    def count_overdue_alarms(self, now: datetime) -> int: ...
    def oldest_waiting(self) -> datetime | None:
        """Return when the oldest mail that still waits to be sent was written."""
        ...

    def count_aside(self) -> int: ...
    def notes_under(self, prefix: str) -> Mapping[str, str]:
        """Return the notes whose key begins so, by the rest of the key."""
        ...

    def cases_between(self, start: datetime, end: datetime) -> Sequence[Case]: ...
    def events_between(self, start: datetime, end: datetime, names: Iterable[str]) -> Sequence[Event]: ...
    def last_event_id(self) -> int: ...
    def events_after(self, event_id: int, limit: int) -> Sequence[tuple[int, Event]]:
        """Return events written after one, with their ids, in the order of these."""
        ...
