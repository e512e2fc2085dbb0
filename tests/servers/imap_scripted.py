"""An IMAP server that says what the test writes: for answers that no good server gives."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

Answer = bytes | Callable[[asyncio.StreamWriter, bytes, bytes], Awaitable[None]]
"""Octets to send, in which TAG stands for the command's tag; or a coroutine that gets (writer, tag, line)."""

CLOSE = b""
"""The answer of a server that breaks off."""

_USUAL: tuple[tuple[bytes, bytes], ...] = (
    (rb"CAPABILITY", b"* CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS\r\nTAG OK .\r\n"),
    (rb"LOGIN", b"TAG OK .\r\n"),
    (
        rb"(SELECT|EXAMINE)",
        b"* 2 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 3] .\r\n* OK [PERMANENTFLAGS (\\*)] .\r\nTAG OK .\r\n",
    ),
    (rb"IDLE", b"+ idling\r\n"),
    (rb"LOGOUT", b"* BYE\r\nTAG OK .\r\n"),
    (rb"", b"TAG OK .\r\n"),
)


@dataclass(slots=True)
class ScriptedImap:
    """Listens on 127.0.0.1:`port` inside `async with`; `on` puts an answer before the usual ones.

    `lines`: every command as received, its tag taken off.
    """

    greeting: bytes = b"* OK ready\r\n"
    port: int = 0
    lines: list[bytes] = field(default_factory=list)
    connections: int = 0
    _answers: list[tuple[re.Pattern[bytes], Answer]] = field(default_factory=list)
    _server: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def on(self, pattern: bytes, answer: Answer) -> None:
        """Answer commands that match (from their first word on) in this way; later rules win."""
        self._answers.insert(0, (re.compile(pattern, re.IGNORECASE | re.DOTALL), answer))

    async def __aenter__(self) -> Self:
        self._answers += [(re.compile(pattern, re.IGNORECASE), answer) for pattern, answer in _USUAL]
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        self.connections += 1
        idle_tag = b""
        try:
            writer.write(self.greeting)
            while line := (await reader.readline()).rstrip(b"\r\n"):
                tag, _, command = line.partition(b" ")
                if line.upper() == b"DONE":
                    writer.write(idle_tag + b" OK idle over\r\n")
                    continue
                idle_tag = tag if command.upper() == b"IDLE" else idle_tag
                self.lines.append(command)
                if not await self._say(writer, tag, command):
                    break
        except OSError:
            pass
        finally:
            writer.close()
            self._writers.discard(writer)
            self._tasks.discard(task)

    async def _say(self, writer: asyncio.StreamWriter, tag: bytes, command: bytes) -> bool:
        answer = next(answer for pattern, answer in self._answers if pattern.match(command))
        if not isinstance(answer, bytes):
            await answer(writer, tag, command)
            return True
        writer.write(answer.replace(b"TAG", tag))
        await writer.drain()
        return bool(answer)
