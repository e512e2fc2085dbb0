"""Two weeks of a support desk on the stepped clock, with the real pipeline: nothing due passes unreminded.

Invented traffic from a seed; then the promises are checked on what was really sent. `-s` shows the figures.
"""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.e2e import weeks_kept
from tests.e2e.desk_weeks import World, weeks

# From a Tuesday; Monday 7 December is a puente (worked, or not), Tuesday the 8th a holiday.
NETONE = World("America/Argentina/Buenos_Aires", datetime(2026, 12, 1, 3, tzinfo=UTC), 300, 14, 3, down=4.4)
CLOSED = replace(NETONE, puentes="closed", down=8.5, restart=4)
# Summer time ends on Sunday 25 October, in the second night of the day without a daemon.
MADRID = World("Europe/Madrid", datetime(2026, 10, 19, 22, tzinfo=UTC), 300, 14, 3, down=4.9)
# Midnight of Sunday 6 September does not exist.
SANTIAGO = World("America/Santiago", datetime(2026, 8, 31, 4, tzinfo=UTC), 300, 14, 5, down=7.4)


async def play(folder: Path, world: World) -> None:
    async with weeks(folder, world) as stage:
        played = await stage.run()
    print(f"\n{world.zone}, puentes {world.puentes}: {weeks_kept.figures(played)}")  # noqa: T201 - for who asks with -s
    assert len(played.cases) == world.count
    weeks_kept.check(world, played)


async def test_two_weeks_of_a_small_desk_keep_every_promise(tmp_path: Path) -> None:
    await play(tmp_path, replace(NETONE, count=50))


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    "world", [NETONE, CLOSED, MADRID, SANTIAGO], ids=["netone", "puente", "madrid", "santiago"]
)
async def test_two_weeks_of_a_busy_desk_keep_every_promise(tmp_path: Path, world: World) -> None:
    await play(tmp_path, world)
