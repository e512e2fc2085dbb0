"""The mails a client gets: facts in, one `SendMail` out. Nothing of the wording, which is the templates'.

The support model allows no more than these: the acknowledgement with its deadline, a moved deadline, the escalation,
the planned date, the solution, one survey, a question, and a person's answer. Called by `lifecycle`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from triage.core.draft_facts import (
    Facts,
    case_facts,
    deadline_facts,
    desk_name,
    first_name,
    references,
    said,
    site_facts,
)
from triage.core.effects import SendMail
from triage.core.model import Address, Deadline, Language, MailKind, Severity
from triage.core.records import Data
from triage.core.site import Site
from triage.core.support import Company, WikiArticle

_SATURDAY = 5


def acknowledgement(  # noqa: PLR0913 - each is a fact of its own that the mail shows
    facts: Facts,
    *,
    expires_at: datetime | None,
    holiday: Sequence[str] | None = None,
    hours: str = "",
    round_the_clock: bool = True,
    missing: Sequence[str] = (),
    article: WikiArticle | None = None,
    echo_subject: bool = True,
    reply_plus: str | None = None,
    tells: int = 0,
    fingerprint: str = "",
) -> SendMail:
    """Draft the first answer: what was understood, by when, what is missing.

    `holiday`: the names of the day the mail arrived on, if it was one (it may have none), `hours` the opening hours in
    words, `round_the_clock` whether the promise runs while the desk is closed, `missing` item names of the checklist.
    Without `echo_subject` nothing the sender wrote comes back to him: no subject, no name.
    """
    case, site = facts.case, facts.site
    variables = {
        **_variables(facts, echo=echo_subject),
        "closed": _closed(facts, is_holiday=holiday is not None, round_the_clock=round_the_clock),
        "holiday": " · ".join(holiday or ()),
        "hours": hours,
        "missing": [
            said(facts.company.asks[item], case.language, site.language)
            for item in missing
            if item in facts.company.asks
        ],
        "article": {"title": said(article.title, case.language, site.language), "url": article.url}
        if article
        else {},
    }
    mail = _to_client(facts, MailKind.ACKNOWLEDGEMENT, "acknowledgement", f"{case.reference}/ack", variables)
    to_name = case.client.name if echo_subject else ""
    return replace(
        mail,
        auto="auto-replied",
        expires_at=expires_at,
        to_name=to_name,
        reply_plus=reply_plus,
        tells=tells,
        fingerprint=fingerprint,
    )


def _closed(facts: Facts, *, is_holiday: bool, round_the_clock: bool) -> str:
    """Return why the desk was closed when the mail arrived: holiday, weekend, night, or nothing.

    To severity 1 the templates say with it "attended to all the same": nothing where that is not so.
    """
    if facts.case.deadline.column.value == "in_hours":
        return ""
    if facts.case.severity is Severity.HIGH and not round_the_clock:
        return ""
    if is_holiday:
        return "holiday"
    weekday = facts.case.cycle_start.astimezone(facts.site.zone).weekday()
    return "weekend" if weekday >= _SATURDAY else "night"


def escalated(facts: Facts, area: str, text: str = "", by: str = "") -> SendMail:
    """Tell the client which area has the case now; `text` is what the agent wrote for the client."""
    variables = {**_variables(facts), "to_area": area, "text": text, "by": by}
    return _notice(facts, "escalated", f"escalated/{area}", variables)


def planned_date(facts: Facts, day: date, what: str, text: str = "", by: str = "") -> SendMail:
    """Tell the date of the solution or of the quote; `what` is resolution or quote."""
    variables = {**_variables(facts), "date": day.isoformat(), "what": what, "text": text, "by": by}
    return _notice(facts, "planned_date", f"planned/{day.isoformat()}/{what}", variables)


def deadline_moved(
    facts: Facts, earlier: Deadline | None, why: str = "severity", *, echo_subject: bool = True
) -> SendMail:
    """Tell a deadline that changed; `why` is severity (a person's), raised, pause, reopened or calendar; `earlier` what
    was told before.
    """
    before = deadline_facts(earlier) if earlier and why != "reopened" else {}
    variables = {**_variables(facts, echo=echo_subject), "earlier": before, "why": why}
    mail = _notice(facts, "deadline_moved", f"moved/{facts.case.deadline.version}", variables)
    return mail if echo_subject else replace(mail, to_name="")


def solution(facts: Facts, *, provisional: bool, text: str = "", by: str = "", turn: int = 0) -> SendMail:
    """Tell the solution, provisional or definitive, in the agent's words."""
    variables = {**_variables(facts), "provisional": provisional, "text": text, "by": by}
    what = "provisional" if provisional else "definitive"
    return _notice(facts, "solution", f"solution/{what}/{turn}", variables)


def still_open(facts: Facts, *, key: str) -> SendMail:
    """Correct a solution that was told by mistake; `key` names the correction."""
    running = facts.case.attended_at is None
    return _notice(facts, "still_open", f"still-open/{key}", {**_variables(facts), "running": running})


def question(facts: Facts, text: str, *, by: str = "", turn: int = 0) -> SendMail:
    """Ask the client something; the clock waits for the answer. A person's own words."""
    variables = {**_variables(facts), "text": text, "by": by}
    mail = _notice(facts, "question", f"question/{turn}", variables)
    return replace(mail, auto="", person=True)


def answer(
    facts: Facts,
    text: str,
    *,
    key: str,
    sender_name: str = "",
    to: Address | None = None,
    attachments: Sequence[Data] = (),
) -> SendMail:
    """Pass a person's answer on, from the support address, in the client's conversation; never sent twice on doubt.

    `key` names the agent's mail; `to` another participant of the conversation than the client.
    """
    variables = {**_variables(facts), "text": text}
    mail = _to_client(facts, MailKind.ANSWER, "answer", f"{facts.case.reference}/answer/{key}", variables)
    who = to or facts.case.client
    return replace(
        mail,
        key=mail.key if to is None else f"{mail.key}/{to.address}",
        to=who.address,
        to_name=who.name,
        auto="",
        person=True,
        sender_name=sender_name or mail.sender_name,
        attachments=tuple(attachments),
    )


def survey(facts: Facts, actions: Sequence[Data]) -> SendMail:
    """Ask once how it went; `actions` are five signed {label, url}, from 1 to 5."""
    variables = {**_variables(facts), "actions": [dict(action) for action in actions]}
    return _to_client(facts, MailKind.SURVEY, "survey", f"{facts.case.reference}/survey", variables)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggestion as it arrived; `reference` where it was written on a case, `message_id` without brackets."""

    sender: Address
    language: Language
    subject: str
    key: str
    mailbox: str = ""
    message_id: str | None = None
    reference: str | None = None


def suggestion_thanks(
    site: Site, company: Company, suggestion: Suggestion, *, echo_subject: bool = True
) -> SendMail:
    """Thank for a suggestion, once per `key`."""
    who, message_id = suggestion.sender, suggestion.message_id
    variables = {
        **site_facts(site, company),
        "subject": suggestion.subject if echo_subject else "",
        "greeting": first_name(who) if echo_subject else "",
        "reference": suggestion.reference or "",
    }
    return SendMail(
        key=f"suggestion/{suggestion.key}",
        kind=MailKind.NOTICE,
        template="suggestion_thanks",
        to=who.address,
        to_name=who.name if echo_subject else "",
        language=suggestion.language,
        variables=variables,
        reference=suggestion.reference,
        mailbox=suggestion.mailbox,
        in_reply_to=message_id,
        references=(message_id,) if message_id else (),
        auto="auto-replied",
        to_client=True,
        sender_name=desk_name(company.name or site.name, suggestion.language),
    )


def _variables(facts: Facts, *, echo: bool = True) -> dict[str, Any]:
    """Return the case's variables in the client's language; `subject` and `greeting` are words of the sender's."""
    variables = case_facts(facts, facts.case.language)
    variables["subject"] = variables["case"]["subject"] if echo else ""
    variables["greeting"] = first_name(facts.case.client) if echo else ""
    if not echo:
        variables["case"] = {**variables["case"], "subject": "", "client_name": ""}
    return variables


def _notice(facts: Facts, template: str, step: str, variables: Data) -> SendMail:
    key = f"{facts.case.reference}/{facts.case.cycle}/{step}"
    return _to_client(facts, MailKind.NOTICE, template, key, variables)


def _to_client(facts: Facts, kind: MailKind, template: str, key: str, variables: Data) -> SendMail:
    case = facts.case
    chain = references(case)
    return SendMail(
        key=key,
        kind=kind,
        template=template,
        to=case.client.address,
        to_name=case.client.name,
        language=case.language,
        variables=variables,
        reference=case.reference,
        mailbox=case.mailbox,
        in_reply_to=chain[-1] if chain else None,
        references=chain,
        auto="auto-generated",
        to_client=True,
        sender_name=desk_name(facts.company.name or facts.site.name, case.language),
    )
