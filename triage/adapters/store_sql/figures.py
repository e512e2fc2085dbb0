"""Counts and sums for people and monitoring: how the store stands now, and what happened in a span of time.

Every question about the present is answered from an index, whatever the number of ended cases; those about a span
read what the span holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from triage.adapters.store_sql.codec import case_from_json, from_micros_or_none, to_micros
from triage.adapters.store_sql.messages import event_of
from triage.adapters.store_sql.schema import (
    ALARM_PENDING,
    OUTBOX_WAITING,
    alarms,
    aside,
    cases,
    events,
    notes,
    outbox,
)
from triage.adapters.store_sql.session import Session
from triage.core.model import Case, State
from triage.core.records import Event

_OPEN = [str(state) for state in State if state not in {State.RESOLVED, State.CLOSED, State.MERGED}]


class FigurePart(Session):
    def count_open_cases(self) -> Mapping[tuple[str, int], int]:
        query = (
            sa.select(cases.c.state, cases.c.severity, sa.func.count())
            .where(cases.c.state.in_(_OPEN))
            .group_by(cases.c.state, cases.c.severity)
        )
        return {(state, severity): count for state, severity, count in self._execute(query)}

    def next_deadlines(self, limit: int) -> Sequence[Case]:
        query = (
            sa.select(cases.c.doc)
            .where(cases.c.state.in_(_OPEN), cases.c.attended_at.is_(None))
            .order_by(cases.c.act_by, cases.c.reference)
            .limit(limit)
        )
        return [case_from_json(doc) for doc in self._execute(query).scalars()]

    def count_overdue_alarms(self, now: datetime) -> int:
        query = (
            sa.select(sa.func.count())
            .select_from(alarms)
            .where(ALARM_PENDING, alarms.c.due_at <= to_micros(now))
        )
        return int(self._execute(query).scalar_one())

    def oldest_waiting(self) -> datetime | None:
        query = sa.select(sa.func.min(outbox.c.created_at)).where(OUTBOX_WAITING)
        return from_micros_or_none(self._execute(query).scalar_one())

    def count_aside(self) -> int:
        return int(self._execute(sa.select(sa.func.count()).select_from(aside)).scalar_one())

    def notes_under(self, prefix: str) -> Mapping[str, str]:
        query = sa.select(notes.c.key, notes.c.value).where(notes.c.key.startswith(prefix, autoescape=True))
        return {key.removeprefix(prefix): value for key, value in self._execute(query)}

    def cases_between(self, start: datetime, end: datetime) -> Sequence[Case]:
        query = (
            sa.select(cases.c.doc)
            .where(cases.c.arrival >= to_micros(start), cases.c.arrival < to_micros(end))
            .order_by(cases.c.arrival, cases.c.reference)
        )
        return [case_from_json(doc) for doc in self._execute(query).scalars()]

    def events_between(self, start: datetime, end: datetime, names: Iterable[str]) -> Sequence[Event]:
        query = (
            sa.select(events)
            .where(
                events.c.event.in_(list(names)),
                events.c.at >= to_micros(start),
                events.c.at < to_micros(end),
            )
            .order_by(events.c.at, events.c.id)
        )
        return [event_of(row) for row in self._execute(query)]

    def last_event_id(self) -> int:
        return int(self._execute(sa.select(sa.func.max(events.c.id))).scalar_one() or 0)

    def events_after(self, event_id: int, limit: int) -> Sequence[tuple[int, Event]]:
        query = sa.select(events).where(events.c.id > event_id).order_by(events.c.id).limit(limit)
        return [(row.id, event_of(row)) for row in self._execute(query)]
