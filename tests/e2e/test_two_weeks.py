"""Two weeks of a support desk on the stepped clock, with the real pipeline: nothing due passes unreminded.

Invented traffic from a seed: cases of every severity at all hours, agents that answer late or never, one away, a
holiday, a change of the clocks, and a new daemon every few days. Then the promises are checked on what was really sent.
"""

import random
from collections import Counter, defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.daemon import RULES, SUPPORT
from tests.e2e.playbook import Playbook, playing
from triage import settings, wiring
from triage.adapters.clock_stepped import SilentAlarmClock
from triage.app import roster
from triage.core.model import Case, Kind, MailKind, Severity
from triage.core.records import OutboxRow
from triage.core.site import Absence

WORDS = {
    1: "La tienda está caída, no carga nada desde hace media hora.",
    2: "No puedo cargar fotos en el catálogo, el resto anda bien.",
    3: "Nos gustaría cambiar el color del botón de compra.",
}
AWAY = "carla.benitez@netone.example"


@dataclass
class Weeks:
    """The stage, and what is to happen on it in the order of time."""

    play: Playbook
    chance: random.Random
    restart: int
    later: AsyncExitStack
    rows: list[OutboxRow] = field(default_factory=list)

    async def run(self, start: datetime, days: int, count: int) -> None:
        again = start + timedelta(days=self.restart)
        moments = sorted(
            start + timedelta(seconds=self.chance.randrange(days * 86_400)) for _ in range(count)
        )
        for number, at in enumerate(moments):
            await self._until(at)
            if at >= again:
                again += timedelta(days=self.restart)
                await self._built_anew()
            severity = self.chance.choices((1, 2, 3), (2, 5, 3))[0]
            await self.play.servers.append(SUPPORT, mail(number, severity, at), at)
            await self.play.built.daemon.pass_once()
        await self._until(start + timedelta(days=days + 4))
        self.rows = await self.play.built.store.read(lambda tx: list(tx.list_outbox()))

    async def _built_anew(self) -> None:
        """Go on with another daemon on the same store; the first one is simply asked for nothing more."""
        daemon = wiring.daemon(self.play.config, clock=self.play.clock, alarm_clock=SilentAlarmClock())
        self.play.built = await self.later.enter_async_context(daemon)

    async def _until(self, until: datetime) -> None:
        """Jump from one due moment to the next; agents answer some of what they are reminded of."""
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

    async def _agents_answer(self) -> None:
        for sent in self.play.sent():
            to = str(sent["To"])
            if "Caso nuevo" in str(sent["Subject"]) and AWAY not in to and self.chance.random() < 0.3:
                at = self.play.clock.now() + timedelta(seconds=1)
                await self.play.servers.append(SUPPORT, order(sent, at), at)


def mail(number: int, severity: int, at: datetime) -> bytes:
    stamp = at.strftime("%a, %d %b %Y %H:%M:%S +0000")
    return (
        f"Received: from a by mx.netone.example; {stamp}\r\nFrom: Ana <ana{number}@tienda{number}.example>\r\n"
        f"To: soporte@netone.example\r\nSubject: Consulta {number}\r\nDate: {stamp}\r\n"
        f"Message-ID: <{number}.{severity}@tienda{number}.example>\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{WORDS[severity]} Es el pedido {number}.\r\n"
    ).encode()


def order(sent: EmailMessage, at: datetime) -> bytes:
    """An agent's `!attended` as an answer to the mail that reminded him."""
    stamp = at.strftime("%a, %d %b %Y %H:%M:%S +0000")
    return (
        f"Received: from a by mx.netone.example; {stamp}\r\nFrom: {sent['To']}\r\nTo: soporte@netone.example\r\n"
        f"Subject: Re: {sent['Subject']}\r\nDate: {stamp}\r\nIn-Reply-To: {sent['Message-ID']}\r\n"
        f"Message-ID: <{at.timestamp()}.{sent['Message-ID'][1:12]}@netone.example>\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n!attended\r\n"
    ).encode("utf-8", "replace")


