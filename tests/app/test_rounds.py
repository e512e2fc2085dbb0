"""What is done by itself: when, once, and what follows when it fails. On a real store with a clock that is set."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.adapters.store_sql.samples import a_case
from tests.app.test_measuring import Hands
from triage import wiring
from triage.adapters.composer_mime import MimeComposer
from triage.adapters.renderer_jinja import JinjaRenderer
from triage.adapters.store_sql import backup
from triage.adapters.store_sql.store import open_store
from triage.app import weekly
from triage.app.copies import keep_copies
from triage.app.rounds import Round, Rounds, daily, every
from triage.errors import Permanent

HERE = ZoneInfo("America/Argentina/Buenos_Aires")
NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)  # a Tuesday, 9:00 there


@pytest.fixture(scope="module")
def desk():
    with wiring.tools(None) as tools:
        yield tools.desk


@pytest.fixture
async def store(tmp_path):
    opened = await open_store(f"sqlite:///{tmp_path}/triage.db")
    yield opened
    await opened.close()


def test_a_day_and_a_week_are_counted_by_the_local_clock():
    assert daily("03:30", HERE)(NOW) == datetime(2026, 10, 21, 3, 30, tzinfo=HERE)
    assert daily("09:30", HERE)(NOW) == datetime(2026, 10, 20, 9, 30, tzinfo=HERE)
    assert daily("08:00", HERE, 0)(NOW) == datetime(2026, 10, 26, 8, 0, tzinfo=HERE)
    assert every(900)(NOW) == NOW + timedelta(minutes=15)


async def test_a_round_begins_to_count_when_first_seen_and_is_done_once_when_due(store, desk):
    clock, done = Hands(), []

    async def work(now):
        done.append(now)

    made = [Rounds(store, lambda: desk, clock, [Round("r", every(60), work)], lambda: None) for _ in range(2)]
    for rounds in made:
        await rounds.do()
    assert done == []
    clock.at += timedelta(seconds=61)
    for rounds in made:
        await rounds.do()
    assert done == [clock.at]


async def test_a_round_that_fails_is_told_to_the_admin_and_waits_for_its_turn(store, desk):
    clock, notified = Hands(), []

    async def work(now):
        raise Permanent("no room")

    rounds = Rounds(
        store, lambda: desk, clock, [Round("backup", every(60), work)], lambda: notified.append(1)
    )
    await rounds.do()
    clock.at += timedelta(seconds=61)
    await rounds.do()
    await rounds.do()
    (mail,) = await store.read(lambda tx: tx.list_outbox())
    assert (mail.to, mail.draft["variables"]["what"]) == ("sistemas@netone.example", "backup_failed")
    assert "no room" in mail.draft["variables"]["detail"]
    assert notified


async def test_copies_rotate_and_nothing_else_in_the_folder_is_touched(store, tmp_path):
    folder = tmp_path / "copies"
    folder.mkdir()
    (folder / "triage-notes.txt").write_text("mine")

    def copy(target):
        backup.backup(f"sqlite:///{tmp_path}/triage.db", target)

    for day in range(5):
        await keep_copies(store, copy, folder, 2, NOW + timedelta(days=day))
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["triage-20261023T120000Z.backup", "triage-20261024T120000Z.backup", "triage-notes.txt"]
    assert await store.read(lambda tx: tx.get_note("backup/last")) == (NOW + timedelta(days=4)).isoformat()


async def test_a_copy_that_cannot_be_written_deletes_none(store, tmp_path):
    old = tmp_path / "triage-20260101T000000Z.backup"
    old.touch()

    def copy(target):
        raise Permanent("no room")

    with pytest.raises(Permanent):
        await keep_copies(store, copy, tmp_path, 1, NOW)
    assert old.exists()


async def test_the_week_is_mailed_once_with_its_pictures_in_the_mail(store, desk):
    pytest.importorskip("matplotlib", reason="the extra `report` is not installed")
    at = NOW - timedelta(days=2)
    case = a_case(arrival=at, cycle_start=at, attended_at=at + timedelta(hours=1))
    await store.write(lambda tx: tx.save_cases([case]))
    for _ in range(2):
        await weekly.send(store, desk, ["lucia.ferrari@netone.example"], wiring.plots, NOW)
    (row,) = await store.read(lambda tx: tx.list_outbox())
    rendered = JinjaRenderer(None).render(row, NOW)
    raw = MimeComposer(desk.site).compose(row, rendered, NOW).decode()
    assert "Content-Type: multipart/related" in raw
    assert raw.count("Content-Disposition: inline") == 4
    assert "Content-ID: <kept@netone.example>" in raw
    assert 'src="cid:kept@netone.example"' in rendered.html


async def test_without_matplotlib_the_week_is_mailed_without_pictures(store, desk):
    await weekly.send(store, desk, ["a@netone.example"], lambda: None, NOW)
    (row,) = await store.read(lambda tx: tx.list_outbox())
    assert not row.draft["attachments"]
    assert "img" not in JinjaRenderer(None).render(row, NOW).html
