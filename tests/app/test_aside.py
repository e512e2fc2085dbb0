"""What was set aside, put through again: a new decision in place of the old, or nothing changed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.app.house import DESK, START, Clock, House, Reader, a_mail
from triage.app import aside
from triage.app.aside import Again, StillAside
from triage.core.desk import Desk
from triage.core.message import RawMail
from triage.core.model import State
from triage.core.records import AsideRow
from triage.core.understanding import understand
from triage.core.understood import Understood
from triage.errors import Permanent, Unreadable
from triage.ports import MessageReader

LATER = START + timedelta(hours=2)


class Mended(Reader):
    """A later version of us, that can read what ours could not."""

    def _one(self, mail: RawMail, desk: Desk) -> Understood | Unreadable:
        return understand(self.parser.parse(mail), desk.site, desk.support.rules)


async def kept(house: House, body: str = "UNREADABLE: no anda la tienda") -> AsideRow:
    house.box.add(a_mail(1, body), START)
    await house.pump()
    (row,) = await house.store.read(lambda tx: tx.list_aside())
    return row


async def retried(
    house: House, row_id: int, reader: MessageReader | None = None, by: str = "cli:juan"
) -> Again:
    return await aside.retry(house.store, reader or Mended(), DESK, Clock(LATER), row_id, by)


async def test_what_can_be_read_now_is_a_case_as_of_its_arrival_and_the_stand_in_is_closed(
    house: House,
) -> None:
    row = await kept(house)
    again = await retried(house, row.id)
    cases = {case.reference: case for case in await house.cases()}
    assert again.outcome == "opened"
    assert again.reference is not None
    assert cases[again.reference].arrival == START
    assert cases[again.reference].client.address == "c1@cliente.example"
    assert row.reference is not None
    assert cases[row.reference].state is State.CLOSED
    history = await house.store.read(lambda tx: tx.events(row.reference))
    assert (history[-1].event, history[-1].by) == ("case.closed", "cli:juan")
    assert await house.store.read(lambda tx: tx.list_aside()) == []
    assert await house.outcomes() == {1: "opened"}


async def test_an_agent_s_own_end_of_the_stand_in_stays_as_it_is(house: House) -> None:
    row = await kept(house)

    def ended(tx):
        (case,) = tx.cases([row.reference]).values()
        tx.save_cases([replace(case, state=State.RESOLVED, ended_at=START)])

    await house.store.write(ended)
    await retried(house, row.id)
    (case,) = [case for case in await house.cases() if case.reference == row.reference]
    assert (case.state, case.ended_at) == (State.RESOLVED, START)


async def test_what_still_cannot_be_read_changes_nothing(house: House) -> None:
    row = await kept(house)
    with pytest.raises(StillAside, match="no message at all"):
        await retried(house, row.id, house.reader)
    assert await house.store.read(lambda tx: tx.list_aside()) == [row]
    assert await house.outcomes() == {1: "set_aside"}
    assert len(await house.cases()) == 1


async def test_what_would_be_set_aside_for_another_reason_changes_nothing_either(house: House) -> None:
    row = await kept(house)
    agent = DESK.site.agents[0].address
    forged = row.raw.replace(b"c1@cliente.example>\r\nTo", f"{agent}>\r\nTo".encode())
    forged = forged.replace(
        b"Subject:",
        b"Authentication-Results: mx.netone.example; dmarc=fail header.from=netone.example\r\nSubject:",
    )

    def swapped(tx):
        tx.remove_aside(row.id)
        return tx.add_aside(replace(row, raw=forged, id=0))

    number = await house.store.write(swapped)
    with pytest.raises(StillAside, match="authenticat"):
        await retried(house, number)
    assert len(await house.store.read(lambda tx: tx.list_aside())) == 1
    assert await house.outcomes() == {1: "set_aside"}, "rolled back whole"


async def test_each_is_retried_once(house: House) -> None:
    row = await kept(house)
    await retried(house, row.id)
    with pytest.raises(Permanent, match="no such message"):
        await retried(house, row.id)
    assert len(await house.cases()) == 2


async def test_of_what_the_server_never_delivered_nothing_can_be_read(house: House) -> None:
    empty = AsideRow(START, "soporte", 1, "the server's index is broken", b"")
    number = await house.store.write(lambda tx: tx.add_aside(empty))
    with pytest.raises(Permanent, match="never delivered"):
        await retried(house, number)


async def test_the_list_shows_who_what_and_why_oldest_first(house: House) -> None:
    rows = [
        AsideRow(LATER, "soporte", 2, "forged", b"y", 1, "b@x", "b@x.example", "dos", "NO-2026-000002"),
        AsideRow(START, "soporte", 1, "unreadable", b"x", 1, None, "", "", None),
    ]
    for row in reversed(rows):
        await house.store.write(lambda tx, row=row: tx.add_aside(row))
    listed = await house.store.read(aside.rows)
    assert [one["uid"] for one in listed] == [1, 2]
    assert listed[1] == {
        "id": listed[1]["id"], "at": "2026-10-20T14:15:00Z", "mailbox": "soporte", "uid": 2, "message_id": "b@x",
        "from": "b@x.example", "subject": "dos", "why": "forged", "case": "NO-2026-000002",
    }  # fmt: skip
