# ruff: noqa: INP001, T201 - a script
"""Print docs/metrics.md from the metrics themselves: `python docs/metrics.py > docs/metrics.md`; a test compares them."""

from triage.adapters.metrics_prometheus import PrometheusMetrics

_HEAD = """# Metrics

Served as `/metrics` on `http.listen` (loopback unless you say otherwise; `http: null`: not at all), in Prometheus' text
format. Figures of the present are read from the store when they are asked for; counters count from the start of the
process, whoever wrote the event: with several daemons on one store every one of them tells of all, so take the maximum, not the
sum. No address, subject or reference ever becomes a label.

`/healthz` answers 503 while a loop of the daemon hangs; `/readyz` while the store or a mailbox cannot be reached, or
a mailbox has not been read to its end for five minutes. Both answer in JSON with the names of what is wrong. A daemon that
stands by is ready: `standing_by` names the mailboxes and the daemon that reads each.

| metric | kind | labels | what it says |
|---|---|---|---|
"""
_TAIL = """
Alarms worth having: `triage_mailbox_lag_seconds > 300`, `triage_outbox_oldest_age_seconds > 900`,
`triage_alarms_overdue > 0`, `triage_breaker_open > 0`, `increase(triage_deadlines_total{result="missed"}[1h]) > 0`,
`triage_token_expiry_timestamp_seconds - time() < 600`, `triage_backup_age_seconds > 2 * 86400`, `triage_canary_overdue > 0`.
"""


def page() -> str:
    """Return the page's text."""
    rows = []
    for metric in PrometheusMetrics().described():
        name, kind, labels, words = metric
        rows.append(f"| `{name}` | {kind} | {' '.join(f'`{label}`' for label in labels)} | {words} |")
    return _HEAD + "\n".join(rows) + "\n" + _TAIL


if __name__ == "__main__":
    print(page(), end="")