# -- the promises -------------------------------------------------------------------------------------------------------


def reminders(rows: list[OutboxRow]) -> list[OutboxRow]:
    return [row for row in rows if row.kind is MailKind.REMINDER]


def parts(row: OutboxRow) -> list[dict[str, Any]]:
    told = row.draft["variables"]
    return [*told.get("cases", ())] or [{**told["case"], "step": told["step"]}]


def check(cases: list[Case], rows: list[OutboxRow], zone: ZoneInfo) -> None:
    told: dict[str, list[datetime]] = defaultdict(list)
    steps: Counter[tuple[str, str, str]] = Counter()
    by_person: dict[str, set[datetime]] = defaultdict(set)
    for row in reminders(rows):
        for part in parts(row):
            told[part["reference"]].append(row.created_at)
            steps[part["reference"], part["step"], row.to] += 1
            local = row.created_at.astimezone(zone)
            if part["severity"] != Severity.HIGH:
                assert local.weekday() < 5, (row.key, local)
                assert 9 <= local.hour < 18, (row.key, local)
        if all(part["severity"] != Severity.HIGH for part in parts(row)):
            by_person[row.to].add(row.created_at)
    for case in cases:
        first = min(told[case.reference], default=None)
        assert first is not None or case.attended_at, case.reference
        if case.deadline.kind is Kind.MAXIMUM and case.attended_at is None:
            assert first is not None
            assert first <= case.deadline.at, case.reference
            assert case.breached_at == case.deadline.at, case.reference
            assert max(told[case.reference]) >= case.deadline.at, case.reference
    again = {key: count for key, count in steps.items() if count > 1 and not key[1].startswith("breach+")}
    assert not again
    for who, moments in by_person.items():
        for at in moments:
            within = [m for m in moments if at - timedelta(hours=1) < m <= at]
            assert len(within) <= 6, (who, at)
    assert not [row for row in rows if row.to == AWAY and row.kind is MailKind.REMINDER]


@dataclass(frozen=True)
class Desk:
    """Which two weeks, where, and how much happens; the daemon is built anew every `restart` days."""

    zone: str
    start: datetime
    count: int
    days: int
    restart: int


# A Tuesday; the 7th is a puente, the 8th a holiday.
NETONE = Desk("America/Argentina/Buenos_Aires", datetime(2026, 12, 1, 3, tzinfo=UTC), 20, 9, 4)
# Summer time ends on the 25th.
MADRID = Desk("Europe/Madrid", datetime(2026, 10, 19, 22, tzinfo=UTC), 10, 7, 4)


async def two_weeks(folder: Path, desk: Desk) -> None:
    rules = folder / "rules.yaml"
    rules.write_text(RULES.read_text().replace("America/Argentina/Buenos_Aires", desk.zone))
    site = settings.sample().site.model_copy(
        update={"timezone": desk.zone, "secret": settings.Secret(file=folder / "secret")}
    )
    async with playing(folder, desk.start, rules=rules, site=site) as play, AsyncExitStack() as later:
        away = Absence(desk.start.date(), desk.start.date() + timedelta(days=60))
        await play.built.store.write(lambda tx: roster.keep_absence(tx, AWAY, away))
        weeks = Weeks(play, random.Random(desk.zone), desk.restart, later)
        await weeks.run(desk.start, desk.days, desk.count)
        cases = await play.built.store.read(lambda tx: list(tx.list_cases()))
        assert len(cases) == desk.count
        check(cases, weeks.rows, ZoneInfo(desk.zone))


@pytest.mark.parametrize("desk", [NETONE, MADRID], ids=["netone", "madrid"])
async def test_two_weeks_of_a_small_desk_keep_every_promise(tmp_path: Path, desk: Desk) -> None:
    await two_weeks(tmp_path, desk)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("desk", [NETONE, MADRID], ids=["netone", "madrid"])
async def test_two_weeks_of_a_busy_desk_keep_every_promise(tmp_path: Path, desk: Desk) -> None:
    await two_weeks(tmp_path, replace(desk, count=300, days=14))
