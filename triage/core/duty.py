"""Who is told: from the roles of a reminder to the people that can be reached now.

Knows the site's agents, their hours and absences, the on-call rotation and one case; knows nothing of steps or mails.
An agent who is absent, or whose mail bounces, is skipped and the next is told; if nobody can be reached, the lead and
the admin are. Called by `letters_agent` when a mail to agents is drafted.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from triage.core.draft_facts import Recipient
from triage.core.model import Case, Severity, State
from triage.core.site import Agent, OnCall, Site
from triage.core.sla_calendar import SlaCalendar

_WEEK = 7
_ROTATIONS = {"weekly": _WEEK, "daily": 1}


def recipients(
    roles: Sequence[str],
    case: Case,
    site: Site,
    calendar: SlaCalendar,
    now: datetime,
    unreachable: frozenset[str] = frozenset(),
) -> tuple[Recipient, ...]:
    """Return whom the roles lead to now, each address once, in the order of the roles; empty only on a site with nobody.

    Roles: assignee, oncall, target, and those of agents (lead, manager, planning). `unreachable`: agents' addresses
    whose mail bounces.
    """
    desk = _Desk(case, site, calendar, now, unreachable)
    found = [told for role in roles for told in _OF_ROLE.get(role, _with_role(role))(desk)]
    return _once(found) or _once(desk.nobody())


def on_duty(agent: Agent, calendar: SlaCalendar, now: datetime) -> bool:
    """Say whether an agent works now: not absent, within his own hours (no holiday) or, without any, the calendar's."""
    local = calendar.local(now)
    if absent(agent, local.date()):
        return False
    if agent.hours is None:
        return calendar.is_open(now)
    if calendar.holiday(local.date()) and local.date() not in calendar.special_hours:
        return False
    return any(_within(local.time(), window) for window in agent.hours.get(local.weekday(), ()))


def absent(agent: Agent, day: date) -> bool:
    """Say whether an agent is away on a local date; absences include both their days."""
    return any(away.start <= day <= away.end for away in agent.absent)


def oncall(rotation: OnCall | None, day: date) -> tuple[str, ...]:
    """Return the addresses on call on a local date: whose turn it is first, then the others in turn.

    Weeks change on Mondays, also where the first one begins on another day.
    """
    if rotation is None or not rotation.agents:
        return ()
    days = _ROTATIONS[rotation.rotation]
    first = rotation.start - timedelta(days=rotation.start.weekday() if days == _WEEK else 0)
    turn = (day - first).days // days % len(rotation.agents)
    return rotation.agents[turn:] + rotation.agents[:turn]


def _within(clock: time, window: tuple[time, time]) -> bool:
    start, end = window
    return start <= clock and (clock < end or end in {time.min, time.max})  # both stand for 24:00


@dataclass(frozen=True, slots=True)
class _Desk:
    """One question: this case, this moment, these agents."""

    case: Case
    site: Site
    calendar: SlaCalendar
    now: datetime
    unreachable: frozenset[str]

    def reachable(self, agent: Agent) -> bool:
        return agent.address not in self.unreachable and not absent(
            agent, self.calendar.local(self.now).date()
        )

    def assignee(self) -> list[Recipient]:
        """The agent who took the case, at any hour; otherwise every agent on duty in its area."""
        agent = self.site.agent(self.case.assignee) if self.case.assignee else None
        if agent is not None and self.reachable(agent):
            return [_told(agent, "assignee")]
        return self.queue()

    def queue(self) -> list[Recipient]:
        working = (a for a in self.mine() if on_duty(a, self.calendar, self.now))
        return [_told(a, "queue") for a in working if self.reachable(a)]

    def mine(self) -> list[Agent]:
        """The agents of the case's area, or all of them where nobody has it."""
        area = self._area()
        return [a for a in self.site.agents if area is None or area in a.areas] or list(self.site.agents)

    def _area(self) -> str | None:
        """Return the area that works on the case: its own, its product's, or the one for everything else."""
        known = self.site.areas
        named = self.case.area or self.case.classification.area
        if named in known and self.case.state is not State.ESCALATED:
            return named
        product = self.case.product
        by_product = (name for name, area in known.items() if product in area.products)
        general = (name for name, area in known.items() if not area.products and area.address is None)
        return next(by_product, None) or next(general, None)

    def oncall(self) -> list[Recipient]:
        """The agent whose turn it is, or the next who can be reached: severity 1 out of hours only."""
        if self.case.severity is not Severity.HIGH or self.calendar.is_open(self.now):
            return []
        if self.site.oncall is None or not self.site.oncall.agents:
            return self.unled()
        for address in oncall(self.site.oncall, self.calendar.local(self.now).date()):
            agent = self.site.agent(address) or Agent(address, "")
            if self.reachable(agent):
                return [_told(agent, "oncall")]
        return []

    def unled(self) -> list[Recipient]:
        """Without turns the night is the lead's (see `nobody`); where no lead can be reached either, the whole area's."""
        if self.assignee() or self.role("lead"):
            return []
        return [_told(agent, "everybody") for agent in self.mine() if self.reachable(agent)]

    def target(self) -> list[Recipient]:
        """The area that the case was escalated to: its address, else its agents; nobody there: the lead."""
        area = self.site.areas.get(self.case.area or "")
        if area is not None and area.address is not None and area.address not in self.unreachable:
            return [Recipient(area.address, area.name, "area")]
        mine = [a for a in self.site.agents if self.case.area in a.areas and self.reachable(a)]
        working = [a for a in mine if on_duty(a, self.calendar, self.now)]
        return [_told(a, "area") for a in working or mine] or self.role("lead")

    def role(self, role: str) -> list[Recipient]:
        """The agents with a role, those of the case's area before the others; nobody: the next role up."""
        area = self._area()
        able = [a for a in self.site.agents if role in a.roles and self.reachable(a)]
        near = [a for a in able if area in a.areas]
        found = [_told(a, role) for a in near or able]
        return found or (self.role(_NEXT[role]) if role in _NEXT else [])

    def nobody(self) -> list[Recipient]:
        """Nobody can be reached: the lead and the admin; without either, whoever has a role, reachable or not."""
        found = self.role("lead")
        if self.site.admin is not None:
            found.append(Recipient(self.site.admin, "", "admin"))
        return found or [_told(a, "lead") for a in self.site.agents if a.roles or len(self.site.agents) == 1]


_NEXT = {"planning": "lead", "manager": "lead"}
_OF_ROLE: Mapping[str, Callable[[_Desk], list[Recipient]]] = {
    "assignee": _Desk.assignee,
    "oncall": _Desk.oncall,
    "target": _Desk.target,
}


def _with_role(role: str) -> Callable[[_Desk], list[Recipient]]:
    return lambda desk: desk.role(role)


def _told(agent: Agent, why: str) -> Recipient:
    return Recipient(agent.address, agent.name, why)


def _once(found: Iterable[Recipient]) -> tuple[Recipient, ...]:
    """Keep each address once, for its first reason."""
    return tuple({told.address: told for told in reversed(list(found))}.values())[::-1]
