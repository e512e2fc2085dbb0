"""What a forward hands on: the text of the forwarded message and who had written it, inline or attached.

Guessing wrong would answer a stranger, so the sender is named only where a header block or an enclosed message
names exactly one address.
"""

import re
from dataclasses import dataclass

from triage.core import quotes
from triage.core.comparable import fold, folded, holds_any
from triage.core.message import Enclosed, Message
from triage.core.model import Address
from triage.core.quotewords import FORWARD_SUBJECT, FROM_KEYS

_ADDRESS = re.compile(r"[^\s<>@\"'()\[\],;:]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,188}[A-Za-z0-9])")
_MAIL_SYSTEMS = folded(("mailer-daemon", "postmaster@", "mail delivery"))
_SCANNED = 15  # lines under a separator in which the forwarded header block may begin


@dataclass(frozen=True, slots=True)
class Forward:
    """A forwarded message: its text, its sender where exactly one is named, and whether a mail system wrote it."""

    text: str
    sender: Address | None = None
    of_mail_system: bool = False


def says_forward(subject: str) -> bool:
    """Say whether the subject's prefix is a forward's ("Fwd:", "RV:", "ENC:")."""
    return FORWARD_SUBJECT.match(subject[:100].strip()) is not None


def inline(lines: list[str]) -> Forward:
    """Read a forwarded block of lines: separator, header block, text."""
    body = [_unquoted(line) for line in lines]
    for start in range(min(len(body), _SCANNED)):
        block = quotes.header_block(body, start)
        if block is not None:
            sender = block.value(FROM_KEYS)
            text = "\n".join(body[block.end :]).strip("\n")
            return Forward(text, _one_address(sender), holds_any(fold(sender[:300]), _MAIL_SYSTEMS))
    own = [line for line in body if quotes.separator(line) is None]
    return Forward("\n".join(own).strip("\n"))


def attached(message: Message) -> Forward | None:
    """Return the message that a forward carries as an attachment, if it carries exactly one."""
    if len(message.enclosed) != 1:
        return None
    enclosed: Enclosed = message.enclosed[0]
    return Forward(
        enclosed.text, enclosed.sender, holds_any(fold(enclosed.headers.get("from")[:300]), _MAIL_SYSTEMS)
    )


def _unquoted(line: str) -> str:
    return re.sub(r"^[ \t]{0,3}>[ \t]?", "", line) if quotes.is_quoted(line) else line


def _one_address(text: str) -> Address | None:
    found = _ADDRESS.findall(text[:400])
    unique = {address.lower() for address in found}
    if len(unique) != 1:
        return None
    name = text.split("<", 1)[0].split("[", 1)[0].strip(" \"'*_") if found[0] != text.strip() else ""
    return Address(unique.pop(), "" if "@" in name else name)
