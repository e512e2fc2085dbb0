"""Did the From domain's owner send this? Our own receiver's word on it, and nobody else's (RFC 8601).

Only the topmost Authentication-Results of the configured authserv-id counts: a sender can write such headers too,
and they stand below those of our server. ARC headers, Received-SPF and X-headers are not read at all.
"""

import re
from dataclasses import dataclass

from triage.core.message import Message
from triage.core.model import Trust
from triage.core.site import Site

_READ = 8_000
_RESULT = re.compile(
    r"([a-z][a-z0-9_-]{0,30})\s{0,3}(?:/\s{0,3}\d{1,3}\s{0,3})?=\s{0,3}([a-z]{1,20})", re.IGNORECASE
)
_PROPERTY = re.compile(
    r"(header\.d|header\.i|header\.from|smtp\.mailfrom|smtp\.from|smtp\.helo)\s{0,3}=\s{0,3}\"?([^\s;\"]{1,300})",
    re.IGNORECASE,
)
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
    if site.authserv_id is None or domain is None:
        return Trust.UNVERIFIED
    results = _ours(message.headers.all("authentication-results"), site.authserv_id.lower())
    return _judge(results, domain)


def parse(value: str) -> tuple[str, tuple[Result, ...]]:
    """Read one header value: the authserv-id ("" where it has none) and the results. Never raises."""
    fields = _without_comments(value[:_READ]).lower().split(";")
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


def _judge(results: tuple[Result, ...], author: str) -> Trust:
    dmarc = {result.result for result in results if result.method == "dmarc"}
    if "fail" in dmarc:
        return Trust.FAILED
    of_author = [result for result in results if result.method == "dmarc" and _is_about(result, author)]
    if any(result.result == "pass" for result in of_author):
        return Trust.AUTHENTICATED
    checks = [result for result in results if result.method in {"spf", "dkim"}]
    if any(result.result == "pass" and _aligned_any(result, author) for result in checks):
        return Trust.AUTHENTICATED
    failed = {result.method for result in checks if result.result == "fail"}
    if failed == {"spf", "dkim"} and not any(
        result.result == "pass" for result in checks if result.method == "dkim"
    ):
        return Trust.FAILED
    return Trust.UNVERIFIED


def _is_about(result: Result, author: str) -> bool:
    return not result.domains or _aligned_any(result, author)


def _aligned_any(result: Result, author: str) -> bool:
    return any(aligned(domain, author) for domain in result.domains)


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


def _without_comments(value: str) -> str:
    """Drop RFC 5322 comments, nested ones too; an unclosed one hides the rest, as a reader would have it."""
    kept: list[str] = []
    depth = 0
    for char in value:
        if char == "(":
            depth += 1
        elif char == ")" and depth:
            depth -= 1
        elif not depth:
            kept.append(char)
    return "".join(kept)
