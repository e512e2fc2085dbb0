"""A TCP proxy between a client under test and a real server that misbehaves on command.

It cuts, stalls, truncates, drips and rewrites; `chaos` does so at seeded random. It runs on the test's loop.
"""

import asyncio
import random
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

Rewrite = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Chaos:
    """What a random connection suffers: after 1 to `within` octets from the server it is cut, stalled or truncated.

    `share` of all connections are hit (0 to 1); equal seeds hit the same connections in the same way.
    """

    seed: int
    share: float = 0.5
    within: int = 20_000


@dataclass(slots=True, eq=False)
class _Link:
    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    limit: int | None = None
    ending: str = "cut"
    passed: int = 0

    def abort(self) -> None:
        for writer in (self.client, self.server):
            sock = writer.get_extra_info("socket")
            if sock is not None:
                with suppress(OSError):  # linger 0: the peer sees RST, not FIN
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()


@dataclass(slots=True, eq=False)
class Proxy:
    """Forwards 127.0.0.1:`port` to a port of this machine, or to a unix socket, inside `async with`.

    `flowing` cleared: nothing is forwarded in either direction, though connections stay open (swallowed packets).
    `drip`: (octets, seconds) for what the server says. `rewrite`: changes each segment from the server.
    `rewrite_up`: changes each segment from the client. `refuse`: new connections are closed at once.
    """

    target: int | Path
    port: int = 0
    drip: tuple[int, float] | None = None
    rewrite: Rewrite | None = None
    rewrite_up: Rewrite | None = None
    refuse: bool = False
    chaos: Chaos | None = None
    accepted: int = 0
    flowing: asyncio.Event = field(default_factory=asyncio.Event)
    _links: set[_Link] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None
    _random: random.Random = field(default_factory=random.Random)
    _next_limit: int | None = None

    async def __aenter__(self) -> Self:
        self.flowing.set()
        if self.chaos:
            self._random.seed(self.chaos.seed)
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- commands -----------------------------------------------------------------------------------------------

    def cut(self) -> None:
        """Reset every connection (RST)."""
        for link in list(self._links):
            link.abort()
        self._links.clear()

    def finish(self) -> None:
        """Close the client's side of every connection in order (FIN)."""
        for link in list(self._links):
            link.client.close()

    def stall(self) -> None:
        """Swallow everything until `resume`; connections stay open."""
        self.flowing.clear()

    def resume(self) -> None:
        self.flowing.set()

    def truncate_after(self, octets: int, ending: str = "cut") -> None:
        """Let every open connection, and the next one, pass this many octets more from the server, then end it so."""
        self._next_limit = octets
        for link in self._links:
            link.limit, link.ending = link.passed + octets, ending

    # -- forwarding ---------------------------------------------------------------------------------------------

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if not self.refuse:
                await self._forward(reader, writer)
        except OSError:
            pass
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if isinstance(self.target, Path):
            up_reader, up_writer = await asyncio.open_unix_connection(self.target)
        else:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.target)
        link = _Link(writer, up_writer)
        self._choose_fate(link)
        self._links.add(link)
        upward = asyncio.ensure_future(self._pump(reader, up_writer, link, down=False))
        downward = asyncio.ensure_future(self._pump(up_reader, writer, link, down=True))
        try:
            await asyncio.wait({upward, downward}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (upward, downward):
                task.cancel()
            await asyncio.gather(upward, downward, return_exceptions=True)
            self._links.discard(link)
            up_writer.close()

    def _choose_fate(self, link: _Link) -> None:
        if self._next_limit is not None:
            link.limit, self._next_limit = self._next_limit, None
        elif self.chaos and self._random.random() < self.chaos.share:
            link.limit = self._random.randint(1, self.chaos.within)
            link.ending = self._random.choice(("cut", "finish", "stall"))

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: _Link, *, down: bool
    ) -> None:
        while data := await reader.read(65536):
            await self.flowing.wait()
            change = self.rewrite if down else self.rewrite_up
            if change:
                data = change(data)
            if down and link.limit is not None and link.passed + len(data) >= link.limit:
                await self._end(writer, data[: link.limit - link.passed], link)
                return
            link.passed += len(data) if down else 0
            await self._write(writer, data, drip=self.drip if down else None)

    async def _end(self, writer: asyncio.StreamWriter, rest: bytes, link: _Link) -> None:
        writer.write(rest)
        await writer.drain()
        if link.ending == "stall":
            await asyncio.Event().wait()
        if link.ending == "cut":
            link.abort()

    @staticmethod
    async def _write(writer: asyncio.StreamWriter, data: bytes, *, drip: tuple[int, float] | None) -> None:
        if drip is None:
            writer.write(data)
            await writer.drain()
            return
        octets, seconds = drip
        for start in range(0, len(data), octets):
            writer.write(data[start : start + octets])
            await writer.drain()
            await asyncio.sleep(seconds)
