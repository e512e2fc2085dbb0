"""The FETCH commands: structure and header, then sections, or a mail whole. Runs in the mailbox's thread.

Every one uses BODY.PEEK, so that no flag of a person's mail program changes. Whatever goes wrong is raised as it
comes: after an error inside a FETCH the connection is out of step and the caller drops it.
"""

import imaplib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.adapters.mailbox_imap.answers import Items, instant, messages
from triage.adapters.mailbox_imap.config import FetchLimits
from triage.adapters.mailbox_imap.connection import Client
from triage.adapters.mailbox_imap.sections import Wanted, plausible, wanted, with_bodies
from triage.adapters.mailbox_imap.structure import Unusable, leaves
from triage.core.message import Leaf, RawMail

PIECE = 1 << 20
"""Octets in one partial fetch: streamed so, a large mail costs a megabyte of memory."""

_NO_DATE = 86_400.0


@dataclass(frozen=True, slots=True)
class Described:
    """A message before its texts. No `leaves`: its structure is of no use and it is to be fetched whole."""

    uid: int
    internal_date: datetime | None
    size: int
    header: bytes
    leaves: tuple[Leaf, ...]
    plan: Wanted

    def with_bodies(self, bodies: Mapping[str, bytes]) -> RawMail:
        found = with_bodies(self.leaves, self.plan, bodies)
        return RawMail(header=self.header, leaves=found, size=self.size)

    def complete(self, bodies: Mapping[str, bytes]) -> bool:
        """Say whether the server delivered every section that it described."""
        return all(section in bodies for section, _ in self.plan)


def _fetch(client: Client, uids: Sequence[int], names: Sequence[str]) -> dict[int, Items]:
    kind, pieces = client._imap.uid("FETCH", ",".join(map(str, uids)), f"({' '.join(names)})")  # noqa: SLF001
    if kind != "OK":
        raise imaplib.IMAP4.error(f"FETCH failed: {pieces[-1]!r}")
    client.sweep()
    return messages(pieces)


def describe(client: Client, uids: Sequence[int], limits: FetchLimits) -> list[Described]:
    """Fetch arrival, size, structure and header of messages; those that vanished are absent."""
    header = f"BODY.PEEK[HEADER]<0.{limits.header}>"
    found = _fetch(client, uids, ["INTERNALDATE", "RFC822.SIZE", "BODYSTRUCTURE", header])
    return [_described(uid, found[uid], limits) for uid in uids if b"BODYSTRUCTURE" in found.get(uid, {})]


def _described(uid: int, item: Items, limits: FetchLimits) -> Described:
    header = _section(item, "HEADER") or b""
    date, size = _facts(item)
    try:
        parts = leaves(item[b"BODYSTRUCTURE"])
    except Unusable:
        parts = ()
    if not plausible(parts, len(header), size):
        parts = ()
    return Described(uid, date, size, header, parts, wanted(parts, limits))


def facts(client: Client, uid: int) -> tuple[datetime | None, int] | None:
    """Fetch arrival and size alone, which no server gets wrong; None where the message is gone."""
    found = _fetch(client, [uid], ["INTERNALDATE", "RFC822.SIZE"])
    return _facts(found[uid]) if uid in found else None


def _facts(item: Items) -> tuple[datetime | None, int]:
    date = instant(item.get(b"INTERNALDATE"))
    size = item.get(b"RFC822.SIZE")
    return _arrival(date), size if isinstance(size, int) else 0


def _arrival(date: datetime | None) -> datetime | None:
    # Dovecot answers for a message that was expunged meanwhile out of its index, with the year 1970
    return date if date is not None and date.timestamp() > _NO_DATE else None


def sections(client: Client, uids: Sequence[int], plan: Wanted) -> dict[int, dict[str, bytes]]:
    """Fetch the same sections of several messages in one command."""
    found = _fetch(client, uids, [f"BODY.PEEK[{section}]<0.{most}>" for section, most in plan])
    return {
        uid: {section: body for section, _ in plan if (body := _section(item, section)) is not None}
        for uid, item in found.items()
    }


@dataclass(frozen=True, slots=True)
class Piece:
    """Some octets of a section; None: the message has no such section."""

    octets: bytes | None


def piece(client: Client, uid: int, section: str, offset: int, octets: int = PIECE) -> Piece | None:
    """Fetch some octets of a section ("": the whole message); None where the message is gone."""
    found = _fetch(client, [uid], [f"BODY.PEEK[{section}]<{offset}.{octets}>"])
    return Piece(_section(found[uid], section, offset)) if uid in found else None


def _section(item: Items, section: str, offset: int = 0) -> bytes | None:
    """Take a section out of an answer; one without the offset is a server that sent the whole of it."""
    name = f"BODY[{section}]".encode()
    body = item.get(name + b"<%d>" % offset, item.get(name))
    return body if isinstance(body, bytes) else None
