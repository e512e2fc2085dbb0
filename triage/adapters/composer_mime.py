"""Makes the bytes of an outgoing mail (RFC 5322, 2045-2047, 2231, 3834). Implements `ports.Composer`.

Knows how a mail is written down; not what it says, nor to whom it may go. Assembled by hand rather than with
`email.message.EmailMessage`: that takes ten times as long, and it encodes a long identity in References (RFC 2047) so
that conversations break; here identities stand unencoded and unfolded on one line each. Nothing from outside can add
a header: CR, LF and NUL in any value are refused.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import quote

from triage.core.records import Data, OutboxRow
from triage.core.site import Site
from triage.errors import Permanent
from triage.ports import File, Rendered

LINE_LIMIT = 998
_ENCODED_BYTES = (
    45  # of UTF-8 in one encoded word: 60 characters of base64 and 12 around, below RFC 2047's 75
)
_FORBIDDEN = re.compile(r"[\r\n\0]")
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_ADDRESS = re.compile(r"[^\s<>(),:;\"\\\[\]@\x00-\x1f\x7f]{1,128}@[^\s<>(),:;\"\\@\x00-\x1f\x7f]{1,255}")
_IDENTITY = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e]{1,960}")
_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,64}/[A-Za-z0-9!#$&^_.+-]{1,64}")
_ATTRIBUTE = re.compile(r"[A-Za-z0-9!#$&+.^_`|~ ()-]{1,60}")
_AUTO = frozenset({"", "auto-replied", "auto-generated"})
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_CONTROL_BYTES = bytes(one for one in range(128) if _CONTROLS.match(chr(one)))


class MimeComposer:
    """Composes the mails of a site."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._addresses = {box.name: box.address for box in site.mailboxes}
        self._default = site.mailboxes[0].address if site.mailboxes else f"triage@{site.domain}"

    def compose(self, row: OutboxRow, rendered: Rendered, now: datetime) -> bytes:
        """Return the RFC 5322 bytes (CRLF). Raises Permanent where a value cannot stand in a header.

        For attachments that the draft only names there is room behind the words: see `enclose`.
        """
        boundary = _boundary(row)
        head = self._head(row, rendered, now)
        body = _alternative(rendered, f"{boundary}_a") if rendered.html else _text("plain", rendered.text)
        attachments: Sequence[Data] = row.draft.get("attachments") or ()
        pictures = [one for one in attachments if one.get("cid") and rendered.html]
        if pictures:  # RFC 2387: what the HTML shows goes with it; its alternative is the root
            parts = [body, *map(_attachment, pictures)]
            body = _multipart("related", f"{boundary}_r", parts, ' type="multipart/alternative";')
        attachments = [one for one in attachments if one not in pictures]
        if attachments:
            parts = [body, *(_attachment(one) for one in attachments if "content" in one)]
            body = _multipart("mixed", f"{boundary}_m", parts)
        return "".join([*head, "MIME-Version: 1.0\r\n", body]).encode("utf-8")

    def _head(self, row: OutboxRow, rendered: Rendered, now: datetime) -> list[str]:
        draft = row.draft
        support = self._addresses.get(row.mailbox, self._default)
        head = [
            f"From: {_mailbox(str(draft.get('sender_name') or self._site.name), support, len('From: '))}\r\n",
            f"To: {_mailbox(str(draft.get('to_name') or ''), row.to, len('To: '))}\r\n",
            f"Subject: {_words(_clean(rendered.subject), len('Subject: '))}\r\n",
            f"Date: {format_datetime(now.astimezone(self._site.zone))}\r\n",
            f"Message-ID: <{_identity(row.message_id)}>\r\n",
        ]
        if draft.get("reply_plus"):
            head.append(f"Reply-To: {_plus(str(draft['reply_plus']), support)}\r\n")
        head += _conversation(draft.get("in_reply_to"), draft.get("references") or ())
        return head + _automatic(draft)

    def enclose(self, row: OutboxRow, content: bytes, files: Sequence[File], note: str = "") -> bytes:
        """Put fetched files behind the words of a composed mail, and a note on those that could not be had."""
        end = f"--{_boundary(row)}_m--\r\n".encode()
        if not content.endswith(end):
            raise Permanent("a mail that was composed without room for files")
        parts = [_part(one.name, one.content_type, one.content) for one in files]
        if note:
            parts.append(_text("plain", note))
        start = f"--{_boundary(row)}_m\r\n"
        return b"".join([content[: -len(end)], *(f"{start}{part}\r\n".encode() for part in parts), end])


