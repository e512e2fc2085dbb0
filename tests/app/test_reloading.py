"""Reloading: whole or not at all, said in the log's events, in the store, and to the admin; a real store."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from tests.builders import a_site
from triage import settings
from triage.adapters import rules_yaml
from triage.adapters.renderer_jinja import JinjaRenderer
from triage.adapters.store_sql.store import open_store
from triage.app.reloading import Reloads, Swap
from triage.core.desk import Desk
from triage.core.events import EventName
from triage.core.records import Event, OutboxRow
from triage.errors import Misconfigured, Problem, Temporary
from triage.ports import Store, Transaction

T = TypeVar("T")
NOW = datetime(2026, 10, 20, 13, 0, tzinfo=UTC)


class FixedClock:
    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@dataclass
class Said:
    """A supervisor that remembers."""

    words: list[str] = field(default_factory=list)

    def ready(self) -> None:
        self.words.append("ready")

    def reloading(self) -> None:
        self.words.append("reloading")

    def alive(self) -> None: ...
    def stopping(self) -> None: ...
    def status(self, words: str) -> None: ...
    def interval(self) -> float:
        return 1.0


@dataclass
class Watch:
    queue: "asyncio.Queue[tuple[Path, ...]]" = field(default_factory=asyncio.Queue)

    async def changes(self) -> AsyncGenerator[tuple[Path, ...], None]:
        while True:
            yield await self.queue.get()


@dataclass
class Bench:
    """A `Reloads` whose files say what the test wants."""

    store: Store
    reloads: Reloads = field(init=False)
    desk: Desk
    outcome: Callable[[], str] = field(default=lambda: "h0")
    in_force: list[str] = field(default_factory=list)
    supervisor: Said = field(default_factory=Said)
    watch: Watch = field(default_factory=Watch)
    swapped: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.reloads = Reloads(
            self.store,
            lambda: self.desk,
            FixedClock(),
            prepare=self.prepare,
            watch=self.watch,
            supervisor=self.supervisor,
            notify=lambda: None,
        )

    def prepare(self) -> Swap:
        digest = self.outcome()

        def swap() -> str:
            self.in_force.append(digest)
            self.swapped.set()
            return digest

        return swap

    def break_with(self, *problems: str) -> None:
        def broken() -> str:
            raise Misconfigured(tuple(Problem("rules.yaml", 17, 5, "sla", words) for words in problems))

        self.outcome = broken

    async def events(self) -> list[Event]:
        names = [EventName.RULES_RELOADED, EventName.RULES_REFUSED]
        return list(await self.store.read(lambda tx: tx.events_since(NOW, names)))

    async def mails(self) -> list[OutboxRow]:
        return list(await self.store.read(lambda tx: tx.list_outbox()))


@pytest.fixture(scope="module")
def desk() -> Desk:
    support, _ = rules_yaml.load(settings.shipped("rules.yaml"))
    return Desk(site=a_site(admin="sistemas@netone.example"), support=support)


@pytest.fixture
async def bench(tmp_path: Path, desk: Desk) -> AsyncIterator[Bench]:
    store = await open_store(f"sqlite:///{tmp_path}/triage.db")
    yield Bench(store, desk)
    await store.close()


async def test_what_was_prepared_is_swapped_and_the_supervisor_hears_of_it(bench: Bench) -> None:
    assert await bench.reloads.reload()
    assert bench.in_force == ["h0"]
    assert [(e.event, e.data["hash"]) for e in await bench.events()] == [(EventName.RULES_RELOADED, "h0")]
    assert bench.supervisor.words == ["reloading", "ready"]
    assert await bench.mails() == []


async def test_a_wrong_file_keeps_the_old_and_says_every_problem_to_the_admin(bench: Bench) -> None:
    bench.break_with("is wrong", "is worse")
    assert not await bench.reloads.reload()
    assert bench.in_force == []
    (event,) = await bench.events()
    assert event.event == EventName.RULES_REFUSED
    assert event.data["problems"] == ["rules.yaml:17:5: sla: is wrong", "rules.yaml:17:5: sla: is worse"]
    (mail,) = await bench.mails()
    assert mail.to == bench.desk.site.admin
    assert "is worse" in mail.draft["variables"]["detail"]
    assert bench.supervisor.words == ["reloading", "ready"]


async def test_the_same_fault_is_mailed_once_another_one_again(bench: Bench) -> None:
    bench.break_with("is wrong")
    await bench.reloads.reload()
    await bench.reloads.reload()
    assert len(await bench.mails()) == 1
    bench.break_with("is worse")
    await bench.reloads.reload()
    assert len(await bench.mails()) == 2
    bench.outcome = lambda: "h1"
    await bench.reloads.reload()
    bench.break_with("is worse")
    await bench.reloads.reload()
    assert len(await bench.mails()) == 3


async def test_a_file_that_breaks_its_reader_does_not_break_the_daemon(bench: Bench) -> None:
    def hurt() -> str:
        raise RecursionError("too deep")

    bench.outcome = hurt
    assert not await bench.reloads.reload()
    (event,) = await bench.events()
    assert event.data["problems"] == ["RecursionError: too deep"]


async def test_shipped_templates_that_are_whole_are_told_to_nobody(bench: Bench) -> None:
    await bench.reloads.prove(JinjaRenderer().check)
    assert await bench.mails() == []


async def test_a_shipped_template_that_cannot_be_rendered_is_the_admin_s_business(
    bench: Bench, tmp_path: Path
) -> None:
    damaged = tmp_path / "templates"
    shutil.copytree(settings.shipped("templates"), damaged)
    (damaged / "pt" / "survey.txt").write_text("Olá,\n\n{{ nobody.knows }}\n")
    await bench.reloads.prove(JinjaRenderer(shipped=damaged).check)
    (mail,) = await bench.mails()
    told = mail.draft["variables"]
    assert (told["what"], told["about"]) == ("templates_faulty", str(damaged / "pt" / "survey.txt"))
    assert "survey.txt:3" in told["detail"]


async def test_a_check_that_breaks_ends_nothing_that_works(bench: Bench) -> None:
    def hurt() -> tuple[Problem, ...]:
        raise MemoryError("no room")

    await bench.reloads.prove(hurt)
    (mail,) = await bench.mails()
    assert "MemoryError: no room" in mail.draft["variables"]["detail"]


class Away:
    """A store that cannot be reached."""

    async def write(self, work: Callable[[Transaction], T]) -> T:
        raise Temporary("the disk is full")

    async def read(self, work: Callable[[Transaction], T]) -> T:
        raise Temporary("the disk is full")

    async def close(self) -> None: ...


async def test_a_store_that_is_away_costs_the_record_not_the_rules(desk: Desk) -> None:
    bench = Bench(Away(), desk)
    assert await bench.reloads.reload()
    assert bench.in_force == ["h0"]


@asynccontextmanager
async def running(bench: Bench) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(bench.reloads.run(stop))
        yield stop
        stop.set()


async def test_it_reloads_when_asked_and_when_files_change_and_stops_when_told(bench: Bench) -> None:
    async with running(bench):
        bench.reloads.ask()
        await bench.swapped.wait()
        bench.swapped.clear()
        bench.outcome = lambda: "h1"
        bench.watch.queue.put_nowait((Path("rules.yaml"),))
        await bench.swapped.wait()
    assert bench.in_force == ["h0", "h1"]
