"""How it stands now, as plain figures: what `triage status` shows to people and the metrics to machines.

Pure data and the sentences of its judgement; filled by `app.standing` from one read of the store.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from triage.core import promises
from triage.core.absences import Away
from triage.core.model import Case
from triage.core.records import Node

LOOK_OVERDUE = timedelta(minutes=5)  # many times the usual poll, and more than one reconnection takes
SCARCE = 500_000_000  # octets of disk: some thousand mails, and time to act
OUTBOX_OVERDUE = timedelta(minutes=15)
ALARM_OVERDUE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class MailboxStanding:
    """`looked_at`: when everything that was there had last been taken in; `away_since`: while it cannot be reached.

    `read_by`: the node that reads it, "" while none does. `not_settled`: what the server said to a mark it refused, ""
    if it takes them.
    """

    name: str
    looked_at: datetime | None = None
    away_since: datetime | None = None
    not_settled: str = ""
    last_uid: int = 0
    read_by: str = ""


@dataclass(frozen=True, slots=True)
class TokenStanding:
    """An access token of a mailbox or of smtp: its end, and why it could not be renewed, if so."""

    name: str
    expires_at: datetime | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class CanaryStanding:
    """The test mails to one mailbox: when the last one was read, how long it took, since when one is overdue."""

    name: str
    back_at: datetime | None = None
    round_trip: timedelta | None = None
    overdue_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """All of it at one moment. `open_cases` by (state, severity), `cases` by state, `outbox` by state."""

    at: datetime
    mailboxes: tuple[MailboxStanding, ...] = ()
    tokens: tuple[TokenStanding, ...] = ()
    canaries: tuple[CanaryStanding, ...] = ()
    cases: Mapping[str, int] = field(default_factory=dict)
    open_cases: Mapping[tuple[str, int], int] = field(default_factory=dict)
    outbox: Mapping[str, int] = field(default_factory=dict)
    oldest_waiting: datetime | None = None
    alarms_pending: int = 0
    alarms_overdue: int = 0
    set_aside: int = 0
    breaker_until: datetime | None = None
    relay_away_since: datetime | None = None
    backup_at: datetime | None = None
    next_deadlines: tuple[Case, ...] = ()
    away: tuple[Away, ...] = ()
    room: int | None = None
    """Octets left on the disk of an SQLite store."""
    nodes: tuple[Node, ...] = ()
    """The daemons on the store, as far as anybody looked."""

    @property
    def waiting(self) -> int:
        """Mails that are still to be sent."""
        return sum(self.outbox.get(state, 0) for state in ("queued", "deferred", "sending"))


def troubles(standing: Standing) -> tuple[str, ...]:
    """Return what deserves a person's attention now, in sentences; empty: all is well."""
    found = [words for box in standing.mailboxes for words in _of_mailbox(box, standing.at)]
    if len({node.about.get("rules") for node in standing.nodes if node.lives}) > 1:
        found.append("the daemons on this store run under different rules")
    found += [
        f"{token.name}: the access token cannot be renewed: {token.error}"
        for token in standing.tokens
        if token.error
    ]
    found += [
        f"test mails to {one.name} do not arrive since {_iso(one.overdue_since)} (triage check --probe)"
        for one in standing.canaries
        if one.overdue_since is not None
    ]
    if standing.room is not None and standing.room < SCARCE:
        found.append(f"the disk with the store has only {in_megabytes(standing.room)} left: make room")
    if standing.relay_away_since is not None:
        found.append(f"the smtp server cannot be reached since {_iso(standing.relay_away_since)}")
    oldest = standing.oldest_waiting
    if oldest is not None and standing.at - oldest > OUTBOX_OVERDUE:
        waiting = _counted(standing.waiting, "mail waits", "mails wait")
        found.append(f"{waiting}, the oldest for {_span(standing.at - oldest)}")
    if standing.alarms_overdue:
        found.append(_counted(standing.alarms_overdue, "alarm is overdue", "alarms are overdue"))
    if standing.outbox.get("failed", 0):
        failed = _counted(standing.outbox["failed"], "mail has failed", "mails have failed")
        found.append(f"{failed} (triage outbox list)")
    if standing.set_aside:
        aside = _counted(standing.set_aside, "message is set aside", "messages are set aside")
        found.append(f"{aside} (triage aside list)")
    if standing.breaker_until is not None:
        found.append(f"the breaker stopped automatic mail until {_iso(standing.breaker_until)}")
    late = [case for case in standing.next_deadlines if promises.overdue(case, standing.at)]
    if late:
        past = _counted(len(late), "case is past its deadline", "cases are past their deadline")
        found.append(f"{past}: {', '.join(case.reference for case in late[:5])}")
    return tuple(found)


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _of_mailbox(box: MailboxStanding, now: datetime) -> list[str]:
    found = []
    if box.away_since is not None:
        found.append(f"mailbox {box.name} cannot be reached since {_iso(box.away_since)}")
    elif box.looked_at is None:
        found.append(f"mailbox {box.name} was never looked into")
    elif now - box.looked_at > LOOK_OVERDUE:
        found.append(
            f"mailbox {box.name} was last looked into {_span(now - box.looked_at)} ago: does the daemon run?"
        )
    if box.not_settled:
        found.append(f"mailbox {box.name} refuses our marks: {box.not_settled}")
    return found


def as_json(standing: Standing) -> dict[str, Any]:
    """Return the standing as one JSON object; instants as the interface writes them."""
    return {
        "at": _iso(standing.at),
        "troubles": list(troubles(standing)),
        "mailboxes": [
            {
                "name": box.name,
                "looked_at": _iso(box.looked_at),
                "away_since": _iso(box.away_since),
                "not_settled": box.not_settled or None,
                "last_uid": box.last_uid,
                "read_by": box.read_by or None,
            }
            for box in standing.mailboxes
        ],
        "nodes": [{"name": node.name, **node.about} for node in standing.nodes if node.lives],
        "tokens": [
            {"name": token.name, "expires_at": _iso(token.expires_at), "error": token.error or None}
            for token in standing.tokens
        ],
        "canaries": [
            {
                "name": one.name,
                "back_at": _iso(one.back_at),
                "round_trip": None if one.round_trip is None else one.round_trip.total_seconds(),
                "overdue_since": _iso(one.overdue_since),
            }
            for one in standing.canaries
        ],
        "cases": dict(standing.cases),
        "open_cases": [
            {"state": state, "severity": severity, "count": count}
            for (state, severity), count in sorted(standing.open_cases.items())
        ],
        "outbox": dict(standing.outbox),
        "oldest_waiting": _iso(standing.oldest_waiting),
        "alarms": {"pending": standing.alarms_pending, "overdue": standing.alarms_overdue},
        "set_aside": standing.set_aside,
        "disk_free": standing.room,
        "away": [{"agent": one.agent.address, "last_day": one.last_day.isoformat()} for one in standing.away],
        "breaker_until": _iso(standing.breaker_until),
        "relay_away_since": _iso(standing.relay_away_since),
        "backup_at": _iso(standing.backup_at),
        "next_deadlines": [
            {
                "reference": case.reference,
                "severity": int(case.severity),
                "state": case.state.value,
                "act_by": _iso(case.deadline.act_by),
                "deadline": _iso(case.deadline.at),
                "assignee": case.assignee,
            }
            for case in standing.next_deadlines
        ],
    }


def in_megabytes(octets: int) -> str:
    return f"{octets // 1_000_000} MB"


def _span(length: timedelta) -> str:
    minutes = int(length.total_seconds()) // 60
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    return f"{days} d {hours} h" if days else f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _iso(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
