"""Parsing apart: worker processes with a time and a memory limit, so that a message that hurts costs only itself.

The rule: a mail whose fetched bytes are fewer than SMALL_BYTES and whose leaves are fewer than SMALL_PARTS is
parsed here, in a thread (the readers cap their work before they begin, so such a mail cannot take long). All
others go to a spawned process, which is ended and replaced when it is late, dies or asks for too much memory.
Called by intake. Knows processes; what a message is, only `parser` knows.
"""

import asyncio
import multiprocessing
import resource
import signal
from collections.abc import Sequence
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

from triage.adapters.parser_mailparser.parser import MailParser
from triage.core.message import Message, RawMail
from triage.errors import Hurtful, Unreadable

SMALL_BYTES = 256 * 1024
SMALL_PARTS = 50
TIME_LIMIT = 20.0  # seconds for one message
MEMORY_LIMIT = 512 * 1024 * 1024  # octets of address space for a worker
_TOO_LARGE = "message could not be read: MemoryError"
_START_LIMIT = 30.0  # seconds for a worker to come up

# Spawned, never forked: the daemon has threads, and a fork would copy their locks in whatever state they are.
_CONTEXT = multiprocessing.get_context("spawn")


def is_small(mail: RawMail) -> bool:
    """Say whether a mail may be parsed in the daemon's own process."""
    if mail.raw is not None:
        # Every part needs at least a delimiter line; counting those is cheaper than cutting the mail.
        return len(mail.raw) < SMALL_BYTES and mail.raw.count(b"\n--") < 2 * SMALL_PARTS
    fetched = len(mail.header) + sum(len(leaf.body or b"") for leaf in mail.leaves)
    return fetched < SMALL_BYTES and len(mail.leaves) < SMALL_PARTS


def serve(connection: Connection, memory_limit: int) -> None:
    """Answer requests until the other end is gone: the worker's whole life."""
    # The daemon decides when a worker ends (its pipe closes); a signal to the whole group must not cut a message off.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (memory_limit, memory_limit))
    parser = MailParser()
    connection.send(True)
    while True:
        try:
            mail: RawMail = connection.recv()
        except (EOFError, OSError):
            return
        except MemoryError:
            connection.send(Hurtful(_TOO_LARGE))
            return
        answer: Message | Unreadable
        try:
            answer = parser.parse(mail)
        except Unreadable as unreadable:
            memory = isinstance(unreadable.__cause__, MemoryError)
            answer = (Hurtful if memory else Unreadable)(str(unreadable))
        connection.send(answer)


class _Worker:
    """One process and our end of its pipe; blocking, used from one thread at a time."""

    def __init__(self, memory_limit: int) -> None:
        ours, theirs = _CONTEXT.Pipe()
        self._connection = ours
        self._process = _CONTEXT.Process(
            target=serve, args=(theirs, memory_limit), name="triage-parser", daemon=True
        )
        self._process.start()
        theirs.close()
        if not ours.poll(_START_LIMIT):
            self.stop()
            raise Hurtful("the parsing process did not start")
        ours.recv()

    def parse(self, mail: RawMail, time_limit: float) -> Message | Unreadable | None:
        """Return the answer, or None when the message is late; raises EOFError or OSError when the process died."""
        self._connection.send(mail)
        if not self._connection.poll(time_limit):
            return None
        answer: Message | Unreadable = self._connection.recv()
        return answer

    def stop(self) -> None:
        self._connection.close()
        self._process.kill()
        self._process.join()
        self._process.close()


class ParserPool:
    """Parses batches; ordinary mails here in a thread, the others in `workers` processes started when needed.

    Use as an asynchronous context manager, or call `close`. One message's limits: `time_limit` seconds and
    `memory_limit` octets; beyond them the answer is Unreadable, and the messages after it are not touched.
    """

    def __init__(
        self, *, workers: int = 1, time_limit: float = TIME_LIMIT, memory_limit: int = MEMORY_LIMIT
    ) -> None:
        self._parser = MailParser()
        self._time_limit = time_limit
        self._memory_limit = memory_limit
        self._idle: list[_Worker] = []
        self._slots = asyncio.Semaphore(workers)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def parse(self, mail: RawMail) -> Message | Unreadable:
        """Parse one message; never raises for what the message is."""
        return (await self.parse_many([mail]))[0]

    async def parse_many(self, mails: Sequence[RawMail]) -> list[Message | Unreadable]:
        """Parse messages; the answers stand in the order of the mails."""
        answers: dict[int, Message | Unreadable] = {}
        small = [index for index, mail in enumerate(mails) if is_small(mail)]
        large = [index for index, mail in enumerate(mails) if not is_small(mail)]
        async with asyncio.TaskGroup() as group:
            tasks = {index: group.create_task(self._parse_apart(mails[index])) for index in large}
            if small:
                parsed = await asyncio.to_thread(self._parse_here, [mails[index] for index in small])
                answers.update(zip(small, parsed, strict=True))
        answers.update({index: task.result() for index, task in tasks.items()})
        return [answers[index] for index in range(len(mails))]

    def _parse_here(self, mails: Sequence[RawMail]) -> list[Message | Unreadable]:
        return [self._parse_one(mail) for mail in mails]

    def _parse_one(self, mail: RawMail) -> Message | Unreadable:
        try:
            return self._parser.parse(mail)
        except Unreadable as unreadable:
            return unreadable

    async def _parse_apart(self, mail: RawMail) -> Message | Unreadable:
        async with self._slots:
            return await asyncio.to_thread(self._ask_worker, mail)

    def _ask_worker(self, mail: RawMail) -> Message | Unreadable:
        try:
            worker = self._one()
        except Unreadable as unreadable:
            return unreadable
        try:
            answer = worker.parse(mail, self._time_limit)
        except (EOFError, OSError):
            worker.stop()
            return Hurtful("message could not be read: the parsing process died of it")
        if answer is None:
            worker.stop()
            return Hurtful(f"message could not be read within {self._time_limit:g} s")
        if isinstance(answer, Hurtful):
            # What a process could not get once it may lack for the next message too.
            worker.stop()
        else:
            self._idle.append(worker)
        return answer

    def _one(self) -> _Worker:
        try:
            return self._idle.pop()
        except IndexError:  # asked and not looked at first: several threads take from the list
            return _Worker(self._memory_limit)

    async def close(self) -> None:
        """End the worker processes; the pool may be used again afterwards."""
        while self._idle:
            await asyncio.to_thread(self._idle.pop().stop)
