"""The mails agents get about a case: facts in, one `SendMail` out, one mail an agent. No wording here.

Who gets one and when is `lifecycle`'s and `reminders`' business. They are in the site's language and carry nothing
that suppresses answers: we want to hear that somebody is away.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from triage.core.draft_facts import LINES_LIMIT, Facts, Recipient, case_facts, iso, site_facts, to_ours
from triage.core.effects import SendMail
from triage.core.enclosures import NOTHING, Enclosed
from triage.core.model import Case, MailKind
from triage.core.records import Data

EXCERPT_LIMIT = 4_000
HISTORY_LIMIT = 12


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of a case's history: when, who, and what in a few words."""

    at: datetime
    who: str
    what: str


def phase_of(step: str) -> str:
    """Return what kind of moment a reminder's step is: arrival, opening, before, breach, from, escalated, planned, assigned."""
    if step.startswith("planned"):
        return "planned"
    if step.startswith(("assigned", "arrival", "opening", "breach", "from", "escalated")):
        return step.split("+", maxsplit=1)[0].split("-", maxsplit=1)[0]
    return "before"


def reminder(  # noqa: PLR0913 - each is a fact of its own that the mail shows
    facts: Facts,
    recipient: Recipient,
    step: str,
    *,
    turn: int = 0,
    history: Sequence[HistoryLine] = (),
    attachments: Sequence[str] = (),
    enclosed: Enclosed = NOTHING,
    actions: Sequence[Data] = (),
    due: datetime | None = None,
) -> SendMail:
    """Draft the new-case mail (step "arrival") or a reminder; a repeated step has a `turn`.

    `due`: when the step was; `actions`: one-tap {name, url}, or {label, url}.
    """
    case = facts.case
    variables = {
        **_variables(facts, recipient, actions),
        "step": step,
        "due": iso(due),
        "phase": phase_of(step),
        "first": step == "arrival",
        "reopened": case.cycle > 1,
        "text": _excerpt(case.excerpt),
        "history": _history(history),
        **_files(attachments, enclosed),
        "unreachable": _not_reached(case),
    }
    key = _reminder_key(case, step, turn, recipient)
    mail = _to_agent(facts, MailKind.REMINDER, "reminder", key, recipient, variables)
    return replace(mail, attachments=enclosed.files)


def _reminder_key(case: Case, step: str, turn: int, recipient: Recipient) -> str:
    return f"{case.reference}/{case.cycle}/{case.deadline.version}/{step}/{turn}/{recipient.address}"


def _not_reached(case: Case) -> str:
    return case.unreachable.address if case.unreachable else ""


@dataclass(frozen=True, slots=True)
class Part:
    """A case's part in a mail about several: its step and turn, when it was due, one-tap actions for the recipient."""

    facts: Facts
    step: str
    due: datetime
    actions: Sequence[Data] = ()
    turn: int = 0


def reminders(parts: Sequence[Part], recipient: Recipient, at: datetime) -> SendMail:
    """Draft one mail that reminds of several cases, in the order given; it belongs to no single one of them.

    After a flood only the first `LINES_LIMIT` are shown, the others named.
    """
    facts = parts[0].facts
    lines = [
        {
            **case_facts(part.facts, facts.site.language)["case"],
            "step": part.step,
            "phase": phase_of(part.step),
            "first": part.step == "arrival",
            "due": iso(part.due),
            "excerpt": _excerpt(part.facts.case.excerpt)[:200],
            "unreachable": _not_reached(part.facts.case),
            "actions": [{"name": "", "label": "", **action} for action in part.actions],
        }
        for part in parts[:LINES_LIMIT]
    ]
    others = [
        {
            "reference": part.facts.case.reference,
            "severity": int(part.facts.case.severity),
            "due": iso(part.due),
        }
        for part in parts[LINES_LIMIT:]
    ]
    variables = {
        **site_facts(facts.site, facts.company),
        "cases": lines,
        "others": others,
        "reason": recipient.why,
        "no_agent": facts.site.agent(recipient.address) is None,
    }
    key = f"reminders/{iso(at)}/{recipient.address}"
    mail = _to_agent(facts, MailKind.REMINDER, "reminders", key, recipient, variables)
    keys = tuple(_reminder_key(part.facts.case, part.step, part.turn, recipient) for part in parts)
    return replace(mail, reference=None, reminds=keys)


def client_wrote(  # noqa: PLR0913 - each is a fact of its own that the mail shows
    facts: Facts,
    recipient: Recipient,
    *,
    key: str,
    text: str,
    sender: str = "",
    attachments: Sequence[str] = (),
    enclosed: Enclosed = NOTHING,
    actions: Sequence[Data] = (),
    from_area: str = "",
) -> SendMail:
    """Draft the notice of a client's further message, or an area's; `key` names the message, `sender` who wrote."""
    variables = {
        **_variables(facts, recipient, actions),
        "text": _excerpt(text),
        "sender": sender or facts.case.client.address,
        **_files(attachments, enclosed),
        "from_area": from_area,
    }
    mail = _notice(facts, "client_wrote", key, recipient, variables)
    return replace(mail, attachments=enclosed.files)


