"""Mails that are written, whatever became of them: looked up, counted, and given another state from outside an attempt."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from triage.adapters.store_sql.codec import from_micros, storable, to_json, to_micros
from triage.adapters.store_sql.outbox_rows import row_of
from triage.adapters.store_sql.schema import AUTOMATIC, outbox
from triage.adapters.store_sql.session import Session, chunks
from triage.core.model import MailState
from triage.core.records import OutboxRow

_WAITING = {MailState.QUEUED, MailState.DEFERRED}
_NEVER_WRITTEN = (MailState.REFUSED.value, MailState.DROPPED.value)
_REQUEUE = (
    outbox.update()
    .where(outbox.c.id == sa.bindparam("row"))
    .values(
        state=sa.bindparam("new_state"),
        next_at=sa.bindparam("now"),
        changed_at=sa.bindparam("now"),
        expires_at=sa.bindparam("expiry"),
        attempts=sa.bindparam("tries"),
        doubts=sa.bindparam("doubted"),
        draft=sa.bindparam("words"),
        lease=sa.null(),
        lease_until=sa.null(),
    )
)
_WRITTEN = (
    sa.select(outbox.c.recipient, outbox.c.created_at)
    .where(
        AUTOMATIC,
        outbox.c.recipient.in_(sa.bindparam("to", expanding=True)),
        outbox.c.created_at >= sa.bindparam("since"),
        outbox.c.state.not_in(_NEVER_WRITTEN),
    )
    .order_by(outbox.c.recipient, outbox.c.created_at)
)


def _anew(row: OutboxRow, expires_at: datetime, at: datetime, by: str) -> dict[str, Any]:
    return {
        "row": row.id,
        "new_state": MailState.QUEUED.value,
        "tries": 0,
        "doubted": 0,
        "now": to_micros(at),
        "expiry": to_micros(expires_at),
        "words": to_json({**row.draft, "by_hand": by}),
    }


class WrittenPart(Session):
    def outbox(self, ids: Iterable[int], *, lock: bool = False) -> Mapping[int, OutboxRow]:
        found: dict[int, OutboxRow] = {}
        for part in chunks(ids):
            query = sa.select(outbox).where(outbox.c.id.in_(part)).order_by(outbox.c.id)
            found |= {row.id: row_of(row) for row in self._execute(self._locked(query) if lock else query)}
        return found

    def list_outbox(
        self,
        *,
        reference: str | None = None,
        states: Iterable[str] | None = None,
        message_ids: Iterable[str] | None = None,
    ) -> Sequence[OutboxRow]:
        query = sa.select(outbox).order_by(outbox.c.id)
        if reference is not None:
            query = query.where(outbox.c.reference == reference)
        if states is not None:
            query = query.where(outbox.c.state.in_([str(state) for state in states]))
        if message_ids is not None:
            query = query.where(outbox.c.message_id.in_(list(message_ids)))
        return [row_of(row) for row in self._execute(query)]

    def set_outbox_state(self, ids: Iterable[int], state: str, at: datetime, why: str) -> None:
        new = MailState(state)
        values: dict[str, Any] = {
            "state": new.value,
            "changed_at": to_micros(at),
            "last_error": storable(why),
            "lease": None,
            "lease_until": None,
        }
        if new in _WAITING:
            values["next_at"] = to_micros(at)
        if new is MailState.ACCEPTED:
            values["accepted_at"] = to_micros(at)
        for part in chunks(ids):
            self._execute(outbox.update().where(outbox.c.id.in_(part)).values(values))

    def requeue_outbox(self, expiries: Mapping[int, datetime], at: datetime, by: str) -> None:
        rows = self.outbox(expiries, lock=True).values()
        self._many(_REQUEUE, [_anew(row, expiries[row.id], at, by) for row in rows])

    def written_to(self, addresses: Iterable[str], since: datetime) -> Mapping[str, Sequence[datetime]]:
        found: dict[str, list[datetime]] = {}
        for part in chunks(addresses):
            for address, at in self._execute(_WRITTEN, {"to": part, "since": to_micros(since)}):
                found.setdefault(address, []).append(from_micros(at))
        return found

    def mails_since(
        self, kind: str, recipients: Iterable[str], since: datetime, limit: int = 10_000
    ) -> Sequence[OutboxRow]:
        rows: list[OutboxRow] = []
        columns = [sa.null().label("content") if c.name == "content" else c for c in outbox.c]
        for part in chunks(recipients):
            query = (
                sa.select(*columns)
                .where(
                    AUTOMATIC,
                    outbox.c.recipient.in_(part),
                    outbox.c.created_at >= to_micros(since),
                    outbox.c.kind == str(kind),
                    outbox.c.state.not_in(_NEVER_WRITTEN),
                )
                .order_by(outbox.c.created_at, outbox.c.id)
                .limit(limit)
            )
            rows += [row_of(row) for row in self._execute(query)]
        return sorted(rows, key=lambda row: (row.created_at, row.id))[:limit]

    def count_outbox(self) -> Mapping[str, int]:
        query = sa.select(outbox.c.state, sa.func.count()).group_by(outbox.c.state)
        return self._pairs(query)
