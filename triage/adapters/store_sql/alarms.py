"""Alarms: the future moments of cases, swept by an index on what is pending. A restart loses none, repeats none."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from triage.adapters.store_sql.codec import (
    from_json,
    from_micros,
    from_micros_or_none,
    to_json,
    to_micros,
)
from triage.adapters.store_sql.schema import ALARM_PENDING, alarms, cases
from triage.adapters.store_sql.session import Session, chunks, insert_new
from triage.core.records import PUT_OFF, AlarmRow

_OF_CASES = alarms.c.reference.in_(sa.bindparam("references", expanding=True))
_CANCEL = alarms.delete().where(ALARM_PENDING, _OF_CASES)
# What was put off is no part of the plan: whether it still matters is asked when it rings.
_CANCEL_PLANNED = _CANCEL.where(~alarms.c.step.contains(PUT_OFF, autoescape=True))


def _rows(planned: Iterable[AlarmRow]) -> list[dict[str, Any]]:
    """Return alarms as rows; the data of a step is one object in the alarms of every case, and written as JSON once."""
    alarms_ = list(planned)
    data = {id(alarm.data): alarm.data for alarm in alarms_}
    texts = {which: to_json(one) for which, one in data.items()}
    return [_columns(alarm, texts[id(alarm.data)]) for alarm in alarms_]


def _columns(alarm: AlarmRow, data: str) -> dict[str, Any]:
    return {
        "reference": alarm.reference,
        "cycle": alarm.cycle,
        "version": alarm.version,
        "step": alarm.step,
        "turn": alarm.turn,
        "due_at": to_micros(alarm.due_at),
        "data": data,
    }


def _alarm(row: sa.Row[Any]) -> AlarmRow:
    return AlarmRow(
        reference=row.reference,
        cycle=row.cycle,
        version=row.version,
        step=row.step,
        due_at=from_micros(row.due_at),
        turn=row.turn,
        data=from_json(row.data),
        id=row.id,
    )


class AlarmPart(Session):
    def replace_alarms(self, reference: str, alarms_: Iterable[AlarmRow]) -> None:
        self.replace_all_alarms({reference: alarms_})

    def replace_all_alarms(self, wanted: Mapping[str, Iterable[AlarmRow]]) -> None:
        planned = {reference: tuple(wanted[reference]) for reference in sorted(wanted)}
        for part in chunks(reference for reference, rows in planned.items() if not rows):
            self._execute(_CANCEL, {"references": part})
        for part in chunks(reference for reference, rows in planned.items() if rows):
            self._execute(_CANCEL_PLANNED, {"references": part})
        rows = _rows(alarm for planned_rows in planned.values() for alarm in planned_rows)
        # Whatever is still there under the same identity has fired; it stays so.
        self._many(insert_new(alarms, self._dialect), rows)

    def add_alarms(self, alarms_: Iterable[AlarmRow]) -> None:
        self._many(insert_new(alarms, self._dialect), _rows(alarms_))

    def postpone_alarms(self, ids: Iterable[int], until: datetime) -> None:
        for part in chunks(ids):
            self._execute(alarms.update().where(alarms.c.id.in_(part)).values(due_at=to_micros(until)))

    def due_alarms(self, now: datetime, limit: int) -> Sequence[AlarmRow]:
        query = (
            sa.select(alarms)
            .where(ALARM_PENDING, alarms.c.due_at <= to_micros(now))
            .order_by(alarms.c.due_at, alarms.c.id)
            .limit(limit)
        )
        if self._writable and not self._sqlite:
            # The case is locked with its alarm, and one that somebody is changing is left for the next sweep: the
            # change may cancel this very alarm, and whoever changes it locks the case first, as we do.
            query = query.join(cases, cases.c.reference == alarms.c.reference).with_for_update(
                of=[cases, alarms], skip_locked=True
            )
        return [_alarm(row) for row in self._execute(query)]

    def finish_alarms(self, ids: Iterable[int], at: datetime) -> None:
        for part in chunks(ids):
            self._execute(alarms.update().where(alarms.c.id.in_(part)).values(fired_at=to_micros(at)))

    def next_alarm_at(self) -> datetime | None:
        query = sa.select(alarms.c.due_at).where(ALARM_PENDING).order_by(alarms.c.due_at).limit(1)
        return from_micros_or_none(self._execute(query).scalar_one_or_none())

    def alarms(self, reference: str) -> Sequence[AlarmRow]:
        query = (
            sa.select(alarms)
            .where(alarms.c.reference == reference, ALARM_PENDING)
            .order_by(alarms.c.due_at, alarms.c.id)
        )
        return [_alarm(row) for row in self._execute(query)]

    def count_alarms(self) -> int:
        query = sa.select(sa.func.count()).select_from(alarms).where(ALARM_PENDING)
        return int(self._execute(query).scalar_one())
