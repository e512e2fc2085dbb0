"""When a promise counts, and when it was kept."""

from dataclasses import replace

import pytest

from tests.adapters.store_sql.samples import NOW, a_case, a_deadline, minutes
from triage.core.model import Kind
from triage.core.promises import counts, kept

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
    ],
)
def test_a_promise_counts_once_it_can_be_judged(fields, at, judged, is_kept):
    case = replace(CASE, **fields)
    assert (counts(case, NOW + minutes(at)), kept(case)) == (judged, is_kept)
