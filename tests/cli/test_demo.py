"""`triage demo` is the newcomer's first minute: the real process, its exit code and its events."""

import json
import subprocess
import sys

PROMISED = {
    "case.opened",
    "case.acknowledged",
    "case.reminded",
    "case.breached",
    "case.attended",
    "message.ignored",
}


def demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "triage", "demo", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_the_story_ends_as_it_should_and_its_events_are_told() -> None:
    played = demo("--json")
    assert played.returncode == 0, played.stderr
    events = [json.loads(line) for line in played.stdout.splitlines()]
    assert {event["event"] for event in events} >= PROMISED
    assert all({"at", "event", "case"} <= event.keys() for event in events)
    assert [event["at"] for event in events] == sorted(event["at"] for event in events)


def test_a_story_that_ends_otherwise_is_said_and_exits_with_1() -> None:
    from triage.cli.demo import _judge, _Stage

    missing = _judge(_Stage(sent={"wish": ("NO-2026-000001", "")}, events=[]))
    assert "no case.acknowledged for the case of “wish”" in missing