def _boundary(row: OutboxRow) -> str:
    return "=_" + hashlib.blake2s(row.message_id.encode(), digest_size=12).hexdigest()


def _attachment(attachment: Data) -> str:
    raw = base64.b64decode(str(attachment["content"]))
    name, cid = str(attachment.get("name") or ""), str(attachment.get("cid") or "")
    return _part(name, str(attachment.get("content_type") or ""), raw, cid)


def _part(name: str, kind: str, raw: bytes, cid: str = "") -> str:
    """Return a file as a part: its own type where that is one, base64; an enclosed message as it is, where it may be."""
    shown = f"Content-ID: <{_identity(cid)}>\r\n" if cid else ""
    disposition = f"{'inline' if shown else 'attachment'};{_filename(name or 'attachment')}"
    if kind.lower() == "message/rfc822" and _travels(raw):
        return (
            f"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n"
            f"Content-Disposition: {disposition}\r\n\r\n{raw.decode('ascii')}"
        )
    if not _TYPE.fullmatch(kind) or kind.lower().startswith(("multipart/", "message/")):
        kind = "application/octet-stream"  # base64 is not allowed around a message (RFC 2046 section 5.2.1)
    return (
        f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n{shown}"
        f"Content-Disposition: {disposition}\r\n\r\n{_base64(raw)}"
    )


def _travels(raw: bytes) -> bool:
    """Say whether octets are 7bit data (RFC 2045 section 2.7), which alone may stand in a message unencoded."""
    if not raw.isascii() or b"\0" in raw:
        return False
    return not any(len(line) > LINE_LIMIT or b"\r" in line or b"\n" in line for line in raw.split(b"\r\n"))


def _automatic(draft: Data) -> list[str]:
    """Return the marks of automatic mail (RFC 3834); to agents no suppression: we want to hear that they are away."""
    auto = str(draft.get("auto") or "")
    if auto not in _AUTO:
        raise Permanent(f"Auto-Submitted: {auto!r} is no value of ours")
    if not auto:
        return []
    suppress = ["X-Auto-Response-Suppress: All\r\n"] if draft.get("to_client") else []
    return [f"Auto-Submitted: {auto}\r\n", *suppress]


def _conversation(parent: object, chain: Iterable[object]) -> list[str]:
    """Return In-Reply-To and References; identities that no header can carry are left out, the oldest kept first."""
    ids = [str(one) for one in chain if _IDENTITY.fullmatch(str(one))]
    answered = str(parent) if parent and _IDENTITY.fullmatch(str(parent)) else ""
    if answered and answered not in ids:
        ids.append(answered)
    while len(ids) > 1 and sum(len(one) + 3 for one in ids) + len("References:") > LINE_LIMIT:
        del ids[1 if len(ids) > 2 else 0]
    lines = [f"In-Reply-To: <{answered}>\r\n"] if answered else []
    return [*lines, f"References: {' '.join(f'<{one}>' for one in ids)}\r\n"] if ids else lines


def _refuse(value: str) -> str:
    if _FORBIDDEN.search(value):
        raise Permanent("a header value holds a line end or a NUL")
    return value


def _clean(value: str) -> str:
    return _CONTROLS.sub("", _refuse(value))


def _identity(value: str) -> str:
    if not _IDENTITY.fullmatch(value):
        raise Permanent("a Message-ID of ours must be visible ASCII")
    return value


def _address(value: str) -> str:
    if not _ADDRESS.fullmatch(_refuse(value)):
        raise Permanent(f"{value[:100]!r} is no address to write to")
    return value


