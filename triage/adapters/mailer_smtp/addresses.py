"""Envelope addresses and content, checked before a single octet goes out.

aiosmtplib normalises addresses instead of checking them ("a@b, c@d" would go to a@b alone), so we let none through
that could mean something else to a server.
"""

import re

import idna

# RFC 5321 section 4.1.2 without quoted local parts and address literals: no client of ours has those, and both
# have a history of being read differently by two servers. Control characters, blanks, <>, commas never pass.
_LOCAL = re.compile(r"[^\s\x00-\x20\x7f<>()\[\],;:\\\"@]{1,64}")
_DOMAIN = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE
)

CRLF = b"\r\n"


class BadAddress(ValueError):
    """Not an address that can be put on an SMTP command line; the text says why."""


def envelope(address: str, *, utf8: bool) -> bytes:
    """Return an address as it stands between <>: domain in A-labels, local part UTF-8 where the server takes it.

    Empty in, empty out: the null return path. Raises BadAddress.
    """
    if not address:
        return b""
    local, at, domain = address.rpartition("@")
    if not at or _LOCAL.fullmatch(local) is None:
        raise BadAddress(f"{address!r} is no mail address")
    if not local.isascii() and not utf8:
        raise BadAddress(f"{address!r} needs SMTPUTF8, which this server does not offer")
    return local.encode() + b"@" + _domain(address, domain)


def needs_utf8(*addresses: str) -> bool:
    """Say whether a local part is beyond ASCII (RFC 6531); a domain never needs it, it has A-labels."""
    return any(not address.rpartition("@")[0].isascii() for address in addresses)


def _domain(address: str, domain: str) -> bytes:
    try:
        ascii_domain = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError as error:
        raise BadAddress(f"{address!r} has no valid domain: {error}") from error
    if len(ascii_domain) > 253 or _DOMAIN.fullmatch(ascii_domain) is None:
        raise BadAddress(f"{address!r} has no valid domain")
    return ascii_domain.encode()


def fault_of(content: bytes) -> str:
    """Return what makes these bytes unfit for DATA, or an empty text.

    A bare CR or LF is what SMTP smuggling is made of; we send what is stored, so it is refused, not mended.
    """
    breaks = content.count(CRLF)
    if content.count(b"\n") != breaks or content.count(b"\r") != breaks:
        return "the mail holds a bare CR or LF"
    if not content.strip():
        return "the mail is empty"
    return ""


def dotted(content: bytes) -> bytes:
    """Return the content as it goes after DATA (RFC 5321 section 4.5.2), ended by CRLF, without the final dot."""
    ended = content if content.endswith(CRLF) else content + CRLF
    stuffed = ended.replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed
