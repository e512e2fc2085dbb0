"""Weeks of a support desk on the stepped clock, with the real pipeline: invented from a seed, played to the end.

Cases of every severity at all hours; agents who answer in time, late or never, ask the client, escalate, plan, change
severities and go away; a daemon that is built anew every few days and is down for a day once.
"""

import heapq
import random
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from itertools import count
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.e2e.daemon import RULES, SUPPORT
from tests.e2e.playbook import Playbook, playing
from triage import settings
from triage.adapters.clock_stepped import SilentAlarmClock
from triage.core.model import Case
from triage.core.records import Event, OutboxRow
from triage.settings.model import AgentModel, OnCallModel
from triage.wiring import building

WORDS = {
    1: "La tienda está caída, no carga nada desde hace media hora.",
    2: "No puedo cargar fotos en el catálogo, el resto anda bien.",
    3: "Nos gustaría cambiar el color del botón de compra.",
}
LUCIA, DIEGO, CARLA, MARTA, PABLO = (
    f"{name}@netone.example"
    for name in ("lucia.ferrari", "diego.maidana", "carla.benitez", "marta.sosa", "pablo.rey")
)
AGENTS = (
    {"address": LUCIA, "name": "Lucía Ferrari", "roles": ["lead"], "areas": ["soporte"]},
    {"address": DIEGO, "name": "Diego Maidana", "areas": ["soporte"]},
    {"address": CARLA, "name": "Carla Benítez", "areas": ["soporte"]},
    {"address": MARTA, "name": "Marta Sosa", "roles": ["manager"], "areas": []},
    {"address": PABLO, "name": "Pablo Rey", "roles": ["planning"], "areas": []},
)
_REFERENCE = re.compile(r"NO-\d{4}-\d{6}")
_MINUTE = timedelta(minutes=1)
# How long the first agent who acts lets a case lie, in minutes: the middle of what is drawn.
_PACE = {1: 50, 2: 420, 3: 1800}


@dataclass(frozen=True)
class World:
    """Which weeks, where, and how much happens. `puentes`: open or closed; `down`: the days at which a day of it begins."""

    zone: str
    start: datetime
    count: int
    days: int
    restart: int
    puentes: str = "open"
    down: float | None = None
    away: tuple[float, int] = (1.5, 6)
    """After how many days Carla writes that she is away, and for how many."""


class Deed(NamedTuple):
    """What somebody is going to do: a mail that arrives at an instant, made only then."""

    at: datetime
    number: int
    sender: str
    subject: str
    text: str
    answers: str = ""


@dataclass
class Played:
    """What is left when the weeks are over."""

    cases: list[Case]
    rows: list[OutboxRow]
    events: list[Event]
    posted: list[EmailMessage]
    restarts: int
    down: tuple[datetime, datetime] | None
    away: tuple[datetime, datetime]


