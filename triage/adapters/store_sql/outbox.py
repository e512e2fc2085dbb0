"""The outbox: mails written with their case in one commit, claimed under a lease, their outcomes fenced by it.

A row in `sending` belongs to whoever knows its lease. When the lease ran out the row is `expired_leases`' and a new
state takes the lease away: an outcome that comes after that changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from triage.adapters.store_sql.codec import (
    from_micros_or_none,
    storable,
    to_micros,
    to_micros_or_none,
)
from triage.adapters.store_sql.nodes import NOT_OF_A_LIVING_NODE
from triage.adapters.store_sql.outbox_rows import columns, row_of
from triage.adapters.store_sql.schema import OUTBOX_FIRST, OUTBOX_SENDING, OUTBOX_WAITING, outbox
from triage.adapters.store_sql.session import Session, chunks, insert_new
from triage.core.model import MailKind, MailState
from triage.core.records import OutboxOutcome, OutboxRow

_CLIENTS = {MailKind.ACKNOWLEDGEMENT, MailKind.ANSWER}  # OUTBOX_FIRST, in the core's words
# Of a claim, mails that clients wait for take so much at most by their rank; what is left goes by age, so that a
# flood of new cases slows the mails to agents down and never stops them.
_FIRST_OF, _OF = 4, 5
_STORE_CONTENT = (
    outbox.update().where(outbox.c.id == sa.bindparam("row")).values(content=sa.bindparam("bytes"))
)
_RECORD = (
    outbox.update()
    .where(outbox.c.id == sa.bindparam("row"), outbox.c.lease == sa.bindparam("token"))
    .values(
        state=sa.bindparam("new_state"),
        next_at=sa.bindparam("next"),
        changed_at=sa.bindparam("now"),
        accepted_at=sa.bindparam("accepted"),
        attempts=sa.bindparam("tries"),
        doubts=sa.bindparam("doubted"),
        last_error=sa.bindparam("error"),
        lease=sa.null(),
        lease_until=sa.null(),
    )
)


# Built once, as they are asked in every turn: to build one costs more than to run it.
_HELD = (
    sa.select(outbox)
    .where(outbox.c.id.in_(sa.bindparam("ids", expanding=True)), OUTBOX_SENDING)
    .order_by(outbox.c.id)
)
_NEXT_DUE = sa.select(outbox.c.next_at).where(OUTBOX_WAITING).order_by(outbox.c.next_at).limit(1)


def _due(which: Any) -> sa.Select[Any]:
    return (
        sa.select(outbox.c.id)
        .where(OUTBOX_WAITING, which, outbox.c.next_at <= sa.bindparam("now"))
        .order_by(outbox.c.next_at, outbox.c.id)
        .limit(sa.bindparam("most"))
    )


_FIRST_DUE = _due(OUTBOX_FIRST)
_OTHERS_DUE = _due(outbox.c.id.not_in(sa.bindparam("first", expanding=True)))
_CLAIM = (
    outbox.update()
    .where(outbox.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(
        state=MailState.SENDING.value,
        lease=sa.bindparam("token"),
        lease_until=sa.bindparam("until"),
        changed_at=sa.bindparam("now"),
    )
    .returning(outbox)
)


@cache
def _next_lapse(dialect: str) -> Any:
    return (
        sa.select(outbox.c.lease_until)
        .where(OUTBOX_SENDING, NOT_OF_A_LIVING_NODE[dialect])
        .order_by(outbox.c.lease_until)
        .limit(1)
    )


@cache
def _lapsed(dialect: str) -> Any:
    return (
        sa.select(outbox)
        .where(
            OUTBOX_SENDING,
            outbox.c.lease_until < sa.bindparam("now", type_=sa.BigInteger),
            NOT_OF_A_LIVING_NODE[dialect],
        )
        .order_by(outbox.c.lease_until, outbox.c.id)
    )


def _after(row: OutboxRow, outcome: OutboxOutcome) -> OutboxRow:
    """Return the row as an outcome leaves it."""
    return replace(
        row,
        state=outcome.state,
        next_at=outcome.next_at or row.next_at,
        accepted_at=outcome.at if outcome.state is MailState.ACCEPTED else row.accepted_at,
        last_error=storable(outcome.error),
        attempts=row.attempts if outcome.attempts is None else outcome.attempts,
        doubts=row.doubts if outcome.doubts is None else outcome.doubts,
        lease="",
    )


def _recorded(row: OutboxRow, outcome: OutboxOutcome) -> dict[str, Any]:
    return {
        "row": row.id,
        "token": outcome.lease,
        "new_state": row.state.value,
        "next": to_micros(row.next_at),
        "now": to_micros(outcome.at),
        "accepted": to_micros_or_none(row.accepted_at),
        "tries": row.attempts,
        "doubted": row.doubts,
        "error": row.last_error,
    }


class OutboxPart(Session):
    def add_outbox(self, rows: Iterable[OutboxRow]) -> None:
        self._many(insert_new(outbox, self._dialect), [columns(row) for row in rows])

    def claim_outbox(self, now: datetime, lease: str, until: datetime, limit: int) -> Sequence[OutboxRow]:
        # Selected apart, not UPDATE ... WHERE id IN (SELECT ... SKIP LOCKED): PostgreSQL may run that sub-select
        # more than once and then claims more than the limit.
        first = self._due(now, limit * _FIRST_OF // _OF, _FIRST_DUE)
        ids = [*first, *self._due(now, limit - len(first), _OTHERS_DUE, first=first)]
        rows = []
        for part in chunks(ids):
            claim = {"ids": part, "token": lease, "until": to_micros(until), "now": to_micros(now)}
            rows += [row_of(row) for row in self._execute(_CLAIM, claim)]
        return sorted(rows, key=lambda row: (row.kind not in _CLIENTS, row.next_at, row.id))

    def _due(self, now: datetime, limit: int, which: Any, **given: Any) -> Sequence[int]:
        asked = {"now": to_micros(now), "most": limit, **given}
        return self._execute(self._locked(which, skip=True), asked).scalars().all()

    def renew_leases(self, leases: Iterable[str], until: datetime) -> None:
        for part in chunks(leases):
            self._execute(
                outbox.update()
                .where(OUTBOX_SENDING, outbox.c.lease.in_(part))
                .values(lease_until=to_micros(until))
            )

    def expired_leases(self, now: datetime) -> Sequence[OutboxRow]:
        query = self._locked(_lapsed(self._dialect), skip=True)
        return [row_of(row) for row in self._execute(query, {"now": to_micros(now)})]

    def pull_back_outbox(self, now: datetime, lease: timedelta, slack: timedelta) -> None:
        ahead = outbox.c.changed_at > to_micros(now + slack)
        self._execute(
            outbox.update()
            .where(OUTBOX_WAITING, ahead)
            .values(
                next_at=outbox.c.next_at - (outbox.c.changed_at - to_micros(now)), changed_at=to_micros(now)
            )
        )
        self._execute(
            outbox.update()
            .where(OUTBOX_SENDING, outbox.c.lease_until > to_micros(now + lease + slack))
            .values(lease_until=to_micros(now + lease))
        )

    def store_content(self, contents: Mapping[int, bytes]) -> None:
        self._many(_STORE_CONTENT, [{"row": key, "bytes": data} for key, data in sorted(contents.items())])

    def record_outcomes(self, outcomes: Iterable[OutboxOutcome]) -> Sequence[OutboxRow]:
        by_id = {outcome.id: outcome for outcome in outcomes}
        held: list[OutboxRow] = []
        for part in chunks(by_id):
            rows = self._execute(self._locked(_HELD), {"ids": part})
            held += [row_of(row) for row in rows if row.lease == by_id[row.id].lease]
        written = [_after(row, by_id[row.id]) for row in held]
        self._many(_RECORD, [_recorded(row, by_id[row.id]) for row in written])
        return written

    def next_outbox_at(self) -> datetime | None:
        asked = (_NEXT_DUE, _next_lapse(self._dialect))
        found = [self._execute(query).scalar_one_or_none() for query in asked]
        return from_micros_or_none(min((at for at in found if at is not None), default=None))
