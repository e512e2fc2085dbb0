"""The shape of `sla:`: calendars and policies as they are written, every refusal with its key and reason.

Pydantic only, and the conversion of one checked calendar or policy to the core's values; `sla` reads the whole.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from triage.adapters.rules_yaml import holiday_lists, time_words
from triage.adapters.rules_yaml.time_words import DateText, DaysText, TargetText, WindowsList
from triage.core.model import Column, Kind, Language, Severity
from triage.core.sla_calendar import UNNAMED, Clock, SlaCalendar
from triage.core.sla_policy import Clause, Roll, SlaPolicy, Start
from triage.strict_yaml import nearest, register

# Files beside the zones that are none, or that mean another zone on another machine.
_NO_ZONES = frozenset({"posix", "right", "localtime", "posixrules", "Factory"})


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


# -- calendars -------------------------------------------------------------------------------------------------------


def _zone(name: str) -> str:
    try:
        found = name.partition("/")[0] not in _NO_ZONES and ZoneInfo(name) is not None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        found = False
    if not found:
        raise ValueError(
            f"unknown time zone {name!r}{nearest(name, _places())}; "
            "use a name from the tz database, such as America/Argentina/Buenos_Aires"
        )
    return name


def _places() -> list[str]:
    """Return the zones to suggest: of places. Who writes GMT-3 would be told GMT-0 or, of three hours more, Etc/GMT-3."""
    return [name for name in available_timezones() if "/" in name and not name.startswith("Etc/")]


def _country(code: str) -> str:
    if not holiday_lists.knows(code):
        raise ValueError(
            f"{code!r} is no country that the holidays package knows; use two letters, such as AR"
        )
    return code


def _listed(value: object) -> object:
    if not isinstance(value, list | dict):
        raise ValueError('is a list of dates, such as ["2026-12-25"], or a mapping with a country')
    return {"add": value} if isinstance(value, list) else value


def _each_day_once(hours: dict[str, list[str]]) -> dict[str, list[str]]:
    seen: dict[int, str] = {}
    for key in hours:
        for day in time_words.weekdays(key):
            if day in seen:
                raise ValueError(
                    f"{time_words.WEEKDAYS[day]} stands in two keys, {seen[day]} and {key}; write its hours once"
                )
            seen[day] = key
    return hours


def _dates_as_text(value: object) -> object:
    """Accept keys that a reader of YAML turned into dates."""
    if not isinstance(value, dict):
        return value
    return {key.isoformat() if type(key) is date else key: item for key, item in value.items()}


class HolidaysModel(Strict):
    """Closed local dates: `country` takes the public holidays, `add` and `remove` correct them."""

    country: Annotated[str, AfterValidator(_country)] | None = None
    non_working_days: Literal["open", "closed"] = "closed"
    add: list[DateText] = []
    remove: list[DateText] = []

    @model_validator(mode="after")
    def _no_contradiction(self) -> Self:
        both = sorted(set(self.add) & set(self.remove))
        if both:
            raise ValueError(f"{both[0]} is both added and removed")
        return self

    def dates(self) -> dict[date, tuple[str, ...]]:
        """Return the dates with their names."""
        found = holiday_lists.of(self.country) if self.country else {}
        for text in self.add:
            day = date.fromisoformat(text)
            found[day] = (*found.get(day, ()), UNNAMED)
        for text in self.remove:
            found.pop(date.fromisoformat(text), None)
        return found

    def translated(self) -> dict[Language, dict[date, tuple[str, ...]]]:
        """Return the names of the country's holidays in the other languages that they have."""
        if self.country is None:
            return {}
        removed = {date.fromisoformat(text) for text in self.remove}
        return {
            language: {day: names for day, names in found.items() if day not in removed}
            for language in Language
            if (found := holiday_lists.translated(self.country, language))
        }

    def worked(self) -> frozenset[str]:
        """Return the names that leave a date open."""
        if self.country is None or self.non_working_days == "closed":
            return frozenset()
        return holiday_lists.NON_WORKING.get(self.country, frozenset())


