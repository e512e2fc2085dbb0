from tests.adapters.parser_mailparser.samples import HEAD, SAMPLES, parse
from triage.adapters.parser_mailparser import ParserPool
from triage.adapters.parser_mailparser.worker import SMALL_BYTES, is_small
from triage.core.message import Leaf, Message, RawMail
from triage.errors import Unreadable

LARGE = RawMail(raw=HEAD + b"\r\n" + b"linea\r\n" * (SMALL_BYTES // 6))
GIANT = RawMail(raw=HEAD + b"\r\n" + b"x" * 300_000_000)
SMALL = RawMail(raw=SAMPLES["plain"])


def test_ordinary_mail_is_small_and_monsters_are_not() -> None:
    assert is_small(SMALL)
    assert not is_small(LARGE)
    assert not is_small(RawMail(raw=b"\n--x" * 200))
    assert not is_small(
        RawMail(header=b"", leaves=tuple(Leaf(str(number), "image/png") for number in range(60)))
    )


async def test_answers_stand_in_the_order_of_the_mails() -> None:
    async with ParserPool() as pool:
        first, second, third = await pool.parse_many([SMALL, LARGE, SMALL])
    assert first == third == parse(SAMPLES["plain"])
    assert isinstance(second, Message)
    assert LARGE.raw is not None
    assert second == parse(LARGE.raw)


async def test_a_late_message_costs_only_itself() -> None:
    async with ParserPool(time_limit=0.0) as pool:
        late, small = await pool.parse_many([LARGE, SMALL])
    assert isinstance(late, Unreadable)
    assert isinstance(small, Message)


async def test_a_message_beyond_the_memory_limit_costs_only_itself() -> None:
    async with ParserPool(memory_limit=320 * 1024 * 1024) as pool:
        too_much, after = await pool.parse_many([GIANT, LARGE])
    assert isinstance(too_much, Unreadable)
    assert isinstance(after, Message)


async def test_a_pool_serves_again_after_it_was_closed() -> None:
    pool = ParserPool()
    await pool.close()
    assert isinstance(await pool.parse(SMALL), Message)
    await pool.close()
