"""The daemons on the store, and who of them reads which mailbox."""

from collections.abc import Collection, Mapping
from typing import Protocol

from triage.core.records import Lease, Node


class Nodes(Protocol):
    def leases(self) -> Mapping[str, Lease]:
        """Return who reads which mailbox, by the lease's name."""
        ...

    def nodes(self) -> Mapping[str, Node]:
        """Return the daemons that are written down, `lapsed` judged by the database's clock."""
        ...

    def take_lease(self, name: str, node: str, gone: Collection[str] = ()) -> int | None:
        """Take a lease that nobody holds, or whose holder is unknown or among the `gone`; returns the fencing number,
        the old one where the node holds it already, None while another does. The number grows with every new holder.
        """
        ...

    def holds_lease(self, name: str, fence: int) -> bool:
        """Return whether the number is still the lease's; in a write the answer holds until the commit."""
        ...

    def release_lease(self, name: str, fence: int) -> None: ...
    def forget_node(self, node: str) -> bool:
        """Strike out a node whose word holds no more: its leases are free, its claims on mails have lapsed.

        False, and nothing happens, where its word does hold (again), or somebody else was first.
        """
        ...
