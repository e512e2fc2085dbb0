"""Who is away: one small note, laid over the desk of every transaction."""

from dataclasses import replace
from datetime import date, timedelta

from tests.app.house import DESK, START
from triage.app import roster
from triage.core.site import Absence
from triage.ports import Store

LUCIA, DIEGO = DESK.site.agents[0].address, DESK.site.agents[1].address
TODAY = Absence(START.date(), START.date())


async def absent(store: Store, who: str) -> tuple[Absence, ...]:
    agent = (await store.read(lambda tx: roster.desk_of(tx, DESK, START))).site.agent(who)
    assert agent is not None
    return agent.absent


async def test_with_nothing_kept_the_desk_is_the_one_of_the_settings(store: Store) -> None:
    assert await store.read(lambda tx: roster.desk_of(tx, DESK, START)) is DESK


async def test_what_an_agent_says_of_himself_is_kept_until_he_is_back(store: Store) -> None:
    await store.write(lambda tx: roster.keep_absence(tx, LUCIA, TODAY))
    await store.write(lambda tx: roster.keep_absence(tx, DIEGO, TODAY))
    assert (await absent(store, LUCIA), await absent(store, DIEGO)) == ((TODAY,), (TODAY,))
    await store.write(lambda tx: roster.keep_absence(tx, LUCIA, None))
    assert (await absent(store, LUCIA), await absent(store, DIEGO)) == ((), (TODAY,))


async def test_it_stands_beside_what_the_settings_say(store: Store) -> None:
    written = Absence(date(2027, 1, 4), date(2027, 1, 15))
    agents = (replace(DESK.site.agents[0], absent=(written,)), *DESK.site.agents[1:])
    desk = replace(DESK, site=replace(DESK.site, agents=agents))
    await store.write(lambda tx: roster.keep_absence(tx, LUCIA, TODAY))
    found = (await store.read(lambda tx: roster.desk_of(tx, desk, START))).site.agents[0]
    assert set(found.absent) == {written, TODAY}


async def test_a_silence_ends_by_itself_or_with_his_next_mail_and_leaves_his_absence_alone(
    store: Store,
) -> None:
    def silent(tx):
        roster.keep_absence(tx, LUCIA, TODAY)
        for who in (LUCIA, DIEGO):
            roster.keep_silence(tx, who, START + timedelta(days=1))

    await store.write(silent)
    for at, unreachable in ((START, {LUCIA, DIEGO}), (START + timedelta(days=2), set())):
        found = await store.read(lambda tx, at=at: roster.desk_of(tx, DESK, at))
        assert found.unreachable == unreachable
    await store.write(lambda tx: roster.keep_heard(tx, LUCIA, START))
    assert (await store.read(lambda tx: roster.desk_of(tx, DESK, START))).unreachable == {DIEGO}
    assert await absent(store, LUCIA) == (TODAY,)
