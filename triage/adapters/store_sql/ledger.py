"""How far each folder was read and what became of each UID: cursors, ledger, strikes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from triage.adapters.store_sql.codec import from_micros, storable, storable_or_none, to_micros
from triage.adapters.store_sql.schema import NOT_SETTLED, cursors, ledger, strikes
from triage.adapters.store_sql.session import Session, chunks, insert_new, upsert
from triage.core.records import Cursor, LedgerEntry


def _folder(mailbox: Any, uidvalidity: Any) -> sa.ColumnElement[bool]:
    return sa.and_(ledger.c.mailbox == mailbox, ledger.c.uidvalidity == uidvalidity)


_ENTRIES = sa.select(ledger).where(
    _folder(sa.bindparam("mailbox"), sa.bindparam("uidvalidity")),
    ledger.c.uid.in_(sa.bindparam("uids", expanding=True)),
)
_CURSOR = sa.select(cursors).where(cursors.c.mailbox == sa.bindparam("mailbox"))


def _entry(row: sa.Row[Any]) -> LedgerEntry:
    return LedgerEntry(
        mailbox=row.mailbox,
        uidvalidity=row.uidvalidity,
        uid=row.uid,
        outcome=row.outcome,
        at=from_micros(row.at),
        reason=row.reason,
        reference=row.reference,
        message_id=row.message_id,
        digest=row.digest,
        settled=bool(row.settled),
    )


class LedgerPart(Session):
    def lock(self, name: str) -> None:
        if not self._sqlite:
            self._execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, 0))))

    def cursor(self, mailbox: str) -> Cursor | None:
        row = self._execute(_CURSOR, {"mailbox": mailbox}).first()
        return None if row is None else Cursor(row.mailbox, row.uidvalidity, row.last_uid)

    def set_cursor(self, cursor: Cursor) -> None:
        row = {"mailbox": cursor.mailbox, "uidvalidity": cursor.uidvalidity, "last_uid": cursor.last_uid}
        self._many(upsert(cursors, self._dialect), [row])

    def ledger(self, mailbox: str, uidvalidity: int, uids: Iterable[int]) -> Mapping[int, LedgerEntry]:
        asked = {"mailbox": mailbox, "uidvalidity": uidvalidity}
        return {
            row.uid: _entry(row)
            for part in chunks(uids)
            for row in self._execute(_ENTRIES, {**asked, "uids": part})
        }

    def ledger_uids(self, mailbox: str, uidvalidity: int) -> Sequence[int]:
        query = sa.select(ledger.c.uid).where(_folder(mailbox, uidvalidity)).order_by(ledger.c.uid)
        return self._execute(query).scalars().all()

    def add_ledger(self, entries: Iterable[LedgerEntry]) -> int:
        rows = [
            {
                "mailbox": entry.mailbox,
                "uidvalidity": entry.uidvalidity,
                "uid": entry.uid,
                "outcome": entry.outcome,
                "at": to_micros(entry.at),
                "reason": storable(entry.reason),
                "reference": entry.reference,
                "message_id": storable_or_none(entry.message_id),
                "digest": entry.digest,
                "settled": int(entry.settled),
            }
            for entry in entries
        ]
        return self._many(insert_new(ledger, self._dialect), rows)

    def forget_ledger(self, mailbox: str, uidvalidity: int, uid: int) -> None:
        self._execute(ledger.delete().where(_folder(mailbox, uidvalidity), ledger.c.uid == uid))

    def unsettled(self, mailbox: str, uidvalidity: int, limit: int) -> Sequence[int]:
        query = (
            sa.select(ledger.c.uid)
            .where(_folder(mailbox, uidvalidity), NOT_SETTLED)
            .order_by(ledger.c.uid)
            .limit(limit)
        )
        return self._execute(query).scalars().all()

    def mark_settled(self, mailbox: str, uidvalidity: int, uids: Iterable[int]) -> None:
        for part in chunks(sorted(uids)):
            settled = ledger.update().where(_folder(mailbox, uidvalidity), ledger.c.uid.in_(part))
            self._execute(settled.values(settled=1))

    def strike(self, mailbox: str, uidvalidity: int, uid: int) -> int:
        statement = (
            self._insert(strikes)
            .values(mailbox=mailbox, uidvalidity=uidvalidity, uid=uid, count=1)
            .on_conflict_do_update(
                index_elements=["mailbox", "uidvalidity", "uid"], set_={"count": strikes.c.count + 1}
            )
            .returning(strikes.c.count)
        )
        return int(self._execute(statement).scalar_one())
