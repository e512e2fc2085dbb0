"""Two thousand mails through a relay that fails at every point of the dialogue, in every way; counted at the end.

The real dispatcher, the real mailer, a real SQLite store. Time is stepped: when nothing is due any more, the clock jumps.
"""

import asyncio
import random
import ssl
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from tests.app.house import Clock
from tests.servers.certificates import make_certificates
from tests.servers.smtp_faulty import EXTENSIONS, Dialogue, Fault, Point, SmtpFaulty, Way
from triage.adapters.handover_file import HandoverFile
from triage.adapters.mailer_smtp import SmtpConfig, SmtpMailer
from triage.app.dispatch import Dispatcher
from triage.app.outbox_turn import OutboxTurns
from triage.app.workers import Pace
from triage.core import signing
from triage.core.model import MailKind, MailState
from triage.core.records import OutboxRow
from triage.ports import Rendered

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MAILS = 2_000
EVER = 10**6

ROW_POINTS = (Point.MAIL, Point.RCPT, Point.DATA, Point.CONTENT, Point.ANSWER)
SESSION_POINTS = (Point.GREETING, Point.EHLO, Point.AUTH)
SILENT = (Way.CLOSE, Way.RESET, Way.MUTE, Way.STALL, Way.GARBAGE)
WAITING = frozenset({Way.MUTE, Way.STALL})  # cost a time-out each
REPLIES_4 = ("450 4.2.1 greylisted", "451 4.3.0 local error", "452 4.2.2 full", "421 4.3.2 going down")
REPLIES_5 = ("550 5.1.1 no such user", "552 5.3.4 too big", "554 5.7.1 spam")


@dataclass(frozen=True)
class Fate:
    """What happens to one mail: at `point`, the first `times` tries meet `fault`."""

    point: Point
    fault: Fault
    times: int

    @property
    def doubtful(self) -> bool:
        """Nobody but the server can know whether the mail was taken."""
        late = self.point is Point.ANSWER or (
            self.point is Point.CONTENT and self.fault.way not in {Way.CLOSE, Way.RESET}
        )
        return late and self.fault.way in SILENT

    def expected(self, *, person: bool) -> tuple[MailState, int]:
        """Return the state the row must end in, and how many copies the relay must have taken."""
        if self.fault.way is Way.REPLY and self.fault.reply[0] == "5":
            return MailState.FAILED, 0
        if not self.doubtful:
            return MailState.ACCEPTED, 1
        tries = 1 if person else min(self.times, 2)
        taken = tries * self.fault.keep
        if person or self.times >= 2:
            return MailState.UNCERTAIN, taken
        return MailState.ACCEPTED, taken + 1


def a_fate(chance: random.Random) -> Fate | None:
    """Draw what happens to a mail; four in ten go well."""
    if chance.random() < 0.4:
        return None
    point = chance.choice(ROW_POINTS)
    draw = chance.random()
    if draw < 0.3:
        return Fate(point, Fault(Way.REPLY, chance.choice(REPLIES_4)), chance.randint(1, 4))
    if draw < 0.5:
        return Fate(point, Fault(Way.REPLY, chance.choice(REPLIES_5)), EVER)
    if draw < 0.6:
        return Fate(point, Fault(Way.SLOW), 1)
    ways = SILENT if chance.random() < 0.15 else [way for way in SILENT if way not in WAITING]
    keep = point is Point.ANSWER and chance.random() < 0.5
    return Fate(point, Fault(chance.choice(ways), keep=keep), chance.choice([1, 1, 1, 2]))


