"""Messages in and out, where a Message-ID is known from, and the append-only history of events."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from triage.adapters.store_sql.codec import (
    compress,
    decompress,
    from_json,
    from_micros,
    storable,
    storable_or_none,
    to_json,
    to_micros,
)
from triage.adapters.store_sql.schema import events, messages, outbox
from triage.adapters.store_sql.session import Session, chunks
from triage.core.records import Event, KnownMessage, StoredMessage

_ADD_MESSAGE = messages.insert()
_ADD_EVENT = events.insert()
_OF_DIGESTS = (
    sa.select(messages)
    .where(messages.c.digest.in_(sa.bindparam("digests", expanding=True)))
    .order_by(messages.c.id)
)
_SENT = (
    sa.select(outbox.c.message_id, outbox.c.reference, outbox.c.recipient, outbox.c.kind, outbox.c.key)
    .where(outbox.c.message_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(outbox.c.id)
)
_RECEIVED = (
    sa.select(messages.c.message_id, messages.c.reference, messages.c.direction)
    .where(messages.c.message_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(messages.c.id)
)


def _columns(message: StoredMessage) -> dict[str, Any]:
    return {
        "reference": message.reference,
        "message_id": storable_or_none(message.message_id),
        "digest": message.digest,
        "direction": message.direction,
        "at": to_micros(message.at),
        "mailbox": message.mailbox,
        "sender": storable(message.sender),
        "recipients": to_json(message.recipients),
        "message_class": message.message_class,
        "subject": storable(message.subject),
        "first_line": storable(message.first_line),
        "text": storable(message.text),
        "new_text": storable(message.new_text),
        "attachments": to_json(message.attachments),
        "reading": to_json(message.reading),
        "source": compress(message.source),
    }


def message_of(row: sa.Row[Any]) -> StoredMessage:
    return StoredMessage(
        digest=row.digest,
        at=from_micros(row.at),
        direction=row.direction,
        sender=row.sender,
        subject=row.subject,
        first_line=row.first_line,
        text=row.text,
        new_text=row.new_text,
        mailbox=row.mailbox,
        reference=row.reference,
        message_id=row.message_id,
        message_class=row.message_class,
        recipients=tuple(from_json(row.recipients)),
        attachments=tuple(from_json(row.attachments)),
        reading=from_json(row.reading),
        source=decompress(row.source),
    )


def event_of(row: sa.Row[Any]) -> Event:
    return Event(
        at=from_micros(row.at), event=row.event, reference=row.reference, by=row.by, data=from_json(row.data)
    )


class MessagePart(Session):
    def digests(self, digests: Iterable[str]) -> Mapping[str, StoredMessage]:
        found: dict[str, StoredMessage] = {}
        for part in chunks(digests):
            for row in self._execute(_OF_DIGESTS, {"digests": part}):
                if row.digest not in found:
                    found[row.digest] = message_of(row)
        return found

    def known_messages(self, message_ids: Iterable[str]) -> Mapping[str, Sequence[KnownMessage]]:
        found: dict[str, list[KnownMessage]] = {}
        for part in chunks(message_ids):
            for row in self._execute(_SENT, {"ids": part}):
                known = KnownMessage(row.message_id, row.reference, "out", row.recipient, row.kind, row.key)
                found.setdefault(row.message_id, []).append(known)
            for row in self._execute(_RECEIVED, {"ids": part}):
                known = KnownMessage(row.message_id, row.reference, row.direction)
                found.setdefault(row.message_id, []).append(known)
        return found

    def add_messages(self, messages_: Iterable[StoredMessage]) -> None:
        self._many(_ADD_MESSAGE, [_columns(message) for message in messages_])

    def assign_messages(self, references: Mapping[str, str]) -> None:
        for digest, reference in references.items():
            self._execute(messages.update().where(messages.c.digest == digest).values(reference=reference))

    def messages(self, reference: str) -> Sequence[StoredMessage]:
        query = (
            sa.select(messages)
            .where(messages.c.reference == reference)
            .order_by(messages.c.at, messages.c.id)
        )
        rows = self._execute(query).all()
        if not rows:
            return []
        opening = min(rows, key=lambda row: int(row.id))
        return [message_of(opening), *(message_of(row) for row in rows if row is not opening)]

    def count_messages(self, references: Iterable[str]) -> Mapping[str, int]:
        counts: dict[str, int] = {}
        for part in chunks(references):
            counts |= dict.fromkeys(part, 0)
            query = (
                sa.select(messages.c.reference, sa.func.count())
                .where(messages.c.reference.in_(part), messages.c.direction == "in")
                .group_by(messages.c.reference)
            )
            counts |= self._pairs(query)
        return counts

    def add_events(self, events_: Iterable[Event]) -> None:
        rows = [
            {
                "at": to_micros(event.at),
                "event": event.event,
                "reference": event.reference,
                "by": storable(event.by),
                "data": to_json(event.data),
            }
            for event in events_
        ]
        self._many(_ADD_EVENT, rows)

    def events(self, reference: str) -> Sequence[Event]:
        query = sa.select(events).where(events.c.reference == reference).order_by(events.c.id)
        return [event_of(row) for row in self._execute(query)]

    def events_since(self, at: datetime, names: Iterable[str]) -> Sequence[Event]:
        query = (
            sa.select(events)
            .where(events.c.event.in_(list(names)), events.c.at >= to_micros(at))
            .order_by(events.c.at, events.c.id)
        )
        return [event_of(row) for row in self._execute(query)]
