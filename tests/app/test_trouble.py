"""The daemon's own trouble goes to the admin, if there is one."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.app.house import DESK, START
from triage.app.trouble import tell_admin
from triage.core.drafts_site import Trouble
from triage.core.model import MailKind
from triage.ports import Store

LATER = START + timedelta(minutes=7)


async def test_an_alarm_says_what_of_what_since_when_and_until_when(store: Store) -> None:
    until = START + timedelta(days=3)
    await store.write(
        lambda tx: tell_admin(
            tx, DESK, Trouble.TOKEN_EXPIRY, "soporte", START, LATER, detail="soon", until=until
        )
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
        await store.write(lambda tx, at=at: tell_admin(tx, DESK, Trouble.DISK_LOW, "", at, LATER))
    assert len(await store.read(lambda tx: tx.list_outbox())) == 2


async def test_a_site_without_an_admin_has_nobody_to_tell(store: Store) -> None:
    desk = replace(DESK, site=replace(DESK.site, admin=None))
    await store.write(lambda tx: tell_admin(tx, desk, Trouble.DISK_LOW, "", START, LATER))
    assert await store.read(lambda tx: tx.list_outbox()) == []


def test_every_trouble_that_has_words_is_told_by_something() -> None:
    code = Path(__file__).parents[2] / "triage"
    named = "".join(file.read_text() for folder in ("app", "wiring") for file in (code / folder).glob("*.py"))
    assert [one for one in Trouble if f"Trouble.{one.name}" not in named] == []
