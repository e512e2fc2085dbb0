"""One-tap actions: mailto: links that write a command for an agent's thumb, and the five answers of the survey.

A link only prepares a mail; nothing happens until a person sends it, so a scanner that opens links can do no harm.
"""

from urllib.parse import quote

from triage.core.model import Case
from triage.core.site import Site

_FOR_AGENTS = (
    ("take", "!take"),
    ("attended", "!attended"),
    ("waiting", "!waiting"),
    ("escalate", "!escalate "),
    ("severity_1", "!severity 1"),
    ("severity_2", "!severity 2"),
    ("severity_3", "!severity 3"),
    ("snooze", "!snooze 2h"),
    ("close", "!close"),
)


def for_agent(site: Site, case: Case, agent: str) -> tuple[dict[str, str], ...]:  # noqa: ARG001 - links get signed per agent
    """Return the actions an agent may tap, by the name their label has in the templates."""
    return tuple({"name": name, "url": _mailto(site, case, body)} for name, body in _FOR_AGENTS)


def survey(site: Site, case: Case) -> tuple[dict[str, str], ...]:
    """Return the five answers, from 1 to 5."""
    return tuple({"label": str(mark), "url": _mailto(site, case, str(mark))} for mark in range(1, 6))


def _mailto(site: Site, case: Case, body: str) -> str:
    """Return a mailto: URI (RFC 6068) to the mailbox of the case."""
    to = next((box.address for box in site.mailboxes if box.name == case.mailbox), site.mailboxes[0].address)
    subject = quote(f"[{case.reference}]", safe="")
    return f"mailto:{quote(to, safe='@')}?subject={subject}&body={quote(body, safe='')}"
