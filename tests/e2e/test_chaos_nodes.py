"""Nothing is lost, nothing doubled, everybody answered: with three daemons on one PostgreSQL that come to harm."""

from pathlib import Path

import pytest

from tests.e2e import chaos, chaos_nodes
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Cluster

pytestmark = [pytest.mark.dovecot, pytest.mark.postgres, pytest.mark.timeout(1800)]


async def _play(dovecot: Dovecot, postgres: Cluster, folder: Path, *, number: int, hits: int) -> None:
    found = await chaos_nodes.play(
        folder, dovecot, postgres, number=number, hits=hits, seed=chaos.seed(), seconds=300
    )
    print(found.line(f"three nodes, {hits} hits"))  # noqa: T201 - what was seen belongs to the report
    print(f"another node read the mailbox: {found.times()}; {len(found.reminded)} reminders")  # noqa: T201
    chaos_nodes.check(found)


async def test_a_hundred_mails_and_six_misfortunes(
    dovecot: Dovecot, postgres: Cluster, tmp_path: Path
) -> None:
    await _play(dovecot, postgres, tmp_path, number=100, hits=6)


@pytest.mark.slow
async def test_a_thousand_mails_and_sixty_misfortunes(
    dovecot: Dovecot, postgres: Cluster, tmp_path: Path
) -> None:
    await _play(dovecot, postgres, tmp_path, number=1_000, hits=60)
