"""What the way in makes of messages that the server or the reader does not give as they should."""

from dataclasses import replace

from tests.app.house import START, a_mail


async def test_a_message_that_cannot_be_read_is_set_aside_at_once(house):
    house.box.add(a_mail(1, "UNREADABLE"), START)
    house.box.add(a_mail(2), START)
    await house.pump()
    assert await house.outcomes() == {1: "set_aside", 2: "opened"}


async def test_a_message_that_the_server_does_not_deliver_is_asked_for_three_times(house):
    house.box.add(a_mail(1), START)
    house.box.undelivered.add(1)
    cursor = await house.pump()
    cursor = await house.drain(cursor)
    await house.drain(cursor)
    assert await house.outcomes() == {1: "set_aside"}
    assert len(house.box.fetches) == 3
    assert (await store_aside(house))[0].raw == a_mail(1), "what could be had of it is kept"


async def store_aside(house):
    return await house.store.read(lambda tx: tx.list_aside())


async def test_a_message_gone_before_it_was_fetched_holds_nothing_up(house):
    house.box.add(a_mail(1), START)
    house.box.add(a_mail(2), START)
    await house.intake.begin(house.watched, await house.box.connect())
    del house.box.mails[1]
    await house.pump()
    assert await house.outcomes() == {2: "opened"}


async def test_several_batches_are_settled_together_and_all_in_the_end(house):
    settle, asked = house.box.settle, []

    async def counted(uids):
        asked.append(list(uids))
        await settle(uids)

    house.box.settle = counted
    house.watched = replace(house.watched, batch=1)
    for number in range(1, 11):
        house.box.add(a_mail(number), START)
    await house.pump()
    assert len(asked) <= 3
    assert house.box.settled == set(range(1, 11))
