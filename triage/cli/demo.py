"""`triage demo`: IMAP and SMTP on loopback, the real daemon on a stepped clock, a week's story in seconds."""

import asyncio
import json
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import click

from triage.cli.demo_story import ENDING, STORY, SUPPORT, ZONE, Scene, compose

_PASSWORD = "demo"  # noqa: S105 - of a mail server that lives for seconds on loopback
_AFTERMATH = timedelta(hours=8)


@click.command(epilog="Examples: triage demo; triage demo --speed 3600; triage demo --json | jq .event")
@click.option("--json", "as_json", is_flag=True, help="The events, one JSON object a line.")
@click.option("--speed", type=click.FloatRange(min=1), help="Play at N times real time (default: at once).")
def demo(*, as_json: bool, speed: float | None) -> None:
    """Watch the whole job in a minute: a dozen mails, cases, acknowledgements, reminders, a breach, answers.

    Everything is real but the clock: an IMAP and an SMTP server on loopback inside this process, the daemon, its
    store. Nothing leaves this machine. Exit 1 when the story did not end as it should.
    """
    teller = _Json() if as_json else _Words(speed)
    missing = asyncio.run(_play(teller))
    for words in missing:
        click.echo(f"the story did not end as it should: {words}", err=True)
    sys.exit(1 if missing else 0)


@dataclass
class _Stage:
    """What the driver knows while the story runs: scene -> (reference, Message-ID of the acknowledgement)."""

    sent: dict[str, tuple[str, str]] = field(default_factory=dict)
    told: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)


async def _play(teller: "_Words | _Json") -> list[str]:
    from triage import log
    from triage.adapters.clock_stepped import SilentAlarmClock, SteppedClock
    from triage.adapters.servers_embedded import EmbeddedServers
    from triage.wiring import building

    clock = SteppedClock(STORY[0].at - timedelta(minutes=5))
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="triage-demo-")))
        servers = await stack.enter_async_context(EmbeddedServers({SUPPORT: _PASSWORD}, clock.now))
        config = _settings(folder, servers.imap_port, servers.smtp_port)
        built = await stack.enter_async_context(
            building.daemon(config, clock=clock, alarm_clock=SilentAlarmClock())
        )
        log.configure("json", "error")
        stage = _Stage()
        await built.daemon.pass_once()
        for scene in STORY:
            await _pass_time(built, clock, stage, teller, scene.at)
            teller.scene(scene)
            await servers.append(SUPPORT, compose(scene, stage.sent), scene.at)
            await _work(built, stage, teller, scene)
        await _pass_time(built, clock, stage, teller, STORY[-1].at + _AFTERMATH)
        teller.end(len(servers.posted), stage.events)
    return _judge(stage)


async def _pass_time(built: Any, clock: Any, stage: _Stage, teller: Any, until: datetime) -> None:
    """Jump from one due moment to the next, letting the daemon work at each."""
    while True:
        due = await built.store.read(lambda tx: [tx.next_alarm_at(), tx.next_outbox_at()])
        moments = [at for at in due if at is not None and at <= until]
        if not moments:
            break
        clock.jump(min(moments))
        await _work(built, stage, teller, None)
    clock.jump(until)


async def _work(built: Any, stage: _Stage, teller: Any, scene: Scene | None) -> None:
    """Let the daemon do all there is to do, then tell what happened."""
    from triage.app import showing
    from triage.core.events import EventName

    await built.daemon.pass_once()
    await built.daemon.pass_once()
    found = await built.store.read(
        lambda tx: tx.events_since(STORY[0].at - timedelta(days=1), list(EventName))
    )
    fresh = [showing.event_json(event) for event in found[stage.told :]]
    stage.told = len(found)
    stage.events += fresh
    for event in fresh:
        if scene is not None and event["event"] == "case.opened":
            stage.sent[scene.name] = (event["case"], "")
        if event["event"] == "case.acknowledged":
            for name, (reference, _) in stage.sent.items():
                if reference == event["case"]:
                    stage.sent[name] = (reference, event["message_id"])
        teller.event(event)


def _judge(stage: _Stage) -> list[str]:
    """Return what is missing from the ending."""
    missing = []
    for name, scene in ENDING:
        reference = stage.sent.get(scene, (None, ""))[0]
        happened = [e for e in stage.events if e["event"] == name and (not scene or e["case"] == reference)]
        if not happened:
            missing.append(f"no {name} for the case of “{scene}”" if scene else f"no {name}")
    acknowledged = [e["case"] for e in stage.events if e["event"] == "case.acknowledged"]
    missing += [f"{ref} was acknowledged twice" for ref in set(acknowledged) if acknowledged.count(ref) > 1]
    return missing


