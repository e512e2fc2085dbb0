"""The governor's counts."""

from collections.abc import Iterable, Mapping
from typing import Protocol


class Tallies(Protocol):
    def tallies(self, names: Iterable[str], since: int) -> Mapping[str, Mapping[int, int]]:
        """Return the governor's counts, name -> slot -> count, for slots >= `since`; names without any are absent."""
        ...

    def add_tallies(self, increments: Mapping[tuple[str, int], int]) -> None:
        """Add to the counts of (name, slot)."""
        ...

    def forget_tallies(self, before: int) -> None:
        """Drop the counts of slots < `before`."""
        ...
