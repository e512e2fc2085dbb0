"""Several daemons on one store: who reads which mailbox under which fencing number, and what a dead one leaves behind.

Whether a node lives is judged by the database's clock here and by the operating system in `membership`; no clock of a
node ever counts. Knows the outbox only as far as a dead node's claims go.
"""

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from triage.adapters.store_sql.codec import from_json, from_micros
from triage.adapters.store_sql.schema import OUTBOX_SENDING, leases, nodes, outbox
from triage.adapters.store_sql.session import Session, database_now, insert_new
from triage.core.records import Lease, Node


def _not_of_a_living_node(dialect: str) -> sa.ColumnElement[bool]:
    """Claims of a node whose word still holds never lapse, however far its clock and ours are apart."""
    its = outbox.c.lease.startswith(nodes.c.name + ".")
    return ~sa.exists(nodes.c.name).where(nodes.c.until >= database_now(dialect), its).correlate(outbox)


NOT_OF_A_LIVING_NODE = {dialect: _not_of_a_living_node(dialect) for dialect in ("sqlite", "postgresql")}


class NodePart(Session):
    def leases(self) -> Mapping[str, Lease]:
        return {
            row.name: Lease(row.name, row.holder, row.fence, from_micros(row.since))
            for row in self._execute(sa.select(leases))
        }

    def nodes(self) -> Mapping[str, Node]:
        lapsed = (nodes.c.until < database_now(self._dialect)).label("lapsed")
        query = sa.select(nodes.c.name, nodes.c.about, lapsed).order_by(nodes.c.name)
        return {
            row.name: Node(row.name, from_json(row.about), lapsed=bool(row.lapsed) and not self._sqlite)
            for row in self._execute(query)
        }

    def take_lease(self, name: str, node: str, gone: Collection[str] = ()) -> int | None:
        free = {"name": name, "holder": "", "fence": 0, "since": 0}
        self._many(insert_new(leases, self._dialect), [free])
        row = self._execute(self._locked(sa.select(leases).where(leases.c.name == name))).one()
        if row.holder == node:
            return int(row.fence)
        known = sa.select(nodes.c.name).where(nodes.c.name == row.holder)
        if row.holder not in gone and self._execute(known).first() is not None:
            return None
        taken = {"holder": node, "fence": row.fence + 1, "since": database_now(self._dialect)}
        self._execute(leases.update().where(leases.c.name == name).values(taken))
        return int(row.fence + 1)

    def holds_lease(self, name: str, fence: int) -> bool:
        # Shared: several writes of one reader go side by side, and whoever takes over waits for them all.
        query = self._locked(sa.select(leases.c.fence).where(leases.c.name == name), shared=True)
        return bool(self._execute(query).scalar_one_or_none() == fence)

    def release_lease(self, name: str, fence: int) -> None:
        held = leases.c.name == name, leases.c.fence == fence
        self._execute(leases.update().where(*held).values(holder=""))

    def forget_node(self, node: str) -> bool:
        lapsed = nodes.c.until < database_now(self._dialect)
        if self._execute(nodes.delete().where(nodes.c.name == node, lapsed)).rowcount == 0:
            return False
        self._execute(leases.update().where(leases.c.holder == node).values(holder=""))
        its = outbox.c.lease.startswith(f"{node}.", autoescape=True)
        self._execute(outbox.update().where(OUTBOX_SENDING, its).values(lease_until=0))
        return True
