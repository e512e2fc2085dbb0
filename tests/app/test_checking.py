"""What a check finds: connections that fail in a line each, and promises that the rules would give otherwise."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.app.house import DESK, START, House, a_mail, slower_desk
from triage.app import checking
from triage.app.checking import Finding
from triage.core.desk import Desk
from triage.core.model import State
from triage.errors import Permanent, Temporary


async def test_a_probe_that_works_tells_what_it_found() -> None:
    async def attempt() -> list[Finding]:
        return [Finding("ok", "imap", "signed in")]

    assert await checking.probe("imap", attempt) == [Finding("ok", "imap", "signed in")]


@pytest.mark.parametrize("error", [Temporary("no route to host"), Permanent("AUTHENTICATIONFAILED")])
async def test_what_the_world_does_wrong_is_a_finding_and_no_crash(error: Exception) -> None:
    async def attempt() -> list[Finding]:
        raise error

    assert await checking.probe("imap", attempt) == (Finding("error", "imap", str(error)),)


async def test_a_mistake_of_ours_is_no_finding() -> None:
    async def attempt() -> list[Finding]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await checking.probe("imap", attempt)


async def found(house: House, desk: Desk) -> list[Finding]:
    return await house.store.read(lambda tx: checking.promises(tx, desk))


async def one_case(house: House, **fields: object) -> str:
    house.box.add(a_mail(1, "La tienda no abre, a nadie."), START)
    await house.pump()
    (case,) = await house.cases()
    await house.store.write(lambda tx: tx.save_cases([replace(case, **fields)]))
    return str(case.reference)


async def test_promises_that_the_rules_would_give_again_are_nothing_to_tell(house: House) -> None:
    await one_case(house)
    assert await found(house, DESK) == []


@pytest.mark.parametrize(
    ("change", "told", "ends"),
    [
        ("keep", 1, "kept, as the client was told"),
        ("keep", 0, "will move"),
        ("recompute", 1, "will move"),
    ],
)
async def test_a_promise_that_would_be_another_today_is_a_warning_that_says_what_becomes_of_it(
    house: House, change: str, told: int, ends: str
) -> None:
    reference = await one_case(house, told_version=told)
    (finding,) = await found(house, slower_desk(change))
    assert (finding.level, finding.what) == ("warning", reference)
    assert finding.words.endswith(ends)


@pytest.mark.parametrize(
    "fields",
    [{"state": State.CLOSED}, {"state": State.ATTENDED, "attended_at": START + timedelta(minutes=5)}],
)
async def test_ended_and_attended_cases_have_no_promise_left(house: House, fields: dict[str, object]) -> None:
    await one_case(house, **fields)
    assert await found(house, slower_desk()) == []
