"""`ports.Metrics` over prometheus_client: figures as gauges and counters, in the text format that Prometheus scrapes.

Label sets are bounded: states, severities, kinds and outcomes are enumerations, mailboxes come from the
configuration, rules are cut at `RULES`. No address, subject or reference ever becomes a label. docs/metrics.md is
made from what stands here (a test compares them).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from math import nan

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.metrics import MetricWrapperBase

from triage.core.events import EventName
from triage.core.model import Case
from triage.core.promises import kept
from triage.core.records import Event
from triage.core.standing import Standing

RULES = 500
OTHER = "other"
_LATENCIES = (1, 2, 5, 10, 30, 60, 120, 300, 900, 3600, 14400, 86400)
_MESSAGES = {
    EventName.CASE_OPENED: "opened",
    EventName.CASE_JOINED: "joined",
    EventName.CASE_NOTED: "noted",
    EventName.MESSAGE_IGNORED: "ignored",
    EventName.MESSAGE_SET_ASIDE: "set_aside",
}

_NewGauge = Callable[..., Gauge]


class _Mailboxes:
    """How far each mailbox was read, and how long its sign-in and the relay's hold."""

    def __init__(self, gauge: _NewGauge) -> None:
        by = ["mailbox"]
        self._looked = gauge(
            "triage_mailbox_last_success_timestamp_seconds",
            "When a mailbox had last been read to its end",
            by,
        )
        self._lag = gauge("triage_mailbox_lag_seconds", "How long ago that was", by)
        self._away = gauge("triage_mailbox_unreachable", "1 while a mailbox cannot be reached", by)
        self._token = gauge(
            "triage_token_expiry_timestamp_seconds", "When an OAuth 2 access token ends", ["name"]
        )

    def stands(self, standing: Standing) -> None:
        for box in standing.mailboxes:
            if box.looked_at is not None:
                self._looked.labels(box.name).set(box.looked_at.timestamp())
                self._lag.labels(box.name).set(_seconds(box.looked_at, standing.at))
            self._away.labels(box.name).set(box.away_since is not None)
        for token in standing.tokens:
            if token.expires_at is not None:
                self._token.labels(token.name).set(token.expires_at.timestamp())


class _Canaries:
    def __init__(self, gauge: _NewGauge) -> None:
        by = ["mailbox"]
        self._age = gauge(
            "triage_canary_age_seconds", "How long ago the last test mail to ourselves was read", by
        )
        self._trip = gauge(
            "triage_canary_round_trip_seconds", "How long the last one took from outbox to mailbox", by
        )
        self._late = gauge("triage_canary_overdue", "1 while one is overdue", by)

    def stands(self, standing: Standing) -> None:
        for canary in standing.canaries:
            if canary.back_at is not None:
                self._age.labels(canary.name).set(_seconds(canary.back_at, standing.at))
            if canary.round_trip is not None:
                self._trip.labels(canary.name).set(canary.round_trip.total_seconds())
            self._late.labels(canary.name).set(canary.overdue_since is not None)


class _Stock:
    """What lies in the store, and what keeps it from going on."""

    def __init__(self, gauge: _NewGauge) -> None:
        self._cases = gauge("triage_open_cases", "Cases not ended", ["state", "severity"])
        self._ended = gauge("triage_ended_cases", "Cases ended, ever", ["state"])
        self._outbox = gauge("triage_outbox_mails", "Outgoing mails by state", ["state"])
        self._depth = gauge("triage_outbox_depth", "Mails still to be sent")
        self._oldest = gauge(
            "triage_outbox_oldest_age_seconds", "Age of the oldest mail still to be sent, 0 if none"
        )
        self._alarms = gauge("triage_alarms_pending", "Alarms to come")
        self._overdue = gauge("triage_alarms_overdue", "Alarms more than two minutes late")
        self._aside = gauge("triage_set_aside", "Messages set aside that nobody has dealt with")
        self._breaker = gauge("triage_breaker_open", "1 while automatic mail is stopped")
        self._relay = gauge("triage_relay_unreachable", "1 while the smtp server cannot be reached")
        self._room = gauge(
            "triage_store_disk_free_bytes", "Room left on the disk of an SQLite store; NaN on PostgreSQL"
        )
        self._backup = gauge(
            "triage_backup_age_seconds", "How long ago the last scheduled backup was written"
        )

    def stands(self, standing: Standing) -> None:
        self._cases.clear()
        for (state, severity), count in standing.open_cases.items():
            self._cases.labels(state, str(severity)).set(count)
        for state in ("resolved", "closed", "merged"):
            self._ended.labels(state).set(standing.cases.get(state, 0))
        self._outbox.clear()
        for state, count in standing.outbox.items():
            self._outbox.labels(state).set(count)
        self._depth.set(standing.waiting)
        self._oldest.set(_seconds(standing.oldest_waiting, standing.at))
        self._alarms.set(standing.alarms_pending)
        self._overdue.set(standing.alarms_overdue)
        self._aside.set(standing.set_aside)
        self._breaker.set(standing.breaker_until is not None)
        self._relay.set(standing.relay_away_since is not None)
        self._room.set(nan if standing.room is None else standing.room)
        self._backup.set(_seconds(standing.backup_at, standing.at))


