"""The week by mail: the report of the seven days before, with its pictures, to the people configured."""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from triage.app import reporting
from triage.core import drafts_site, outgoing, report_words
from triage.core.desk import Desk
from triage.core.draft_facts import Recipient
from triage.core.drafts_site import case_line
from triage.core.report import Report
from triage.core.site import Site
from triage.ports import Plots, Store

_TITLES = {
    "kept": "attended_in_time",
    "attention": "time_to_attention",
    "hours": "by_hour",
    "weekdays": "by_weekday",
}


async def send(
    store: Store, desk: Desk, to: Sequence[str], plots: Callable[[], Plots | None], now: datetime
) -> None:
    """Write the mails of the seven local days before `now` into the outbox; once per week and recipient."""
    site = desk.site
    last = desk.today(now) - timedelta(days=1)
    first = last - timedelta(days=6)
    found = await store.read(lambda tx: reporting.read(tx, first, last, site.zone, now))
    pictures = _pictures(found, site, plots())
    mails = [
        drafts_site.report(
            site,
            desk.support.company,
            Recipient(address, _name(site, address)),
            (first, last),
            severities=reporting.as_json(found)["severities"],
            survey=_survey(found),
            suggestions=found.suggestions,
            breaches=[case_line(case, site) for case in found.breaches],
        )
        for address in to
    ]
    rows = [outgoing.row(site, drafts_site.with_pictures(mail, site, pictures), now) for mail in mails]
    await store.write(lambda tx: tx.add_outbox(rows))


def _survey(found: Report) -> Mapping[str, Any] | None:
    survey = found.survey
    if not survey.sent and not survey.answers:
        return None
    return {"answers": survey.answers, "average": round(survey.average or 0, 1), "sent": survey.sent}


def _pictures(found: Report, site: Site, plots: Plots | None) -> list[dict[str, str]]:
    words = report_words.words(site.language)
    drawn = plots.draw(found, words) if plots is not None else {}
    return [
        {"name": name, "alt": words[_TITLES[name]], "content": base64.b64encode(png).decode()}
        for name, png in drawn.items()
    ]


def _name(site: Site, address: str) -> str:
    agent = site.agent(address)
    return agent.name if agent else ""
