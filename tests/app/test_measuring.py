"""The daemon's pages on a real store: metrics from what is stored, health from what hangs."""

import asyncio
import json
from datetime import datetime, timedelta

import pytest

from tests.adapters.store_sql.samples import NOW, a_case
from triage.adapters.metrics_prometheus import PrometheusMetrics
from triage.adapters.pages_http import PageServer
from triage.adapters.store_sql.membership import membership, process_name
from triage.app.measuring import Measuring, serve
from triage.app.readers import Readers
from triage.app.standing import Looks
from triage.core.records import Event


class Hands:
    """A clock that is set."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def readers(store, tmp_path):
    alone = membership(f"sqlite:///{tmp_path}/triage.db", process_name(), timedelta(seconds=10))
    return Readers(store, alone, ["soporte"], dict, Hands())


@pytest.fixture
def measuring(store, readers):
    def made(clock=None, late=()):
        names, metrics = ["soporte"], PrometheusMetrics()
        return Measuring(
            store, metrics, clock or Hands(), mailboxes=names, late=lambda: late, readers=readers
        )

    return made


async def test_events_are_counted_once_and_only_from_the_start_on(store, measuring):
    opened = Event(NOW, "case.opened", "NO-2026-000001")
    await store.write(lambda tx: tx.add_events([opened, opened]))
    pages = measuring()
    await pages.begin()
    await store.write(lambda tx: (tx.save_cases([a_case()]), tx.add_events([opened] * 3)))
    for _ in range(2):
        body = (await pages.metrics()).body.decode()
    assert 'triage_messages_total{outcome="opened"} 3.0' in body
    assert 'triage_open_cases{severity="1",state="new"} 1.0' in body
    await store.write(lambda tx: tx.add_events([opened]))
    assert 'outcome="opened"} 4.0' in (await pages.metrics()).body.decode()


async def test_ready_once_every_mailbox_was_looked_into_and_no_more_when_that_is_long_ago(measuring, readers):
    clock = Hands()
    pages = measuring(clock)
    assert (await pages.readyz()).status == 503
    looks = Looks(readers.write, clock)
    await looks("soporte")
    assert (await pages.readyz()).status == 200
    clock.at += timedelta(minutes=6)
    page = await pages.readyz()
    assert (page.status, json.loads(page.body)) == (
        503,
        {"mailboxes_not_ready": ["soporte"], "standing_by": {}},
    )


async def test_looks_are_noted_at_most_twice_a_minute(store, readers):
    clock = Hands()
    looks = Looks(readers.write, clock)
    await looks("soporte")
    clock.at += timedelta(seconds=10)
    await looks("soporte")
    assert await store.read(lambda tx: tx.get_note("looked/soporte")) == NOW.isoformat()


async def test_healthy_until_a_loop_hangs(measuring):
    assert (await measuring().healthz()).status == 200
    page = await measuring(late=["soporte"]).healthz()
    assert (page.status, json.loads(page.body)) == (503, {"late": ["soporte"]})


async def test_serving_ends_with_the_daemon_and_an_address_in_use_ends_nothing(measuring):
    stop = asyncio.Event()
    holder = PageServer("127.0.0.1:0", {"/healthz": measuring().healthz})
    _, port = await holder.start()
    second = asyncio.create_task(serve(PageServer(f"127.0.0.1:{port}", {}), stop))
    first = asyncio.create_task(serve(PageServer("127.0.0.1:0", {}), stop))
    await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(asyncio.gather(first, second), 10)
    await holder.close()
