"""Reading apart: processes with a time and a memory limit, so that a message that hurts costs only itself.

Implements `ports.MessageReader`. The daemon reads everything apart: parsing, reading and classifying a batch is most of
its work, another core does it, and the daemon's own interpreter is left to the store and the relay. Commands that read
a mail or two do so in a thread of theirs, where the mail is small (its readers cap their work before they begin, so
it cannot take long). Called by intake; what a message is, only `parser` and the core know.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Self

from triage.adapters.parser_mailparser.child import Child
from triage.adapters.parser_mailparser.frames import Yardstick
from triage.adapters.parser_mailparser.worker import Answer, Worker
from triage.core.desk import Desk
from triage.core.message import RawMail
from triage.core.rules.vocabulary import Vocabulary
from triage.core.site import Site
from triage.errors import Hurtful

SMALL_BYTES = 256 * 1024
SMALL_PARTS = 50
TIME_LIMIT = 20.0  # seconds for one message
MEMORY_LIMIT = 512 * 1024 * 1024  # octets that it may take

_PATIENCE = 3.0  # seconds to wait for a busy process before another one is started


def is_small(mail: RawMail) -> bool:
    """Say whether a mail may be read in a process of ours."""
    if mail.raw is not None:
        # Every part needs at least a delimiter line; counting those is cheaper than cutting the mail.
        return len(mail.raw) < SMALL_BYTES and mail.raw.count(b"\n--") < 2 * SMALL_PARTS
    fetched = len(mail.header) + sum(len(leaf.body or b"") for leaf in mail.leaves)
    return fetched < SMALL_BYTES and len(mail.leaves) < SMALL_PARTS


class ReaderPool:
    """Reads batches in `workers` processes at most, started when they are needed.

    `here`: small mails are read in a thread of this process. Use as an asynchronous context manager, or call `close`.
    One message's limits: `time_limit` seconds and `memory_limit` octets; beyond them the answer is Hurtful, and the
    messages after it are not touched.
    """

    def __init__(
        self,
        *,
        workers: int = 1,
        time_limit: float = TIME_LIMIT,
        memory_limit: int = MEMORY_LIMIT,
        here: bool = True,
    ) -> None:
        self._time_limit = time_limit
        self._memory_limit = memory_limit
        self._here = here
        self._workers = workers
        self._idle: list[Worker] = []
        self._busy = 0
        self._freed = asyncio.Condition()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def begin(self, started: Child | None = None) -> None:
        """Start the first process, or take over one that was `started`; it comes up meanwhile. Raises Temporary."""
        self._idle.append(await Worker.start(started))

    async def prepare(self, site: Site, vocabulary: Vocabulary) -> None:
        """Let the processes at hand compile rules, before the first mail asks for them.

        Returns when they have taken the rules in; they compile on, whatever keeps our own loop from turning.
        """
        for worker in self._idle:
            worker.lay_down(self._yardstick(site, vocabulary))
            await worker.taken_in()

    async def read_many(self, mails: Sequence[RawMail], desk: Desk) -> list[Answer]:
        """Read messages; the answers stand in the order of the mails. Raises Temporary when no process can be had."""
        answers: dict[int, Answer] = {}
        small = [index for index, mail in enumerate(mails) if self._here and is_small(mail)]
        apart = [index for index in range(len(mails)) if index not in set(small)]
        yardstick = self._yardstick(desk.site, desk.support.rules.vocabulary)
        there = self._read_apart([mails[index] for index in apart], yardstick)
        reading = asyncio.ensure_future(there)
        try:
            if small:
                read = await asyncio.to_thread(_read_here, [mails[index] for index in small], desk)
                answers.update(zip(small, read, strict=True))
            answers.update(zip(apart, await reading, strict=True))
        finally:
            reading.cancel()
        return [answers[index] for index in range(len(mails))]

    def _yardstick(self, site: Site, vocabulary: Vocabulary) -> Yardstick:
        return Yardstick(site, vocabulary, self._memory_limit)

    async def _read_apart(self, mails: Sequence[RawMail], yardstick: Yardstick) -> list[Answer]:
        answers: list[Answer] = []
        while len(answers) < len(mails):
            async with self._turn():
                worker = await self._at_hand() or await Worker.start()
                worker.lay_down(yardstick)
                await worker.ready()
                answers += await worker.answers(mails[len(answers) :], self._time_limit)
                if not isinstance(answers[-1], Hurtful):
                    self._idle.append(worker)
        return answers

    async def _at_hand(self) -> Worker | None:
        """Return a process that waits; one that died meanwhile must not be blamed on the next mail."""
        while self._idle:
            worker = self._idle.pop()
            if not worker.gone:
                return worker
            await worker.stop()
        return None

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Wait until a process is free; for a while even where another one might be started, for that takes longer."""
        async with self._freed:
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    await self._freed.wait_for(lambda: not self._busy)
            await self._freed.wait_for(lambda: self._busy < self._workers)
            self._busy += 1
        try:
            yield
        finally:
            async with self._freed:
                self._busy -= 1
                self._freed.notify_all()

    async def close(self) -> None:
        """End the processes; the pool may be used again afterwards."""
        while self._idle:
            await self._idle.pop().stop()


def _read_here(mails: Sequence[RawMail], desk: Desk) -> list[Answer]:
    from triage.adapters.parser_mailparser.process import answers_here  # noqa: PLC0415 - the daemon needs no parser

    return answers_here(mails, desk.site, desk.support.rules)
