import json
from datetime import timedelta

import pytest

from tests.app.house import DESK, START, Clock
from triage.app.tokens import WatchedTokens, note_key
from triage.core.model import MailKind
from triage.errors import Permanent, Temporary


class Source:
    """A token source that answers as told."""

    def __init__(self, clock):
        self.clock, self.ends_at, self.error, self.fetched = clock, None, None, 0

    async def __call__(self):
        if self.error is not None:
            raise self.error
        if self.ends_at is None:
            self.fetched += 1
            self.ends_at = self.clock.at + timedelta(hours=1)
        return f"token {self.fetched}"

    def forget(self):
        self.ends_at = None


@pytest.fixture
def tokens(store):
    clock = Clock()
    return WatchedTokens("mailbox soporte", Source(clock), store, lambda: DESK, clock)


async def note(store):
    return json.loads(await store.read(lambda tx: tx.get_note(note_key("mailbox soporte"))) or "{}")


async def alarms(store):
    rows = await store.read(lambda tx: tx.list_outbox())
    return [row for row in rows if row.kind == MailKind.ALARM]


async def test_refresh_and_end_can_be_seen(tokens, store):
    assert await tokens() == "token 1"
    assert await note(store) == {
        "refreshed_at": START.isoformat(),
        "expires_at": (START + timedelta(hours=1)).isoformat(),
    }


async def test_a_refused_refresh_is_told_to_the_admin_once_with_its_reason_and_the_end(tokens, store):
    await tokens()
    tokens._source.forget()
    tokens._source.error = Permanent("https://idp refused a token: 400 invalid_grant")
    for _ in range(3):
        with pytest.raises(Permanent):
            await tokens()
    found = await alarms(store)
    assert len(found) == 1
    variables = found[0].draft["variables"]
    assert (variables["what"], variables["about"]) == ("token_expiry", "mailbox soporte")
    assert "invalid_grant" in variables["detail"]
    assert variables["until"].startswith("2026-10-20T13:15:00")
    assert "invalid_grant" in (await note(store))["error"]


async def test_an_endpoint_away_is_told_only_when_it_stays_away(tokens, store):
    tokens._source.error = Temporary("https://idp cannot be reached")
    with pytest.raises(Temporary):
        await tokens()
    assert await alarms(store) == []
    tokens._clock.at += timedelta(minutes=6)
    with pytest.raises(Temporary):
        await tokens()
    assert len(await alarms(store)) == 1


async def test_a_refresh_that_works_again_forgets_the_trouble(tokens, store):
    tokens._source.error = Permanent("no")
    with pytest.raises(Permanent):
        await tokens()
    tokens._source.error = None
    await tokens()
    assert "error" not in await note(store)


async def test_a_token_is_fetched_anew_well_before_it_ends(tokens):
    import asyncio

    await tokens()
    stop = asyncio.Event()
    for minutes, fetched in ((30, 1), (51, 2)):
        tokens._clock.at = START + timedelta(minutes=minutes)
        stop.clear()
        running = asyncio.create_task(tokens.keep_fresh(stop))
        for _ in range(200):
            await asyncio.sleep(0.005)
            if tokens._source.fetched == fetched:
                break
        stop.set()
        await running
        assert tokens._source.fetched == fetched
