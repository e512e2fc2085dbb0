"""What the store holds of one person, and forgetting it: data rights and retention.

Everything about one case or one address, wherever it lies. Called through `app.personal`; slow queries are allowed
here (a person asks once), whole tables are read where nobody else ever looks for the column.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from triage.adapters.store_sql.codec import case_from_json, storable, to_json, to_micros
from triage.adapters.store_sql.messages import event_of, message_of
from triage.adapters.store_sql.outbox_rows import row_of
from triage.adapters.store_sql.schema import aside, case_participants, cases, events, ledger, messages, outbox
from triage.adapters.store_sql.session import Session, chunks
from triage.core.model import Case, MailKind
from triage.core.person import Person
from triage.core.records import Event, OutboxRow, StoredMessage

_REWRITE = (
    events.update()
    .where(events.c.id == sa.bindparam("which"))
    .values(by=sa.bindparam("who"), data=sa.bindparam("words"))
)


class PeoplePart(Session):
    def cases_with(self, address: str) -> Sequence[Case]:
        query = (
            sa.select(cases.c.doc)
            .join(case_participants, case_participants.c.reference == cases.c.reference)
            .where(case_participants.c.address == storable(address))
            .order_by(cases.c.arrival, cases.c.reference)
        )
        return [case_from_json(doc) for doc in self._execute(query).scalars()]

    def ended_before(self, at: datetime, limit: int, after: str = "") -> Sequence[Case]:
        query = (
            sa.select(cases.c.doc)
            .where(
                cases.c.ended_at < to_micros(at),
                cases.c.state.in_(("resolved", "closed", "merged")),
                cases.c.client != "",
                cases.c.reference > after,
            )
            .order_by(cases.c.reference)
            .limit(limit)
        )
        return [case_from_json(doc) for doc in self._execute(query).scalars()]

    def messages_from(self, address: str) -> Sequence[StoredMessage]:
        query = (
            sa.select(messages)
            .where(messages.c.sender == storable(address))
            .order_by(messages.c.at, messages.c.id)
        )
        return [message_of(row) for row in self._execute(query)]

    def outbox_to(self, address: str) -> Sequence[OutboxRow]:
        query = sa.select(outbox).where(outbox.c.recipient == storable(address)).order_by(outbox.c.id)
        return [row_of(row) for row in self._execute(query)]

    def cases_naming(self, who: Person) -> Sequence[Case]:
        query = sa.select(cases.c.doc).where(may_name(who, cases.c.doc)).order_by(cases.c.reference)
        return [case_from_json(doc) for doc in self._execute(query).scalars() if who.is_in(doc)]

    def events_naming(self, who: Person) -> Sequence[tuple[int, Event]]:
        query = sa.select(events).where(may_name(who, events.c.by, events.c.data)).order_by(events.c.id)
        found = self._execute(query)
        return [(row.id, event_of(row)) for row in found if who.is_in(row.by) or who.is_in(row.data)]

    def events_of(self, references: Iterable[str]) -> Sequence[tuple[int, Event]]:
        found: list[tuple[int, Event]] = []
        for part in chunks(references):
            query = sa.select(events).where(events.c.reference.in_(part)).order_by(events.c.id)
            found += [(row.id, event_of(row)) for row in self._execute(query)]
        return found

    def rewrite_events(self, history: Mapping[int, Event]) -> None:
        rows = [
            {"which": number, "who": storable(event.by), "words": to_json(event.data)}
            for number, event in history.items()
        ]
        self._many(_REWRITE, rows)

    def drop_contents(self, references: Iterable[str]) -> None:
        for part in chunks(references):
            for table in (messages, outbox, aside):
                self._execute(table.delete().where(table.c.reference.in_(part)))
            # The outcome of a UID stays, or the message would be taken in again.
            self._execute(ledger.update().where(ledger.c.reference.in_(part)).values(message_id=None))

    def drop_mails_naming(self, references: Iterable[str]) -> None:
        for part in chunks(references):
            named = sa.or_(*(outbox.c.draft.contains(reference, autoescape=True) for reference in part))
            self._execute(outbox.delete().where(outbox.c.reference.is_(None), named))

    def drop_messages_without_case(self, before: datetime, limit: int) -> int:
        old = (
            sa.select(messages.c.id)
            .where(messages.c.reference.is_(None), messages.c.at < to_micros(before))
            .order_by(messages.c.id)
            .limit(limit)
        )
        return self._drop(messages, old)

    def drop_ignored_senders(self, before: datetime, limit: int) -> int:
        told = (
            sa.select(events.c.id)
            .where(
                events.c.event == "message.ignored",
                events.c.at < to_micros(before),
                events.c.reference.is_(None),
                events.c.data != "{}",
            )
            .limit(limit)
        )
        ids = list(self._execute(told).scalars())
        for part in chunks(ids):
            self._execute(events.update().where(events.c.id.in_(part)).values(data="{}"))
        return len(ids)

    def drop_mails(self, kind: MailKind, to: str, before: datetime) -> None:
        old = sa.and_(
            outbox.c.kind == kind.value,
            outbox.c.recipient == storable(to),
            outbox.c.created_at < to_micros(before),
        )
        self._execute(outbox.delete().where(old))

    def drop_loose_mails(self, before: datetime, limit: int) -> int:
        old = (
            sa.select(outbox.c.id)
            .where(
                outbox.c.reference.is_(None),
                outbox.c.created_at < to_micros(before),
                outbox.c.state.in_(("accepted", "bounced", "failed", "refused", "dropped")),
            )
            .order_by(outbox.c.created_at)
            .limit(limit)
        )
        return self._drop(outbox, old)

    def _drop(self, table: sa.Table, which: sa.Select[int]) -> int:
        ids = list(self._execute(which).scalars())
        for part in chunks(ids):
            self._execute(table.delete().where(table.c.id.in_(part)))
        return len(ids)


def may_name(who: Person, *columns: sa.Column[str]) -> sa.ColumnElement[bool]:
    """Narrow down where somebody is named; the core looks closer, at what is only part of another's address."""
    address = storable(who.address)
    return sa.or_(*(sa.func.lower(column).contains(address, autoescape=True) for column in columns))
