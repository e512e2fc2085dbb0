"""Nothing is lost, nothing doubled, everybody answered: while the daemon is killed and its connections break."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import chaos
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Cluster

pytestmark = [pytest.mark.dovecot, pytest.mark.timeout(1800)]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "sqlite":
        yield "sqlite:///triage.db"
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    yield cluster.url()


async def test_two_hundred_mails_and_ten_kills(dovecot: Dovecot, tmp_path: Path, store: str) -> None:
    found = await chaos.play(tmp_path, dovecot, store, number=200, kills=10, seed=chaos.seed(), seconds=240)
    print(found.line(store.partition(":")[0]))  # noqa: T201 - what was seen belongs to the report
    chaos.check(found)


@pytest.mark.slow
async def test_two_thousand_mails_and_a_hundred_kills(dovecot: Dovecot, tmp_path: Path, store: str) -> None:
    found = await chaos.play(
        tmp_path, dovecot, store, number=2_000, kills=100, seed=chaos.seed(), seconds=1200
    )
    print(found.line(store.partition(":")[0]))  # noqa: T201 - what was seen belongs to the report
    chaos.check(found)
