"""Did the From domain's owner send this? Our own receiver's word on it, and nobody else's (RFC 8601).

Only the topmost Authentication-Results of the configured authserv-id counts: a sender can write such headers too,
and they stand below those of our server. ARC headers, Received-SPF and X-headers are not read at all.
"""

import re
from dataclasses import dataclass

from triage.core.message import Message
from triage.core.model import Trust
from triage.core.site import Site

_READ = 3_900  # characters of one value; readers of mail hand out 4 000 at most, so a value cut by them is seen here
_RESULT = re.compile(
    r"([a-z][a-z0-9_-]{0,30})\s{0,3}(?:/\s{0,3}\d{1,3}\s{0,3})?=\s{0,3}([a-z]{1,20})", re.IGNORECASE
)
_PROPERTY = re.compile(
    r"(?<!\S)(header\.d|header\.i|header\.from|smtp\.mailfrom|smtp\.from|smtp\.helo)\s{0,3}=\s{0,3}(\S+)",
    re.IGNORECASE,
)
# Runs of what has no meaning here are taken whole: receivers write long comments.
_PIECES = re.compile(r"[\\\"()]|[^\\\"()]+")
_HARMLESS = frozenset("@.-_+")  # of a quoted text, besides letters and digits
_INSTANCE = re.compile(r"i\s*=\s*\d+\s*")


@dataclass(frozen=True, slots=True)
class Result:
    """One method's result: `dkim=pass header.d=example.org`. Names and domains in lower case."""

    method: str
    result: str
    domains: tuple[str, ...]


def trust(message: Message, site: Site) -> Trust:
    """Return what our receiver found; without an authserv-id configured nobody is authenticated."""
    domain = _from_domain(message)
    if site.authserv_id is None:
        return Trust.UNVERIFIED
    results = _ours(message.headers.all("authentication-results"), site.authserv_id.lower())
    return _judge(results, domain)


def parse(value: str) -> tuple[str, tuple[Result, ...]]:
    """Read one header value: the authserv-id ("" where it has none) and the results. Never raises."""
    fields = _plain(value[:_READ]).lower().split(";")
    if len(value) > _READ:  # of a domain that was cut nobody knows how it goes on
        fields.pop()
    while fields and _INSTANCE.fullmatch(fields[0].strip()):  # Gmail's ARC-like "i=1;"
        fields = fields[1:]
    server = ""
    if fields and "=" not in fields[0]:
        server = (fields[0].split() or [""])[0]
        fields = fields[1:]
    return server, tuple(result for field in fields if (result := _result(field)) is not None)


def aligned(domain: str, author: str) -> bool:
    """Say whether two domains are one, or one lies under the other (relaxed alignment, RFC 7489 section 3.1).

    A domain of one label ("com") is nobody's. We know no public suffix list, so siblings are not aligned.
    """
    if "." not in domain or "." not in author:
        return False
    return domain == author or domain.endswith(f".{author}") or author.endswith(f".{domain}")


def _from_domain(message: Message) -> str | None:
    """The one domain of the one From address; several From fields or addresses prove nothing (RFC 7489 6.6.1)."""
    if message.sender is None or len(message.headers.all("from")) > 1:
        return None
    if _several(message.headers.get("from")):
        return None
    return message.sender.address.rpartition("@")[2] or None


def _several(value: str) -> bool:
    """More than one mailbox, not merely an address in a display name: a comma outside quotes and brackets."""
    bare = re.sub(r'"[^"]{0,500}"', "", value[:2000])
    return bare.count("<") > 1 or ("," in bare and bare.count("@") > 1)


def _ours(values: tuple[str, ...], authserv_id: str) -> tuple[Result, ...]:
    for value in values:
        server, results = parse(value)
        if server == authserv_id:
            return results
    return ()


def _judge(results: tuple[Result, ...], author: str | None) -> Trust:
    """`author` None: nobody can be told to be it, so nothing passes; what failed has failed for whoever it is."""
    if any(result.method == "dmarc" and result.result == "fail" for result in results):
        return Trust.FAILED
    checks = [result for result in results if result.method in {"spf", "dkim"}]
    if author is not None and any(result.result == "pass" and _proves(result, author) for result in results):
        return Trust.AUTHENTICATED
    failed = {result.method for result in checks if result.result == "fail"}
    if failed == {"spf", "dkim"} and not any(
        result.result == "pass" for result in checks if result.method == "dkim"
    ):
        return Trust.FAILED
    return Trust.UNVERIFIED


def _proves(result: Result, author: str) -> bool:
    """Say whether a pass is one for the author's domain; DMARC's is about no other, so it need not name it."""
    if result.method == "dmarc" and not result.domains:
        return True
    about = any(aligned(domain, author) for domain in result.domains)
    return about and result.method in {"dmarc", "spf", "dkim"}


def _result(field: str) -> Result | None:
    match = _RESULT.search(field)
    if match is None:
        return None
    domains = tuple(
        found[1].rpartition("@")[2].strip("<>.")
        for found in _PROPERTY.findall(field)
        if found[0] != "smtp.helo"
    )
    return Result(match.group(1), match.group(2), domains)


def _plain(value: str) -> str:
    """Drop comments (RFC 5322), nested ones too, and take quoted texts out of their quotes, without what could pass for
    syntax there: an envelope sender's local part is a stranger's to choose. An unclosed comment or quote hides the rest.
    """
    kept: list[str] = []
    depth = 0
    quoted = escaped = False
    for piece in _PIECES.findall(value):
        if piece == "\\" and (quoted or depth) and not escaped:
            escaped = True
            continue
        if piece == '"' and not depth and not escaped:
            quoted = not quoted
        elif quoted:
            kept += (char if char.isalnum() or char in _HARMLESS else "_" for char in piece)
        elif piece == "(" and not escaped:
            depth += 1
        elif piece == ")" and depth and not escaped:
            depth -= 1
            kept.append(" ")
        elif not depth:
            kept.append(piece)
        escaped = False
    return "".join(kept)
