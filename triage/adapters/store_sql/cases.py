"""Cases: whole in `doc`, with columns for what is looked for; who takes part; the numbers of references."""

from collections.abc import Iterable, Mapping, Sequence
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
from triage.adapters.store_sql.schema import case_participants, cases, counters, messages
from triage.adapters.store_sql.session import Session, chunks, insert_new, upsert
from triage.core.model import Case

_NEWEST_FIRST = (cases.c.arrival.desc(), cases.c.reference.desc())
_RECEIVED = (
    sa.select(sa.func.count())
    .where(messages.c.reference == cases.c.reference, messages.c.direction == "in")
    .scalar_subquery()
)
_FORGET_PARTICIPANTS = case_participants.delete().where(
    case_participants.c.reference == sa.bindparam("which")
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
    def take_numbers(self, series: str, count: int) -> int:
        statement = (
            self._insert(counters)
            .values(series=series, last=count)
            .on_conflict_do_update(index_elements=["series"], set_={"last": counters.c.last + count})
            .returning(counters.c.last)
        )
        return int(self._execute(statement).scalar_one()) - count + 1

    def cases(self, references: Iterable[str], *, lock: bool = False) -> Mapping[str, Case]:
        found: dict[str, Case] = {}
        # Sorted, so that two daemons lock the same cases in the same order and never wait for each other in a ring.
        for part in chunks(sorted(references)):
            query = (
                sa.select(cases.c.reference, cases.c.doc)
                .where(cases.c.reference.in_(part))
                .order_by(cases.c.reference)
            )
            rows = self._execute(self._locked(query) if lock else query)
            found |= {reference: case_from_json(doc) for reference, doc in rows}
        return found

    def list_cases(self, states: Iterable[str] | None = None, limit: int | None = None) -> Sequence[Case]:
        query = self._listing(sa.select(cases.c.doc), states, limit, None)
        return [case_from_json(doc) for doc in self._execute(query).scalars()]

    def case_rows(
        self, states: Iterable[str] | None = None, limit: int | None = None, before: Case | None = None
    ) -> Sequence[tuple[Case, int]]:
        query = self._listing(sa.select(cases.c.doc, _RECEIVED), states, limit, before)
        return [(case_from_json(doc), count) for doc, count in self._execute(query)]

    def _listing(
        self, query: sa.Select[Any], states: Iterable[str] | None, limit: int | None, before: Case | None
    ) -> sa.Select[Any]:
        if states is not None:
            query = query.where(cases.c.state.in_([str(state) for state in states]))
        if before is not None:
            place = sa.tuple_(cases.c.arrival, cases.c.reference)
            query = query.where(place < (to_micros(before.arrival), before.reference))
        return query.order_by(*_NEWEST_FIRST).limit(limit)

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
        self._many(_FORGET_PARTICIPANTS, [{"which": case.reference} for case in ordered])
        rows = [row for case in ordered for row in _participants(case)]
        self._many(insert_new(case_participants, self._dialect), rows)

    def count_cases(self) -> Mapping[str, int]:
        query = sa.select(cases.c.state, sa.func.count()).group_by(cases.c.state)
        return self._pairs(query)