@dataclass
class Chaos:
    """The server's plan: fates by recipient, and every seventh connection broken before any mail."""

    seed: int
    fates: dict[str, Fate | None] = field(default_factory=dict)
    met: Counter[str] = field(default_factory=Counter)
    session_faults: bool = True

    def __call__(self, point: Point, dialogue: Dialogue) -> Fault | None:
        if point in SESSION_POINTS:
            return self._session(point, dialogue.number)
        if point is Point.MAIL:
            who = f"client{dialogue.sender.partition('+b.')[2].partition('@')[0]}@x.example"
        else:
            who = dialogue.recipients[-1] if dialogue.recipients else ""
        fate = self.fates.get(who)
        if fate is None or fate.point is not point or self.met[who] >= fate.times:
            return None
        self.met[who] += 1
        return fate.fault

    def _session(self, point: Point, number: int) -> Fault | None:
        chance = random.Random(f"{self.seed} {number}")
        if not self.session_faults or chance.random() > 0.15 or chance.choice(SESSION_POINTS) is not point:
            return None
        way = chance.choice([Way.REPLY, Way.REPLY, Way.CLOSE, Way.RESET, Way.GARBAGE, Way.SLOW])
        return Fault(way, chance.choice([*REPLIES_4, "554 5.3.2 not now"]))


class Words:
    def render(self, row, now):
        return Rendered("Recibimos su mensaje", "Hola.\r\n.con punto\r\n")

    def compose(self, row, rendered, now):
        head = f"From: soporte@netone.example\r\nTo: {row.to}\r\nMessage-ID: <{row.message_id}>"
        return f"{head}\r\nSubject: {rendered.subject}\r\n\r\n{rendered.text}".encode()


def a_row(number: int, *, person: bool) -> OutboxRow:
    to, key = f"client{number}@x.example", f"mail:{number}"
    return OutboxRow(
        key=key,
        kind=MailKind.ANSWER if person else MailKind.ACKNOWLEDGEMENT,
        to=to,
        message_id=signing.message_id(b"secret", "netone.example", key, to, f"NO-2026-{number:06}"),
        draft={"number": number},
        created_at=START,
        next_at=START,
        reference=f"NO-2026-{number:06}",
        person=person,
    )


# Where the relay is never silent: what a busy machine makes late is no fault of the relay's, and no attempt.
PATIENT = {"command_timeout": 30.0, "connect_timeout": 30.0, "answer_timeout": 30.0}


class House:
    def __init__(self, store, folder, server, clock, **config):
        settings = {
            "host": "127.0.0.1",
            "port": server.port,
            "tls": "none",
            "user": "soporte",
            "password": lambda: "s3cret",
            "connections": 8,
            "command_timeout": 0.25,
            "connect_timeout": 0.25,
            "answer_timeout": 1.0,
        }
        self.store, self.clock = store, clock
        self.mailer = SmtpMailer(SmtpConfig(**(settings | config)))
        self.told = Counter()
        turns = OutboxTurns(
            Words(), Words(), HandoverFile(folder), timedelta(minutes=2), on_outcome=self.tell
        )
        self.dispatcher = Dispatcher(
            store,
            self.mailer,
            turns,
            clock,
            pace=Pace(workers=8),
            return_path=lambda row: f"soporte+b.{row.draft['number']}@netone.example",
        )

    def tell(self, tx, rows, now):
        for row in rows:
            self.told[row.key, row.state] += 1

    async def to_the_end(self):
        """Step time until nothing waits; returns the rows."""
        for _ in range(200):
            while (await self.dispatcher.run_once()).worked:
                pass
            next_at = await self.store.read(lambda tx: tx.next_outbox_at())
            if next_at is None:
                break
            self.clock.at = max(next_at, self.clock.at + timedelta(minutes=5)) + timedelta(seconds=1)
        await self.mailer.close()
        return await self.store.read(lambda tx: tx.list_outbox())


def copies(server) -> Counter[str]:
    """Count what the relay took, by recipient; one envelope has one recipient."""
    assert all(len(kept.recipients) == 1 for kept in server.kept)
    return Counter(kept.recipients[0] for kept in server.kept)


