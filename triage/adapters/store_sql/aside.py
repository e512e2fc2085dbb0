"""Messages set aside, whole, and the daemon's notes to itself."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from triage.adapters.store_sql.codec import from_micros, storable, storable_or_none, to_micros
from triage.adapters.store_sql.schema import aside, notes
from triage.adapters.store_sql.session import Session, upsert
from triage.core.records import AsideRow

_NOTE = sa.select(notes.c.value).where(notes.c.key == sa.bindparam("of"))


def _row(row: sa.Row[Any]) -> AsideRow:
    return AsideRow(
        at=from_micros(row.at),
        mailbox=row.mailbox,
        uid=row.uid,
        why=row.why,
        raw=row.raw,
        uidvalidity=row.uidvalidity,
        message_id=row.message_id,
        sender=row.sender,
        subject=row.subject,
        reference=row.reference,
        id=row.id,
    )


class AsidePart(Session):
    def add_aside(self, row: AsideRow) -> int:
        statement = aside.insert().values(
            at=to_micros(row.at),
            mailbox=row.mailbox,
            uidvalidity=row.uidvalidity,
            uid=row.uid,
            why=storable(row.why),
            message_id=storable_or_none(row.message_id),
            sender=storable(row.sender),
            subject=storable(row.subject),
            reference=row.reference,
            raw=row.raw,
        )
        return int(self._execute(statement.returning(aside.c.id)).scalar_one())

    def list_aside(self) -> Sequence[AsideRow]:
        return [_row(row) for row in self._execute(sa.select(aside).order_by(aside.c.id))]

    def aside(self, row_id: int) -> AsideRow | None:
        row = self._execute(sa.select(aside).where(aside.c.id == row_id)).first()
        return None if row is None else _row(row)

    def remove_aside(self, row_id: int) -> None:
        self._execute(aside.delete().where(aside.c.id == row_id))

    def get_note(self, key: str) -> str | None:
        value = self._execute(_NOTE, {"of": key}).scalar_one_or_none()
        return None if value is None else str(value)

    def set_note(self, key: str, value: str | None) -> None:
        if value is None:
            self._execute(notes.delete().where(notes.c.key == key))
            return
        self._many(upsert(notes, self._dialect), [{"key": key, "value": storable(value)}])
