"""What `ports.Membership` and the leases promise, on SQLite and on PostgreSQL alike: several daemons on one store.

A node that hangs is one that says nothing for longer than its word holds; here its word holds for no time at all.
"""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from tests.adapters.store_sql.samples import NOW, a_mail, minutes
from triage.adapters.store_sql.membership import membership, process_name
from triage.adapters.store_sql.store import SqlStore, open_store
from triage.errors import Temporary
from triage.ports import Membership, Transaction

LONG = timedelta(seconds=30)
OVER = timedelta(seconds=-1)  # a word that holds no more as soon as it is said
BOX = "mailbox/soporte"


@pytest.fixture
async def node(url, store) -> AsyncIterator[Callable[..., Membership]]:
    """Make nodes that leave at the end; `lasting`: how long the word of one holds."""
    made: list[Membership] = []

    def one(process: str | None = None, lasting: timedelta = LONG) -> Membership:
        made.append(membership(url, process or process_name(), lasting))
        return made[-1]

    yield one
    for each in made:
        await each.leave()


# -- who lives ---------------------------------------------------------------------------------------------------


async def test_nodes_see_each_other_and_what_they_say_of_themselves(node):
    one, two = node("a:1:x"), node("b:2:y")
    assert (await one.beat({"rules": "r1"})).others == []
    seen = await two.beat({"rules": "r2"})
    assert [(each.name.partition(".")[0], each.about, each.lives) for each in seen.others] == [
        ("a:1:x", {"rules": "r1"}, True)
    ]
    await two.beat({"rules": "r3"})
    (other,) = (await one.beat({"rules": "r1"})).others
    assert other.about == {"rules": "r3"}


async def test_a_name_stays_the_same_from_beat_to_beat(node):
    one = node()
    assert (await one.beat({})).name == (await one.beat({})).name


async def test_a_node_that_leaves_is_no_more_seen(node):
    one, two = node(), node()
    await one.beat({})
    await two.beat({})
    await two.leave()
    assert (await one.beat({})).others == []


async def test_looking_joins_nobody(node):
    one, looking = node("a:1:x"), node()
    await one.beat({})
    assert [each.name.partition(".")[0] for each in await looking.look()] == ["a:1:x"]
    assert (await one.beat({})).others == []


_DIES = """
    import asyncio, sys
    from datetime import timedelta
    from triage.adapters.store_sql.membership import membership

    async def live():
        node = membership(sys.argv[1], "dead:1:z", timedelta(seconds=60))
        await node.beat({})
        print("lives", flush=True)
        await asyncio.sleep(60)

    asyncio.run(live())
"""


async def test_a_killed_process_is_gone_at_once_though_its_word_holds_on(url, node):
    one = node()
    await one.beat({})
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(_DIES), url], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "lives\n"
    (seen,) = (await one.beat({})).others
    assert seen.lives
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    async with asyncio.timeout(20):  # PostgreSQL takes a moment to notice
        while (await one.beat({})).others[0].lives:
            pass


# -- leases ----------------------------------------------------------------------------------------------------------


def take(store: SqlStore, name: str, gone: tuple[str, ...] = ()):
    return store.write(lambda tx: tx.take_lease(BOX, name, gone))


async def test_a_lease_has_one_holder_and_a_number_that_grows_with_every_new_one(store, node):
    one, two = (await node().beat({})).name, (await node().beat({})).name
    assert await take(store, one) == 1
    assert await take(store, one) == 1, "it holds it already"
    assert await take(store, two) is None
    assert await take(store, two, (one,)) == 2, "its holder is gone"
    assert await take(store, one) is None
    lease = (await store.read(lambda tx: tx.leases()))[BOX]
    assert (lease.holder, lease.fence) == (two, 2)


async def test_the_lease_of_a_node_that_nobody_knows_is_free(store, node):
    one = (await node().beat({})).name
    assert await take(store, "stranger") == 1
    assert await take(store, one) == 2


async def test_an_old_number_releases_nothing_and_a_released_lease_gets_a_new_one(store, node):
    one, two = (await node().beat({})).name, (await node().beat({})).name
    await take(store, one)
    await store.write(lambda tx: tx.release_lease(BOX, 7))
    assert await take(store, two) is None
    await store.write(lambda tx: tx.release_lease(BOX, 1))
    assert await take(store, two) == 2
    assert not await store.write(lambda tx: tx.holds_lease(BOX, 1))
    assert await store.write(lambda tx: tx.holds_lease(BOX, 2))
    assert not await store.read(lambda tx: tx.holds_lease("mailbox/unheard", 1))


async def test_of_two_that_take_a_free_lease_at_once_one_gets_it(store, url, node):
    names = [(await node().beat({})).name for _ in range(4)]
    other = await open_store(url)
    taken = await asyncio.gather(*(take((store, other)[n % 2], name) for n, name in enumerate(names)))
    assert sorted(filter(None, taken)) == [1]
    await other.close()


