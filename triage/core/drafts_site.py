"""The mails that are about no single case: the digest, the weekly report, the daemon's own alarms. No wording here.

Called by the periodic chores of `app`; figures come ready made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from triage.core import signing
from triage.core.absences import Away
from triage.core.draft_facts import LINES_LIMIT, Recipient, clean_subject, iso, site_facts, to_ours
from triage.core.effects import SendMail
from triage.core.model import Case, MailKind
from triage.core.records import Data
from triage.core.site import MailboxIdentity, Site
from triage.core.support import Company


def case_line(case: Case, site: Site, url: str = "") -> Data:
    """Return a case as a line of a digest; `url` a one-tap action."""
    agent = site.agent(case.assignee) if case.assignee else None
    return {
        "reference": case.reference,
        "subject": clean_subject(case)[:80],
        "severity": int(case.severity),
        "client": case.client.name or case.client.address,
        "act_by": iso(case.deadline.act_by),
        "kind": case.deadline.kind.value,
        "assignee": (agent.name if agent else case.assignee) or "",
        "state": case.state.value,
        "planned_date": case.planned_date.isoformat() if case.planned_date else "",
        "snoozed_until": iso(case.snoozed_until),
        "url": url,
    }


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message that opened no case: shown in the digest, opened by one answer (`url`)."""

    at: datetime
    sender: str
    subject: str
    reason: str
    url: str = ""


def digest(
    site: Site,
    company: Company,
    to: Recipient,
    day: date,
    *,
    sections: Mapping[str, Sequence[Data]],
    ignored: Sequence[Ignored] = (),
    away: Sequence[Away] = (),
    was_away: date | None = None,
) -> SendMail:
    """Draft a recipient's digest. `sections`: breached, due_today, date_pending, snoozed, ... to case lines.

    `away`: who is now; `was_away`: the last day on which the recipient was skipped because of his mailbox.
    """
    variables = {
        **site_facts(site, company),
        "day": day.isoformat(),
        "sections": [
            {"name": name, "count": len(lines), "cases": [dict(line) for line in lines[:LINES_LIMIT]]}
            for name, lines in sections.items()
            if lines
        ],
        "ignored": [
            {
                "at": iso(one.at),
                "sender": one.sender,
                "subject": one.subject[:80],
                "reason": one.reason,
                "url": one.url,
            }
            for one in ignored[:LINES_LIMIT]
        ],
        "ignored_count": len(ignored),
        "away": [{"name": one.agent.name, "last_day": one.last_day.isoformat()} for one in away],
        "was_away": was_away.isoformat() if was_away else "",
    }
    key = f"digest/{day.isoformat()}/{to.address}"
    return to_ours(site, company, MailKind.DIGEST, "digest", key, to, variables)


def report(
    site: Site,
    company: Company,
    to: Recipient,
    week: tuple[date, date],
    *,
    severities: Sequence[Data],
    survey: Data | None = None,
    suggestions: int = 0,
    breaches: Sequence[Data] = (),
) -> SendMail:
    """Draft the report of a week: its first and last day.

    `severities`: {severity, opened, due, kept, breached, reopened}; kept of due is the percentage's fraction.
    `survey`: {answers, average, sent}; `breaches`: case lines.
    """
    variables = {
        **site_facts(site, company),
        "start": week[0].isoformat(),
        "end": week[1].isoformat(),
        "severities": [dict(row) for row in severities],
        "survey": dict(survey) if survey else {},
        "suggestions": suggestions,
        "breaches": [dict(line) for line in breaches[:LINES_LIMIT]],
    }
    key = f"report/{week[0].isoformat()}/{to.address}"
    return to_ours(site, company, MailKind.DIGEST, "report", key, to, variables)


def with_pictures(mail: SendMail, site: Site, pictures: Sequence[Data]) -> SendMail:
    """Return the mail with pictures, {name, alt, content}, PNG in base64: they travel with it, the layout shows them."""
    shown = [{"cid": f"{one['name']}@{site.domain}", "alt": one["alt"]} for one in pictures]
    return replace(
        mail,
        variables={**mail.variables, "pictures": shown},
        attachments=tuple(
            {
                "name": f"{one['name']}.png",
                "content_type": "image/png",
                "content": one["content"],
                "cid": where["cid"],
            }
            for one, where in zip(pictures, shown, strict=True)
        ),
    )


class Trouble(StrEnum):
    """Of what the admin is told by mail; `alarm_title.txt` and `alarm.txt` have words for each."""

    MAILBOX_UNREACHABLE = "mailbox_unreachable"
    MAILBOX_BACK = "mailbox_back"
    NOT_SETTLED = "not_settled"
    GAP = "gap"
    SMTP_BACK = "smtp_back"
    BREAKER = "breaker"
    TOKEN_EXPIRY = "token_expiry"  # noqa: S105 - no token
    DISK_LOW = "disk_low"
    RULES_REFUSED = "rules_refused"
    TEMPLATES_FAULTY = "templates_faulty"
    CANARY_OVERDUE = "canary_overdue"
    CANARY_BACK = "canary_back"
    BACKUP_FAILED = "backup_failed"
    RETENTION_FAILED = "retention_failed"
    REPORT_FAILED = "report_failed"


def alarm(
    site: Site,
    company: Company,
    to: str,
    what: Trouble,
    at: datetime,
    *,
    subject: str = "",
    detail: str = "",
    until: datetime | None = None,
) -> SendMail:
    """Tell the admin of the daemon's own trouble, once per `what`, `subject` and moment.

    `subject`: which mailbox, file or sign-in, of smtp_back how many mails wait, of disk_low what is left; `until`: when a
    token runs out, or until when nothing could be sent.
    """
    variables = {
        **site_facts(site, company),
        "what": what.value,
        "about": subject,
        "at": iso(at),
        "detail": detail[:2_000],
        "until": iso(until),
    }
    key = f"alarm/{what}/{subject}/{iso(at)}/{to}"
    return to_ours(site, company, MailKind.ALARM, "alarm", key, Recipient(to), variables)


def canary(site: Site, company: Company, box: MailboxIdentity, at: datetime, until: datetime) -> SendMail:
    """Draft the mail to ourselves that is sent at `at`, whole milliseconds, and not later than `until`."""
    words = signing.canary(site.secret, box.address, at)
    variables = {**site_facts(site, company), "canary": words, "mailbox": box.name}
    key = f"canary/{box.name}/{at.isoformat()}"
    mail = to_ours(site, company, MailKind.CANARY, "canary", key, Recipient(box.address), variables)
    return replace(mail, mailbox=box.name, expires_at=until)
