"""The daemon's own trouble goes to the admin, if there is one."""

from dataclasses import replace
from datetime import timedelta

from tests.app.house import DESK, START
from triage.app.trouble import tell_admin
from triage.core.model import MailKind
from triage.ports import Store

LATER = START + timedelta(minutes=7)


async def test_an_alarm_says_what_of_what_since_when_and_until_when(store: Store) -> None:
    until = START + timedelta(days=3)
    await store.write(
        lambda tx: tell_admin(tx, DESK, "token_expiry", "soporte", START, LATER, detail="soon", until=until)
    )
    (row,) = await store.read(lambda tx: tx.list_outbox())
    assert (row.kind, row.to, row.created_at, row.next_at) == (
        MailKind.ALARM,
        DESK.site.admin,
        LATER,
        LATER,
    )
    told = row.draft["variables"]
    assert (told["what"], told["about"], told["detail"]) == ("token_expiry", "soporte", "soon")
    assert (told["at"], told["until"]) == (START.isoformat(), until.isoformat())


async def test_the_same_trouble_of_the_same_moment_is_one_mail(store: Store) -> None:
    for at in (START, START, LATER):
        await store.write(lambda tx, at=at: tell_admin(tx, DESK, "disk_low", "", at, LATER))
    assert len(await store.read(lambda tx: tx.list_outbox())) == 2


async def test_a_site_without_an_admin_has_nobody_to_tell(store: Store) -> None:
    desk = replace(DESK, site=replace(DESK.site, admin=None))
    await store.write(lambda tx: tell_admin(tx, desk, "disk_low", "", START, LATER))
    assert await store.read(lambda tx: tx.list_outbox()) == []
