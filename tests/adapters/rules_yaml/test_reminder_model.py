import pytest

from triage import strict_yaml
from triage.adapters.rules_yaml import sla
from triage.core.model import Severity
from triage.core.reminders import Anchor, Digest, Escalated, Unless
from triage.core.support import Lifecycle
from triage.errors import Misconfigured


def reminders(text: str):
    return sla.load_reminders(strict_yaml.parse(f"reminders: {text}", "rules.yaml"))


def step(text: str):
    (found,) = reminders(f"{{steps: {{2: [{text}]}}}}").steps[Severity.MEDIUM]
    return found


def refused(load, text: str) -> str:
    with pytest.raises(Misconfigured) as caught:
        load(strict_yaml.parse(text, "rules.yaml"))
    return "\n".join(str(problem) for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("at", "anchor", "percent", "offset"),
    [
        ("arrival", Anchor.ARRIVAL, 0, 0),
        ("arrival+30m", Anchor.ARRIVAL, 0, 1800),
        ("arrival+90s", Anchor.ARRIVAL, 0, 90),
        ("arrival+90", Anchor.ARRIVAL, 0, 90),
        ("opening", Anchor.OPENING, 0, 0),
        ("50%", Anchor.FRACTION, 50, 0),
        ("12.5%", Anchor.FRACTION, 12.5, 0),
        ("-15m", Anchor.BEFORE, 0, 900),
        ("-900s", Anchor.BEFORE, 0, 900),
        ("breach", Anchor.BREACH, 0, 0),
        ("breach+1h30m", Anchor.BREACH, 0, 5400),
        ("from", Anchor.FROM, 0, 0),
    ],
)
def test_the_moments_of_steps(at, anchor, percent, offset):
    found = step(f"{{at: '{at}', to: [assignee]}}")
    assert (found.label, found.anchor, found.percent, found.offset) == (at, anchor, percent, offset)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{at: soon, to: [lead]}", "steps.2.0.at: 'soon' is no moment"),
        ("{at: 101%, to: [lead]}", "steps.2.0.at: '101%' is after the deadline"),
        ("{at: breach+1d, to: [lead]}", "a day is ambiguous"),
        ("{at: breach, to: [boss]}", "steps.2.0.to.0: input should be 'assignee'"),
        ("{at: breach, to: []}", "steps.2.0.to"),
        ("{at: breach}", "steps.2.0.to: is required and missing"),
        ("{at: breach, to: [lead], when: night}", "steps.2.0.when: input should be 'any' or 'desk'"),
        ("{at: breach, to: [lead], unless: bored}", "steps.2.0.unless: input should be 'taken'"),
        ("{at: breach, to: [lead], repeat: 3}", "repeat needs an offset"),
        ("{at: -1h, to: [lead], repeat: 3}", "repeat needs an offset"),
        ("{at: breach, to: [lead], repat: 3}", "steps.2.0.repat: unknown key; did you mean repeat?"),
    ],
)
def test_a_step_is_refused_with_key_and_reason(text, told):
    assert told in refused(sla.load_reminders, f"reminders: {{steps: {{2: [{text}]}}}}")


def test_two_steps_at_the_same_moment_have_different_identities():
    found = reminders("{steps: {1: [{at: 50%, to: [lead]}, {at: 50%, to: [manager], when: any}]}}")
    assert [s.label for s in found.steps[Severity.HIGH]] == ["50%", "50% #2"]


def test_durations_may_be_seconds_and_zero():
    found = reminders("{coalesce: 0, min_gap: 900, per_hour: 3}")
    assert (found.coalesce, found.min_gap, found.per_hour) == (0, 900, 3)


def test_the_digest_and_the_escalated_reminders():
    found = reminders(
        "{digest: {at: '08:30', of: [breached], empty: send}, "
        "escalated: {to: [target, lead], remind: 30m, unless: told_client}}"
    )
    assert found.digest is not None
    assert (found.digest.of, f"{found.digest.at:%H:%M}", found.digest.when_empty) == (
        ("breached",),
        "08:30",
        True,
    )
    assert found.escalated == Escalated(("target", "lead"), 1800, Unless.TOLD_CLIENT)
    assert reminders("{digest: {}}").digest == Digest()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{digest: {at: noon}}", "reminders.digest: at: 'noon' is no time"),
        ("{digest: {of: [gossip]}}", "reminders.digest.of.0"),
        ("{escalated: {remind: 0}}", "remind: zero"),
        ("{per_hour: 0}", "reminders.per_hour"),
        ("{after_downtime: all}", "reminders.after_downtime"),
        ("[1]", "reminders"),
    ],
)
def test_the_rest_is_refused_with_key_and_reason(text, told):
    assert told in refused(sla.load_reminders, f"reminders: {text}")


def test_without_reminders_there_are_none():
    found = sla.load_reminders(strict_yaml.parse("sla: {}", "rules.yaml"))
    assert (found.steps, found.digest, found.escalated) == ({}, None, None)


# -- lifecycle -------------------------------------------------------------------------------------------------------


def test_the_lifecycle_has_the_definitions_defaults():
    found = sla.load_lifecycle(strict_yaml.parse("sla: {}", "rules.yaml"))
    assert found.clock == {
        "new": "run", "taken": "run", "escalated": "run", "waiting": "pause", "planned": "stop",
        "attended": "stop", "resolved": "stop", "closed": "stop", "merged": "drop",
    }  # fmt: skip
    assert found == Lifecycle(clock=found.clock)


def test_the_lifecycle_is_read():
    found = sla.load_lifecycle(
        strict_yaml.parse(
            "lifecycle: {waiting: run, severity_change: {base: change, if_past: keep, raise_never_later: false}, "
            "calendar_change: recompute, reopen_days: 7}",
            "rules.yaml",
        )
    )
    assert found.clock["waiting"] == "run"
    assert (found.severity_base, found.severity_if_past, found.raise_never_later) == ("change", "keep", False)
    assert (found.calendar_change, found.reopen_days) == ("recompute", 7)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{waiting: halt}", "lifecycle.waiting: input should be 'run', 'pause', 'stop' or 'drop'"),
        ("{wating: pause}", "lifecycle.wating: unknown key; did you mean waiting?"),
        ("{severity_change: {base: yesterday}}", "lifecycle.severity_change.base"),
        ("{severity_change: {raise_never_later: 1}}", "lifecycle.severity_change.raise_never_later"),
    ],
)
def test_the_lifecycle_is_refused_with_key_and_reason(text, told):
    assert told in refused(sla.load_lifecycle, f"lifecycle: {text}")
