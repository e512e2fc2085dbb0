"""Every message has one outcome: what lost its own is found, and taken in once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.app.house import DESK, START, House, a_mail
from tests.servers.mailbox_memory import MemoryMailbox
from triage.app import reconcile
from triage.app.reconcile import Reconciled
from triage.core.desk import Desk
from triage.core.model import MailKind
from triage.ports import Fetched, Store, Transaction


async def filled(house: House, count: int = 3) -> None:
    for number in range(1, count + 1):
        house.box.add(a_mail(number), START)
    await house.pump()


async def lose(house: House, *uids: int) -> None:
    def forget(tx: Transaction) -> None:
        for uid in uids:
            tx.forget_ledger("soporte", 1, uid)

    await house.store.write(forget)


async def compared(house: House) -> Reconciled:
    status = await house.box.connect()
    return await reconcile.reconcile(house.store, house.intake, house.watched, status)


async def test_a_folder_whose_every_message_has_an_outcome_has_no_gap(house: House) -> None:
    await filled(house)
    found = await compared(house)
    assert (found.on_server, found.accounted, found.waiting, found.gaps, found.left) == (3, 3, 0, (), ())


async def test_a_lost_outcome_is_found_and_healed_and_no_client_gets_a_second_case(house: House) -> None:
    await filled(house)
    await lose(house, 1, 3)
    found = await compared(house)
    assert (found.gaps, found.healed, found.left, found.accounted) == ((1, 3), (1, 3), (), 1)
    assert len(await house.cases()) == 3
    assert len(await house.mails(MailKind.ACKNOWLEDGEMENT)) == 3
    assert (await compared(house)).gaps == ()


async def test_mail_that_is_still_to_be_read_is_waiting_and_no_gap(house: House) -> None:
    await filled(house)
    house.box.add(a_mail(4), START)
    found = await compared(house)
    assert (found.on_server, found.accounted, found.waiting, found.gaps) == (4, 3, 1, ())
    assert len(await house.cases()) == 3, "the daemon takes it in its turn"


async def test_what_lay_there_before_the_first_look_is_none_of_ours(store: Store) -> None:
    house = House(store, start="now")
    house.box.add(a_mail(1), START)
    await house.pump()
    house.box.add(a_mail(2), START)
    await house.pump()
    found = await compared(house)
    assert (found.on_server, found.accounted, found.gaps) == (1, 1, ())


async def test_a_message_that_hurts_its_reader_is_healed_as_one_set_aside(house: House) -> None:
    await filled(house)
    await lose(house, 2)
    house.reader.hurts[b"problema 2"] = 99
    found = await compared(house)
    assert (found.gaps, found.healed) == ((2,), (2,))
    assert (await house.outcomes())[2] == "set_aside"


class Vanishing(MemoryMailbox):
    """A mailbox that somebody else is tidying up: what is to be fetched is gone."""

    async def fetch(self, uids: list[int]) -> list[Fetched]:  # type: ignore[override]
        for uid in uids:
            self.mails.pop(uid, None)
        return []


async def test_a_message_deleted_meanwhile_is_gone_and_no_gap_that_stays(house: House) -> None:
    await filled(house)
    await lose(house, 2)
    box = Vanishing(mails=house.box.mails)
    watched = replace(house.watched, mailbox=box)
    found = await reconcile.reconcile(house.store, house.intake, watched, await box.connect())
    assert (found.gaps, found.healed, found.gone, found.left) == ((2,), (), (2,), ())


# -- every night -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("utc_hour", "due"),
    [(2, False), (5, False), (6, True), (23, True)],
    ids=["yesterday evening", "2:00 at the site", "3:00 at the site", "20:00 at the site"],
)
async def test_a_night_s_account_is_due_from_three_on_by_the_site_s_clock(
    store: Store, utc_hour: int, due: bool
) -> None:
    done = Reconciled("soporte", 1, 0, 0, 0)
    await store.write(lambda tx: reconcile.note_done(tx, DESK, done, datetime(2026, 10, 19, 12, tzinfo=UTC)))
    now = datetime(2026, 10, 20, utc_hour, tzinfo=UTC)
    assert await store.read(lambda tx: reconcile.is_due(tx, DESK, "soporte", now)) is due


async def test_it_is_done_once_a_night_and_folder(store: Store) -> None:
    done = Reconciled("soporte", 1, 0, 0, 0)

    def due(mailbox: str, at: datetime) -> object:
        return store.read(lambda tx: reconcile.is_due(tx, DESK, mailbox, at))

    assert await due("soporte", START)  # type: ignore[misc]
    await store.write(lambda tx: reconcile.note_done(tx, DESK, done, START))
    assert not await due("soporte", START + timedelta(hours=1))  # type: ignore[misc]
    assert await due("ventas", START)  # type: ignore[misc]
    assert await due("soporte", START + timedelta(days=1))  # type: ignore[misc]


@pytest.mark.parametrize(
    ("gaps", "healed", "told"),
    [((), (), []), ((7, 9), (7, 9), ["2 have one now"]), ((7, 9), (7,), ["1 have one now"])],
)
async def test_a_gap_is_told_to_the_admin_healed_or_not(
    store: Store, gaps: tuple[int, ...], healed: tuple[int, ...], told: list[str]
) -> None:
    found = Reconciled("soporte", 1, 9, 7, 0, gaps, healed)
    await store.write(lambda tx: reconcile.note_done(tx, DESK, found, START))
    rows = await store.read(lambda tx: tx.list_outbox())
    assert [row.to for row in rows] == [DESK.site.admin] * len(told)
    for row, words in zip(rows, told, strict=True):
        assert words in str(row.draft["variables"])
        assert "[7, 9]" in str(row.draft["variables"])


async def test_a_site_without_an_admin_keeps_the_account_all_the_same(store: Store) -> None:
    desk = Desk(replace(DESK.site, admin=None), DESK.support)
    await store.write(
        lambda tx: reconcile.note_done(tx, desk, Reconciled("soporte", 1, 9, 7, 0, (7,)), START)
    )
    assert await store.read(lambda tx: tx.list_outbox()) == []
    assert not await store.read(lambda tx: reconcile.is_due(tx, desk, "soporte", START))
