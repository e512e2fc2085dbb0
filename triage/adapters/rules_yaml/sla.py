"""From `sla:` in a YAML file to the core's calendars and policies; every problem with file, line and column.

Knows the vocabulary of time of rules.yaml, whatever else the file holds. Called by `load` for the support model and
by `triage sla compute` for any file with a top-level `sla:`.
"""

from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from triage import strict_yaml
from triage.adapters.rules_yaml.reminder_model import LifecycleForm, RemindersForm
from triage.adapters.rules_yaml.sla_model import CalendarModel, HolidaysModel, SlaForm
from triage.core.model import Severity
from triage.core.reminders import ReminderRules
from triage.core.sla_policy import SlaModel
from triage.core.support import Lifecycle
from triage.errors import Misconfigured, Problem
from triage.strict_yaml import Document

F = TypeVar("F", bound=BaseModel)
Path_ = tuple[str | int, ...]

_THIN = 0.75  # next year's list against this year's: decrees come and go, but not a quarter of them


def load_sla(
    document: Document, at: Path_ = ("sla",), *, today: date | None = None, complete: bool = True
) -> tuple[SlaModel, tuple[Problem, ...]]:
    """Return the model and its warnings; raises Misconfigured with every finding.

    `complete`: the default policy must promise something for every severity. With `today`, a warning tells when
    next year's list of holidays is missing or thin.
    """
    raw = _at(document, at)
    problems: list[Problem] = []
    form = None
    try:
        form = SlaForm.model_validate(raw)
    except ValidationError as error:
        problems += strict_yaml.problems_of(error, document, at)
    problems += _unknown_names(raw, document, at)
    if form is None or problems:
        raise Misconfigured(tuple(problems))
    calendars = {name: model.calendar(name) for name, model in form.calendars.items()}
    policies = {name: model.policy(name, calendars) for name, model in form.policies.items()}
    default = policies[form.default or next(iter(policies))]
    missing = [f"{level:d}" for level in Severity if level not in default.severities]
    if complete and missing:
        words = f"promises nothing for severity {', '.join(missing)}; mailboxes use this policy"
        raise Misconfigured((document.problem((*at, "policies", default.name, "severities"), words),))
    return SlaModel(calendars, policies, default), _warnings(form, document, at, today)


def load_lifecycle(document: Document, at: Path_ = ("lifecycle",)) -> Lifecycle:
    """Return what states do to the clock; the defaults where nothing stands. Raises Misconfigured."""
    return _form(LifecycleForm, document, at).lifecycle()


def load_reminders(document: Document, at: Path_ = ("reminders",)) -> ReminderRules:
    """Return the reminders; none where nothing stands. Raises Misconfigured."""
    return _form(RemindersForm, document, at).rules()


def _form(model: type[F], document: Document, at: Path_) -> F:
    """Check an optional part of the document."""
    present = isinstance(document.data, Mapping) and at[0] in document.data
    raw = _at(document, at) if present else {}
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise Misconfigured(strict_yaml.problems_of(error, document, at)) from error


def _at(document: Document, at: Path_) -> object:
    """Return what stands at a path; raises Misconfigured when nothing does."""
    value: object = document.data
    for step in at:
        if not isinstance(value, Mapping) or step not in value:
            raise Misconfigured((document.problem(at, "is required and missing"),))
        value = value[step]
    return value


def _unknown_names(raw: object, document: Document, at: Path_) -> list[Problem]:
    """Find policies over calendars that are not there, whatever else may be wrong with either."""
    if not isinstance(raw, Mapping):
        return []
    calendars, policies = raw.get("calendars"), raw.get("policies")
    if not isinstance(calendars, Mapping) or not isinstance(policies, Mapping):
        return []
    found = []
    for name, policy in policies.items():
        wanted = policy.get("calendar") if isinstance(policy, Mapping) else None
        if isinstance(wanted, str) and wanted not in calendars:
            words = f"no calendar is called {wanted!r}{strict_yaml.nearest(wanted, calendars)}"
            found.append(document.problem((*at, "policies", str(name), "calendar"), words))
    default = raw.get("default")
    if isinstance(default, str) and default not in policies:
        words = f"no policy is called {default!r}{strict_yaml.nearest(default, policies)}"
        found.append(document.problem((*at, "default"), words))
    return found


# -- warnings --------------------------------------------------------------------------------------------------------


def _warnings(form: SlaForm, document: Document, at: Path_, today: date | None) -> tuple[Problem, ...]:
    found = []
    for name, calendar in form.calendars.items():
        place = (*at, "calendars", name, "holidays")
        words = _idle_removals(calendar.holidays)
        if today is not None:
            words += _next_year(calendar, today)
        found += [document.problem(place, text, warning=True) for text in words]
    return tuple(found)


def _idle_removals(holidays: HolidaysModel) -> list[str]:
    known = HolidaysModel(country=holidays.country, add=holidays.add).dates()
    return [
        f"{day} is removed, but no holiday falls on it"
        for day in holidays.remove
        if date.fromisoformat(day) not in known
    ]


def _next_year(calendar: CalendarModel, today: date) -> list[str]:
    """Say when the list ends with this year, or holds much less of the next one; an empty list is meant so."""
    dates = calendar.holidays.dates()
    now, then = ({d: n for d, n in dates.items() if d.year == year} for year in (today.year, today.year + 1))
    if dates and not then:
        return [
            f"no holiday of {today.year + 1} is listed; deadlines that reach into it take no account of any"
        ]
    if len(then) < _THIN * len(now):
        return [
            f"of the holidays of {today.year + 1} only {len(then)} listed, of those of {today.year} {len(now)}"
        ]
    if calendar.holidays.non_working_days == "open":
        return []  # bridges are worked here: whether they are decreed yet changes no deadline
    bridges = calendar.holidays.model_copy(update={"non_working_days": "open"}).worked()
    lacking = sorted(n for n in bridges if _falls(n, now) and not _falls(n, then))
    return [
        f"of {today.year + 1} no {name!r} is listed yet: probably not decreed; add the dates when they are"
        for name in lacking
    ]


def _falls(name: str, dates: Mapping[date, tuple[str, ...]]) -> bool:
    return any(name in names for names in dates.values())
