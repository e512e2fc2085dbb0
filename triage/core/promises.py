"""Was a promise kept? The one definition for the metrics, the report and the weekly mail.

A promise counts once it can be judged: the case was attended, or its deadline has passed. Dates of the kind `from`
(severity 3) promise no last moment and are never counted; nor is a case that ended as spam or as a duplicate.
"""

from datetime import datetime

from triage.core.model import Case, Kind

_NO_PROMISE = frozenset({"spam", "duplicate"})


def counts(case: Case, now: datetime) -> bool:
    """Say whether the case belongs into the denominator."""
    if case.deadline.kind is not Kind.MAXIMUM or case.ended_why in _NO_PROMISE:
        return False
    return case.attended_at is not None or case.breached_at is not None or case.deadline.at <= now


def kept(case: Case) -> bool:
    """Say whether the case was attended in time."""
    at = case.attended_at
    return (
        case.deadline.kind is Kind.MAXIMUM
        and at is not None
        and case.breached_at is None
        and at <= case.deadline.at
    )
