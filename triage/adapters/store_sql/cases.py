"""Cases: whole in `doc`, with columns for what is looked for; who takes part; the numbers of references."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa

from triage.adapters.store_sql.codec import (
    case_from_json,
    case_to_json,
    storable,
    storable_or_none,
    to_micros,
    to_micros_or_none,
)
from triage.adapters.store_sql.schema import case_participants, cases, counters
from triage.adapters.store_sql.session import Session, chunks, insert, insert_new, upsert
from triage.core.model import Case

_NEWEST_FIRST = (cases.c.arrival.desc(), cases.c.reference.desc())
_CASES = (
    sa.select(cases.c.reference, cases.c.doc)
    .where(cases.c.reference.in_(sa.bindparam("references", expanding=True)))
    .order_by(cases.c.reference)
)

_FORGET_PARTICIPANTS = case_participants.delete().where(
    case_participants.c.reference.in_(sa.bindparam("references", expanding=True))
)


@cache
def _count_up(dialect: str) -> Any:
    drawn = sa.bindparam("drawn", type_=sa.BigInteger)
    return (
        insert(counters, dialect)
        .values(series=sa.bindparam("of"), last=drawn)
        .on_conflict_do_update(index_elements=["series"], set_={"last": counters.c.last + drawn})
        .returning(counters.c.last)
    )


def _columns(case: Case) -> dict[str, Any]:
    return {
        "reference": case.reference,
        "mailbox": case.mailbox,
        "state": case.state.value,
        "severity": int(case.severity),
        "product": storable(case.product),
        "client": storable(case.client.address),
        "language": case.language.value,
        "assignee": storable_or_none(case.assignee),
        "area": storable_or_none(case.area),
        "cycle": case.cycle,
        "arrival": to_micros(case.arrival),
        "deadline_at": to_micros(case.deadline.at),
        "act_by": to_micros(case.deadline.act_by),
        "acknowledged_at": to_micros_or_none(case.acknowledged_at),
        "attended_at": to_micros_or_none(case.attended_at),
        "breached_at": to_micros_or_none(case.breached_at),
        "ended_at": to_micros_or_none(case.ended_at),
        "doc": case_to_json(case),
    }


def _participants(case: Case) -> list[dict[str, Any]]:
    return [
        {"reference": case.reference, "address": storable(address), "is_open": int(case.open)}
        for address in dict.fromkeys((case.client.address, *case.participants))
    ]


class CasePart(Session):
    def __init__(self, connection: sa.Connection, *, writable: bool) -> None:
        super().__init__(connection, writable=writable)
        # Of cases locked and not saved since: who takes part.
        self._held: dict[str, list[dict[str, Any]]] = {}

    def take_numbers(self, series: str, count: int) -> int:
        last = self._execute(_count_up(self._dialect), {"of": series, "drawn": count}).scalar_one()
        return int(last) - count + 1

    def cases(self, references: Iterable[str], *, lock: bool = False) -> Mapping[str, Case]:
        found: dict[str, Case] = {}
        # Sorted, so that two daemons lock the same cases in the same order and never wait for each other in a ring.
        for part in chunks(sorted(references)):
            rows = self._execute(self._locked(_CASES) if lock else _CASES, {"references": part})
            found |= {reference: case_from_json(doc) for reference, doc in rows}
        if lock and self._writable:
            self._held |= {reference: _participants(case) for reference, case in found.items()}
        return found

    def list_cases(self, states: Iterable[str] | None = None) -> Sequence[Case]:
        query = sa.select(cases.c.doc).order_by(*_NEWEST_FIRST)
        if states is not None:
            query = query.where(cases.c.state.in_([str(state) for state in states]))
        return [case_from_json(doc) for doc in self._execute(query).scalars()]

    def open_cases_of(self, client: str) -> Sequence[Case]:
        query = (
            sa.select(cases.c.doc)
            .join(case_participants, case_participants.c.reference == cases.c.reference)
            .where(case_participants.c.address == client, case_participants.c.is_open == 1)
            .order_by(*_NEWEST_FIRST)
        )
        return [case_from_json(doc) for doc in self._execute(query).scalars()]

    def save_cases(self, cases_: Iterable[Case]) -> None:
        latest = {case.reference: case for case in cases_}
        # Sorted, as in `cases`: the same order of locks for every daemon.
        ordered = [latest[reference] for reference in sorted(latest)]
        self._many(upsert(cases, self._dialect), [_columns(case) for case in ordered])
        self._save_participants({case.reference: _participants(case) for case in ordered})

    def _save_participants(self, wanted: Mapping[str, list[dict[str, Any]]]) -> None:
        """Write who takes part where that is not what the case had when it was locked: it seldom changes."""
        changed = {which: rows for which, rows in wanted.items() if self._held.get(which) != rows}
        for which in changed:  # a savepoint may undo what follows: from now on they are written each time
            self._held.pop(which, None)
        for part in chunks(changed):
            self._execute(_FORGET_PARTICIPANTS, {"references": part})
        self._many(
            insert_new(case_participants, self._dialect), [row for rows in changed.values() for row in rows]
        )

    def count_cases(self) -> Mapping[str, int]:
        query = sa.select(cases.c.state, sa.func.count()).group_by(cases.c.state)
        return self._pairs(query)
