"""Cases as they are now, and the numbers they are called by."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from triage.core.model import Case


class Cases(Protocol):
    def take_numbers(self, series: str, count: int) -> int:
        """Reserve `count` increasing numbers of a series (prefix and year) and return the first."""
        ...

    def cases(self, references: Iterable[str], *, lock: bool = False) -> Mapping[str, Case]: ...
    def list_cases(self, states: Iterable[str] | None = None) -> Sequence[Case]:
        """Return cases, newest first."""
        ...

    def count_cases(self) -> Mapping[str, int]:
        """Count cases per state."""
        ...

    def open_cases_of(self, client: str) -> Sequence[Case]:
        """Return the cases not ended in which this address takes part, newest first."""
        ...

    def save_cases(self, cases: Iterable[Case]) -> None:
        """Insert or replace, by reference."""
        ...
