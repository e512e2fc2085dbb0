"""One-tap actions: mailto: links that write a command for an agent's thumb, and the five answers of the survey.

A link only prepares a mail; nothing happens until a person sends it, so a scanner that opens links can do no harm.
Each agent's link carries a token in the subject (`#take.` and 19 letters), which no mail program quotes, wraps or turns
into HTML: it lets a mail that nothing else proves do this one thing to this one case, until it expires.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from triage.core import signing
from triage.core.commands import ACTIONS, Action, Orders
from triage.core.model import Case, State
from triage.core.site import Site

VALID_FOR = timedelta(days=7)
SURVEY = "survey"
_SURVEY_FOR = timedelta(days=60)

_OPEN = (
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
_ENDED = (("reopen", "!reopen"),)

_TOKEN = re.compile(r"#(?P<action>[a-z-]{3,20})\.(?P<token>[a-z2-7]{19})(?![a-z0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tap:
    """A link's token as it came back in a subject: for which action, and the nonce if it holds ("" if not)."""

    action: str
    nonce: str


def for_agent(site: Site, case: Case, agent: str, now: datetime) -> tuple[dict[str, str], ...]:
    """Return the actions an agent may tap, by the name their label has in the templates; none that changes nothing."""
    return _offer(site, case, agent, now, _offered(case))


def to_take(site: Site, case: Case, agent: str, now: datetime) -> tuple[dict[str, str], ...]:
    """Return the one action of a list of cases: taking it, where it is not the agent's already."""
    return _offer(site, case, agent, now, [one for one in _offered(case) if one[0] == "take"])


def _offered(case: Case) -> Sequence[tuple[str, str]]:
    if case.open:
        return _OPEN
    return () if case.state is State.MERGED else _ENDED


def _offer(
    site: Site, case: Case, agent: str, now: datetime, offered: Iterable[tuple[str, str]]
) -> tuple[dict[str, str], ...]:
    done = _done(case, agent)
    return tuple(
        {"name": name, "url": _mailto(site, case, body, _signed(site, case, agent, body, now))}
        for name, body in offered
        if name not in done
    )


def _done(case: Case, agent: str) -> frozenset[str]:
    """Return what would leave the case as it is: his already, waiting already, of this severity already."""
    done = {f"severity_{case.severity:d}"}
    if case.assignee == agent:
        done.add("take")
    if case.state is State.WAITING:
        done.add("waiting")
    return frozenset(done)


def opening(site: Site, digest: str, agent: str, now: datetime) -> str:
    """Return the link by which an agent makes a case of a mail that opened none; `digest` names the mail."""
    token = signing.action_token(site.secret, agent, digest, Action.OPEN, now + VALID_FOR)
    subject = quote(f"#{Action.OPEN}.{token}", safe="")
    to = quote(site.mailboxes[0].address, safe="@")
    return f"mailto:{to}?subject={subject}&body={quote(f'!{Action.OPEN} {digest}', safe='')}"


def tap(site: Site, subject: str, agent: str, reference: str, now: datetime) -> Tap | None:
    """Read the token in a subject, None where there is none. It holds for this agent, case and action only."""
    match = _TOKEN.search(subject[:500])
    if match is None:
        return None
    action = match["action"].lower()
    token = signing.read_action_token(site.secret, match["token"], agent, reference, action, now)
    return Tap(action, token.nonce if token else "")


def permits(found: Tap, orders: Orders, spent: tuple[str, ...]) -> bool:
    """Say whether a token alone lets these orders be carried out: its own action, once where repeating would hurt."""
    if not found.nonce or len(orders.commands) != 1 or orders.commands[0].action != found.action:
        return False
    action = orders.commands[0].action
    return action is not None and not (ACTIONS[action].once and found.nonce in spent)


def without_token(subject: str) -> str:
    """Return a subject as it may be shown or stored: a token is nobody else's business."""
    return " ".join(_TOKEN.sub("", subject).split())


def survey(site: Site, case: Case) -> tuple[dict[str, str], ...]:
    """Return the five answers, from 1 to 5, each signed for the client of the case."""
    until = (case.ended_at or case.cycle_start) + _SURVEY_FOR
    token = signing.action_token(
        site.secret, case.client.address, case.reference, SURVEY, until, survey_key(case)
    )
    return tuple(
        {"label": str(mark), "url": _mailto(site, case, str(mark), f"#{SURVEY}.{token}")}
        for mark in range(1, 6)
    )


def survey_key(case: Case) -> str:
    """Return the key of the mail that asks how it went: one for ever, whatever the cycles of the case."""
    return f"{case.reference}/survey"


def _signed(site: Site, case: Case, agent: str, body: str, now: datetime) -> str:
    action = body.strip().removeprefix("!").split()[0]
    nonce_of = f"{case.cycle}/{case.state}/{body}"
    token = signing.action_token(site.secret, agent, case.reference, action, now + VALID_FOR, nonce_of)
    return f"#{action}.{token}"


def _mailto(site: Site, case: Case, body: str, token: str) -> str:
    """Return a mailto: URI (RFC 6068) to the mailbox of the case."""
    to = next((box.address for box in site.mailboxes if box.name == case.mailbox), site.mailboxes[0].address)
    subject = quote(f"[{case.reference}] {token}".strip(), safe="")
    return f"mailto:{quote(to, safe='@')}?subject={subject}&body={quote(body, safe='')}"
