"""An agent's own absences: read from `!away`, and laid over the site's agents. Local dates, both inclusive. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from triage.core import out_of_office
from triage.core.comparable import fold
from triage.core.dates import read_date
from triage.core.desk import Desk
from triage.core.site import Absence, Agent, Site

_BACK = frozenset({"off", "back", "no", "nao", "fin", "fim", "volvi", "voltei"})
_BETWEEN = frozenset({"to", "a", "al", "until", "hasta", "ate", "from", "del", "desde", "de", "-"})
_LONGEST = timedelta(days=366)

# after an automatic answer: who is away for longer answers the next mail so too
SILENT_FOR = timedelta(days=3)
BOUNCED_FOR = timedelta(days=7)


def read(argument: str, today: date) -> Absence | str | None:
    """Return the absence that the argument of `!away` means, None for being back, or a word that says it is neither.

    Nothing: today. One date: until then. Two: from the first to the second.
    """
    words = [word for word in fold(argument).split() if word not in _BETWEEN]
    if len(words) == 1 and words[0] in _BACK:
        return None
    days = [read_date(word, today) for word in words]
    if len(days) > 2 or None in days:
        return "unreadable"
    known = [day for day in days if day is not None]
    start = known[0] if len(known) == 2 else today
    end = known[-1] if known else today
    if end < today or end < start or end - start > _LONGEST:
        return "unreadable"
    return Absence(start, end)


def silent_until(text: str, desk: Desk, at: datetime) -> datetime:
    """Return until when an agent is skipped whose mailbox answered by itself: to the end of the last day away that the
    answer names, else for some days. His next own mail ends it. `at`: its arrival.
    """
    last = out_of_office.last_day(text, desk.today(at))
    if last is None:
        return at + SILENT_FOR
    return datetime.combine(last + timedelta(days=1), time.min, desk.site.zone).astimezone(UTC)


Roster = Mapping[str, Mapping[str, Any]]
"""What is kept about agents, as JSON: address -> {"away": [[start, end]], "silent_until": instant}."""


def with_absence(kept: Roster, agent: str, absence: Absence | None) -> Roster:
    """Return the roster with an agent's absence instead of those he gave before; None: he is back."""
    spans = [[absence.start.isoformat(), absence.end.isoformat()]] if absence else []
    return {**kept, agent: {**kept.get(agent, {}), "away": spans, "silent_until": None}}


def with_silence(kept: Roster, agent: str, until: datetime) -> Roster:
    """Return the roster with an agent whose mailbox answers by itself, or bounces, until then."""
    return {**kept, agent: {**kept.get(agent, {}), "silent_until": until.isoformat()}}


def heard(kept: Roster, agent: str, now: datetime) -> Roster:
    """Return the roster with an agent's silence ended, where one lasts: he has written."""
    until = _silence(kept, agent)
    return with_silence(kept, agent, now) if until is not None and until > now else kept


def applied(desk: Desk, kept: Roster, now: datetime) -> Desk:
    """Return the desk with the agents as they are now: absent by their own word, unreachable by bounce or automatic answer."""
    if not kept:
        return desk
    agents = tuple(_with_own(agent, kept) for agent in desk.site.agents)
    silent = {address for address in kept if (until := _silence(kept, address)) and until > now}
    return replace(desk, site=replace(desk.site, agents=agents), unreachable=desk.unreachable | silent)


def _with_own(agent: Agent, kept: Roster) -> Agent:
    spans = kept.get(agent.address, {}).get("away") or []
    own = tuple(Absence(date.fromisoformat(start), date.fromisoformat(end)) for start, end in spans)
    return replace(agent, absent=(*agent.absent, *own)) if own else agent


def _silence(kept: Roster, agent: str) -> datetime | None:
    until = kept.get(agent, {}).get("silent_until")
    return datetime.fromisoformat(str(until)) if until else None


# -- what is told of it ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Away:
    """An agent who gets no reminders today, up to and with his last day away as far as it is known. A local date."""

    agent: Agent
    last_day: date


def away(site: Site, kept: Roster, now: datetime) -> tuple[Away, ...]:
    """Return who is away now, by the settings, by his own word or by his mailbox's; in the settings' order."""
    today = now.astimezone(site.zone).date()
    found = []
    for agent in site.agents:
        ends = [span.end for span in _with_own(agent, kept).absent if span.start <= today <= span.end]
        until = _silence(kept, agent.address)
        if until is not None and until > now:
            ends.append(_last_day(site, until))
        if ends:
            found.append(Away(agent, max(ends)))
    return tuple(found)


def come_back(site: Site, kept: Roster, since: datetime, now: datetime) -> Mapping[str, date]:
    """Return the agents whose mailbox's silence ended since an instant: address -> last day that he was skipped."""
    ends = {address: until for address in kept if (until := _silence(kept, address)) is not None}
    return {address: _last_day(site, until) for address, until in ends.items() if since < until <= now}


def _last_day(site: Site, until: datetime) -> date:
    return (until.astimezone(site.zone) - timedelta(microseconds=1)).date()
