"""The metrics: every figure of the standing is there, and no label grows without bound."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.adapters.store_sql.samples import ANA, NOW, a_case, minutes
from triage.adapters.metrics_prometheus import RULES, PrometheusMetrics
from triage.core.events import EventName
from triage.core.model import Address, MailKind, Severity
from triage.core.records import Event
from triage.core.standing import CanaryStanding, MailboxStanding, Standing, TokenStanding

STANDING = Standing(
    NOW,
    mailboxes=(MailboxStanding("soporte", NOW - minutes(1), NOW),),
    tokens=(TokenStanding("smtp", NOW + minutes(60)),),
    cases={"new": 2, "closed": 7},
    open_cases={("new", 1): 2},
    outbox={"queued": 3, "deferred": 1, "accepted": 50},
    oldest_waiting=NOW - minutes(2),
    alarms_pending=9,
    alarms_overdue=1,
    set_aside=4,
    room=7_000_000_000,
)


def scraped(metrics: PrometheusMetrics) -> dict[str, float]:
    _, page = metrics.page()
    families = text_string_to_metric_families(page.decode())
    return {
        "/".join([sample.name, *(value for _, value in sorted(sample.labels.items()))]): sample.value
        for family in families
        for sample in family.samples
    }


def test_the_present_is_told_in_gauges():
    metrics = PrometheusMetrics()
    metrics.stands(STANDING)
    found = scraped(metrics)
    wanted = {
        "triage_mailbox_lag_seconds/soporte": 60,
        "triage_mailbox_unreachable/soporte": 1,
        "triage_mailbox_last_success_timestamp_seconds/soporte": (NOW - minutes(1)).timestamp(),
        "triage_token_expiry_timestamp_seconds/smtp": (NOW + minutes(60)).timestamp(),
        "triage_open_cases/1/new": 2,
        "triage_ended_cases/closed": 7,
        "triage_outbox_mails/accepted": 50,
        "triage_outbox_depth": 4,
        "triage_outbox_oldest_age_seconds": 120,
        "triage_alarms_pending": 9,
        "triage_alarms_overdue": 1,
        "triage_set_aside": 4,
        "triage_breaker_open": 0,
        "triage_relay_unreachable": 0,
        "triage_store_disk_free_bytes": 7_000_000_000,
    }
    assert {name: found[name] for name in wanted} == wanted


def test_what_is_no_more_disappears():
    metrics = PrometheusMetrics()
    metrics.stands(STANDING)
    metrics.stands(Standing(NOW))
    assert not [
        name for name in scraped(metrics) if name.startswith(("triage_open_cases/", "triage_outbox_mails/"))
    ]


def test_events_are_counted():
    metrics = PrometheusMetrics()
    case = a_case(arrival=NOW, attended_at=NOW + minutes(5))
    metrics.happened(Event(NOW, "case.opened", data={"client": ANA}), case)
    metrics.happened(Event(NOW, "case.classified", data={"rule": "site-down"}), case)
    metrics.happened(Event(NOW + timedelta(seconds=4), "case.acknowledged"), case)
    metrics.happened(Event(NOW + minutes(5), "case.attended"), case)
    metrics.happened(Event(NOW, "case.breached"), replace(case, severity=Severity.MEDIUM))
    metrics.happened(Event(NOW, "mail.refused", data={"kind": "reminder", "to": ANA}), case)
    found = scraped(metrics)
    assert found["triage_messages_total/opened"] == 1
    assert found["triage_rule_hits_total/site-down"] == 1
    assert found["triage_acknowledgement_seconds_bucket/5.0"] == 1
    assert found["triage_acknowledgement_seconds_bucket/2.0"] == 0
    assert found["triage_deadlines_total/met/1"] == 1
    assert found["triage_deadlines_total/missed/2"] == 1
    assert found["triage_governor_refusals_total"] == 1
    assert found["triage_mails_total/reminder/refused"] == 1


def test_attending_late_keeps_no_promise():
    metrics = PrometheusMetrics()
    case = a_case(attended_at=NOW + minutes(500), breached_at=NOW + minutes(120))
    metrics.happened(Event(NOW + minutes(500), "case.attended"), case)
    assert not [name for name in scraped(metrics) if "/met/" in name]


def test_rules_beyond_the_bound_share_one_label_and_no_address_is_a_label():
    metrics = PrometheusMetrics()
    for number in range(RULES + 50):
        metrics.happened(Event(NOW, "case.classified", by=ANA, data={"rule": f"r{number}"}), None)
    found = scraped(metrics)
    assert found["triage_rule_hits_total/other"] == 50
    assert not re.search(r"@", metrics.page()[1].decode())


def documented() -> dict[str, set[str]]:
    """Every metric of docs/metrics.md with its labels."""
    table = (Path(__file__).parents[2] / "docs/metrics.md").read_text().partition("|---|")[2]
    rows = re.findall(r"^\| `(\w+)` \| \w+ \| ([^|]*) \|", table, re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}


def everything_happens(metrics: PrometheusMetrics, number: int) -> None:
    """A standing with all there can be, and every event once, of a case that nobody saw before."""
    canary = CanaryStanding("soporte", NOW, timedelta(seconds=3), NOW)
    metrics.stands(replace(STANDING, canaries=(canary,), backup_at=NOW))
    metrics.node({"soporte": True}, 2)
    case = a_case(number, arrival=NOW, attended_at=NOW, client=Address(f"c{number}@tienda.example"))
    for kind in MailKind:
        for name in EventName:
            data = {
                "rule": f"r{number}",
                "kind": str(kind),
                "to": case.client.address,
                "subject": case.subject,
            }
            metrics.happened(Event(NOW, name, case.reference, case.client.address, data), case)


def test_every_documented_metric_is_there_after_traffic_with_just_its_labels():
    metrics = PrometheusMetrics()
    everything_happens(metrics, 1)
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(metrics.page()[1].decode()):
        for sample in family.samples:
            if not sample.name.endswith("_created"):
                name = re.sub(r"_(bucket|sum|count)$", "", sample.name)
                found.setdefault(name, set()).update(set(sample.labels) - {"le"})
    assert found == documented()


def test_a_thousand_clients_and_rules_make_no_more_series_than_the_bound():
    metrics = PrometheusMetrics()
    for number in range(1, RULES + 20):
        everything_happens(metrics, number)
    series = scraped(metrics)
    assert len([name for name in series if not name.startswith("triage_rule_hits")]) < 400
    assert len([name for name in series if name.startswith("triage_rule_hits_total/")]) == RULES + 1
    assert "@" not in metrics.page()[1].decode()