def files(
    facts: Facts, recipient: Recipient, enclosed: Enclosed, *, key: str, part: int, parts: int
) -> SendMail:
    """Draft one of the mails that bring an agent the files he asked for; `key` names the asking."""
    brought = [str(one["name"]) for one in enclosed.files]
    variables = {
        **_variables(facts, recipient, ()),
        **_files(brought, enclosed),
        "part": part,
        "parts": parts,
    }
    mail = _notice(facts, "files", f"{key}/{part}", recipient, variables)
    return replace(mail, attachments=enclosed.files)


def monitored(
    facts: Facts,
    recipient: Recipient,
    *,
    key: str,
    text: str,
    recovered: bool,
    actions: Sequence[Data] = (),
) -> SendMail:
    """Draft the notice of a monitor's recovery, or of a fault that came back after one; `key` names the message."""
    variables = {**_variables(facts, recipient, actions), "text": _excerpt(text), "recovered": recovered}
    return _notice(facts, "monitored", key, recipient, variables)


def client_unreachable(
    facts: Facts, recipient: Recipient, *, address: str, status: str, diagnostic: str = ""
) -> SendMail:
    """Tell that the client cannot be reached by mail: call."""
    variables = {
        **_variables(facts, recipient, ()),
        "address": address,
        "status": status,
        "diagnostic": diagnostic[:300],
    }
    return _notice(facts, "client_unreachable", f"{address}/{facts.case.cycle}", recipient, variables)


def second_answer(
    facts: Facts, recipient: Recipient, *, key: str, other: str, other_at: datetime, text: str
) -> SendMail:
    """Warn the second of two agents who answered at once: both answers went out. `other`: the first one's name."""
    told = {"other": other, "other_at": iso(other_at), "text": _excerpt(text)}
    variables = {**_variables(facts, recipient, ()), **told}
    return _notice(facts, "second_answer", key, recipient, variables)


def answer_uncertain(facts: Facts, recipient: Recipient, *, key: str, text: str, error: str = "") -> SendMail:
    """Ask the author of an answer whose delivery is in doubt (connection lost after DATA): it is not sent twice."""
    variables = {**_variables(facts, recipient, ()), "text": _excerpt(text), "error": error[:300]}
    return _notice(facts, "answer_uncertain", key, recipient, variables)


def escalation_to_area(
    facts: Facts,
    recipient: Recipient,
    *,
    by: str,
    text: str = "",
    history: Sequence[HistoryLine] = (),
    enclosed: Enclosed = NOTHING,
    actions: Sequence[Data] = (),
) -> SendMail:
    """Hand a case to the area it was escalated to; `text` is what the agent wrote, `by` his name."""
    variables = {
        **_variables(facts, recipient, actions),
        "by": by,
        "note": _excerpt(text),
        "text": _excerpt(facts.case.excerpt),
        "history": _history(history),
        **_files(facts.case.attachments, enclosed),
    }
    key = f"{facts.case.area}/{iso(facts.case.escalated_at)}"
    return replace(_notice(facts, "escalation", key, recipient, variables), attachments=enclosed.files)


def _variables(facts: Facts, recipient: Recipient, actions: Sequence[Data]) -> dict[str, Any]:
    return {
        **case_facts(facts, facts.site.language),
        "why": why_of(facts.case),
        "reason": recipient.why,
        "no_agent": facts.site.agent(recipient.address) is None,
        "actions": [{"name": "", "label": "", **action} for action in actions],
    }


def why_of(case: Case) -> Data:
    """Return what an agent is told of why a case has its severity."""
    found = case.classification
    evidence = list({one.text.casefold(): one.text for one in found.evidence}.values())[:6]
    return {"rule": found.rule, "words": evidence, "by_agent": case.correction is not None}


def _files(names: Sequence[str], enclosed: Enclosed) -> Data:
    """Return what is said of a client's files: what they are called, and which did not come along."""
    return {"attachments": list(names), "left_out": [dict(one) for one in enclosed.left_out]}


def _history(lines: Sequence[HistoryLine]) -> list[Data]:
    """Return the latest lines; who reads on a phone needs no more."""
    return [{"at": iso(line.at), "who": line.who, "what": line.what[:200]} for line in lines[-HISTORY_LIMIT:]]


def _excerpt(text: str) -> str:
    return text if len(text) <= EXCERPT_LIMIT else text[:EXCERPT_LIMIT].rsplit(None, 1)[0] + " […]"


def _notice(facts: Facts, template: str, key: str, recipient: Recipient, variables: Data) -> SendMail:
    full = f"{facts.case.reference}/{template}/{key}/{recipient.address}"
    return _to_agent(facts, MailKind.NOTICE, template, full, recipient, variables)


def _to_agent(
    facts: Facts, kind: MailKind, template: str, key: str, recipient: Recipient, variables: Data
) -> SendMail:
    return to_ours(facts.site, facts.company, kind, template, key, recipient, variables, facts.case)
