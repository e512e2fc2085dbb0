"""Whom a bounce is about, whether it is only late, and which mail of ours came back.

Read from a standard report (RFC 3464) where there is one, else from the words. Everything here is a hint: a bounce
may be forged, and a recipient may be an alias; matching belongs to others. Called by `reading` alone.
"""

import re

from triage.core import identity
from triage.core.bounces import ADDRESS, HEAD, REPLY_CODE, SUCCESSES, told_above
from triage.core.bouncewords import DELAYS, FAILURES
from triage.core.comparable import fold, holds_any
from triage.core.marks import Bounce
from triage.core.message import DeliveryReport, Message

_MANY = 100  # recipients and lines of interest kept of one bounce

_LABELLED = re.compile(
    r"(?:final-recipient|original-recipient|x-actual-recipient|intended recipient|failed recipient|recipient|rcpt to|to|emailaddress)"
    r"\\?\"?\s{0,3}[:=;]\s{0,3}(?:rfc822\s{0,2};)?\s{0,3}[\\\"<]{0,3}",
    re.IGNORECASE,
)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_MESSAGE_ID = re.compile(
    r"^[>\s]{0,4}message-id\s{0,2}:\s{0,8}<([^<>\s]{3,998})>", re.IGNORECASE | re.MULTILINE
)


def facts(message: Message, own: frozenset[str]) -> Bounce:
    """Return whom a bounce is about. `own`: our addresses, which are never the recipients that failed."""
    return Bounce(
        recipients=_recipients(message, own),
        temporary=_is_temporary(message),
        original_message_id=_original_id(message),
        status=_status(message),
        diagnostic=_diagnostic(message),
    )


def _recipients(message: Message, own: frozenset[str]) -> tuple[str, ...]:
    to_whom = own | {address.address for address in message.to}
    reported = [
        address
        for report in message.reports
        if report.action.lower() not in SUCCESSES
        for address in (report.recipient, report.original_recipient)
    ]
    for found in (
        reported,
        ADDRESS.findall(message.headers.get("x-failed-recipients")[:8_000]),
        _labelled(message.text[: 4 * HEAD]),
        _told(told_above(message)),
        [
            address.lower()
            for enclosed in message.enclosed
            for address in ADDRESS.findall(enclosed.headers.get("to")[:2_000])
        ],
        _labelled(message.text, after_copy=True),
        ADDRESS.findall(fold(message.subject)),
    ):
        kept = _kept(found, to_whom)
        if kept:
            return kept
    # Somebody wrote to himself: then the one who gets the bounce is the one who was not reached.
    return _kept([*reported, *_labelled(message.text[: 4 * HEAD]), *_told(told_above(message))], own)


def _kept(found: list[str], not_failed: frozenset[str]) -> tuple[str, ...]:
    lower = (address.strip(" <>'\"").rstrip(".").lower() for address in found if "@" in address)
    unique = [address for address in dict.fromkeys(lower) if address not in not_failed]
    people = [address for address in unique if not identity.is_daemon(address)]
    return tuple((people or unique)[:_MANY])


def _labelled(text: str, *, after_copy: bool = False) -> list[str]:
    """Addresses behind a label: a report's fields written into the text, `RCPT TO:<...>`."""
    found: list[str] = []
    for line in text[: 2 * HEAD].split("\n")[:400]:
        cut = line[:400]
        strong = "recipient" in cut.lower() or "rcpt to" in cut.lower() or "emailaddress" in cut.lower()
        if not (strong or (after_copy and cut.lower().startswith("to:"))):
            continue
        for label in _LABELLED.finditer(cut):
            match = ADDRESS.match(cut, label.end())
            if match:
                found.append(match.group())
    return found[:_MANY]


def _told(head: str) -> list[str]:
    """Addresses in free text: best those at the start of a line, then those beside a reply code, then any."""
    leading: list[str] = []
    coded: list[str] = []
    others: list[str] = []
    for line in head.split("\n")[:400]:
        cut = line[:400].replace("mailto:", "")
        addresses = ADDRESS.findall(cut)
        if not addresses:
            continue
        start = cut.lstrip(" \t<*-•\u3000[(\"'")
        if start.startswith(addresses[0]):
            leading.append(addresses[0])
        elif REPLY_CODE.search(cut):
            coded.extend(addresses)
        else:
            others.extend(addresses)
    return leading[:_MANY] or coded[:_MANY] or others[:_MANY]


def _is_temporary(message: Message) -> bool:
    actions = {report.action.lower() for report in message.reports if report.action}
    if actions:
        return "failed" not in actions and "delayed" in actions
    subject = fold(message.subject[:300])
    head = fold(told_above(message))
    delayed = holds_any(subject, DELAYS) or holds_any(head, DELAYS)
    return (
        delayed
        and not holds_any(subject, FAILURES)
        and (holds_any(subject, DELAYS) or not holds_any(head, FAILURES))
    )


def _original_id(message: Message) -> str | None:
    for enclosed in message.enclosed:
        if enclosed.message_id:
            return enclosed.message_id
    match = _MESSAGE_ID.search(message.text[:50_000])
    if match:
        return match.group(1)
    return message.in_reply_to[0] if message.in_reply_to else None


def _status(message: Message) -> str:
    reported = next((report.status for report in message.reports if _STATUS.search(report.status)), "")
    match = _STATUS.search(reported) or _STATUS.search(told_above(message))
    return match.group(1) if match else ""


def _diagnostic(message: Message) -> str:
    report: DeliveryReport | None = next((report for report in message.reports if report.diagnostic), None)
    if report is not None:
        return " ".join(report.diagnostic.split())[:300]
    line = next((line for line in told_above(message).split("\n")[:400] if REPLY_CODE.search(line[:400])), "")
    return " ".join(line.split())[:300]
