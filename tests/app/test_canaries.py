"""Canaries from the chore through outbox, words and mailbox back into the store: a real store, a mailbox in memory."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from tests.app.house import DESK, House
from triage.adapters.composer_mime import MimeComposer
from triage.adapters.handover_file import HandoverFile
from triage.adapters.renderer_jinja import JinjaRenderer
from triage.adapters.store_sql.store import open_store
from triage.app import canaries, standing
from triage.app.canaries import Canaries, Rhythm
from triage.app.outbox_turn import OutboxTurns, Turn
from triage.core import delivery
from triage.core.model import MailKind
from triage.core.standing import as_json, troubles

(BOX,) = DESK.site.mailboxes
RHYTHM = Rhythm(every=timedelta(minutes=5), patience=timedelta(minutes=15))


@dataclass
class Stage:
    """The house, a chore, and a relay that hands over what is sent when told to."""

    house: House
    folder: Path
    notified: int = 0
    canaries: Canaries = field(init=False)

    def __post_init__(self):
        composer, handover = MimeComposer(DESK.site), HandoverFile(self.folder)
        self.turns = OutboxTurns(JinjaRenderer(), composer, handover, timedelta(minutes=2))
        self.begin()

    def begin(self) -> None:
        """Start (again), as a new process does."""
        self.canaries = Canaries(self.house.store, lambda: DESK, self.house.clock, RHYTHM, self.notify)

    def notify(self) -> None:
        self.notified += 1

    def later(self, minutes: float) -> None:
        self.house.clock.at += timedelta(minutes=minutes)

    async def relayed(self) -> list:
        """Claim, put into words and accept what waits; returns the rows."""
        now = self.house.clock.at
        turn = Turn(now, room=50, lease=f"lease {now.isoformat()}")
        turned = await self.house.store.write(lambda tx: self.turns.perform(tx, turn))
        done = Turn(now, done=[delivery.accepted(row, now) for row in turned.ready])
        await self.house.store.write(lambda tx: self.turns.perform(tx, done))
        return turned.ready

    async def arrives(self, row) -> None:
        self.house.box.add(row.content, self.house.clock.at)
        await self.house.pump()

    async def outbox(self, kind: MailKind) -> list:
        rows = await self.house.store.read(lambda tx: tx.list_outbox())
        return [row for row in rows if row.kind is kind]

    async def stands(self):
        now = self.house.clock.at
        return await self.house.store.read(lambda tx: standing.read(tx, ["soporte"], now, canaries=True))


@pytest.fixture
async def stage(url, tmp_path):
    store = await open_store(url)
    yield Stage(House(store), tmp_path)
    await store.close()


async def test_one_that_comes_back_leaves_nothing_but_its_figures(stage: Stage) -> None:
    await stage.canaries.do()
    (row,) = await stage.relayed()
    assert (row.to, row.kind, stage.notified) == (BOX.address, MailKind.CANARY, 1)
    stage.later(0.5)
    await stage.arrives(row)
    (seen,) = (await stage.stands()).canaries
    assert (seen.back_at, seen.round_trip, seen.overdue_since) == (
        stage.house.clock.at,
        timedelta(seconds=30),
        None,
    )
    assert await stage.house.cases() == []
    assert await stage.outbox(MailKind.CANARY) == []
    events = await stage.house.store.read(lambda tx: tx.events_after(0, 100))
    assert events == []
    digests = await stage.house.store.read(lambda tx: tx.messages_from(BOX.address))
    assert digests == []
    assert stage.house.box.settled == {1}


async def test_they_go_out_in_their_rhythm_however_often_somebody_looks_and_pass_the_governor(
    stage: Stage,
) -> None:
    for _ in range(60):
        await stage.canaries.do()
        for row in await stage.relayed():
            await stage.arrives(row)
        stage.later(1)
    assert len(stage.house.box.mails) == 12
    assert (await stage.stands()).canaries[0].overdue_since is None


async def test_two_daemons_on_one_store_send_one(stage: Stage) -> None:
    other = Canaries(stage.house.store, lambda: DESK, stage.house.clock, RHYTHM, stage.notify)
    await stage.canaries.do()
    await other.do()
    assert len(await stage.outbox(MailKind.CANARY)) == 1


async def test_one_that_does_not_come_is_told_once_with_where_it_got_to_and_so_is_its_return(
    stage: Stage,
) -> None:
    kept = []
    for _ in range(40):
        await stage.canaries.do()
        kept += [row for row in await stage.relayed() if row.kind is MailKind.CANARY]
        stage.later(1)
    (alarm,) = await stage.outbox(MailKind.ALARM)
    assert alarm.draft["variables"]["what"] == "canary_overdue"
    assert "The relay accepted it at 2026-10-20T12:15:00Z" in alarm.draft["variables"]["detail"]
    assert any("test mails to soporte do not arrive" in words for words in troubles(await stage.stands()))
    assert as_json(await stage.stands())["canaries"][0]["overdue_since"] == "2026-10-20T12:15:00Z"

    await stage.arrives(kept[-1])
    for _ in range(3):
        await stage.canaries.do()
    told = [row.draft["variables"]["what"] for row in await stage.outbox(MailKind.ALARM)]
    assert told == ["canary_overdue", "canary_back"]
    assert (await stage.stands()).canaries[0].overdue_since is None


async def test_one_that_never_left_says_so(stage: Stage) -> None:
    await stage.canaries.do()
    stage.later(16)
    await stage.canaries.do()
    (alarm,) = await stage.outbox(MailKind.ALARM)
    assert alarm.draft["variables"]["detail"] == "Not handed to the relay (queued): no try yet"


async def test_after_a_night_without_a_daemon_nothing_is_overdue_before_somebody_looked(stage: Stage) -> None:
    await stage.canaries.do()
    (row,) = await stage.relayed()
    stage.later(600)
    stage.begin()
    await stage.canaries.do()
    assert await stage.outbox(MailKind.ALARM) == []
    await stage.arrives(row)
    stage.later(16)
    await stage.relayed()
    assert (await stage.stands()).canaries[0].overdue_since is None


async def test_one_sent_again_by_somebody_else_makes_no_news_and_no_case(stage: Stage) -> None:
    await stage.canaries.do()
    (row,) = await stage.relayed()
    await stage.arrives(row)
    before = await stage.house.store.read(lambda tx: canaries.load(tx, "soporte"))
    stage.later(60)
    await stage.arrives(row)
    assert await stage.house.store.read(lambda tx: canaries.load(tx, "soporte")) == before
    assert await stage.house.cases() == []


async def test_a_forged_one_is_a_mail_of_ours_that_came_back_and_nothing_more(stage: Stage) -> None:
    await stage.canaries.do()
    (row,) = await stage.relayed()
    forged = row.content.replace(b"canary 2026", b"canary 2025")
    stage.house.box.add(forged, stage.house.clock.at)
    await stage.house.pump()
    assert (await stage.stands()).canaries[0].back_at is None
    assert await stage.house.cases() == []
