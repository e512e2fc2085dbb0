"""When a promise counts, and when it was kept."""

from dataclasses import replace

import pytest

from tests.adapters.store_sql.samples import NOW, a_case, a_deadline, minutes
from triage.core.model import Kind, Span, State
from triage.core.promises import counts, kept, overdue

CASE = a_case(deadline=a_deadline(at=NOW + minutes(120)))


@pytest.mark.parametrize(
    ("fields", "at", "judged", "is_kept"),
    [
        ({}, 60, False, False),
        ({}, 120, True, False),
        ({"attended_at": NOW + minutes(5)}, 5, True, True),
        ({"attended_at": NOW + minutes(120)}, 500, True, True),
        ({"attended_at": NOW + minutes(121), "breached_at": NOW + minutes(120)}, 500, True, False),
        ({"attended_at": NOW + minutes(121)}, 500, True, False),
        ({"attended_at": NOW + minutes(5), "ended_why": "spam"}, 500, False, True),
        ({"deadline": a_deadline(kind=Kind.FROM), "attended_at": NOW}, 500, False, False),
        ({"state": State.WAITING, "pauses": (Span(NOW),)}, 500, False, False),
        ({"state": State.CLOSED}, 500, False, False),
        ({"state": State.CLOSED, "breached_at": NOW + minutes(120)}, 500, True, False),
        ({"state": State.MERGED, "attended_at": NOW}, 500, False, True),
    ],
)
def test_a_promise_counts_once_it_can_be_judged(fields, at, judged, is_kept):
    case = replace(CASE, **fields)
    assert (counts(case, NOW + minutes(at)), kept(case)) == (judged, is_kept)


@pytest.mark.parametrize(
    ("fields", "is_overdue"),
    [
        ({}, True),
        ({"attended_at": NOW}, False),
        ({"state": State.WAITING, "pauses": (Span(NOW),)}, False),
        (
            {
                "state": State.WAITING,
                "pauses": (Span(NOW + minutes(130)),),
                "breached_at": NOW + minutes(120),
            },
            True,
        ),
        ({"deadline": a_deadline(at=NOW, kind=Kind.FROM)}, False),
        ({"state": State.CLOSED, "breached_at": NOW}, False),
    ],
)
def test_a_case_is_overdue_while_nobody_attends_and_the_clock_has_run_out(fields, is_overdue):
    assert overdue(replace(CASE, **fields), NOW + minutes(500)) is is_overdue