async def test_who_takes_a_lease_over_waits_for_what_its_reader_is_committing(store, url, node):
    one, two = (await node().beat({})).name, (await node().beat({})).name
    fence = await take(store, one)
    other = await open_store(url)
    loop = asyncio.get_running_loop()
    began: list[asyncio.Future[int | None]] = []

    def commits(tx: Transaction) -> bool:
        held = tx.holds_lease(BOX, fence)
        began.append(asyncio.run_coroutine_threadsafe(take(other, two, (one,)), loop))
        tx.set_note("written under", str(fence))
        return held and not began[0].done()

    assert await store.write(commits)
    assert await asyncio.wrap_future(began[0]) == 2
    assert await other.read(lambda tx: tx.get_note("written under")) == "1"
    await other.close()


# -- what a dead node leaves behind ------------------------------------------------------------------------------------


async def test_a_node_that_lapsed_is_struck_out_once_with_its_leases_and_claims(store, node):
    dead, lives = (await node(lasting=OVER).beat({})).name, (await node().beat({})).name
    await take(store, dead)
    await store.write(lambda tx: tx.add_outbox([a_mail(1), a_mail(2)]))
    await store.write(lambda tx: tx.claim_outbox(NOW, f"{dead}.1", NOW + minutes(9), 1))
    await store.write(lambda tx: tx.claim_outbox(NOW, f"{lives}.1", NOW + minutes(9), 1))
    assert await store.write(lambda tx: tx.expired_leases(NOW + minutes(1))) == []
    assert await store.write(lambda tx: tx.forget_node(dead))
    assert not await store.write(lambda tx: tx.forget_node(dead)), "one of the others does it"
    lapsed = await store.write(lambda tx: tx.expired_leases(NOW + minutes(1)))
    assert [row.lease for row in lapsed] == [f"{dead}.1"]
    assert await take(store, lives) == 2


# -- only on PostgreSQL, where nodes may be on other machines ------------------------------------------------------------


@pytest.fixture
def shared(request) -> str:
    return request.getfixturevalue("postgres").url()


@pytest.mark.postgres
async def test_a_node_that_says_nothing_for_long_lapses_and_comes_back_under_another_name(shared):
    store = await open_store(shared)
    silent, other = membership(shared, "a:1:x", OVER), membership(shared, "b:2:y", LONG)
    before = (await silent.beat({})).name
    (seen,) = (await other.beat({})).others
    assert (seen.name, seen.lapsed, seen.lives) == (before, True, False)
    assert await store.write(lambda tx: tx.forget_node(before))
    with pytest.raises(Temporary):
        await silent.beat({})  # its sessions were ended, should it be frozen in the midst of a transaction
    after = (await silent.beat({})).name
    assert after != before
    assert after.partition(".")[0] == before.partition(".")[0]
    for each in (silent, other, store):
        await (each.close if each is store else each.leave)()


@pytest.mark.postgres
async def test_a_node_whose_word_holds_is_not_struck_out(shared):
    store = await open_store(shared)
    one = membership(shared, "a:1:x", LONG)
    name = (await one.beat({})).name
    assert not await store.write(lambda tx: tx.forget_node(name))
    await one.leave()
    await store.close()


@pytest.mark.postgres
async def test_mails_of_a_node_that_lives_are_nobody_elses_however_wrong_a_clock_is(shared):
    store = await open_store(shared)
    one = membership(shared, "a:1:x", LONG)
    name = (await one.beat({})).name
    await store.write(lambda tx: tx.add_outbox([a_mail(1)]))
    await store.write(lambda tx: tx.claim_outbox(NOW, f"{name}.1", NOW + minutes(1), 1))
    assert await store.write(lambda tx: tx.expired_leases(NOW + minutes(600))) == []
    assert await store.read(lambda tx: tx.next_outbox_at()) is None
    await one.leave()
    assert len(await store.write(lambda tx: tx.expired_leases(NOW + minutes(600)))) == 1
    await store.close()


@pytest.mark.postgres
async def test_a_node_frozen_in_the_midst_of_a_transaction_holds_nobody_up(shared):
    frozen, store = await open_store(shared, process="a:1:x"), await open_store(shared)
    its, other = membership(shared, "a:1:x", OVER), membership(shared, "b:2:y", LONG)
    name = (await its.beat({})).name
    fence = await take(frozen, name)
    loop = asyncio.get_running_loop()
    seen: list[int | None] = []

    def freezes(tx: Transaction) -> None:
        assert tx.holds_lease(BOX, fence)
        seen.append(asyncio.run_coroutine_threadsafe(takes_over(), loop).result(20))

    async def takes_over() -> int | None:
        mine = await other.beat({})
        await store.write(lambda tx: tx.forget_node(name))
        return await take(store, mine.name)

    with pytest.raises(Temporary):
        await frozen.write(freezes)
    assert seen == [2]
    await its.leave()
    await other.leave()
    await frozen.close()
    await store.close()


@pytest.mark.postgres
async def test_no_answer_is_an_error_within_a_second_and_leaving_never_fails(shared):
    host, _, folder = shared.partition("?host=")
    one = membership(f"{host}?host={folder}/nowhere", "a:1:x", timedelta(seconds=2))
    async with asyncio.timeout(10):
        with pytest.raises(Temporary):
            await one.beat({})
        await one.leave()
