"""`triage check`: every problem of the files at once, then the connections, each told in a line."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from triage.errors import Permanent, Temporary


@dataclass(frozen=True, slots=True)
class Finding:
    """`level`: ok, warning or error."""

    level: str
    what: str
    words: str


async def probe(what: str, attempt: Callable[[], Awaitable[Sequence[Finding]]]) -> Sequence[Finding]:
    """Try one connection; what the world does wrong becomes a finding."""
    try:
        return await attempt()
    except (Temporary, Permanent) as error:
        return (Finding("error", what, str(error)),)