def _settings(folder: Path, imap: int, smtp: int) -> Any:
    """Return the sample site's settings, pointed at the embedded servers and a store in a temporary folder."""
    from triage import settings
    from triage.wiring import judging

    (folder / "secret").write_text(_PASSWORD)
    sample = settings.sample()
    secret = settings.Secret(file=folder / "secret")
    box = sample.mailboxes[0]
    server = box.imap.model_copy(update={"port": imap, "user": SUPPORT, "password": secret})
    return sample.model_copy(
        update={
            "site": sample.site.model_copy(update={"secret": secret}),
            "store": f"sqlite:///{folder / 'triage.db'}",
            "rules": judging.nearest_rules().resolve(),
            "mailboxes": (box.model_copy(update={"imap": server, "start": "all"}),),
            "smtp": sample.smtp.model_copy(update={"port": smtp}),
        }
    )


class _Json:
    """Tells the events, one JSON object a line."""

    def scene(self, scene: Scene) -> None:
        pass

    def event(self, event: dict[str, Any]) -> None:
        click.echo(json.dumps(event, ensure_ascii=False))

    def end(self, mails: int, events: list[dict[str, Any]]) -> None:
        pass


class _Words:
    """Tells the story to a person, in the site's local time."""

    _COLOURS: ClassVar = {
        "case.breached": "red",
        "case.acknowledged": "green",
        "case.attended": "green",
        "message.set_aside": "red",
    }

    def __init__(self, speed: float | None) -> None:
        self._speed = speed
        self._before: datetime | None = None

    def scene(self, scene: Scene) -> None:
        self._wait(scene.at)
        click.echo()
        click.echo(
            f"{_when(scene.at)}  ✉  "
            + click.style(scene.what, bold=True)
            + f": “{scene.subject.replace('[{ref}] ', '')}”"
        )

    def event(self, event: dict[str, Any]) -> None:
        at = datetime.fromisoformat(event["at"])
        self._wait(at)
        words = _WORDS.get(event["event"])
        if words is None:
            return
        colour = self._COLOURS.get(event["event"])
        name = click.style(event["event"].ljust(18), fg=colour)
        click.echo(f"{_when(at)}     {name} {(event['case'] or '').ljust(15)} {words(event)}")

    def end(self, mails: int, events: list[dict[str, Any]]) -> None:
        opened = sum(e["event"] == "case.opened" for e in events)
        click.echo(
            f"\n{len(STORY)} mails came in, {opened} cases, {mails} mails went out; everything in its time but one."
        )

    def _wait(self, at: datetime) -> None:
        if self._speed and self._before is not None and at > self._before:
            import time

            time.sleep(min((at - self._before).total_seconds() / self._speed, 5))
        self._before = max(at, self._before or at)


def _when(at: datetime) -> str:
    return at.astimezone(ZONE).strftime("%a %d %H:%M")


def _local(text: str) -> str:
    return _when(datetime.fromisoformat(text))


def _list(values: Iterable[str]) -> str:
    return ", ".join(f"“{value}”" for value in values)


_WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "case.opened": lambda e: f"for {e['client']} ({e['language']})",
    "case.classified": lambda e: (
        f"severity {e['severity']}: {e.get('rule', '')} {_list(e.get('words', [])[:4])}"
        + (
            f"; attended {'from' if e['kind'] == 'from' else 'by'} {_local(e['deadline'])}"
            if "deadline" in e
            else ""
        )
    ),
    "case.acknowledged": lambda e: f"{e['to']} was told",
    "case.joined": lambda e: f"by {e['by']}",
    "case.noted": lambda e: f"from {e['by']}: {e.get('class') or 'a note'}",
    "case.reminded": lambda e: f"{e['step']}: {', '.join(e['to'])}",
    "case.breached": lambda _: "the deadline passed",
    "case.taken": lambda e: f"by {e['by']}",
    "case.attended": lambda e: f"by {e['by']} ({e.get('via', '')})",
    "case.planned": lambda e: f"for {e.get('date', '')}, the client is told",
    "case.closed": lambda e: f"by {e['by']}",
    "case.reopened": lambda e: f"cycle {e.get('cycle', '')}, attended by {_local(e['deadline'])}",
    "message.ignored": lambda e: f"{e['from']}: {e['reason']}",
    "message.set_aside": lambda e: f"{e['from']}: {e['why']}",
}
