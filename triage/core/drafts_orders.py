"""The mails that answer what came in an agent's name: the transcript of his commands, the warning of a forgery.

Facts in, one `SendMail` out; no wording here. They may be about no case.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from triage.core.draft_facts import Recipient, iso, site_facts, to_ours
from triage.core.effects import SendMail
from triage.core.model import Case, MailKind
from triage.core.records import Data
from triage.core.site import Site
from triage.core.support import Company


@dataclass(frozen=True, slots=True)
class Forgery:
    """A mail in an agent's name that failed authentication: `claimed` is the From, `orders` its command lines."""

    claimed: str
    subject: str
    at: datetime
    why: str
    orders: tuple[str, ...] = ()


def forged_warning(
    site: Site,
    company: Company,
    recipient: Recipient,
    forgery: Forgery,
    *,
    key: str,
    case: Case | None = None,
) -> SendMail:
    """Warn the lead and the other agents of a mail set aside. Nothing of it was done, nobody was answered.

    All warnings of one name are repeats of each other: who forges by the hundred must not bury them in ours.
    """
    variables = {
        **site_facts(site, company),
        "reference": case.reference if case else "",
        "claimed": forgery.claimed,
        "subject": forgery.subject,
        "at": iso(forgery.at),
        "why": forgery.why,
        "orders": [order[:200] for order in forgery.orders[:10]],
        "to_name": recipient.name,
    }
    key = f"forged/{key}/{recipient.address}"
    mail = to_ours(site, company, MailKind.NOTICE, "forged_warning", key, recipient, variables, case)
    return replace(mail, fingerprint=f"forged {forgery.claimed}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one command line."""

    line: str
    said: str
    done: bool = True


@dataclass(frozen=True, slots=True)
class OrderMail:
    """The agent's mail that held the commands: `key` names it, `message_id` without brackets."""

    key: str
    subject: str = ""
    message_id: str | None = None


def transcript(
    site: Site,
    company: Company,
    recipient: Recipient,
    outcomes: Sequence[Outcome],
    mail: OrderMail,
    *,
    case: Case | None = None,
    notes: Sequence[str] = (),
) -> SendMail:
    """Answer an agent's commands line by line, in one mail. `notes`: what happened to the text below them."""
    variables = {
        **site_facts(site, company),
        "reference": case.reference if case else "",
        "subject": mail.subject,
        "lines": [_outcome(one) for one in outcomes],
        "failed": sum(not one.done for one in outcomes),
        "notes": list(notes),
    }
    key, answered = f"transcript/{mail.key}", mail.message_id
    answer = to_ours(site, company, MailKind.TRANSCRIPT, "transcript", key, recipient, variables, case)
    references = (answered,) if answered else ()
    return replace(answer, in_reply_to=answered, references=references, auto="auto-replied")


def _outcome(one: Outcome) -> Data:
    """Return a line with what is said about it; several lines (help, history) are quoted below it."""
    long = "\n" in one.said.strip()
    return {
        "line": one.line,
        "said": "" if long else one.said.strip(),
        "more": one.said.strip("\n") if long else "",
        "done": one.done,
    }