def _plus(value: str, support: str) -> str:
    """Return a whole plus-address; a bare detail is put into the support address (RFC 5233)."""
    local, _, domain = support.rpartition("@")
    return _address(value if "@" in value else f"{local}+{value}@{domain}")


def _mailbox(name: str, address: str, column: int) -> str:
    """Return `name <address>`: a bare phrase, a quoted string, or encoded words."""
    address = _address(address)
    name = " ".join(_clean(name).split())[:120]
    if not name:
        return address
    if not name.isascii() or len(name) > 60:
        name = _encoded(name, column)
    elif not _ATOM.fullmatch(name):
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        name = f'"{quoted}"'
    fold = " " if column + len(name.rsplit("\n", 1)[-1]) + len(address) < 75 else "\r\n "
    return f"{name}{fold}<{address}>"


def _words(value: str, column: int) -> str:
    """Return unstructured text: as it is where it is short ASCII, else folded or in encoded words."""
    value = " ".join(value.split())
    if value.isascii() and "=?" not in value:
        if len(value) + column <= 78:
            return value
        if all(len(word) < 70 for word in value.split(" ")):
            return _folded(value, column)
    return _encoded(value, column)


def _folded(value: str, column: int) -> str:
    lines, length = [""], column
    for word in value.split(" "):
        if length + len(word) + 1 > 78:
            lines.append(word)
            length = len(word) + 1
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
            length += len(word) + 1
    return "\r\n ".join(lines)


def _encoded(value: str, column: int) -> str:
    """Return RFC 2047 encoded words, whole characters in each, a line each."""
    words: list[str] = []
    piece, room = b"", min(_ENCODED_BYTES, (75 - column - 12) * 3 // 4)
    for character in value:
        one = character.encode("utf-8", "replace")
        if len(piece) + len(one) > room:
            words.append(_word(piece))
            piece, room = b"", _ENCODED_BYTES
        piece += one
    return "\r\n ".join([*words, _word(piece)])


def _word(piece: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(piece).decode('ascii')}?="


def _filename(name: str) -> str:
    """Return the filename parameter; what is not plain ASCII in the form of RFC 2231, split into sections."""
    name = (
        _CONTROLS.sub("", " ".join(name.replace("/", "_").replace("\\", "_").split()))[:120] or "attachment"
    )
    if _ATTRIBUTE.fullmatch(name):
        return f'\r\n filename="{name}"'
    pieces = ["utf-8''"]
    for character in name:
        one = quote(character, safe="")
        if len(pieces[-1]) + len(one) > 55:
            pieces.append("")
        pieces[-1] += one
    if len(pieces) == 1:
        return f"\r\n filename*={pieces[0]}"
    return ";".join(f"\r\n filename*{at}*={piece}" for at, piece in enumerate(pieces))


def _text(subtype: str, text: str) -> str:
    """Return a text part in UTF-8, quoted-printable or base64, whichever is shorter."""
    # As bytes, where each control stands for itself: a fifth of the time of a search for them in the text.
    raw = text.encode("utf-8", "ignore").translate(None, _CONTROL_BYTES).replace(b"\n", b"\r\n")
    encoding, body = "quoted-printable", binascii.b2a_qp(raw, istext=True).decode("ascii")
    if len(body) > len(raw) * 1.5:
        encoding, body = "base64", _base64(raw)
    if not body.endswith("\r\n"):
        body += "\r\n"
    return (
        f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}"
    )


def _base64(raw: bytes) -> str:
    return base64.encodebytes(raw).decode("ascii").replace("\n", "\r\n")


def _alternative(rendered: Rendered, boundary: str) -> str:
    return _multipart("alternative", boundary, [_text("plain", rendered.text), _text("html", rendered.html)])


def _multipart(subtype: str, boundary: str, parts: Iterable[str], more: str = "") -> str:
    """Join parts. The boundary holds "=_", which neither quoted-printable nor base64 can (RFC 2045 section 6.7)."""
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return f'Content-Type: multipart/{subtype};{more} boundary="{boundary}"\r\n\r\n{body}--{boundary}--\r\n'
