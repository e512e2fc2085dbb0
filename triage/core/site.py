"""The site as the core sees it: who we are, who the agents are, whom to believe. Built once from Settings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from zoneinfo import ZoneInfo

from triage.core.model import Language


@dataclass(frozen=True, slots=True)
class Absence:
    """Local dates, both inclusive."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Agent:
    """`hours`: weekday (0 Monday) to windows of local time, None: the calendar's. Roles: lead manager planning.

    `original`: wants the client's mail itself (.eml) with the first mail about a case.
    """

    address: str
    name: str
    roles: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    hours: Mapping[int, tuple[tuple[time, time], ...]] | None = None
    absent: tuple[Absence, ...] = ()
    original: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """Where cases are routed or escalated to; `address` where the area is no agent of ours."""

    name: str
    address: str | None = None
    products: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OnCall:
    """Severity 1 out of hours: `agents` take turns, by the week or by the day, from `start` on."""

    start: date
    agents: tuple[str, ...] = ()
    rotation: str = "weekly"


@dataclass(frozen=True, slots=True)
class MailboxIdentity:
    name: str
    address: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """Everything about the site that a decision may depend on. Addresses are in lower case.

    `same_organisation`: who writes, authenticated, from a client's own domain takes part in his cases.
    `plus_addresses`: what is written to `support+detail@` reaches the mailbox, so answers may be asked for there.
    """

    name: str
    domain: str
    zone: ZoneInfo
    language: Language
    reference_prefix: str
    authserv_id: str | None
    secret: bytes
    mailboxes: tuple[MailboxIdentity, ...]
    agents: tuple[Agent, ...] = ()
    areas: Mapping[str, Area] = field(default_factory=dict)
    oncall: OnCall | None = None
    monitors: frozenset[str] = frozenset()
    suggestions: str | None = None
    admin: str | None = None
    plus_addresses: bool = False
    same_organisation: bool = False

    def own_addresses(self) -> frozenset[str]:
        """Return every address that is ours: mailboxes and their aliases."""
        return frozenset(a for box in self.mailboxes for a in (box.address, *box.aliases))

    def references_in(self, text: str) -> tuple[str, ...]:
        """Return the case references in a text, as written, each once; in brackets or bare, any letter case."""
        prefix = re.escape(self.reference_prefix)
        form = re.compile(rf"(?<![\w-]){prefix}-[0-9]{{4}}-[0-9]{{4,9}}(?![\w-])", re.IGNORECASE)
        return tuple(dict.fromkeys(form.findall(text)))

    def area_of(self, address: str) -> str:
        """Return the name of the area whose address it is, nothing for anybody else's."""
        return next((area.name for area in self.areas.values() if area.address == address), "")

    def name_of(self, address: str) -> str:
        """Return an agent's name, nothing for anybody else's address."""
        found = self.agent(address)
        return found.name if found else ""

    def agent(self, address: str) -> Agent | None:
        return next((agent for agent in self.agents if agent.address == address), None)
