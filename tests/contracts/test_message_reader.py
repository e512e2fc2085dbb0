"""The MessageReader port: what intake may rely on, whoever reads the mail."""

from collections.abc import AsyncIterator

import pytest

from tests.app.house import DESK
from triage.adapters.parser_mailparser.pool import ReaderPool
from triage.core.message import RawMail
from triage.core.understood import Understood
from triage.errors import Hurtful
from triage.ports import MessageReader

SMALL = RawMail(raw=b"From: Ana <ana@cliente.example>\r\nSubject: caido\r\n\r\nNo abre el sitio.\r\n")
LARGE = RawMail(raw=b"From: Eva <eva@cliente.example>\r\nSubject: largo\r\n\r\n" + b"linea\r\n" * 60_000)
EMPTY = RawMail(raw=b"")


@pytest.fixture(params=["here", "apart"])
async def reader(request: pytest.FixtureRequest) -> AsyncIterator[MessageReader]:
    async with ReaderPool(here=request.param == "here") as pool:
        yield pool


@pytest.fixture
async def strict() -> AsyncIterator[MessageReader]:
    """One that lets no large message pass: all of them are late."""
    async with ReaderPool(time_limit=0.0) as pool:
        yield pool


def senders(answers: object) -> list[str]:
    assert isinstance(answers, list)
    read = [one.message.sender if isinstance(one, Understood) else None for one in answers]
    return [sender.address if sender else "" for sender in read]


async def test_answers_stand_in_the_order_of_the_mails(reader: MessageReader) -> None:
    found = await reader.read_many([SMALL, LARGE, SMALL], DESK)
    assert senders(found) == ["ana@cliente.example", "eva@cliente.example", "ana@cliente.example"]


async def test_nothing_is_read_of_no_mails(reader: MessageReader) -> None:
    assert list(await reader.read_many([], DESK)) == []


async def test_an_odd_message_is_answered_and_never_raised(reader: MessageReader) -> None:
    assert len(await reader.read_many([EMPTY, RawMail(raw=b"\0" * 100), RawMail()], DESK)) == 3


async def test_a_message_that_hurts_is_told_apart_and_spoils_no_other(strict: MessageReader) -> None:
    hurt, fine = await strict.read_many([LARGE, SMALL], DESK)
    assert isinstance(hurt, Hurtful)
    assert isinstance(fine, Understood)


async def test_the_reader_goes_on_after_a_message_that_hurt(strict: MessageReader) -> None:
    for _ in range(2):
        assert isinstance((await strict.read_many([LARGE], DESK))[0], Hurtful)
    assert isinstance((await strict.read_many([SMALL], DESK))[0], Understood)
