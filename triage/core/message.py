"""The facts a parser must deliver about one received message, and nothing decided yet.

Every text here is already decoded, cleaned (no CR, NUL, bidi or other control characters) and cut;
identities (Message-IDs) come without angle brackets, addresses in lower case.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from triage.core.model import Address


@dataclass(frozen=True, slots=True)
class Headers:
    """The top-level header fields in their order: names in lower case, values unfolded, cleaned, RFC 2047 decoded.

    Only the message's own headers: what stands inside an attached message belongs to that message (MAIL rule 7).
    """

    fields: tuple[tuple[str, str], ...] = ()
    # Readers ask for more than a hundred names of every message, and most are not there.
    _by_name: dict[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name: dict[str, list[str]] = {}
        for key, value in self.fields:
            by_name.setdefault(key, []).append(value)
        object.__setattr__(self, "_by_name", {key: tuple(values) for key, values in by_name.items()})

    def get(self, name: str) -> str:
        """Return the first value of a field, or an empty string."""
        return self._by_name.get(name, ("",))[0]

    def all(self, name: str) -> tuple[str, ...]:
        return self._by_name.get(name, ())

    def any_of(self, names: Iterable[str]) -> bool:
        """Say whether one of these fields is here."""
        return not self._by_name.keys().isdisjoint(names)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name


@dataclass(frozen=True, slots=True)
class Leaf:
    """One body part that is no multipart, as the mailbox delivers it.

    `section` is its IMAP part number ("1", "2.1"); `body` is still transfer-encoded, None where it was left
    on the server; `size` counts the encoded octets; `truncated` says that `body` is only the beginning.
    `containers` are the subtypes of the multiparts around it from the outside in ("mixed", "alternative"), one
    per part number; empty where unknown. An attached message is one leaf (message/rfc822) with its whole bytes.
    """

    section: str
    content_type: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "7bit"
    disposition: str = ""
    filename: str = ""
    content_id: str = ""
    size: int = 0
    body: bytes | None = None
    truncated: bool = False
    containers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RawMail:
    """What was fetched of a message: whole (`raw`), or its header block and its leaves (structure first).

    With `raw`, `header` and `leaves` are empty. `size` is the server's octet count (RFC822.SIZE).
    """

    raw: bytes | None = None
    header: bytes = b""
    leaves: tuple[Leaf, ...] = ()
    size: int = 0


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is no text to read: `name` is a label from the wire, never a path; `size` is that of its content.

    `encoding`: how `section` is transfer-encoded; "" where the file lies inside of another part (winmail.dat, S/MIME,
    uuencode in the text) and cannot be fetched by itself.
    """

    name: str
    content_type: str
    size: int
    section: str = ""
    inline: bool = False
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """One recipient's part of a delivery status notification (RFC 3464), or what a reader found in a free-form one."""

    recipient: str
    original_recipient: str = ""
    action: str = ""
    status: str = ""
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A message inside the message (attached, forwarded as attachment, or returned in a bounce): header facts and text."""

    headers: Headers
    message_id: str | None = None
    sender: Address | None = None
    subject: str = ""
    date: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One received message, read. `text` is what a reader sees of its own text (HTML turned into text if need be).

    `content_type` and `report_type` are the top level's. `digest` is over From, Date, Subject, Message-ID and
    body, without trace headers: the same mail through two mailboxes has the same. `defects` are words for the
    log ("html-only", "charset:cp1252", "tnef", "encrypted", "truncated"), `charset_step` which step of the
    charset ladder won for the main text (declared, superset, detected, cp1252).
    """

    headers: Headers
    message_id: str | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    sender: Address | None
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    date: datetime | None
    text: str
    digest: str
    size: int
    content_type: str = "text/plain"
    report_type: str = ""
    calendar_method: str = ""
    attachments: tuple[Attachment, ...] = ()
    enclosed: tuple[Enclosed, ...] = ()
    reports: tuple[DeliveryReport, ...] = ()
    received: tuple[str, ...] = ()
    defects: tuple[str, ...] = ()
    charset_step: str = "declared"
