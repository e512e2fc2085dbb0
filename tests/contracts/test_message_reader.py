"""The MessageReader port: what intake may rely on, whoever reads the mail."""

from collections.abc import AsyncIterator

import pytest

from triage.adapters.parser_mailparser import ParserPool
from triage.core.message import Message, RawMail
from triage.errors import Hurtful
from triage.ports import MessageReader

SMALL = RawMail(raw=b"From: Ana <ana@cliente.example>\r\nSubject: caido\r\n\r\nNo abre el sitio.\r\n")
LARGE = RawMail(raw=b"From: Eva <eva@cliente.example>\r\nSubject: largo\r\n\r\n" + b"linea\r\n" * 60_000)
EMPTY = RawMail(raw=b"")


@pytest.fixture
async def reader() -> AsyncIterator[MessageReader]:
    async with ParserPool() as pool:
        yield pool


@pytest.fixture
async def strict() -> AsyncIterator[MessageReader]:
    """One that lets no large message pass: all of them are late."""
    async with ParserPool(time_limit=0.0) as pool:
        yield pool


def senders(answers: object) -> list[str]:
    assert isinstance(answers, list)
    return [one.sender.address if isinstance(one, Message) and one.sender else "" for one in answers]


async def test_answers_stand_in_the_order_of_the_mails(reader: MessageReader) -> None:
    found = await reader.parse_many([SMALL, LARGE, SMALL])
    assert senders(found) == ["ana@cliente.example", "eva@cliente.example", "ana@cliente.example"]


async def test_nothing_is_read_of_no_mails(reader: MessageReader) -> None:
    assert list(await reader.parse_many([])) == []


async def test_an_odd_message_is_answered_and_never_raised(reader: MessageReader) -> None:
    assert len(await reader.parse_many([EMPTY, RawMail(raw=b"\0" * 100), RawMail()])) == 3


async def test_a_message_that_hurts_is_told_apart_and_spoils_no_other(strict: MessageReader) -> None:
    hurt, fine = await strict.parse_many([LARGE, SMALL])
    assert isinstance(hurt, Hurtful)
    assert isinstance(fine, Message)


async def test_the_reader_goes_on_after_a_message_that_hurt(strict: MessageReader) -> None:
    for _ in range(2):
        assert isinstance((await strict.parse_many([LARGE]))[0], Hurtful)
    assert isinstance((await strict.parse_many([SMALL]))[0], Message)
