"""How it goes, told to machines and drawn for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from triage.core.model import Case
from triage.core.records import Event
from triage.core.report import Report
from triage.core.report_words import Words
from triage.core.standing import Standing


class Metrics(Protocol):
    """Figures of the present and counters of what happened, for a scraper; every call is cheap and never raises."""

    def stands(self, standing: Standing) -> None: ...
    def node(self, reads: Mapping[str, bool], nodes: int) -> None:
        """Say which mailboxes this daemon reads itself, and how many daemons are on the store."""
        ...

    def happened(self, event: Event, case: Case | None) -> None:
        """Count one event; `case` as it is now, where the event has one."""
        ...

    def page(self) -> tuple[str, bytes]:
        """Return the content type and the body of what a scraper gets."""
        ...


class Plots(Protocol):
    def draw(self, report: Report, words: Words) -> Mapping[str, bytes]:
        """Return PNG pictures by name (kept, attention, hours, weekdays), those that have something to show."""
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """An answer over HTTP."""

    status: int
    content_type: str
    body: bytes


class PageServer(Protocol):
    async def start(self) -> tuple[str, int]:
        """Listen on the configured address only; returns it. Raises Permanent when it cannot be had."""
        ...

    async def close(self) -> None: ...
