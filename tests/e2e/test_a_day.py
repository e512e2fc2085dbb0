"""A day of mixed mail on the stepped clock with restarts: nothing is left over, in memory, in the loop or on the server.

Clients, agents, robots, bounces, advertisements, monitors, doubles and garbage come in; the daemon is stopped and
built anew several times, once in full flight. Figures are printed: `pytest -s`.
"""

import asyncio
import gc
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.daemon import SUPPORT
from tests.e2e.playbook import Playbook, playing
from triage.adapters.clock_stepped import SilentAlarmClock
from triage.app.reconcile import Reconciled, reconcile
from triage.core.standing import ALARM_OVERDUE
from triage.wiring import building

START = datetime(2026, 10, 20, 3, tzinfo=UTC)  # a Tuesday, midnight in Buenos Aires
WORDS = (
    "La tienda está caída, no carga nada desde hace media hora.",
    "No puedo cargar fotos en el catálogo, el resto anda bien.",
    "Nos gustaría cambiar el color del botón de compra.",
)
KINDS = {
    "client": 55,
    "again": 12,
    "robot": 6,
    "bounce": 5,
    "advert": 6,
    "monitor": 5,
    "double": 6,
    "garbage": 5,
}
MAY_GROW = 0.03
"""Of the live objects of our own types, from a stint's first look to its last: the store remembers, we do not."""


@dataclass
class Day:
    play: Playbook
    chance: random.Random
    kinds: Counter[str] = field(default_factory=Counter)
    last: bytes = b""
    number: int = 0

    async def hours(self, start: datetime, hours: int, count: int) -> None:
        """Let so many mails arrive over these hours, and whatever falls due between them."""
        seconds = sorted(self.chance.randrange(hours * 3600) for _ in range(count))
        for after in seconds:
            at = start + timedelta(seconds=after)
            await self._until(at)
            await self._arrives(at)
            await self.play.built.daemon.pass_once()
            await self._agents_answer()
        await self._until(start + timedelta(hours=hours))

    async def _until(self, until: datetime) -> None:
        play = self.play
        while True:
            due = await play.built.store.read(lambda tx: [tx.next_alarm_at(), tx.next_outbox_at()])
            due.append(await play.built.chores.next_at())
            moments = [at for at in due if at is not None and at <= until]
            if not moments:
                break
            play.clock.jump(max(min(moments), play.clock.now() + timedelta(seconds=1)))
            await play.built.daemon.pass_once()
            await self._agents_answer()
        play.clock.jump(until)

    async def _arrives(self, at: datetime) -> None:
        kind = self.chance.choices(list(KINDS), list(KINDS.values()))[0]
        self.kinds[kind] += 1
        self.number += 1
        raw = self.last if kind == "double" and self.last else self._mail(kind, at)
        self.last = raw
        await self.play.servers.append(SUPPORT, raw, at)

    def _mail(self, kind: str, at: datetime) -> bytes:
        who = f"ana{self.number % 40}@tienda{self.number % 40}.example"
        subject, text, more = f"Consulta {self.number}", self.chance.choice(WORDS), ""
        match kind:
            case "again":
                subject, text = "Consulta", "¿Hay novedades de mi pedido? Sigue sin andar."
            case "robot":
                subject, more = "Fuera de la oficina", "Auto-Submitted: auto-replied\r\n"
            case "bounce":
                who, subject, more = (
                    "MAILER-DAEMON@mx.tienda.example",
                    "Undelivered Mail",
                    "Return-Path: <>\r\n",
                )
            case "advert":
                subject, text = "Ofertas", "Aproveche hoy nuestras ofertas. Para desuscribirse, aquí."
                more = f"List-Unsubscribe: <mailto:x@{who}>\r\nPrecedence: bulk\r\n"
            case "monitor":
                who, subject = "nagios@monitor.example", f"PROBLEM: web{self.number % 3} is CRITICAL"
            case "garbage":
                return bytes(self.chance.randrange(256) for _ in range(2_000))
        return letter(who, subject, text, at, self.number, more)

    async def _agents_answer(self) -> None:
        for sent in self.play.sent():
            if "Caso nuevo" in str(sent["Subject"]) and self.chance.random() < 0.3:
                at = self.play.clock.now() + timedelta(seconds=1)
                self.number += 1
                more = f"In-Reply-To: {sent['Message-ID']}\r\n"
                raw = letter(str(sent["To"]), f"Re: {sent['Subject']}", "!attended", at, self.number, more)
                await self.play.servers.append(SUPPORT, raw, at)