class CalendarModel(Strict):
    timezone: Annotated[str, AfterValidator(_zone)]
    hours: Annotated[dict[DaysText, WindowsList], AfterValidator(_each_day_once)] = {}
    holidays: Annotated[
        HolidaysModel, BeforeValidator(_listed, json_schema_input_type=list[str] | HolidaysModel)
    ] = HolidaysModel()
    special_hours: Annotated[dict[DateText, WindowsList], BeforeValidator(_dates_as_text)] = {}

    @model_validator(mode="after")
    def _opens(self) -> Self:
        if not self.calendar("").ever_open():
            raise ValueError("no date is ever open: give hours with at least one window")
        return self

    def calendar(self, name: str) -> SlaCalendar:
        """Return the core's value."""
        weekly = {
            day: time_words.windows(texts)
            for key, texts in self.hours.items()
            for day in time_words.weekdays(key)
        }
        return SlaCalendar(
            name=name,
            zone=ZoneInfo(self.timezone),
            weekly=weekly,
            holidays=self.holidays.dates(),
            special_hours={
                date.fromisoformat(day): time_words.windows(texts)
                for day, texts in self.special_hours.items()
            },
            worked=self.holidays.worked(),
            translated=self.holidays.translated(),
        )


# -- policies --------------------------------------------------------------------------------------------------------


def _bare_target(value: object) -> object:
    return value if isinstance(value, Mapping) else {"target": value}


class TermsModel(Strict):
    clock: Literal["calendar", "business_days", "business_hours"] | None = None
    kind: Literal["maximum", "from"] | None = None
    start: Literal["arrival", "next_opening"] | None = None
    roll: Literal["none", "next_opening"] | None = None


class ColumnModel(TermsModel):
    """A target, with terms that hold for this column only."""

    target: TargetText


ColumnCell = Annotated[ColumnModel, BeforeValidator(_bare_target, json_schema_input_type=str | ColumnModel)]


class SeverityModel(TermsModel):
    """Both columns of one severity; the terms hold for both."""

    in_hours: ColumnCell
    out_of_hours: ColumnCell

    def clause(self, column: ColumnModel) -> Clause:
        """Return the core's value: the column's own terms, else the severity's, else the defaults."""
        return Clause(
            target=time_words.duration(column.target),
            clock=Clock(column.clock or self.clock or Clock.CALENDAR),
            kind=Kind(column.kind or self.kind or Kind.MAXIMUM),
            start=Start(column.start or self.start or Start.ARRIVAL),
            roll=Roll(column.roll or self.roll or Roll.NONE),
        )


def text_keys(value: object) -> object:
    """Let severities be written 1 or "1"; a truth value is neither."""
    if not isinstance(value, dict):
        return value
    return {str(key) if type(key) is int else key: item for key, item in value.items()}


Level = Literal["1", "2", "3"]


class PolicyModel(Strict):
    calendar: str
    severities: Annotated[
        dict[Level, SeverityModel],
        Field(min_length=1),
        BeforeValidator(text_keys, json_schema_input_type=dict[str, SeverityModel]),
    ]

    def policy(self, name: str, calendars: Mapping[str, SlaCalendar]) -> SlaPolicy:
        """Return the core's value."""
        return SlaPolicy(
            name=name,
            calendar=calendars[self.calendar],
            severities={
                Severity(int(level)): {
                    Column.IN_HOURS: cells.clause(cells.in_hours),
                    Column.OUT_OF_HOURS: cells.clause(cells.out_of_hours),
                }
                for level, cells in self.severities.items()
            },
        )


class SlaForm(Strict):
    """`sla:` whole. `default` names the policy of the mailboxes; without it the first one is."""

    calendars: Annotated[dict[str, CalendarModel], Field(min_length=1)]
    policies: Annotated[dict[str, PolicyModel], Field(min_length=1)]
    default: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _mapping(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError("is a mapping with calendars and policies")
        return value


register(SlaForm)
