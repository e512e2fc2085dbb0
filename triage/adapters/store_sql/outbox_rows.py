"""How a mail of the outbox lies in its row, and comes out of it again."""

from typing import Any

import sqlalchemy as sa

from triage.adapters.store_sql.codec import (
    from_json,
    from_micros,
    from_micros_or_none,
    storable,
    to_json,
    to_micros,
    to_micros_or_none,
)
from triage.core.model import MailKind, MailState
from triage.core.records import OutboxRow


def columns(row: OutboxRow) -> dict[str, Any]:
    return {
        "key": row.key,
        "kind": row.kind.value,
        "recipient": storable(row.to),
        "message_id": row.message_id,
        "reference": row.reference,
        "mailbox": row.mailbox,
        "state": row.state.value,
        "person": int(row.person),
        "created_at": to_micros(row.created_at),
        "next_at": to_micros(row.next_at),
        "expires_at": to_micros_or_none(row.expires_at),
        "changed_at": to_micros(row.created_at),
        "accepted_at": to_micros_or_none(row.accepted_at),
        "attempts": row.attempts,
        "doubts": row.doubts,
        "last_error": storable(row.last_error),
        "draft": to_json(row.draft),
        "content": row.content,
    }


def row_of(row: sa.Row[Any]) -> OutboxRow:
    return OutboxRow(
        key=row.key,
        kind=MailKind(row.kind),
        to=row.recipient,
        message_id=row.message_id,
        draft=from_json(row.draft),
        created_at=from_micros(row.created_at),
        next_at=from_micros(row.next_at),
        mailbox=row.mailbox,
        reference=row.reference,
        state=MailState(row.state),
        person=bool(row.person),
        expires_at=from_micros_or_none(row.expires_at),
        attempts=row.attempts,
        last_error=row.last_error,
        accepted_at=from_micros_or_none(row.accepted_at),
        content=row.content,
        id=row.id,
        lease=row.lease or "",
        doubts=row.doubts,
    )