class _Nodes:
    def __init__(self, gauge: _NewGauge) -> None:
        self._reads = gauge(
            "triage_mailbox_reader",
            "1 where this daemon reads the mailbox, 0 where it stands by for another",
            ["mailbox"],
        )
        self._nodes = gauge("triage_nodes", "Daemons that live on this store")

    def node(self, reads: Mapping[str, bool], nodes: int) -> None:
        for mailbox, read in reads.items():
            self._reads.labels(mailbox).set(read)
        self._nodes.set(nodes)


class _Happened:
    """What was counted since the start of the process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        counter = partial(Counter, registry=registry)
        self._messages = counter("triage_messages", "Messages taken in, by outcome", ["outcome"])
        self._mails = counter("triage_mails", "What became of outgoing mails", ["kind", "result"])
        self._refusals = counter("triage_governor_refusals", "Mails that the governor refused")
        self._rules = counter("triage_rule_hits", "Cases classified by a rule", ["rule"])
        self._deadlines = counter(
            "triage_deadlines", "Promises kept (met) and broken (missed)", ["severity", "result"]
        )
        self._latency = Histogram(
            "triage_acknowledgement_seconds",
            "From a mail's arrival to its accepted acknowledgement",
            buckets=_LATENCIES,
            registry=registry,
        )
        self._known_rules: set[str] = set()

    def happened(self, event: Event, case: Case | None) -> None:
        """Count one event; `case` as it is now, where the event has one."""
        if event.event in _MESSAGES:
            self._messages.labels(_MESSAGES[EventName(event.event)]).inc()
        if event.event.startswith("mail."):
            self._mails.labels(str(event.data.get("kind", OTHER)), event.event.removeprefix("mail.")).inc()
        match event.event:
            case EventName.CASE_CLASSIFIED:
                self._rules.labels(self._bounded(str(event.data.get("rule", OTHER)))).inc()
            case EventName.MAIL_REFUSED:
                self._refusals.inc()
            case EventName.CASE_ACKNOWLEDGED if case is not None:
                self._latency.observe(_seconds(case.arrival, event.at))
            case EventName.CASE_BREACHED if case is not None:
                self._deadlines.labels(str(int(case.severity)), "missed").inc()
            case EventName.CASE_ATTENDED | EventName.CASE_RESOLVED | EventName.CASE_PLANNED if (
                case is not None
            ):
                if case.attended_at == event.at and kept(case):
                    self._deadlines.labels(str(int(case.severity)), "met").inc()

    def _bounded(self, rule: str) -> str:
        if rule not in self._known_rules and len(self._known_rules) >= RULES:
            return OTHER
        self._known_rules.add(rule)
        return rule


class PrometheusMetrics:
    """Counters count from the start of the process; gauges are as fresh as the last `stands`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        gauge = partial(Gauge, registry=self.registry)
        self._present = (_Mailboxes(gauge), _Canaries(gauge), _Stock(gauge))
        self._nodes = _Nodes(gauge)
        self._happened = _Happened(self.registry)

    def stands(self, standing: Standing) -> None:
        """Take over the figures of one moment; what is no more there disappears."""
        for group in self._present:
            group.stands(standing)

    def node(self, reads: Mapping[str, bool], nodes: int) -> None:
        self._nodes.node(reads, nodes)

    def happened(self, event: Event, case: Case | None) -> None:
        self._happened.happened(event, case)

    def described(self) -> list[tuple[str, str, tuple[str, ...], str]]:
        """Return (name, kind, labels, words) of every metric, for the documentation."""
        groups = (*self._present, self._nodes, self._happened)
        made = (one for group in groups for one in vars(group).values() if isinstance(one, MetricWrapperBase))
        found = []
        for metric in made:
            (family,) = metric.describe()
            name = f"{family.name}_total" if family.type == "counter" else family.name
            found.append((name, family.type, tuple(metric._labelnames), family.documentation))  # noqa: SLF001 - it has no public name
        return found

    def page(self) -> tuple[str, bytes]:
        """Return the content type and the body of what a scraper gets."""
        return CONTENT_TYPE_LATEST, generate_latest(self.registry)


def _seconds(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since is not None else 0.0
