"""The report's folds: denominators, medians, local hours, corrections, surveys."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.store_sql.samples import a_case, a_deadline
from tests.desks import BUENOS_AIRES
from triage.core.model import Classification, Kind, Severity
from triage.core.records import Event
from triage.core.report import fold

START = datetime(2026, 10, 19, 3, tzinfo=UTC)  # Monday 00:00 in Buenos Aires
END = START + timedelta(days=7)
LATER = END + timedelta(days=30)
HOUR = timedelta(hours=1)


def case(number: int, *, severity: int = 1, after: float = 0, attended: float | None = None, **fields):
    at = START + after * HOUR
    level = Severity(severity)
    plain = {
        "arrival": at,
        "cycle_start": at,
        "severity": level,
        "deadline": a_deadline(at=at + 2 * HOUR, base=at, kind=Kind.FROM if severity == 3 else Kind.MAXIMUM),
        "attended_at": None if attended is None else at + attended * HOUR,
        "classification": Classification(level, "site-down"),
    }
    return a_case(number, **{**plain, **fields})


def folded(cases=(), events=(), now=LATER):
    return fold(cases, events, START, END, BUENOS_AIRES, now)


def test_in_time_is_of_those_that_can_be_judged():
    cases = [case(1, attended=1), case(2, attended=3), case(3), case(4, after=40)]
    row = folded(cases, now=START + 41 * HOUR).severities[0]
    assert (row.opened, row.due, row.kept, row.breached) == (4, 3, 1, 2)
    assert round(row.percent) == 33
    assert [one.reference for one in folded(cases).breaches] == [f"NO-2026-00000{n}" for n in (2, 3, 4)]


def test_severity_3_promises_no_moment_and_has_no_percentage():
    row = folded([case(1, severity=3, attended=100)]).severities[2]
    assert (row.opened, row.due, row.percent, row.attended) == (1, 0, None, 1)


def test_times_to_attention_are_a_median_and_a_ninth_decile():
    row = folded([case(n, attended=n) for n in range(1, 11)]).severities[0]
    assert (row.attention_median, row.attention_p90) == (5.5 * 3600, 9 * 3600)


def test_load_is_counted_in_local_time():
    found = folded([case(1), case(2, after=23.5), case(3, after=24)])
    assert (found.hours[0], found.hours[23]) == (2, 1)
    assert found.weekdays == (2, 1, 0, 0, 0, 0, 0)


def test_corrections_compare_the_agents_word_with_the_rules_first_one():
    said = Event(START, "case.classified", "NO-2026-000001", data={"severity": 2, "rule": "slow"})
    changed = Event(START + HOUR, "case.classified", "NO-2026-000001", "lucia@x.example", {"severity": 1})
    rule = Classification(Severity.HIGH, "slow")
    found = folded([case(1, correction=Severity.HIGH, classification=rule)], [said, changed])
    assert [(c.rule, c.was, c.became, c.count) for c in found.corrections] == [("slow", 2, 1, 1)]
    assert [(r.rule, r.fired, r.corrected) for r in found.rules] == [("slow", 1, 1)]


def test_a_surveys_last_answer_counts():
    def answered(reference, mark, **data):
        return Event(START, "survey.answered", reference, data={"mark": mark, **data})

    sent = Event(START, "mail.accepted", "a", data={"kind": "survey"})
    events = [sent, sent, answered("a", 1), answered("a", 5, comment="bien"), answered("b", 4)]
    survey = folded(events=events).survey
    assert (survey.sent, survey.answers, survey.comments, survey.average) == (2, 2, 1, 4.5)
    assert survey.marks == (0, 0, 0, 1, 1)


def test_suggestions_reopenings_and_ignored_mail_are_counted():
    events = [
        Event(START, "suggestion.received"),
        Event(START, "case.reopened", "NO-2026-000001"),
        Event(START, "message.ignored", data={"class": "bounce"}),
    ]
    found = folded([case(1)], events)
    assert (found.suggestions, found.severities[0].reopened, found.ignored) == (1, 1, (("bounce", 1),))


def test_an_empty_span_is_a_report_too():
    found = folded()
    assert [row.percent for row in found.severities] == [None] * 3
    assert found.survey.average is None


@given(st.lists(st.tuples(st.integers(1, 3), st.none() | st.floats(0, 100)), max_size=30))
def test_nothing_is_counted_twice_or_lost(drawn):
    cases = [case(n, severity=s, attended=a, after=n) for n, (s, a) in enumerate(drawn, 1)]
    found = folded(cases)
    assert (
        sum(row.opened for row in found.severities) == sum(found.hours) == sum(found.weekdays) == len(cases)
    )
    assert sum(rule.fired for rule in found.rules) == len(cases)
    for row in found.severities:
        assert row.kept + row.breached == row.due <= row.opened
