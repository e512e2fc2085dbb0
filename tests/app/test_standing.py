"""How it stands, read from the store in one look."""

import json
from datetime import datetime, timedelta

from tests.app.house import START, Clock, House, a_mail, unfenced
from triage.app import standing
from triage.app.outages import RELAY_NOTE
from triage.app.outbox_turn import BREAKER_NOTE
from triage.app.settling import note_key
from triage.app.standing import BACKUP_NOTE, Looks
from triage.core.standing import Standing
from triage.ports import Store

MINUTE = timedelta(minutes=1)


async def stood(store: Store, *names: str, now: datetime = START) -> Standing:
    return await store.read(lambda tx: standing.read(tx, names or ("soporte",), now))


async def test_a_new_store_has_nothing_to_tell(store: Store) -> None:
    found = await stood(store)
    assert (found.waiting, found.alarms_pending, found.set_aside, found.next_deadlines) == (0, 0, 0, ())
    assert (found.breaker_until, found.backup_at, found.oldest_waiting) == (None, None, None)
    (box,) = found.mailboxes
    assert (box.name, box.looked_at, box.away_since, box.not_settled, box.last_uid) == (
        "soporte",
        None,
        None,
        "",
        0,
    )


async def test_cases_mails_and_alarms_are_counted(house: House) -> None:
    for number, body in enumerate(("La tienda no abre, a nadie.", "¿Se puede cambiar el logo?"), start=1):
        house.box.add(a_mail(number, body), START)
    await house.pump()
    found = await stood(house.store)
    assert found.cases == {"new": 2}
    assert found.open_cases == {("new", 1): 1, ("new", 3): 1}
    assert (found.waiting, found.oldest_waiting) == (2, START)
    assert found.alarms_pending > 0
    assert [int(case.severity) for case in found.next_deadlines] == [1, 3]
    assert found.mailboxes[0].last_uid == 2


async def test_an_alarm_is_overdue_when_it_rang_for_minutes_unheard(house: House) -> None:
    house.box.add(a_mail(1, "La tienda no abre, a nadie."), START)
    await house.pump()
    assert (await stood(house.store, now=START + MINUTE)).alarms_overdue == 0
    assert (await stood(house.store, now=START + 5 * MINUTE)).alarms_overdue > 0


async def test_notes_of_trouble_are_each_mailbox_s_own(store: Store) -> None:
    def noted(tx):
        tx.set_note("away/ventas", START.isoformat())
        tx.set_note(
            note_key("soporte"), json.dumps({"since": START.isoformat(), "error": "full", "messages": 3})
        )

    await store.write(noted)
    support, sales = (await stood(store, "soporte", "ventas")).mailboxes
    assert (support.away_since, support.not_settled) == (None, "full")
    assert (sales.away_since, sales.not_settled) == (START, "")


async def test_a_breaker_that_has_closed_again_is_no_trouble_any_more(store: Store) -> None:
    await store.write(lambda tx: tx.set_note(BREAKER_NOTE, (START + MINUTE).isoformat()))
    assert (await stood(store)).breaker_until == START + MINUTE
    assert (await stood(store, now=START + MINUTE)).breaker_until is None


async def test_a_relay_that_is_away_is_told_with_its_beginning(store: Store) -> None:
    await store.write(lambda tx: tx.set_note(RELAY_NOTE, START.isoformat()))
    assert (await stood(store)).relay_away_since == START


async def test_tokens_and_the_last_backup_are_told(store: Store) -> None:
    def noted(tx):
        tx.set_note("oauth/soporte", json.dumps({"expires_at": START.isoformat()}))
        tx.set_note("oauth/smtp", json.dumps({"expires_at": None, "error": "invalid_grant"}))
        tx.set_note(BACKUP_NOTE, START.isoformat())

    await store.write(noted)
    found = await stood(store)
    assert [(token.name, token.expires_at, token.error) for token in found.tokens] == [
        ("smtp", None, "invalid_grant"),
        ("soporte", START, ""),
    ]
    assert found.backup_at == START


async def test_looks_are_noted_at_most_every_half_minute_each_folder_for_itself(store: Store) -> None:
    clock = Clock()
    looks = Looks(unfenced(store), clock)

    async def looked(seconds: float, name: str = "soporte") -> datetime | None:
        clock.at = START + timedelta(seconds=seconds)
        await looks(name)
        return (await stood(store, name)).mailboxes[0].looked_at

    assert await looked(0) == START
    assert await looked(29) == START
    assert await looked(29, "ventas") == START + timedelta(seconds=29)
    assert await looked(30) == START + timedelta(seconds=30)
    assert await looked(-3600) == START - timedelta(hours=1), "a clock set back is no reason for silence"
