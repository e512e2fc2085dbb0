"""What a span of time looked like: pure folds over the cases that arrived in it and the events that fell into it.

Knows no store, no layout and no language; called by `app.reporting` for the command, the page and the weekly mail.
A case counts in the span in which it arrived, whatever became of it later; an event in the span of its moment.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from triage.core import promises
from triage.core.events import EventName
from triage.core.model import Case, Severity
from triage.core.records import Event

EVENTS = (
    EventName.CASE_CLASSIFIED,
    EventName.CASE_REOPENED,
    EventName.MESSAGE_IGNORED,
    EventName.SURVEY_ANSWERED,
    EventName.SUGGESTION_RECEIVED,
    EventName.MAIL_ACCEPTED,
)
"""The events that the folds look at; others need not be fetched."""
_MARKS = range(1, 6)


@dataclass(frozen=True, slots=True)
class SeverityFigures:
    """`due`: promises that can be judged by now, the denominator of `kept`; times in seconds, None without cases.

    `attention`: from arrival to a person's answer; `acknowledgement`: to the accepted acknowledgement.
    """

    severity: Severity
    opened: int = 0
    due: int = 0
    kept: int = 0
    breached: int = 0
    reopened: int = 0
    attended: int = 0
    attention_median: float | None = None
    attention_p90: float | None = None
    acknowledgement_median: float | None = None

    @property
    def percent(self) -> float | None:
        return 100 * self.kept / self.due if self.due else None


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """How often a rule gave the severity, and in how many of these cases an agent gave another by hand."""

    rule: str
    fired: int
    corrected: int


@dataclass(frozen=True, slots=True)
class Correction:
    """Cases in which an agent changed what a rule said."""

    rule: str
    was: int
    became: int
    count: int


@dataclass(frozen=True, slots=True)
class SurveyFigures:
    """`marks`: how many answers of 1, 2, 3, 4, 5."""

    sent: int = 0
    answers: int = 0
    comments: int = 0
    marks: tuple[int, ...] = (0, 0, 0, 0, 0)

    @property
    def average(self) -> float | None:
        total = sum(mark * count for mark, count in zip(_MARKS, self.marks, strict=True))
        return total / self.answers if self.answers else None


@dataclass(frozen=True, slots=True)
class Report:
    """`hours`: cases by the local hour of their arrival; `weekdays`: from Monday on; `ignored`: messages by class."""

    start: datetime
    end: datetime
    severities: tuple[SeverityFigures, ...]
    hours: tuple[int, ...]
    weekdays: tuple[int, ...]
    rules: tuple[RuleFigures, ...] = ()
    corrections: tuple[Correction, ...] = ()
    survey: SurveyFigures = field(default_factory=SurveyFigures)
    suggestions: int = 0
    ignored: tuple[tuple[str, int], ...] = ()
    breaches: tuple[Case, ...] = ()
    attentions: tuple[tuple[int, float], ...] = ()
    """(severity, seconds to attention) of every attended case, for the plots."""


def fold(
    cases: Sequence[Case],
    events: Sequence[Event],
    start: datetime,
    end: datetime,
    zone: ZoneInfo,
    now: datetime,
) -> Report:
    """Fold the cases that arrived in [start, end) and the events of it into a report, as seen at `now`."""
    local = [case.arrival.astimezone(zone) for case in cases]
    hours, weekdays = Counter(at.hour for at in local), Counter(at.weekday() for at in local)
    reopened = Counter(event.reference for event in events if event.event == EventName.CASE_REOPENED)
    ignored = Counter(
        str(event.data.get("class", "other")) for event in events if event.event == EventName.MESSAGE_IGNORED
    )
    return Report(
        start=start,
        end=end,
        severities=tuple(
            _of_severity(severity, [case for case in cases if case.severity is severity], reopened, now)
            for severity in Severity
        ),
        hours=tuple(hours[hour] for hour in range(24)),
        weekdays=tuple(weekdays[day] for day in range(7)),
        rules=_rules(cases),
        corrections=_corrections(cases, events),
        survey=_survey(events),
        suggestions=sum(event.event == EventName.SUGGESTION_RECEIVED for event in events),
        ignored=tuple(ignored.most_common()),
        breaches=tuple(case for case in cases if promises.counts(case, now) and not promises.kept(case)),
        attentions=tuple(
            (int(case.severity), _attention(case)) for case in cases if case.attended_at is not None
        ),
    )


def _of_severity(
    severity: Severity, cases: Sequence[Case], reopened: Counter[str | None], now: datetime
) -> SeverityFigures:
    judged = [case for case in cases if promises.counts(case, now)]
    kept = sum(promises.kept(case) for case in judged)
    attention = sorted(_attention(case) for case in cases if case.attended_at is not None)
    told = [(case.acknowledged_at - case.arrival).total_seconds() for case in cases if case.acknowledged_at]
    return SeverityFigures(
        severity=severity,
        opened=len(cases),
        due=len(judged),
        kept=kept,
        breached=len(judged) - kept,
        reopened=sum(reopened[case.reference] for case in cases),
        attended=len(attention),
        attention_median=median(attention) if attention else None,
        attention_p90=attention[(len(attention) - 1) * 9 // 10] if attention else None,
        acknowledgement_median=median(told) if told else None,
    )


def _attention(case: Case) -> float:
    """Return seconds from the beginning of the current cycle to its attention, pauses included."""
    return max(timedelta(), (case.attended_at or case.cycle_start) - case.cycle_start).total_seconds()


def _rules(cases: Iterable[Case]) -> tuple[RuleFigures, ...]:
    fired: Counter[str] = Counter()
    corrected: Counter[str] = Counter()
    for case in cases:
        fired[case.classification.rule] += 1
        corrected[case.classification.rule] += case.correction is not None
    return tuple(RuleFigures(rule, count, corrected[rule]) for rule, count in fired.most_common())


def _corrections(cases: Sequence[Case], events: Iterable[Event]) -> tuple[Correction, ...]:
    """Compare an agent's word with what the rules had said first."""
    said: dict[str, int] = {}
    for event in events:
        if event.event == EventName.CASE_CLASSIFIED and event.reference is not None:
            said.setdefault(event.reference, int(event.data.get("severity", 0)))
    found = Counter(
        (case.classification.rule, said[case.reference], int(case.correction))
        for case in cases
        if case.correction is not None and said.get(case.reference, case.correction) != case.correction
    )
    return tuple(Correction(*key, count) for key, count in found.most_common())


def _survey(events: Iterable[Event]) -> SurveyFigures:
    """Count every case's last answer; a case may be answered twice when somebody changes their mind."""
    sent = 0
    answers: dict[str | None, Event] = {}
    for event in events:
        if event.event == EventName.MAIL_ACCEPTED and event.data.get("kind") == "survey":
            sent += 1
        elif event.event == EventName.SURVEY_ANSWERED:
            answers[event.reference] = event
    marks = Counter(int(event.data.get("mark", 0)) for event in answers.values())
    return SurveyFigures(
        sent=sent,
        answers=sum(marks[mark] for mark in _MARKS),
        comments=sum(bool(event.data.get("comment")) for event in answers.values()),
        marks=tuple(marks[mark] for mark in _MARKS),
    )
