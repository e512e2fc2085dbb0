"""The admin hears once that the disk grows full, while the mail that says so can still be written."""

from pathlib import Path

from tests.app.house import DESK, START, Clock
from triage.adapters.store_sql.engine import free_octets
from triage.app.room import Room
from triage.core.standing import SCARCE
from triage.ports import Store


class Disk:
    def __init__(self) -> None:
        self.free: int | None = 10 * SCARCE

    def __call__(self) -> int | None:
        return self.free


async def told(store: Store) -> list[str]:
    rows = await store.read(lambda tx: tx.list_outbox())
    return [row.draft["variables"]["about"] for row in rows]


async def test_a_disk_that_grows_full_is_told_once_and_again_after_there_was_room(store: Store) -> None:
    disk, woken, clock = Disk(), list[bool](), Clock(START)
    room = Room(store, lambda: DESK, clock, disk, lambda: woken.append(True))
    await room.look()
    assert await told(store) == []
    for free in (SCARCE - 1, SCARCE // 2, SCARCE + 1, SCARCE - 1):  # to and fro at the border is one matter
        disk.free = free
        await room.look()
    assert await told(store) == ["499 MB"]
    assert len(woken) == 1
    clock.at = clock.at.replace(hour=23)
    for free in (3 * SCARCE, 1_000_000):
        disk.free = free
        await room.look()
    assert await told(store) == ["499 MB", "1 MB"]


async def test_another_daemon_or_a_restart_does_not_tell_it_again(store: Store) -> None:
    disk = Disk()
    disk.free = 1
    for _ in range(2):
        await Room(store, lambda: DESK, Clock(START), disk, lambda: None).look()
    assert len(await told(store)) == 1


async def test_a_restart_with_room_again_forgets_that_it_was_told(store: Store) -> None:
    disk, clock = Disk(), Clock(START)
    for free in (1, 3 * SCARCE):
        disk.free = free
        await Room(store, lambda: DESK, clock, disk, lambda: None).look()
    clock.at = clock.at.replace(hour=23)
    disk.free = 2
    await Room(store, lambda: DESK, clock, disk, lambda: None).look()
    assert len(await told(store)) == 2


async def test_where_nobody_can_know_nothing_is_told(store: Store) -> None:
    disk = Disk()
    disk.free = None
    await Room(store, lambda: DESK, Clock(START), disk, lambda: None).look()
    assert await told(store) == []


def test_the_room_of_an_sqlite_store_is_that_of_its_folder(tmp_path: Path) -> None:
    assert (free_octets(f"sqlite:///{tmp_path / 'triage.db'}") or 0) > 0
    assert free_octets(f"sqlite:///{tmp_path / 'nowhere' / 'triage.db'}") is None
    assert free_octets("postgresql://triage@db.example/triage") is None
