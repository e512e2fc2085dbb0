"""One fetched message, read, and the folder it lay in: what intake hands to the transaction. Touches no store."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from triage.core import arrival, checklist
from triage.core.desk import Desk
from triage.core.message import Message, RawMail
from triage.core.model import Classification, Role, Trust
from triage.core.records import Data
from triage.core.understood import Reading, Understood
from triage.errors import Hurtful, Unreadable
from triage.ports import Fetched

EXCERPT = 2_000  # characters of a client's words that agents get to see in mails
BACKLOG = "backlog"


@dataclass(frozen=True, slots=True)
class Folder:
    """Where a batch came from, and how much of a raw mail we keep (bytes). `sent`: where people of ours file theirs."""

    mailbox: str
    uidvalidity: int
    stored_bytes: int = 2_000_000
    sent: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """`message`, `reading` and `classification` are None where the mail could not be read; `error` says why.

    `files`: attachments of an agent's mail, fetched to go on to the client; `left_out`: names of those that were not.
    `hurt`: the reading itself came to harm, another try may do better. `old`: it lay there before our first look.
    """

    fetched: Fetched
    at: datetime
    flags: tuple[str, ...]
    message: Message | None = None
    reading: Reading | None = None
    classification: Classification | None = None
    error: str = ""
    hurt: bool = False
    old: bool = False
    files: tuple[Data, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def may_be_set_aside(self) -> bool:
        """Whether the message may have to be kept whole: unreadable, or in an agent's name and not proven."""
        read = self.reading
        return read is None or (read.role is Role.AGENT and read.trust is not Trust.AUTHENTICATED)


def receive(desk: Desk, fetched: Fetched, read: Understood | Unreadable | None, now: datetime) -> Received:
    """Join what was fetched and what was read of it; None: the server did not deliver it."""
    if read is None or isinstance(read, Unreadable):
        at, flags = _arrival(fetched, None, desk, now)
        error = fetched.error or "the server did not deliver it" if read is None else str(read)
        hurt = read is None or isinstance(read, Hurtful)
        return Received(fetched, at, flags, error=error, hurt=hurt)
    message = _as_delivered(fetched, read.message)
    at, flags = _arrival(fetched, message, desk, now)
    return Received(fetched, at, flags, message, read.reading, read.classification)


def _as_delivered(fetched: Fetched, message: Message) -> Message:
    """Where a mail had to be fetched whole the server numbers its parts otherwise: no file can be asked for alone."""
    if fetched.mail is None or fetched.mail.raw is None or not message.attachments:
        return message
    return replace(message, attachments=tuple(replace(one, encoding="") for one in message.attachments))


def _arrival(
    fetched: Fetched, message: Message | None, desk: Desk, now: datetime
) -> tuple[datetime, tuple[str, ...]]:
    found = arrival.of(
        internal_date=fetched.internal_date,
        received=arrival.own_received(message.received, desk.site.authserv_id) if message else None,
        date=message.date if message else None,
        fetched_at=now,
        backlog=desk.backlog,
    )
    return found.at, found.flags


def missing(message: Message, read: Reading, found: Classification) -> tuple[str, ...]:
    """Return which items of the checklist the mail itself does not hold."""
    text = f"{read.new_text}\n{read.forwarded_text}" if read.forwarded else read.new_text
    return checklist.missing(
        text, message.attachments, severity=found.severity, ask=found.ask, subject=message.subject
    )


def stored_source(mail: RawMail, limit: int) -> bytes:
    """Return what we keep of the raw mail: all of it, or header block and fetched text parts, cut at `limit`."""
    if mail.raw is not None:
        return mail.raw[:limit]
    parts = [mail.header]
    for leaf in mail.leaves:
        if leaf.body is not None:
            parts.append(
                f"--part {leaf.section} {leaf.content_type} {leaf.encoding}\r\n".encode() + leaf.body
            )
    return b"\r\n".join(parts)[:limit]


def as_json(read: Reading) -> dict[str, Any]:
    """Return a reading for the store, without the texts that have columns of their own."""
    return dict(zip(_STORED, _values(read), strict=True))


_STORED = tuple(field.name for field in fields(Reading) if field.name != "new_text")
_values = attrgetter(*_STORED)
