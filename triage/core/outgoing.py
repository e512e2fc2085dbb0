"""From an effect to the row of the outbox: the key, the Message-ID that proves it ours, the draft as JSON. Pure."""

from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from triage.core import signing
from triage.core.effects import SendMail
from triage.core.records import OutboxRow
from triage.core.site import Site

# What stands in columns of its own is not repeated in the draft.
_COLUMNS = frozenset({"key", "kind", "to", "reference", "mailbox", "person", "expires_at"})
_DRAFT = tuple(field.name for field in fields(SendMail) if field.name not in _COLUMNS)
_values = attrgetter(*_DRAFT)


def row(site: Site, mail: SendMail, now: datetime) -> OutboxRow:
    """Return the row of one mail; the same effect gives the same key and Message-ID for ever."""
    draft: dict[str, Any] = dict(zip(_DRAFT, _values(mail), strict=True))
    if site.plus_addresses and mail.reference and site.agent(mail.to) is not None:
        support = next(
            (box.address for box in site.mailboxes if box.name == mail.mailbox), site.mailboxes[0].address
        )
        draft["reply_plus"] = signing.reply_address(site.secret, support, mail.reference, mail.to)
    return OutboxRow(
        key=mail.key,
        kind=mail.kind,
        to=mail.to,
        message_id=signing.message_id(site.secret, site.domain, mail.key, mail.to, mail.reference),
        draft=draft,
        created_at=now,
        next_at=now,
        mailbox=mail.mailbox,
        reference=mail.reference,
        person=mail.person,
        expires_at=mail.expires_at,
    )