@dataclass
class Weeks:
    world: World
    play: Playbook
    later: AsyncExitStack
    chance: random.Random
    agenda: list[Deed] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)
    met: set[str] = field(default_factory=set)
    posted: list[EmailMessage] = field(default_factory=list)
    restarts: int = 0
    down: tuple[datetime, datetime] | None = None

    async def run(self) -> Played:
        world = self.world
        end = world.start + timedelta(days=world.days)
        for _ in range(world.count):
            self._client(world.start + timedelta(seconds=self.chance.randrange(world.days * 86_400)))
        left, length = world.start + timedelta(days=world.away[0]), timedelta(days=world.away[1])
        back = (left + length).astimezone(ZoneInfo(world.zone)).date()
        self._says(left, CARLA, "Me voy", f"!away until {back}")
        again, down = self._moments()
        while self.agenda and self.agenda[0].at <= end + timedelta(days=4):
            at = self.agenda[0].at
            if down is not None and at >= down:
                await self._gone_for_a_day(down)
                down = None
            elif at >= again:
                await self._until(again)
                await self._built_anew()
                again += timedelta(days=world.restart)
            else:
                await self._until(at)
                if self.agenda[0].at >= at:
                    await self._arrives(heapq.heappop(self.agenda))
                    await self._pass()
        await self._until(end + timedelta(days=5))
        return await self._played((left, left + length))

    def _moments(self) -> tuple[datetime, datetime | None]:
        world = self.world
        down = world.start + timedelta(days=world.down) if world.down is not None else None
        return world.start + timedelta(days=world.restart), down

    async def _played(self, away: tuple[datetime, datetime]) -> Played:
        cases, rows, events = await self.play.built.store.read(
            lambda tx: (
                list(tx.list_cases()),
                list(tx.list_outbox()),
                [event for case in tx.list_cases() for event in tx.events(case.reference)],
            )
        )
        return Played(cases, rows, events, self.posted, self.restarts, self.down, away)

    # -- time ----------------------------------------------------------------------------------------------------------

    async def _until(self, until: datetime) -> None:
        """Jump from one due moment to the next, as far as nobody does anything earlier."""
        clock = self.play.clock
        while True:
            built = self.play.built
            due = await built.store.read(lambda tx: [tx.next_alarm_at(), tx.next_outbox_at()])
            due.append(await built.chores.next_at())
            moments = [at for at in due if at is not None and at <= until]
            if not moments:
                break
            clock.jump(max(min(moments), clock.now() + timedelta(seconds=1)))
            await self._work()
            if self.agenda and self.agenda[0].at < until:
                return
        clock.jump(until)

    async def _work(self) -> None:
        """Do what the daemon's loops do between two mails."""
        daemon = self.play.built.daemon
        await daemon.alarms.ring()
        assert daemon.upkeep is not None
        await daemon.upkeep()
        while (await daemon.dispatcher.run_once()).worked:
            pass
        self._read()

    async def _pass(self) -> None:
        await self.play.built.daemon.pass_once()
        self._read()

    async def _built_anew(self) -> None:
        """Go on with another daemon on the same store; the first one is simply asked for nothing more."""
        self.restarts += 1
        daemon = building.daemon(self.play.config, clock=self.play.clock, alarm_clock=SilentAlarmClock())
        self.play.built = await self.later.enter_async_context(daemon)
        await self._pass()

    async def _gone_for_a_day(self, since: datetime) -> None:
        """Let mails arrive while nobody reads them; then start again."""
        await self._until(since)
        until = since + timedelta(days=1)
        while self.agenda and self.agenda[0].at <= until:
            await self._arrives(heapq.heappop(self.agenda))
        self.play.clock.jump(until)
        self.down = (since, until)
        await self._built_anew()

    async def _arrives(self, deed: Deed) -> None:
        self.play.clock.jump(deed.at)
        await self.play.servers.append(SUPPORT, _mail(deed), deed.at)

    # -- people --------------------------------------------------------------------------------------------------------

    def _client(self, at: datetime) -> None:
        number = next(self.numbers)
        severity = self.chance.choices((1, 2, 3), (2, 5, 3))[0]
        text = f"{WORDS[severity]} Es el pedido {number}."
        self._push(Deed(at, number, f"ana{number}@tienda{number}.example", f"Consulta {number}", text))

    def _says(self, at: datetime, who: str, subject: str, text: str, answers: str = "") -> None:
        self._push(Deed(at, next(self.numbers), who, subject, text, answers))

    def _push(self, deed: Deed) -> None:
        heapq.heappush(self.agenda, deed)

    def _read(self) -> None:
        """Let everybody read what was sent, and decide what to do about it later."""
        for mail in self.play.sent():
            self.posted.append(mail)
            to = parseaddr(str(mail["To"]))[1]
            if to in {LUCIA, DIEGO}:
                for reference in dict.fromkeys(_REFERENCE.findall(f"{mail['Subject']} {_text(mail)}")):
                    if reference not in self.met:
                        self.met.add(reference)
                        self._decides(to, reference, mail)
            elif "@tienda" in to and "Necesitamos" in _text(mail):
                later = self.play.clock.now() + self._minutes(200)
                self._says(
                    later, to, f"Re: {mail['Subject']}", "Es el 123, gracias.", str(mail["Message-ID"])
                )

    def _decides(self, who: str, reference: str, mail: EmailMessage) -> None:
        found = re.search(r"severidad (\d)", f"{mail['Subject']} {_text(mail)}", re.IGNORECASE)
        severity = int(found[1]) if found else 2
        at = self.play.clock.now() + self._minutes(_PACE[severity])
        ways = {
            "": 12,
            "!attended teléfono: hablé con el cliente": 30,
            "!take": 10,
            "!resolve\nYa quedó resuelto.": 15,
            "!waiting\nNecesitamos el número de pedido.": 10,
            f"!severity {self.chance.choice((1, 2, 3))}": 8,
            "!escalate desarrollo\nLo mira desarrollo.": 8,
            "!snooze 3h": 4,
            "!date " + str((at + timedelta(days=8)).date()): 12 if severity == 3 else 0,
        }
        text = self.chance.choices(list(ways), list(ways.values()))[0]
        if not text:
            return  # nobody ever does anything about it
        subject = f"Re: [{reference}]"
        self._says(at, who, subject, text)
        if text.startswith(("!take", "!waiting", "!severity", "!snooze")) and self.chance.random() < 0.7:
            self._says(at + self._minutes(300), who, subject, "!attended chat: listo")

    def _minutes(self, middle: float) -> timedelta:
        return max(_MINUTE, self.chance.lognormvariate(0, 1) * middle * _MINUTE)


