"""Calendars, policies and cases for the tests of time: NetOne's desk, and shops elsewhere."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from triage.core import sla_policy
from triage.core.model import Address, Case, Classification, Column, Kind, Language, Severity
from triage.core.reminders import Anchor, Digest, Escalated, ReminderRules, Step, Unless, When
from triage.core.sla_calendar import Clock, SlaCalendar, Window
from triage.core.sla_policy import Clause, SlaPolicy

BUENOS_AIRES = ZoneInfo("America/Argentina/Buenos_Aires")
HOUR = 3600
NINE_TO_SIX = ((9 * HOUR, 18 * HOUR),)
ALL_DAY = ((0, 24 * HOUR),)
WEEKDAYS = range(5)


def hours(*spans: tuple[float, float]) -> tuple[Window, ...]:
    """Windows from hours of the day."""
    return tuple((int(a * HOUR), int(b * HOUR)) for a, b in spans)


def a_calendar(**fields: Any) -> SlaCalendar:
    """NetOne's: Monday to Friday, 9 to 18, GMT-3; no holidays but those given."""
    defaults: dict[str, Any] = {
        "name": "netone",
        "zone": BUENOS_AIRES,
        "weekly": dict.fromkeys(WEEKDAYS, NINE_TO_SIX),
    }
    return SlaCalendar(**{**defaults, **fields})


def both(in_hours: float, out_of_hours: float, **terms: Any) -> dict[Column, Clause]:
    """The two columns of one severity, targets in hours."""
    return {
        Column.IN_HOURS: Clause(int(in_hours * HOUR), **terms),
        Column.OUT_OF_HOURS: Clause(int(out_of_hours * HOUR), **terms),
    }


def a_policy(calendar: SlaCalendar | None = None, **severities: Any) -> SlaPolicy:
    """NetOne's table; `one=`, `two=`, `three=` replace a severity's columns."""
    table = {
        Severity.HIGH: severities.get("one", both(2, 24)),
        Severity.MEDIUM: severities.get("two", both(24, 48, clock=Clock.BUSINESS_DAYS)),
        Severity.LOW: severities.get("three", both(72, 72, clock=Clock.BUSINESS_DAYS, kind=Kind.FROM)),
    }
    return SlaPolicy("netone", calendar or a_calendar(), table)


def local(text: str, zone: ZoneInfo = BUENOS_AIRES) -> datetime:
    """An instant from the wall clock: "2026-10-20 10:15"."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def wall(at: datetime, zone: ZoneInfo = BUENOS_AIRES) -> str:
    """The wall clock of an instant, without seconds if there are none."""
    found = at.astimezone(zone)
    return f"{found:%Y-%m-%d %H:%M:%S}".removesuffix(":00")


def a_case(policy: SlaPolicy, arrival: datetime, severity: int = 2, **fields: Any) -> Case:
    """An open case with its deadline computed."""
    level = Severity(severity)
    defaults: dict[str, Any] = {
        "reference": "NO-2026-000001",
        "mailbox": "soporte",
        "subject": "Consulta",
        "client": Address("ana@tienda-prueba.example"),
        "language": Language.ES,
        "arrival": arrival,
        "severity": level,
        "classification": Classification(level, "test"),
        "cycle_start": arrival,
    }
    if "deadline" not in fields:
        defaults["deadline"] = sla_policy.compute(policy, level, arrival, fields.get("pauses", ()))
    return Case(**{**defaults, **fields})


def holidays(*days: str, name: str = "holiday") -> dict[date, tuple[str, ...]]:
    return {date.fromisoformat(day): (name,) for day in days}


def _step(label: str, anchor: Anchor, to: str, **fields: Any) -> Step:
    return Step(label, anchor, tuple(to.split()), **fields)


ANY, DESK = {"when": When.ANY}, {"when": When.DESK}
NETONE_REMINDERS = ReminderRules(
    steps={
        Severity.HIGH: (
            _step("arrival", Anchor.ARRIVAL, "assignee oncall", **ANY),
            _step("arrival+30m", Anchor.ARRIVAL, "assignee oncall", offset=1800, unless=Unless.TAKEN, **ANY),
            _step("opening", Anchor.OPENING, "assignee", **DESK),
            _step("50%", Anchor.FRACTION, "assignee lead", percent=50, **ANY),
            _step("-15m", Anchor.BEFORE, "assignee lead manager", offset=900, **ANY),
            _step("breach", Anchor.BREACH, "lead manager", **ANY),
            _step("breach+1h", Anchor.BREACH, "manager", offset=HOUR, repeat=3, **ANY),
        ),
        Severity.MEDIUM: (
            _step("arrival", Anchor.ARRIVAL, "assignee", **DESK),
            _step("50%", Anchor.FRACTION, "assignee", percent=50, unless=Unless.TAKEN, **DESK),
            _step("80%", Anchor.FRACTION, "assignee lead", percent=80, **DESK),
            _step("-1h", Anchor.BEFORE, "assignee lead", offset=HOUR, **DESK),
            _step("breach", Anchor.BREACH, "lead manager", **DESK),
        ),
        Severity.LOW: (
            _step("arrival", Anchor.ARRIVAL, "assignee", **DESK),
            _step("-9h", Anchor.BEFORE, "assignee planning", offset=9 * HOUR, **DESK),
            _step("from", Anchor.FROM, "assignee planning", **DESK),
        ),
    },
    escalated=Escalated(),
    digest=Digest(),
)
