"""A relay that fails where it is told to: at any step of the dialogue, in any way, for any mail.

Written by hand on bare streams, because a well-behaved SMTP library refuses to misbehave. It keeps the truth:
`kept` holds every mail it took responsibility for, whatever it told the client.
"""

import asyncio
import base64
import re
import ssl
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Self


class Point(StrEnum):
    """Where a dialogue may fail; `CONTENT` is in the middle of the content, `ANSWER` after the final dot."""

    GREETING = "greeting"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    CONTENT = "content"
    ANSWER = "answer"
    RSET = "rset"


class Way(StrEnum):
    """`REPLY`: says `reply`. `MUTE`: never answers. `SLOW`: answers right, late. `STALL`: half an answer, then nothing."""

    REPLY = "reply"
    CLOSE = "close"
    RESET = "reset"
    MUTE = "mute"
    STALL = "stall"
    SLOW = "slow"
    GARBAGE = "garbage"


EXTENSIONS = ("8BITMIME", "SMTPUTF8", "SIZE 10000000", "ENHANCEDSTATUSCODES")


@dataclass(frozen=True, slots=True)
class Fault:
    """`keep`: at `Point.ANSWER` the mail is taken all the same."""

    way: Way
    reply: str = "451 4.3.0 try later"
    keep: bool = False


@dataclass(slots=True)
class Dialogue:
    """What the server knows so far: the number of the connection, the envelope, the mail's number on it."""

    number: int
    sender: str = ""
    recipients: list[str] = field(default_factory=list)
    tls: bool = False
    mails: int = 0
    body8: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    sender: str
    recipients: tuple[str, ...]
    content: bytes
    told: bool
    """Whether the client was told so."""


Plan = Callable[[Point, Dialogue], Fault | None]


class _Hangup(Exception):
    pass


def _no_faults(_point: Point, _dialogue: Dialogue) -> Fault | None:
    return None


