"""The files of an agent's mail, fetched from the mailbox so that they can go on to the client with his words.

Up to a limit in all; what is larger, or cannot be had any more, is named instead. Called by intake, before the
transaction: nothing here waits for the store.
"""

import base64
import binascii
import quopri
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from triage.core import enclosures
from triage.core.message import Attachment
from triage.errors import Permanent

LIMIT = 10_000_000  # octets of all files of one answer together; relays take 20 to 25 MB of base64

Section = Callable[[str], Awaitable[AsyncIterator[bytes]]]


def wanted(attachments: Sequence[Attachment], limit: int = LIMIT) -> tuple[list[Attachment], list[str]]:
    """Return which files go along, in their order, and the names of those that are too large."""
    chosen: list[Attachment] = []
    too_large: list[str] = []
    left = limit
    for one in attachments:
        if enclosures.is_logo(one):
            continue
        if not one.encoding or one.size > left:
            too_large.append(one.name)
            continue
        chosen.append(one)
        left -= one.size
    return chosen, too_large


async def fetched(
    section: Section, attachments: Sequence[Attachment]
) -> tuple[tuple[Mapping[str, Any], ...], tuple[str, ...]]:
    """Fetch the files of a mail: {name, content_type, content in base64}; and the names of those left out.

    Raises Temporary when the connection is lost.
    """
    chosen, left_out = wanted(attachments)
    files = []
    for one in chosen:
        try:
            raw = b"".join([piece async for piece in await section(one.section)])
            content = decoded(raw, one.encoding)
        except (Permanent, ValueError):
            left_out.append(one.name)
            continue
        files.append(
            {
                "name": one.name,
                "content_type": one.content_type,
                "content": base64.b64encode(content).decode("ascii"),
            }
        )
    return tuple(files), tuple(left_out)


def decoded(raw: bytes, encoding: str) -> bytes:
    """Undo a content transfer encoding (RFC 2045, 6); raises ValueError where it is not what it says."""
    word = encoding.strip().lower()
    if word == "base64":
        try:
            return base64.b64decode(b"".join(raw.split()), validate=False)
        except binascii.Error as error:
            raise ValueError(str(error)) from error
    return quopri.decodestring(raw) if word == "quoted-printable" else raw
