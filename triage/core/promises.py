"""Was a promise kept? The one definition for the metrics, the report and the weekly mail.

A promise counts once it can be judged: the case was attended, or its deadline has passed while the clock ran. Dates of
the kind `from` (severity 3) promise no last moment and are never counted; nor is a case that ended without a result: as
spam, as a duplicate, merged, or closed in time before anybody attended.
"""

from datetime import datetime

from triage.core.model import Case, Kind, State

_NO_PROMISE = frozenset({"spam", "duplicate"})


def counts(case: Case, now: datetime) -> bool:
    """Say whether the case belongs into the denominator."""
    if case.deadline.kind is not Kind.MAXIMUM or case.ended_why in _NO_PROMISE or case.state is State.MERGED:
        return False
    if case.attended_at is not None or case.breached_at is not None:
        return True
    return overdue(case, now)


def overdue(case: Case, now: datetime) -> bool:
    """Say whether an open case's promise is broken: its deadline has passed, and no pause moves it on."""
    if case.deadline.kind is not Kind.MAXIMUM or not case.open or case.attended_at is not None:
        return False
    return case.breached_at is not None or (case.deadline.at <= now and not case.paused)


def kept(case: Case) -> bool:
    """Say whether the case was attended in time."""
    at = case.attended_at
    return (
        case.deadline.kind is Kind.MAXIMUM
        and at is not None
        and case.breached_at is None
        and at <= case.deadline.at
    )
