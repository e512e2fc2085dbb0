"""Invented cases, one or more for every mail: what `check` renders at start, and `templates preview` and the gallery show.

They pass through the real drafting functions of the core, so a variable that a template uses and no draft gives is
found before the first customer is. Here stand those about the site; those about a case, in modules of their own.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from triage.adapters.renderer_jinja import samples_agent, samples_client
from triage.adapters.renderer_jinja.sample_site import (
    ARRIVAL,
    COMPANY,
    SUPPORT,
    Sample,
    a_deadline,
    site,
    usual,
)
from triage.core import drafts_site, reason_words
from triage.core.absences import Away
from triage.core.draft_facts import Facts, Recipient
from triage.core.drafts_site import Ignored, Trouble
from triage.core.model import Language
from triage.core.records import Data

LEAD = Recipient("lucia.ferrari@netone.example", "Lucía Ferrari")


def samples(language: Language) -> Iterator[Sample]:
    """Yield every mail in a language, the variants of the acknowledgement and the reminder among them."""
    yield from samples_client.acknowledgements(language)
    yield from samples_client.client_mails(language)
    yield from samples_agent.reminders(language)
    yield from samples_agent.agent_mails(language)
    yield from _site_mails(language)


def _site_mails(language: Language) -> Iterator[Sample]:
    yield from _digests(language)
    yield from _reports(language)
    yield from _alarms(language)
    home, at = site(language), ARRIVAL.replace(microsecond=0)
    yield Sample("", drafts_site.canary(home, COMPANY, home.mailboxes[0], at, at), at)


def _overdue(facts: Facts) -> Data:
    owner = facts.site.agents[0].address
    late = replace(facts.case, deadline=a_deadline(ARRIVAL - timedelta(hours=3)), assignee=owner)
    return drafts_site.case_line(late, facts.site)


def _digests(language: Language) -> Iterator[Sample]:
    facts, at = usual(language), ARRIVAL
    home, line = facts.site, drafts_site.case_line(facts.case, facts.site)
    put_off = drafts_site.case_line(replace(facts.case, snoozed_until=ARRIVAL + timedelta(hours=3)), home)
    sections = {
        "breached": [_overdue(facts)],
        "due_today": [line, line],
        "date_pending": [],
        "snoozed": [put_off],
    }
    url = f"mailto:{SUPPORT}?subject=open"
    ignored = [
        Ignored(at, "news@boletin.example", "Newsletter", reason_words.said("a newsletter", language), url)
    ]
    away = [Away(agent, date(2026, 10, 23)) for agent in home.agents[1:]]
    told = drafts_site.digest(
        home, COMPANY, LEAD, date(2026, 10, 20), sections=sections, ignored=ignored, away=away,
        was_away=date(2026, 10, 19),
    )  # fmt: skip
    yield Sample("", told, at)
    yield Sample("empty", drafts_site.digest(home, COMPANY, LEAD, date(2026, 10, 20), sections={}), at)


def _reports(language: Language) -> Iterator[Sample]:
    facts = usual(language)
    rows = [
        {
            "severity": n,
            "opened": 9 * n,
            "due": 0 if n == 3 else 8 * n,
            "kept": 8 * n - 1,
            "breached": 1,
            "reopened": 0,
        }
        for n in (1, 2, 3)
    ]
    week = (date(2026, 10, 12), date(2026, 10, 18))
    survey = {"answers": 7, "average": 4.6, "sent": 19}
    for label, answers in (("", survey), ("without answers", None)):
        yield Sample(
            label,
            drafts_site.report(
                facts.site,
                COMPANY,
                LEAD,
                week,
                severities=rows,
                survey=answers,
                suggestions=2,
                breaches=[_overdue(facts)],
            ),
            ARRIVAL,
        )


def _alarms(language: Language) -> Iterator[Sample]:
    about = {
        Trouble.RULES_REFUSED: "rules.yaml",
        Trouble.TEMPLATES_FAULTY: "templates/es/card.txt",
        Trouble.SMTP_BACK: "14",
        Trouble.DISK_LOW: "412 MB",
    }
    until = {
        Trouble.TOKEN_EXPIRY: ARRIVAL + timedelta(days=14),
        Trouble.SMTP_BACK: ARRIVAL + timedelta(minutes=50),
    }
    for what in Trouble:
        mail = drafts_site.alarm(
            site(language),
            COMPANY,
            "sistemas@netone.example",
            what,
            ARRIVAL,
            subject=about.get(what, "soporte"),
            detail="[Errno 111] refused",
            until=until.get(what),
        )
        yield Sample(what, mail, ARRIVAL)
