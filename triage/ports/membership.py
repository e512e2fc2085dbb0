"""Several daemons on one store: who of them lives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from triage.core.records import Node


@dataclass(frozen=True, slots=True)
class Beat:
    """What came of saying that we live: the name we go by, and the others.

    The name is a new one whenever the others had struck the old one out: whatever was claimed under it is theirs.
    """

    name: str
    others: Sequence[Node]


class Membership(Protocol):
    """This process among the daemons on one store. Time is the database's, or the operating system tells who lives.

    `shared`: nodes may be on other machines; they lapse when they say nothing for `lasting`, so `beat` well before
    that. Otherwise all are on this machine, where a process that ended is known at once, and one that hangs is waited
    for.
    """

    @property
    def shared(self) -> bool: ...

    @property
    def lasting(self) -> timedelta: ...

    async def beat(self, about: Mapping[str, str]) -> Beat:
        """Say that we live, the first time under a new name. Sessions of nodes that lapsed are ended at the database.

        Raises Temporary within a third of `lasting`, or a second, when there is no answer.
        """
        ...

    async def look(self) -> Sequence[Node]:
        """Return every node there is, without joining them. Raises Temporary."""
        ...

    async def leave(self) -> None:
        """Join no more, so that others take over at once; never raises."""
        ...
