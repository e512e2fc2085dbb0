"""One reader a mailbox: who takes it, who lets go of it, and whose writes are turned away. A real store, real nodes."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from tests.adapters.store_sql.samples import NOW
from tests.app.house import Clock
from triage.adapters.store_sql.membership import membership
from triage.app.readers import Deposed, Readers, lease_name, mailbox_of
from triage.core.records import Node
from triage.errors import Temporary
from triage.ports import Beat


@dataclass
class Told:
    """A membership on machines apart, told by the test who else lives."""

    name: str
    others: Sequence[Node] = ()
    silent: bool = False
    shared: bool = True
    lasting: timedelta = timedelta(seconds=10)
    about: list[Mapping[str, str]] = field(default_factory=list)

    async def beat(self, about: Mapping[str, str]) -> Beat:
        self.about.append(about)
        if self.silent:
            raise Temporary("no answer")
        return Beat(self.name, self.others)

    async def look(self) -> Sequence[Node]:
        return self.others

    async def leave(self) -> None: ...


class Seconds:
    at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def readers(store):
    def made(node, boxes=("soporte",), seconds=None):
        return Readers(store, node, boxes, dict, Clock(NOW), "alone", seconds or Seconds())

    return made


def note(tx) -> None:
    tx.set_note("written", "yes")


def test_the_folder_of_sent_mail_belongs_to_its_mailbox():
    assert [mailbox_of(name) for name in ("soporte", "soporte/sent")] == ["soporte", "soporte"]


async def test_a_process_that_joined_nobody_reads_and_writes_as_it_is_told(readers, store):
    alone = readers(Told("a.1"))
    assert (alone.reads("soporte"), alone.node, alone.standing_by()) == (True, "alone", {})
    await alone.write("soporte", note)
    assert await store.read(lambda tx: tx.get_note("written")) == "yes"


async def test_of_two_nodes_one_reads_and_the_other_says_who(readers):
    one, two = readers(Told("a.1", [Node("b.1")])), readers(Told("b.1", [Node("a.1")]))
    async with one.joined(), two.joined():
        assert (one.reads("soporte"), two.reads("soporte")) == (True, False)
        assert (one.reads("soporte/sent"), two.reads("soporte/sent")) == (True, False)
        assert (one.standing_by(), two.standing_by()) == ({}, {"soporte": "a.1"})


async def test_a_node_that_leaves_makes_room_at_once(readers):
    one, two = readers(Told("a.1", [Node("b.1")])), readers(Told("b.1", [Node("a.1")]))
    async with AsyncExitStack() as over:
        async with one.joined():
            await over.enter_async_context(two.joined())
            assert not two.reads("soporte")
        await two.turn()
        assert two.reads("soporte")


async def test_the_reader_that_was_taken_for_dead_is_turned_away_and_hears_of_it(readers, store):
    told = Told("b.1", [Node("a.1")])
    one, two = readers(Told("a.1", [Node("b.1")])), readers(told)
    lost: list[str] = []
    async with one.joined(lost=lost.append), two.joined():
        told.others = [Node("a.1", gone=True)]
        await two.turn()
        assert two.reads("soporte")
        with pytest.raises(Deposed):
            await one.write("soporte", note)
        assert (one.reads("soporte"), lost) == (False, ["soporte"])
        with pytest.raises(Deposed):
            await one.write("soporte/sent", note)
        assert await store.read(lambda tx: tx.get_note("written")) is None
        await two.write("soporte", note)
    assert await store.read(lambda tx: tx.get_note("written")) == "yes"


async def test_a_late_reader_sees_at_its_next_beat_that_it_is_one_no_more(readers):
    told = Told("b.1", [Node("a.1", lapsed=True)])
    one, two = readers(Told("a.1", [Node("b.1")])), readers(told)
    async with one.joined(), two.joined():
        await one.turn()
        assert (one.standing_by(), two.standing_by()) == ({"soporte": "b.1"}, {})


async def test_without_an_answer_no_mail_is_begun_and_then_nothing_is_read(readers):
    told, seconds = Told("a.1"), Seconds()
    one = readers(told, seconds=seconds)
    async with one.joined():
        assert one.node == "a.1"
        told.silent = True
        seconds.at = 3.0
        await one.turn()
        assert (one.node, one.reads("soporte")) == ("", True)
        seconds.at = 10.0
        await one.turn()
        assert not one.reads("soporte")
        told.silent = False
        await one.turn()
        assert (one.node, one.reads("soporte")) == ("a.1", True), "nobody else took it: under its old number"


async def test_who_waits_while_the_store_is_away_lets_everybody_else_go_on(readers):
    seconds = Seconds()
    one = readers(Told("a.1"), seconds=seconds)
    async with one.joined():
        seconds.at = 11.0
        others = asyncio.Event()
        asyncio.get_running_loop().call_soon(others.set)
        assert not await one.until_ours("soporte", 0.01)
        assert others.is_set()


async def test_a_node_that_was_struck_out_gives_everything_up_and_begins_anew(readers, store):
    told = Told("a.1")
    one = readers(told)
    lost: list[str] = []
    async with one.joined(lost=lost.append):
        told.name = "a.2"
        await one.turn()
        assert (one.node, lost) == ("a.2", ["soporte"])
        assert one.reads("soporte"), "nobody else was there to take it"
    assert (await store.read(lambda tx: tx.leases()))[lease_name("soporte")].fence == 2


async def test_mailboxes_are_shared_out_and_none_is_left_lying(readers):
    boxes = ("a", "b", "c", "d")
    one, two = readers(Told("a.1", [Node("b.1")]), boxes), readers(Told("b.1", [Node("a.1")]), boxes)
    async with one.joined(), two.joined():
        await one.turn()
        assert (sorted(one.standing_by()), sorted(two.standing_by())) == (["c", "d"], ["a", "b"])
    lazy = readers(Told("b.1", [Node("x.1")]), boxes)
    async with lazy.joined():
        assert len(lazy.standing_by()) == 2
        for _ in range(3):
            await lazy.turn()
        assert lazy.standing_by() == {}, "nobody else wants them"


async def test_what_others_committed_is_heard_of(readers):
    heard: list[dict[str, bool]] = []
    one = readers(Told("a.1"))
    async with one.joined(due=lambda **what: heard.append(what)):
        pass
    assert heard == [{"mails": False, "alarms": False}]


async def test_waiting_for_a_turn_ends_when_it_comes(readers):
    told = Told("b.1", [Node("a.1")])
    one, two = readers(Told("a.1", [Node("b.1")])), readers(told)
    async with one.joined(), two.joined():
        assert not await two.until_ours("soporte", 0.01)
        waiting = asyncio.ensure_future(two.until_ours("soporte/sent", 60))
        told.others = [Node("a.1", gone=True)]
        await two.turn()
        assert await waiting


async def test_a_second_daemon_on_an_sqlite_file_stands_by_until_the_first_ends(store, tmp_path, readers):
    url = f"sqlite:///{tmp_path}/triage.db"
    one, two = (readers(membership(url, name, timedelta(seconds=10))) for name in ("here:1:a", "here:2:b"))
    async with two.joined():
        pass
    async with one.joined():
        async with two.joined():
            assert two.standing_by() == {"soporte": "here:1:a"}
            assert two.node == "here:2:b", "it sends and reminds all the same"
        assert one.reads("soporte")


async def test_an_error_inside_comes_out_alone(readers):
    with pytest.raises(Temporary, match="mine"):
        async with readers(Told("a.1")).joined():
            raise Temporary("mine")