def _mail(deed: Deed) -> bytes:
    stamp = deed.at.strftime("%a, %d %b %Y %H:%M:%S +0000")
    domain = deed.sender.partition("@")[2]
    answers = f"In-Reply-To: {deed.answers}\r\nReferences: {deed.answers}\r\n" if deed.answers else ""
    return (
        f"Authentication-Results: mx.netone.example; dkim=pass header.d={domain}; dmarc=pass header.from={domain}\r\n"
        f"Received: from a by mx.netone.example; {stamp}\r\nFrom: <{deed.sender}>\r\n"
        f"To: soporte@netone.example\r\nSubject: {deed.subject}\r\nDate: {stamp}\r\n{answers}"
        f"Message-ID: <{deed.number}.{deed.at.timestamp():.0f}@{domain}>\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{deed.text}\r\n"
    ).encode()


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body is not None else ""


@asynccontextmanager
async def weeks(folder: Path, world: World) -> AsyncIterator[Weeks]:
    """Set the stage for a world: its rules, its agents, an empty store."""
    rules = folder / "rules.yaml"
    rules.write_text(rules_of(world), encoding="utf-8")
    secret = settings.Secret(file=folder / "secret")
    site = settings.sample().site.model_copy(update={"timezone": world.zone, "secret": secret})
    agents = tuple(AgentModel.model_validate(agent) for agent in AGENTS)
    rota = OnCallModel.model_validate({"start": world.start.date(), "agents": [DIEGO, CARLA, LUCIA]})
    playing_ = playing(folder, world.start, rules=rules, site=site, agents=agents, oncall=rota)
    async with playing_ as play, AsyncExitStack() as later:
        yield Weeks(world, play, later, random.Random(f"{world.zone} {world.puentes}"))


def rules_of(world: World) -> str:
    """The shipped rules at the world's place; its clock and puentes are its own."""
    shipped = RULES.read_text(encoding="utf-8")
    return shipped.replace("America/Argentina/Buenos_Aires", world.zone).replace(
        "non_working_days: open", f"non_working_days: {world.puentes}"
    )
