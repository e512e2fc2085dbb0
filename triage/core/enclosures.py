"""Which of a client's files go along with a mail to agents, up to a limit; the others are named with their size.

Only where they lie is known here (`Source`): the store keeps no files, they are fetched from the mailbox when the mail
leaves (`app.enclosing`), so nothing waits for them and a file that is gone costs a line.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from triage.core.message import Attachment, Message
from triage.core.model import ClientFile, Source
from triage.core.records import Data, StoredMessage

ORIGINAL = "message/rfc822"
_LOGO = 12_000  # octets: an inline picture below this is a signature's logo, above it one that was pasted in
_FILES = 50
_PARCELS = 10


@dataclass(frozen=True, slots=True)
class Enclosed:
    """`files`: what travels, as a draft names it; `left_out`: {name, size} of what does not."""

    files: tuple[Data, ...] = ()
    left_out: tuple[Data, ...] = ()


NOTHING = Enclosed()


def is_logo(one: Attachment) -> bool:
    """Say whether an attachment is a signature's decoration."""
    return one.inline and one.size < _LOGO


def names(message: Message) -> tuple[str, ...]:
    """Return what the files of a message are called."""
    return tuple(one.name for one in message.attachments if not is_logo(one))


def source(message: Message, mailbox: str, uidvalidity: int, uid: int) -> Source:
    """Return where a message lies and which files it has."""
    files = tuple(
        ClientFile(one.name, one.content_type, one.size, one.section, one.encoding)
        for one in message.attachments
        if not is_logo(one)
    )
    return Source(mailbox, uidvalidity, uid, message.size, message.message_id, files[:_FILES])


def as_data(found: Source, attachments: Iterable[Attachment]) -> tuple[Data, ...]:
    """Return the attachments of a message as they are stored with it: what they are and where they lie."""
    return tuple(
        {
            "name": one.name,
            "type": one.content_type,
            "size": one.size,
            "section": one.section,
            "encoding": one.encoding,
            "logo": is_logo(one),
            "uid": found.uid,
            "uidvalidity": found.uidvalidity,
            "whole": found.size,
        }
        for one in attachments
    )


def stored(message: StoredMessage) -> Source | None:
    """Return where a stored message lies; None where it has no files, or was stored before that was written down."""
    kept = [one for one in message.attachments if "uid" in one and not one["logo"]]
    if not kept:
        return None
    files = tuple(
        ClientFile(one["name"], one["type"], one["size"], one["section"], one["encoding"]) for one in kept
    )
    first = kept[0]
    return Source(
        message.mailbox,
        first["uidvalidity"],
        first["uid"],
        first["whole"],
        message.message_id,
        files[:_FILES],
    )


def enclosed(found: Source | None, limit: int, original: str = "") -> Enclosed:
    """Choose the files of one message that fit into `limit` octets, in their order.

    `original`: under this name the message itself goes along too, if there is room for it; "": it is not wanted.
    """
    if found is None:
        return NOTHING
    wanted = [*found.files, *([_whole(found, original)] if original else [])]
    return _fitting([(found, one) for one in wanted], limit)


def parcels(sources: Sequence[Source], limit: int) -> tuple[Enclosed, ...]:
    """Divide all files of several messages among mails of at most `limit` octets each.

    What cannot be fetched alone is sent as the message that holds it. Files larger than the limit are named in the last.
    """
    wanted = [(found, one) for found in sources for one in _separable(found)]
    made: list[list[Data]] = []
    left_out: list[Data] = []
    room = -1
    for found, one in wanted:
        if one.size > limit or (one.size > room and len(made) == _PARCELS):
            left_out.append(_named(one))
            continue
        if one.size > room:
            made.append([])
            room = limit
        made[-1].append(_reference(found, one))
        room -= one.size
    found_parcels = [Enclosed(tuple(files)) for files in made] or [NOTHING]
    return (*found_parcels[:-1], replace(found_parcels[-1], left_out=tuple(left_out)))


def _separable(found: Source) -> list[ClientFile]:
    """Return the files of a message; if one of them cannot be fetched alone, the message besides the others."""
    files = [one for one in found.files if one.encoding]
    return files if len(files) == len(found.files) else [*files, _whole(found, "original.eml")]


def _whole(found: Source, name: str) -> ClientFile:
    return ClientFile(name, ORIGINAL, found.size, "", "8bit")


def _fitting(wanted: Iterable[tuple[Source, ClientFile]], limit: int) -> Enclosed:
    """Take what fits, in order: a file too large does not keep a smaller one behind it from going."""
    files: list[Data] = []
    left_out: list[Data] = []
    for found, one in wanted:
        if not one.encoding or one.size > limit:
            left_out.append(_named(one))
            continue
        limit -= one.size
        files.append(_reference(found, one))
    return Enclosed(tuple(files), tuple(left_out))


def _named(one: ClientFile) -> Data:
    return {"name": one.name, "size": one.size}


def _reference(found: Source, one: ClientFile) -> Data:
    return {
        "name": one.name,
        "content_type": one.content_type,
        "size": one.size,
        "section": one.section,
        "encoding": one.encoding,
        "mailbox": found.mailbox,
        "uidvalidity": found.uidvalidity,
        "uid": found.uid,
        "message_id": found.message_id,
    }
