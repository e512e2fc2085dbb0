"""The daemon's pulse: the supervisor hears that we live only while every loop makes progress.

The loops themselves are tested where they are at work, in tests/e2e.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

from triage.app.daemon import Daemon
from triage.app.progress import GRACE, Progress


@dataclass
class Clock:
    at: float = 0.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Supervisor:
    """Hears the pulse; `each` is called at every beat, so that the test can turn the clock."""

    heard: list[str] = field(default_factory=list)

    def ready(self) -> None: ...
    def reloading(self) -> None: ...
    def stopping(self) -> None: ...

    def alive(self) -> None:
        self.heard.append("alive")

    def status(self, words: str) -> None:
        self.heard.append(words)

    def interval(self) -> float:
        return 0.001


def a_daemon(progress: Progress, supervisor: Supervisor) -> Daemon:
    unused = cast("Any", None)
    return Daemon(
        store=unused,
        watched=(),
        intake=unused,
        alarms=unused,
        dispatcher=unused,
        alarm_clock=unused,
        supervisor=supervisor,
        clock=unused,
        poll=unused,
        readers=unused,
        unreachable=unused,
        desk=unused,
        progress=progress,
    )


async def beat(daemon: Daemon, supervisor: Supervisor, word: str) -> None:
    """Let the pulse run until the supervisor has heard a word."""
    stop = asyncio.Event()
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        tasks.create_task(daemon._stay_alive(stop))
        while word not in supervisor.heard:
            await asyncio.sleep(0)
        stop.set()


async def test_while_every_loop_makes_progress_the_supervisor_hears_that_we_live() -> None:
    clock, supervisor = Clock(), Supervisor()
    progress = Progress(clock)
    progress.expect("dispatch")
    await beat(a_daemon(progress, supervisor), supervisor, "alive")
    assert set(supervisor.heard) == {"alive"}


async def test_a_loop_that_hangs_silences_the_pulse_and_is_named() -> None:
    clock, supervisor = Clock(), Supervisor()
    progress = Progress(clock)
    progress.expect("mailbox soporte")
    progress.expect("dispatch", 3_600)
    clock.at = GRACE + 1
    await beat(a_daemon(progress, supervisor), supervisor, "stuck: mailbox soporte")
    assert "alive" not in supervisor.heard
