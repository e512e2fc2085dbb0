"""Rules and templates swapped while running: on SIGHUP and when their files change.

Parsed and checked whole in a thread, then swapped whole on the loop; where anything is wrong the old ones go on and
that is said loudly: in the log, in the events, and to the admin by mail, once per kind of fault. Knows no file and no
format; wiring hands in what prepares.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from datetime import datetime

from triage.app import trouble
from triage.core.desk import Desk
from triage.core.drafts_site import Trouble
from triage.core.events import EventName
from triage.core.records import Event
from triage.errors import Misconfigured, Problem, Temporary
from triage.log import logger
from triage.ports import Clock, FileWatch, Store, Supervisor, Transaction

_TOLD_PROBLEMS = 20
Swap = Callable[[], str]
"""Puts what was prepared in force, at once; returns its hash."""


class Reloads:
    """`prepare` reads and checks everything (in a thread) and raises Misconfigured with every problem, or returns the
    swap; `desk` gives what is in force; `notify` wakes the dispatcher.
    """

    def __init__(
        self,
        store: Store,
        desk: Callable[[], Desk],
        clock: Clock,
        *,
        prepare: Callable[[], Swap],
        watch: FileWatch,
        supervisor: Supervisor,
        notify: Callable[[], None],
    ) -> None:
        self._store = store
        self._desk = desk
        self._clock = clock
        self._prepare = prepare
        self._watch = watch
        self._supervisor = supervisor
        self._notify = notify
        self._asked = asyncio.Event()
        self._refused: tuple[str, ...] = ()
        self._log = logger(part="rules")

    def ask(self) -> None:
        """Reload soon; for signal handlers on the loop."""
        self._asked.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Reload whenever asked or when a file has changed, until `stop` is set."""
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(self._follow(), name="watching files")
            stopping = tasks.create_task(self._end(stop), name="stopping the watch")
            while not stop.is_set():
                await self._asked.wait()
                self._asked.clear()
                if not stop.is_set():
                    await self.reload()
            watching.cancel()
            stopping.cancel()

    async def _follow(self) -> None:
        async with aclosing(self._watch.changes()) as changes:
            async for paths in changes:
                self._log.info("rules.changed", files=[str(path) for path in paths])
                self._asked.set()

    async def _end(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._asked.set()

    async def reload(self) -> bool:
        """Prepare, then swap or keep; returns whether the new ones are in force. Never raises for what files say."""
        self._supervisor.reloading()
        try:
            swap = await asyncio.to_thread(self._prepare)
        except Misconfigured as error:
            await self._keep(tuple(str(problem) for problem in error.problems))
            return False
        except Exception as error:  # noqa: BLE001
            # Whatever a file does to a reader, the rules in force are whole and go on.
            self._log.exception("rules.refused")
            await self._keep((f"{type(error).__name__}: {error}",))
            return False
        else:
            await self._swapped(swap())
            return True
        finally:
            self._supervisor.ready()

    async def prove(self, check: Callable[[], Sequence[Problem]]) -> None:
        """Check (in a thread) what the start took as it was shipped; the admin is told what is wrong, and we go on."""
        try:
            problems = [problem for problem in await asyncio.to_thread(check) if not problem.warning]
        except Exception as error:  # noqa: BLE001
            # Only mails are at stake, each of which would fail by itself: nothing that works is to end by this.
            self._log.exception("templates.faulty")
            problems = [Problem("templates", 0, 0, "", f"{type(error).__name__}: {error}")]
        if not problems:
            self._log.info("templates.checked")
            return
        words = [str(problem) for problem in problems[:_TOLD_PROBLEMS]]
        self._log.error("templates.faulty", problems=words)
        desk, now = self._desk(), self._clock.now()
        about, detail = problems[0].file, "\n".join(words)
        await self._write(
            lambda tx: trouble.tell_admin(tx, desk, Trouble.TEMPLATES_FAULTY, about, now, now, detail=detail)
        )
        self._notify()

    async def _swapped(self, digest: str) -> None:
        self._refused = ()
        self._log.info("rules.reloaded", hash=digest)
        now = self._clock.now()
        event = Event(now, EventName.RULES_RELOADED, data={"hash": digest})
        await self._write(lambda tx: tx.add_events([event]))

    async def _keep(self, problems: Sequence[str]) -> None:
        self._log.error("rules.refused", problems=list(problems))
        told, self._refused = self._refused, tuple(problems)
        desk, now = self._desk(), self._clock.now()
        await self._write(
            lambda tx: _tell(tx, desk, problems[:_TOLD_PROBLEMS], now, by_mail=told != self._refused)
        )
        self._notify()

    async def _write(self, work: Callable[[Transaction], None]) -> None:
        try:
            await self._store.write(work)
        except Temporary as error:
            self._log.error("store.failed", error=str(error))


def _tell(tx: Transaction, desk: Desk, problems: Sequence[str], now: datetime, *, by_mail: bool) -> None:
    tx.add_events([Event(now, EventName.RULES_REFUSED, data={"problems": list(problems)})])
    if by_mail:
        trouble.tell_admin(tx, desk, Trouble.RULES_REFUSED, "", now, now, detail="\n".join(problems))
