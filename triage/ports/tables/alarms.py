"""The pending alarms of cases."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from triage.core.records import AlarmRow


class Alarms(Protocol):
    def replace_alarms(self, reference: str, alarms: Iterable[AlarmRow]) -> None:
        """Replace the pending alarms of a case; an identity that already fired is not set again.

        Reminders that were put off stay, unless there is to be none at all.
        """
        ...

    def add_alarms(self, alarms: Iterable[AlarmRow]) -> None:
        """Add alarms to the pending ones; an identity that is there already stays as it is."""
        ...

    def postpone_alarms(self, ids: Iterable[int], until: datetime) -> None:
        """Let pending alarms ring later, whatever they are."""
        ...

    def replace_all_alarms(self, wanted: Mapping[str, Iterable[AlarmRow]]) -> None:
        """Do `replace_alarms` for many cases at once."""
        ...

    def alarms(self, reference: str) -> Sequence[AlarmRow]:
        """Return the pending alarms of a case, soonest first."""
        ...

    def count_alarms(self) -> int:
        """Count the pending alarms."""
        ...

    def due_alarms(self, now: datetime, limit: int) -> Sequence[AlarmRow]:
        """Return pending alarms that are due, oldest first; in a write they and their cases are locked until the end,
        and those that another daemon has in hand are left out.
        """
        ...

    def finish_alarms(self, ids: Iterable[int], at: datetime) -> None: ...
    def next_alarm_at(self) -> datetime | None: ...
