"""What the RFCs ask of an outgoing mail, looked at in its bytes: the composer's judge, sharing no line with it.

RFC 5322 (structure, line lengths, required and unique fields), 2045-2047 (encodings, encoded words), 2231, 3834, and
INTERFACE section 8 (ids unencoded, on one line; one recipient; no other header of our own).
"""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

ONCE = {
    "from", "to", "subject", "date", "message-id", "reply-to", "in-reply-to", "references", "mime-version",
    "content-type", "content-transfer-encoding", "auto-submitted", "x-auto-response-suppress",
}  # fmt: skip
_FIELD = re.compile(rb"([!-9;-~]+):(.*)", re.DOTALL)
_WORD = re.compile(r"=\?[!-~]+?\?[bqBQ]\?[!->@-~]*\?=")


def faults(raw: bytes) -> list[str]:
    """Return everything wrong with a mail; an empty list is a good one."""
    found = _lines(raw)
    head, _, _ = raw.partition(b"\r\n\r\n")
    fields = _fields(head)
    return [*found, *_headers(fields), *_parts(raw)]


def _lines(raw: bytes) -> list[str]:
    found = []
    if re.search(rb"(?<!\r)\n|\r(?!\n)", raw):
        found.append("a bare CR or LF (5322 2.3)")
    if b"\0" in raw:
        found.append("a NUL")
    if any(len(line) > 998 for line in raw.split(b"\r\n")):
        found.append("a line over 998 octets (5322 2.1.1)")
    return found


def _fields(head: bytes) -> list[tuple[str, bytes]]:
    unfolded: list[bytes] = []
    for line in head.split(b"\r\n"):
        if line[:1] in {b" ", b"\t"} and unfolded:
            unfolded[-1] += b"\r\n" + line
        else:
            unfolded.append(line)
    made = []
    for field in unfolded:
        match = _FIELD.fullmatch(field)
        made.append((match[1].decode().lower(), match[2]) if match else ("", field))
    return made


def _headers(fields: list[tuple[str, bytes]]) -> list[str]:
    found = []
    names = [name for name, _ in fields]
    found += [f"{name}: {names.count(name)} times" for name in ONCE if names.count(name) > 1]
    found += [
        f"{name}: missing" for name in ("from", "to", "subject", "date", "message-id") if name not in names
    ]
    found += [f"{name}: not ours to write" for name in names if name not in ONCE]
    for name, value in fields:
        if name in {"in-reply-to", "references", "message-id"}:
            if b"\r\n" in value or b"=?" in value:
                found.append(f"{name}: folded or encoded")
            if not re.fullmatch(rb"( <[!-;=?-~]+>)+", value):
                found.append(f"{name}: not identities: {value!r}")
        if any(not line.strip() for line in value.split(b"\r\n")[1:]):
            found.append(f"{name}: a folded line of blanks only (5322 3.2.2)")
        if any(len(line) > 75 for line in map(str, _WORD.findall(value.decode("utf-8")))):
            found.append(f"{name}: an encoded word over 75 (2047 2)")
        if name in {"subject", "from"} and any(
            len(line) > 78 for line in value.split(b"\r\n") if b"=?" in line
        ):
            found.append(f"{name}: a line over 78 with encoded words (2047 2)")
    return found


def _own(mail: EmailMessage) -> Iterator[EmailMessage]:
    """Yield the parts that we wrote: what an enclosed message holds is its writer's."""
    yield mail
    if mail.get_content_maintype() == "multipart":
        for part in mail.iter_parts():
            assert isinstance(part, EmailMessage)
            yield from _own(part)


def _parts(raw: bytes) -> list[str]:
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    found = [
        f"defect: {part.get_content_type()}: {defect!r}" for part in _own(mail) for defect in part.defects
    ]
    found += [f"header defect: {name}: {value.defects!r}" for name, value in mail.items() if value.defects]
    to = mail["To"]
    assert isinstance(to, AddressHeader)
    if len(to.addresses) != 1:
        found.append("To: not one recipient")
    if parsedate_to_datetime(mail["Date"]).tzinfo is None:
        found.append("Date: no zone")
    for part in _own(mail):
        if part.get_content_maintype() == "text" and not part.get_filename():
            if part.get_content_charset() != "utf-8":
                found.append("a text part that is not UTF-8")
            part.get_content()
    auto = mail["Auto-Submitted"]
    if mail["X-Auto-Response-Suppress"] and not auto:
        found.append("suppression on a person's mail")
    if auto and auto not in {"auto-replied", "auto-generated"}:
        found.append(f"Auto-Submitted: {auto} (3834 5)")
    return found