@pytest.mark.parametrize("seed", [1])
async def test_every_mail_ends_right_none_lost_none_repeated_but_in_doubt(store, tmp_path, seed, capsys):
    chance = random.Random(seed)
    persons = {number: chance.random() < 0.2 for number in range(MAILS)}
    chaos = Chaos(seed, {f"client{number}@x.example": a_fate(chance) for number in range(MAILS)})
    pipelining = (*EXTENSIONS, "PIPELINING")  # as relays do
    sign_in = {"user": "soporte", "secret": "s3cret", "mechanisms": "PLAIN"}
    async with SmtpFaulty(chaos, extensions=pipelining, **sign_in) as server:
        await store.write(lambda tx: tx.add_outbox(a_row(n, person=p) for n, p in persons.items()))
        house = House(store, tmp_path, server, Clock(START))
        rows = await house.to_the_end()
    taken = copies(server)
    assert len(rows) == MAILS
    wrong = []
    for row in rows:
        fate = chaos.fates[row.to]
        expected = (MailState.ACCEPTED, 1) if fate is None else fate.expected(person=row.person)
        if (row.state, taken[row.to]) != expected:
            wrong.append((row.key, fate, row.state, taken[row.to], row.last_error))
    assert wrong == []
    _check_truth(rows, server, taken, house)
    _print(rows, server, taken, capsys)


def _check_truth(rows, server, taken, house):
    """What holds whatever happened: accepted means taken, twice only after a doubt, and always the same bytes."""
    by_recipient = {row.to: row for row in rows}
    for row in rows:
        assert taken[row.to] <= 1 + (not row.person and row.doubts > 0)
        if row.state is MailState.ACCEPTED:
            assert taken[row.to] >= 1
            assert house.told[row.key, MailState.ACCEPTED] == 1
        if row.state is MailState.FAILED:
            assert house.told[row.key, MailState.FAILED] == 1
    for kept in server.kept:
        assert kept.content == by_recipient[kept.recipients[0]].content


def _print(rows, server, taken, capsys):
    states = Counter(row.state.value for row in rows)
    injected = Counter(point.value for (point, _), n in server.injected.items() for _ in range(n))
    twice = sum(1 for n in taken.values() if n == 2)
    with capsys.disabled():
        print(  # noqa: T201  the count is what this test is for
            f"\n{len(rows)} mails, {sum(injected.values())} faults {dict(injected)}: ended {dict(states)}; "
            f"taken once {sum(1 for n in taken.values() if n == 1)}, twice {twice} (each after a doubt); "
            f"{server.connections} connections"
        )


async def test_a_process_killed_in_the_middle_loses_nothing_and_repeats_only_what_was_on_its_way(
    store, tmp_path
):
    number = 900
    async with SmtpFaulty(user="soporte", secret="s3cret", mechanisms="PLAIN") as server:
        await store.write(lambda tx: tx.add_outbox(a_row(n, person=n % 5 == 0) for n in range(number)))
        clock = Clock(START)
        for kill_after in (30, 90, 200):
            house = House(store, tmp_path, server, clock, **PATIENT)
            running = asyncio.ensure_future(house.dispatcher.run_once())
            while len(server.kept) < kill_after and not running.done():
                await asyncio.sleep(0.001)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            await house.mailer.close()
        rows = await House(store, tmp_path, server, clock, **PATIENT).to_the_end()
    taken = copies(server)
    assert {row.state for row in rows} <= {MailState.ACCEPTED, MailState.UNCERTAIN}
    for row in rows:
        if row.person:
            assert taken[row.to] <= 1
        else:
            assert row.state is MailState.ACCEPTED
            assert 1 <= taken[row.to] <= 1 + row.doubts  # one more only for each process that died after DATA
            assert row.attempts == 1 + row.doubts


@pytest.mark.parametrize("way", [Way.CLOSE, Way.GARBAGE, Way.REPLY, Way.MUTE])
async def test_a_relay_whose_tls_breaks_now_and_then_gets_every_mail_once(store, tmp_path, way):
    certificates = make_certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.certificate, certificates.key)

    def plan(point: Point, dialogue: Dialogue) -> Fault | None:
        return Fault(way, "454 4.7.0 no TLS now") if point is Point.STARTTLS and dialogue.number % 3 else None

    async with SmtpFaulty(plan, tls=context, user="soporte", secret="s3cret", mechanisms="PLAIN") as server:
        await store.write(lambda tx: tx.add_outbox(a_row(n, person=False) for n in range(60)))
        more = {"host": "localhost", "tls": "starttls", "ca": certificates.ca, "mails_per_connection": 5}
        rows = await House(store, tmp_path, server, Clock(START), **more).to_the_end()
    assert {row.state for row in rows} == {MailState.ACCEPTED}
    assert set(copies(server).values()) == {1}