def letter(who: str, subject: str, text: str, at: datetime, number: int, more: str = "") -> bytes:
    stamp = at.strftime("%a, %d %b %Y %H:%M:%S +0000")
    return (
        f"Received: from a by mx.netone.example; {stamp}\r\n{more}From: {who}\r\nTo: {SUPPORT}\r\n"
        f"Subject: {subject}\r\nDate: {stamp}\r\nMessage-ID: <{number}.{at.timestamp():.0f}@day.example>\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text} Es el pedido {number}.\r\n"
    ).encode()


@asynccontextmanager
async def another_daemon(play: Playbook) -> AsyncIterator[None]:
    """Another process, as far as the store and the servers can tell: built, and taken down to the last part."""
    async with building.daemon(play.config, clock=play.clock, alarm_clock=SilentAlarmClock()) as built:
        play.built = built
        yield


async def in_full_flight(play: Playbook, mails: int) -> None:
    """Run the daemon's own loops for a while in real time, and drain them while mail comes in."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(play.built.daemon.run(stop))
        for number in range(mails):
            raw = letter("eva@vuelo.example", "En vuelo", WORDS[0], play.clock.now(), 900_000 + number)
            await play.servers.append(SUPPORT, raw, play.clock.now())
        async with asyncio.timeout(60):
            while not [mail for mail in play.servers.posted if b"eva@vuelo.example" in mail.content]:
                await asyncio.sleep(0.05)
        stop.set()


def live() -> Counter[str]:
    """Count the objects of our own types that are alive."""
    gc.collect()
    ours = (type(one) for one in gc.get_objects())
    names = (
        f"{kind.__module__}.{kind.__qualname__}"
        for kind in ours
        if str(kind.__module__).startswith("triage.")
    )
    return Counter(name for name in names if "servers_embedded" not in name)


def tell(figures: str) -> None:
    sys.stdout.write(f"\n{figures}\n")


def resident() -> int:
    """Return the process's resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 // 1_000_000


async def account(play: Playbook) -> Reconciled:
    (watched,) = play.built.daemon.watched
    status = await watched.mailbox.connect()
    return await reconcile(play.built.store, play.built.daemon.intake, watched, status)


async def a_day(folder: Path, mails: int, *, parts: int = 3) -> None:
    before = asyncio.all_tasks()
    chance, at = random.Random("a day"), START
    async with playing(folder, START) as play:
        day, waiting = Day(play, chance), asyncio.all_tasks()
        hours = 24 // parts
        for part in range(parts):
            async with another_daemon(play):
                looks = []
                for _ in range(2):
                    await day.hours(at, hours // 2, mails // parts // 2)
                    at += timedelta(hours=hours // 2)
                    looks.append(live())
                first, last = looks
                grown = last.total() - first.total()
                tell(
                    f"{at:%d %H:%M} mails {day.number:5} ours {last.total():6} ({grown:+}) RSS {resident()} MB"
                )
                assert grown <= MAY_GROW * first.total(), (last - first).most_common(5)
                if part == 1:
                    await in_full_flight(play, 20)
            await settled(waiting)
        async with another_daemon(play):
            await play.work()
            found = await account(play)
            now = play.clock.now()
            standing = await play.built.store.read(
                lambda tx: (tx.count_overdue_alarms(now - ALARM_OVERDUE), dict(tx.count_outbox()))
            )
            cases = await play.built.store.read(lambda tx: tx.count_cases())
        tell(f"{dict(day.kinds)} cases {dict(cases)} outbox {standing[1]} overdue {standing[0]} {found}")
    await settled(before)
    assert found.gaps == ()
    assert (found.waiting, found.accounted) == (0, found.on_server)
    assert found.on_server >= day.number
    assert standing[0] == 0
    assert not {"queued", "sending", "deferred", "uncertain"} & {k for k, n in standing[1].items() if n}


async def settled(before: set["asyncio.Task[object]"]) -> None:
    """Fail when a task is left that was not there before; a closed connection's own may take a moment to end."""
    async with asyncio.timeout(10):
        while left := asyncio.all_tasks() - before - {asyncio.current_task()}:
            await asyncio.wait(left, timeout=0.1)
    assert not left


async def test_a_day_of_mixed_mail_with_restarts_leaves_nothing_over(tmp_path: Path) -> None:
    await a_day(tmp_path, 60)


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_a_busy_day_of_mixed_mail_with_restarts_leaves_nothing_over(tmp_path: Path) -> None:
    await a_day(tmp_path, 1_500)