@dataclass(slots=True)
class SmtpFaulty:
    """Listens on 127.0.0.1:`port` inside `async with`. `plan` is asked at every point."""

    plan: Plan = _no_faults
    tls: ssl.SSLContext | None = None
    extensions: tuple[str, ...] = EXTENSIONS
    user: str = ""
    secret: str = ""
    mechanisms: str = "PLAIN LOGIN XOAUTH2 OAUTHBEARER"
    slowness: float = 0.05
    port: int = 0
    kept: list[Kept] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    injected: Counter[tuple[Point, Way]] = field(default_factory=Counter)
    connections: int = 0
    open_now: int = 0
    open_most: int = 0
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        await self._stack.enter_async_context(server)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.drop_connections()
        await self._stack.aclose()
        async with asyncio.timeout(5):
            while self.open_now:
                self._ended.clear()
                await self._ended.wait()

    def drop_connections(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open_now += 1
        self.open_most = max(self.open_most, self.open_now)
        self._writers.add(writer)
        with suppress(_Hangup, asyncio.IncompleteReadError, ConnectionError, ssl.SSLError, TimeoutError):
            await self._talk(Dialogue(self.connections), reader, writer)
        writer.transport.abort()
        self._writers.discard(writer)
        self.open_now -= 1
        self._ended.set()

    async def _talk(
        self, dialogue: Dialogue, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await self._say(Point.GREETING, dialogue, reader, writer, "220 faulty.example ESMTP")
        while True:
            line = (await reader.readuntil(b"\r\n")).decode("utf-8", "surrogateescape").rstrip("\r\n")
            self.commands.append(line)
            verb = line.split(" ")[0].upper()
            if verb == "QUIT":
                writer.write(b"221 2.0.0 bye\r\n")
                return
            await self._command(verb, line, dialogue, reader, writer)

    async def _command(
        self,
        verb: str,
        line: str,
        dialogue: Dialogue,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        if verb in {"EHLO", "HELO"}:
            await self._say(Point.EHLO, dialogue, reader, writer, *self._hello(verb, dialogue))
        elif verb == "STARTTLS":
            assert self.tls is not None
            if not await self._say(Point.STARTTLS, dialogue, reader, writer, "220 2.0.0 go ahead"):
                return
            await writer.start_tls(self.tls)
            dialogue.tls = True
        elif verb == "AUTH":
            await self._auth(line, dialogue, reader, writer)
        elif verb == "MAIL":
            dialogue.sender, dialogue.recipients = _path(line), []
            await self._say(Point.MAIL, dialogue, reader, writer, "250 2.1.0 OK")
        elif verb == "RCPT":
            dialogue.recipients.append(_path(line))
            if not await self._say(Point.RCPT, dialogue, reader, writer, "250 2.1.5 OK"):
                dialogue.recipients.pop()
        elif verb == "DATA":
            if await self._say(Point.DATA, dialogue, reader, writer, "354 go ahead"):
                await self._data(dialogue, reader, writer)
        elif verb in {"RSET", "NOOP"}:
            dialogue.sender, dialogue.recipients = "", []
            await self._say(Point.RSET, dialogue, reader, writer, "250 2.0.0 OK")
        else:
            writer.write(b"502 5.5.2 what?\r\n")

    def _hello(self, verb: str, dialogue: Dialogue) -> list[str]:
        if verb == "HELO":
            return ["250 faulty.example"]
        offered = list(self.extensions)
        if self.tls is not None and not dialogue.tls:
            offered.append("STARTTLS")
        if self.user and (self.tls is None or dialogue.tls):
            offered.append(f"AUTH {self.mechanisms}")
        lines = ["faulty.example", *offered]
        return [f"250-{text}" for text in lines[:-1]] + [f"250 {lines[-1]}"]

    async def _auth(
        self, line: str, dialogue: Dialogue, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        _, mechanism, initial = line.split(" ", 2)
        shown = base64.b64decode(initial).decode()
        good = {
            "PLAIN": f"\0{self.user}\0{self.secret}",
            "XOAUTH2": f"user={self.user}\x01auth=Bearer {self.secret}\x01\x01",
            "OAUTHBEARER": f"n,a={self.user},",
        }[mechanism]
        right = shown == good or (
            mechanism == "OAUTHBEARER" and shown.startswith(good) and f"Bearer {self.secret}\x01" in shown
        )
        if not right and mechanism != "PLAIN":
            writer.write(b"334 eyJzdGF0dXMiOiI0MDAifQ==\r\n")
            await reader.readuntil(b"\r\n")
        reply = "235 2.7.0 welcome" if right else "535 5.7.8 wrong"
        await self._say(Point.AUTH, dialogue, reader, writer, reply)

    async def _data(
        self, dialogue: Dialogue, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        fault = self.plan(Point.CONTENT, dialogue)
        lines = []
        if fault is not None:
            if fault.way not in {Way.CLOSE, Way.RESET}:  # those come at once: nothing of the content was read
                lines.append(await reader.readuntil(b"\r\n"))
            await self._act(Point.CONTENT, fault, reader, writer)
            if fault.way is not Way.SLOW:
                await reader.read()
                raise _Hangup
        while (line := await reader.readuntil(b"\r\n")) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        fault = self.plan(Point.ANSWER, dialogue)
        told = fault is None or fault.way is Way.SLOW
        if told or (fault is not None and fault.keep):
            kept = Kept(dialogue.sender, tuple(dialogue.recipients), b"".join(lines), told)
            self.kept.append(kept)
        dialogue.mails += 1
        if fault is not None:
            await self._act(Point.ANSWER, fault, reader, writer)
        if told:
            writer.write(b"250 2.0.0 queued\r\n")
        dialogue.sender, dialogue.recipients = "", []

    async def _say(
        self,
        point: Point,
        dialogue: Dialogue,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *lines: str,
    ) -> bool:
        """Answer as planned; True when the answer was the right one."""
        fault = self.plan(point, dialogue)
        if fault is not None:
            await self._act(point, fault, reader, writer)
            if fault.way is not Way.SLOW:
                return False
        writer.write("".join(f"{line}\r\n" for line in lines).encode())
        return lines[0][0] in "23"

    async def _act(
        self, point: Point, fault: Fault, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Misbehave; returns where the dialogue goes on, else raises."""
        self.injected[point, fault.way] += 1
        if fault.way is Way.REPLY:
            writer.write(f"{fault.reply}\r\n".encode())
            if fault.reply.startswith("421") or point is Point.GREETING:
                await writer.drain()
                writer.close()
                raise _Hangup
        elif fault.way is Way.SLOW:
            await asyncio.sleep(self.slowness)
        elif fault.way is Way.GARBAGE:
            writer.write(b"\x16\x03\x01 what is this\r\n")
        elif fault.way is Way.STALL:
            writer.write(b"250-2.0.0 half of\r\n25")
            await reader.read()
            raise _Hangup
        elif fault.way is Way.MUTE:
            await reader.read()
            raise _Hangup
        elif fault.way is Way.RESET:
            raise _Hangup
        else:
            await writer.drain()
            writer.close()
            raise _Hangup


def _path(line: str) -> str:
    match = re.search(r"<([^>]*)>", line)
    return match[1] if match else ""
