"""The daemon's end of one reading process: started, given its yardstick, asked about mails in their order.

Knows processes and the channel to them. What makes a process useless (a late message, a death) ends it here; who starts
another one is `pool`.
"""

import asyncio
import pickle
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from triage.adapters.parser_mailparser import child
from triage.adapters.parser_mailparser.child import Child
from triage.adapters.parser_mailparser.frames import LENGTH, Yardstick, framed
from triage.core.message import RawMail
from triage.core.understood import Understood
from triage.errors import Hurtful, Temporary, Unreadable

START_LIMIT = 60.0  # seconds for a process to come up, and to compile its rules
_BUFFER = 1 << 20  # octets of answers that may wait for us
_PIECE = 1 << 20  # octets of a mail written at once

Answer = Understood | Unreadable


class Worker:
    """One process and our end of its channel; asked by one caller at a time. Made by `start`."""

    def __init__(self, ours: Child, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._child = ours
        self._reader = reader
        self._writer = writer
        self._yardstick: Yardstick | None = None
        self._unconfirmed = 0

    @classmethod
    async def start(cls, started: Child | None = None) -> "Worker":
        """Start a process, or take over one that is `started`, and go on while it comes up. Raises Temporary."""
        ours = started or child.start()
        return cls(ours, *await asyncio.open_connection(sock=ours.channel, limit=_BUFFER))

    @property
    def gone(self) -> bool:
        """Whether the process ended by itself, as far as we heard."""
        return self._reader.at_eof() or self._reader.exception() is not None

    def lay_down(self, yardstick: Yardstick) -> None:
        """Have the process judge by `yardstick` from here on; nothing happens where it does already."""
        if yardstick != self._yardstick:
            self._writer.write(framed(yardstick))
            self._yardstick = yardstick
            self._unconfirmed += 1

    async def taken_in(self) -> None:
        """Wait until the process has what was laid down; one that went away meanwhile shows itself later."""
        transport = self._writer.transport
        transport.set_write_buffer_limits(high=0)
        try:
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(START_LIMIT):
                    await self._writer.drain()
        finally:
            transport.set_write_buffer_limits()

    async def ready(self) -> None:
        """Wait until the process is up and its rules are compiled. Raises Temporary, the process ended, when it is not."""
        confirmed = False
        try:
            async with asyncio.timeout(START_LIMIT):
                while self._unconfirmed:
                    await self._answer()
                    self._unconfirmed -= 1
            confirmed = True
        except (TimeoutError, EOFError, OSError) as error:
            raise Temporary("the reading process did not come up") from error
        finally:
            if not confirmed:
                await self.stop()

    async def answers(self, mails: Sequence[RawMail], time_limit: float) -> list[Answer]:
        """Return the answers to the mails in their order, up to the first that hurt: the process is gone then."""
        sending = asyncio.ensure_future(self._send(mails))
        answers: list[Answer] = []
        whole = False
        try:
            while len(answers) < len(mails) and not (answers and isinstance(answers[-1], Hurtful)):
                answers.append(await self._one_answer(time_limit))
            whole = not isinstance(answers[-1], Hurtful)
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await sending
            if not whole:
                await self.stop()
        return answers

    async def _send(self, mails: Sequence[RawMail]) -> None:
        """Hand over mail by mail; a large one in pieces, so that it is not copied whole once more on its way."""
        for mail in mails:
            frame = memoryview(framed(mail))
            for start in range(0, len(frame), _PIECE):
                self._writer.write(frame[start : start + _PIECE])
                await self._writer.drain()

    async def _one_answer(self, time_limit: float) -> Answer:
        try:
            async with asyncio.timeout(time_limit):
                answer: Answer = await self._answer()
        except TimeoutError:
            return Hurtful(f"message could not be read within {time_limit:g} s")
        except (EOFError, OSError):
            return Hurtful("message could not be read: the reading process died of it")
        return answer

    async def _answer(self) -> Any:
        """Raises asyncio.IncompleteReadError (an EOFError) or OSError when the process is gone."""
        (length,) = LENGTH.unpack(await self._reader.readexactly(LENGTH.size))
        return pickle.loads(await self._reader.readexactly(length))  # noqa: S301 - our own process's

    async def stop(self) -> None:
        """End the process, whatever it is doing."""
        self._writer.close()
        await asyncio.to_thread(self._child.end)
