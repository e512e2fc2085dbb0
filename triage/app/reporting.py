"""The report: one read of the store folded into figures, and the figures as tables, JSON, CSV and the weekly mail.

Called by `triage report` and by the weekly chore. The page with its plots is `app.report_page`'s.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from triage.core import report
from triage.core.report import Report
from triage.ports import Transaction

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Table:
    """A section of the report for people: rows of text under headings."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def span(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the instants between which the local days from `first` to `last`, both inclusive, lie."""
    start = datetime.combine(first, time(), zone)
    end = datetime.combine(last + timedelta(days=1), time(), zone)
    return start, end


def read(tx: Transaction, first: date, last: date, zone: ZoneInfo, now: datetime) -> Report:
    """Return the report of these days."""
    start, end = span(first, last, zone)
    cases = tx.cases_between(start, end)
    events = tx.events_between(start, end, [str(name) for name in report.EVENTS])
    return report.fold(cases, events, start, end, zone, now)


# -- for people ------------------------------------------------------------------------------------------------------


def tables(found: Report) -> tuple[Table, ...]:
    """Return every section that has something to show."""
    made = (section(found) for section in _SECTIONS)
    return tuple(table for table in made if table.rows)


def _attended(found: Report) -> Table:
    rows = (
        (int(row.severity), row.opened, row.kept, row.due, _percent(row.percent), row.breached, row.reopened)
        for row in found.severities
    )
    headings = ("severity", "cases", "in time", "of", "%", "missed", "reopened")
    return _table("attended in time", headings, rows)


def _attention(found: Report) -> Table:
    rows = (
        (
            int(row.severity),
            row.attended,
            length(row.attention_median),
            length(row.attention_p90),
            length(row.acknowledgement_median),
        )
        for row in found.severities
    )
    headings = ("severity", "attended", "median", "90 % within", "acknowledged within (median)")
    return _table("time to attention", headings, rows)


def _weekdays(found: Report) -> Table:
    return _table("load by weekday", ("day", "cases"), zip(_DAYS, found.weekdays, strict=True))


def _hours(found: Report) -> Table:
    rows = ((f"{hour:02}", count) for hour, count in enumerate(found.hours) if count)
    return _table("load by hour", ("hour", "cases"), rows)


def _rules(found: Report) -> Table:
    rows = ((row.rule, row.fired, row.corrected) for row in found.rules)
    return _table("rules that fired", ("rule", "cases", "corrected by hand"), rows)


def _corrections(found: Report) -> Table:
    rows = ((row.rule, row.was, row.became, row.count) for row in found.corrections)
    return _table("corrections", ("rule", "said", "an agent said", "cases"), rows)


def _passed_over(found: Report) -> Table:
    return _table("passed over", ("class", "messages"), found.ignored)


def _missed(found: Report) -> Table:
    rows = (
        (case.reference, int(case.severity), _minute(case.deadline.at), _minute(case.attended_at))
        for case in found.breaches
    )
    return _table("promises missed", ("case", "severity", "deadline (UTC)", "attended (UTC)"), rows)


def _clients(found: Report) -> Table:
    survey = found.survey
    marks = "  ".join(f"{mark}: {count}" for mark, count in enumerate(survey.marks, 1))
    average = "-" if survey.average is None else f"{survey.average:.1f} of 5"
    return Table(
        "clients",
        ("what", "figure"),
        (
            ("surveys sent", str(survey.sent)),
            ("survey answers", f"{survey.answers} ({marks})" if survey.answers else "0"),
            ("survey average", average),
            ("survey comments", str(survey.comments)),
            ("suggestions", str(found.suggestions)),
        ),
    )


_SECTIONS = (
    _attended,
    _attention,
    _weekdays,
    _hours,
    _rules,
    _corrections,
    _clients,
    _passed_over,
    _missed,
)


def _table(title: str, headings: tuple[str, ...], rows: Iterable[Iterable[object]]) -> Table:
    return Table(title, headings, tuple(tuple(str(value) for value in row) for row in rows))


def length(seconds: float | None) -> str:
    """Return a span of time in words: "45 s", "12 min", "3 h 20 min", "2 d 4 h"."""
    if seconds is None:
        return "-"
    minutes = int(seconds) // 60
    if not minutes:
        return f"{int(seconds)} s"
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    return f"{days} d {hours} h" if days else f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _minute(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M") if at else "-"


# -- for programs ----------------------------------------------------------------------------------------------------


def as_json(found: Report) -> dict[str, Any]:
    """Return the report as one object; times in seconds, instants in UTC."""
    return {
        "from": _iso(found.start),
        "to": _iso(found.end),
        "severities": [
            {
                "severity": int(row.severity),
                "opened": row.opened,
                "due": row.due,
                "kept": row.kept,
                "breached": row.breached,
                "reopened": row.reopened,
                "attended": row.attended,
                "attention_median": row.attention_median,
                "attention_p90": row.attention_p90,
                "acknowledgement_median": row.acknowledgement_median,
            }
            for row in found.severities
        ],
        "hours": list(found.hours),
        "weekdays": list(found.weekdays),
        "rules": [{"rule": row.rule, "fired": row.fired, "corrected": row.corrected} for row in found.rules],
        "corrections": [
            {"rule": row.rule, "was": row.was, "became": row.became, "count": row.count}
            for row in found.corrections
        ],
        "survey": {
            "sent": found.survey.sent,
            "answers": found.survey.answers,
            "comments": found.survey.comments,
            "marks": list(found.survey.marks),
            "average": found.survey.average,
        },
        "suggestions": found.suggestions,
        "ignored": dict(found.ignored),
        "missed": [case.reference for case in found.breaches],
    }


def as_csv(found: Report) -> str:
    """Return the report as rows of section, name, figure, value: one shape for a spreadsheet to filter."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("section", "name", "figure", "value"))
    writer.writerows(_rows(found))
    return out.getvalue()


def _rows(found: Report) -> Iterable[Sequence[object]]:
    told = as_json(found)
    for row in told["severities"]:
        yield from (
            ("severity", row["severity"], key, "" if value is None else value)
            for key, value in row.items()
            if key != "severity"
        )
    yield from (("hour", hour, "cases", count) for hour, count in enumerate(found.hours))
    yield from (("weekday", day, "cases", count) for day, count in zip(_DAYS, found.weekdays, strict=True))
    for rule in found.rules:
        yield "rule", rule.rule, "fired", rule.fired
        yield "rule", rule.rule, "corrected", rule.corrected
    yield from (
        ("correction", each.rule, f"{each.was}->{each.became}", each.count) for each in found.corrections
    )
    yield from (("survey", mark, "answers", count) for mark, count in enumerate(found.survey.marks, 1))
    yield "survey", "", "sent", found.survey.sent
    yield "survey", "", "comments", found.survey.comments
    yield "suggestions", "", "count", found.suggestions
    yield from (("ignored", name, "messages", count) for name, count in found.ignored)
    yield from (("missed", case.reference, "severity", int(case.severity)) for case in found.breaches)


def _iso(at: datetime) -> str:
    return at.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")
