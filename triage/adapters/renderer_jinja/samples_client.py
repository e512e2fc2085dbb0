"""Invented mails to a client: the acknowledgement in all its variants, and what follows it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from triage.adapters.renderer_jinja.sample_site import (
    ANSWERS,
    ARRIVAL,
    ARTICLE,
    COMPANY,
    HOLIDAYS,
    HOURS,
    QUESTIONS,
    SUBJECTS,
    SUPPORT,
    Sample,
    a_deadline,
    facts_of,
    usual,
)
from triage.core import drafts_client
from triage.core.drafts_client import Suggestion
from triage.core.model import Column, Kind, Language, Severity


def acknowledgements(language: Language) -> Iterator[Sample]:
    hours = HOURS[language]
    saturday = datetime(2026, 10, 24, 13, 0, tzinfo=UTC)
    holiday = datetime(2026, 12, 8, 14, 0, tzinfo=UTC)
    night = datetime(2026, 10, 20, 21, 30, tzinfo=UTC)
    out = Column.OUT_OF_HOURS
    cases = {
        "in hours": (
            usual(language),
            {"missing": ("steps", "error", "screenshot"), "article": ARTICLE},
        ),
        "severity 1": (
            facts_of(language, Severity.HIGH, ARRIVAL, a_deadline(ARRIVAL + timedelta(hours=2))),
            {"missing": ("error",)},
        ),
        "severity 1, weekend": (
            facts_of(language, Severity.HIGH, saturday, a_deadline(saturday + timedelta(hours=24), out)),
            {},
        ),
        "severity 3": (
            facts_of(
                language, Severity.LOW, ARRIVAL, a_deadline(ARRIVAL + timedelta(hours=72), kind=Kind.FROM)
            ),
            {},
        ),
        "weekend": (
            facts_of(
                language, Severity.MEDIUM, saturday, a_deadline(datetime(2026, 10, 28, 3, tzinfo=UTC), out)
            ),
            {},
        ),
        "holiday": (
            facts_of(
                language, Severity.MEDIUM, holiday, a_deadline(datetime(2026, 12, 11, 3, tzinfo=UTC), out)
            ),
            {"holiday": (HOLIDAYS[language],)},
        ),
        "out of hours, unverified sender": (
            facts_of(
                language, Severity.MEDIUM, night, a_deadline(datetime(2026, 10, 22, 21, 30, tzinfo=UTC), out)
            ),
            {"echo_subject": False},
        ),
        "already past": (facts_of(language, Severity.MEDIUM, ARRIVAL, a_deadline(ARRIVAL)), {}),
    }
    for label, (facts, extra) in cases.items():
        at = facts.case.arrival + timedelta(seconds=20)
        mail = drafts_client.acknowledgement(facts, expires_at=None, hours=hours, **extra)  # type: ignore[arg-type]
        yield Sample(label, mail, at)


def client_mails(language: Language) -> Iterator[Sample]:
    facts, later, text = usual(language), ARRIVAL + timedelta(hours=3), ANSWERS[language]
    moved = replace(facts.case, severity=Severity.HIGH, deadline=a_deadline(later + timedelta(hours=2)))
    low = replace(
        facts.case,
        severity=Severity.LOW,
        deadline=a_deadline(datetime(2026, 10, 29, 3, tzinfo=UTC), kind=Kind.FROM),
    )
    stars = [
        {"label": str(n), "url": f"mailto:{SUPPORT}?subject=%5BNO-2026-000123%5D%20{n}"} for n in range(1, 6)
    ]
    lucia = "Lucía Ferrari"
    yield Sample("", drafts_client.escalated(facts, "desarrollo"), later)
    yield Sample("with words", drafts_client.escalated(facts, "desarrollo", text, lucia), later)
    yield Sample("solution", drafts_client.planned_date(facts, date(2026, 12, 15), "resolution"), later)
    yield Sample("quote", drafts_client.planned_date(facts, date(2027, 1, 12), "quote", text, lucia), later)
    yield Sample(
        "raised", drafts_client.deadline_moved(replace(facts, case=moved), facts.case.deadline), later
    )
    yield Sample(
        "lowered", drafts_client.deadline_moved(replace(facts, case=low), facts.case.deadline), later
    )
    graver = drafts_client.deadline_moved(replace(facts, case=moved), facts.case.deadline, "raised")
    yield Sample("raised by the client's words", graver, later)
    before = a_deadline(facts.case.deadline.at - timedelta(hours=2, minutes=20))
    yield Sample("after a pause", drafts_client.deadline_moved(facts, before, "pause"), later)
    yield Sample("new hours", drafts_client.deadline_moved(facts, before, "calendar"), later)
    yield Sample("reopened", drafts_client.deadline_moved(facts, None, "reopened"), later)
    yield Sample("provisional", drafts_client.solution(facts, provisional=True), later)
    yield Sample("definitive", drafts_client.solution(facts, provisional=False, text=text, by=lucia), later)
    yield Sample("", drafts_client.still_open(facts, key="u1"), later)
    yield Sample("", drafts_client.question(facts, QUESTIONS[language], by=lucia), later)
    yield Sample("", drafts_client.answer(facts, text, key="a1", sender_name=lucia), later)
    yield Sample("", drafts_client.survey(facts, stars), later)
    said = Suggestion(facts.case.client, language, SUBJECTS[language], "s1", "soporte", "s1@tienda.example")
    yield Sample("", drafts_client.suggestion_thanks(facts.site, COMPANY, said), later)
