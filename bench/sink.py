"""A relay that takes everything at once, in a process of its own: what it costs is not charged to those measured.

Answers pipelined commands (RFC 2920), keeps what it took in a file, and counts.
"""

import asyncio
import json
import multiprocessing
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

_CLIENT = b"cliente"


@dataclass(frozen=True)
class Sink:
    """`clients` and `others` count what was accepted for clients of the generator and for everybody else."""

    port: int
    clients: "Synchronized[int]"
    others: "Synchronized[int]"
    kept: Path

    def mails(self) -> Iterator[tuple[str, str]]:
        """Give recipient and content of everything accepted."""
        with self.kept.open(encoding="utf-8") as lines:
            for line in lines:
                recipient, content = json.loads(line)
                yield recipient, content

    def differences(self, count: int) -> list[str]:
        """Say where not every one of `count` clients got exactly one mail."""
        clients = Counter(to for to, _ in self.mails() if to.startswith(_CLIENT.decode()))
        problems = [f"{to}: {times} acknowledgements" for to, times in clients.items() if times > 1]
        return problems + ([f"{len(clients)} clients were answered"] if len(clients) != count else [])


@contextmanager
def running(kept: Path) -> Iterator[Sink]:
    """Run a sink until the block ends."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    clients, others = context.Value("q", 0), context.Value("q", 0)
    process = context.Process(target=_serve, args=(theirs, clients, others, kept), daemon=True)
    process.start()
    try:
        yield Sink(ours.recv(), clients, others, kept)
    finally:
        ours.send(None)
        process.join(10)


def _serve(connection: Any, clients: Any, others: Any, kept: Path) -> None:
    asyncio.run(_listen(connection, clients, others, kept))


async def _listen(connection: Any, clients: Any, others: Any, kept: Path) -> None:
    loop = asyncio.get_running_loop()
    with kept.open("w", encoding="utf-8", buffering=1) as file:  # by lines: they are read while we run
        server = await loop.create_server(lambda: _Session(clients, others, file), "127.0.0.1", 0)
        connection.send(server.sockets[0].getsockname()[1])
        async with server:
            stop = asyncio.Event()
            loop.add_reader(connection.fileno(), stop.set)
            await stop.wait()


class _Session(asyncio.Protocol):
    def __init__(self, clients: Any, others: Any, file: Any) -> None:
        self._clients = clients
        self._others = others
        self._file = file
        self._buffer = b""
        self._recipient = b""
        self._in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            end = b"\r\n.\r\n" if self._in_data else b"\r\n"
            piece, found, rest = self._buffer.partition(end)
            if not found:
                return
            self._buffer = rest
            if self._in_data:
                self._accept(piece)
            else:
                self._transport.write(self._answer(piece))

    def _answer(self, line: bytes) -> bytes:
        match line[:4].upper():
            case b"EHLO" | b"HELO":
                return b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 50000000\r\n"
            case b"RCPT":
                self._recipient = line.partition(b"<")[2].partition(b">")[0]
            case b"DATA":
                self._in_data = True
                return b"354 go on\r\n"
            case b"QUIT":
                return b"221 bye\r\n"
        return b"250 ok\r\n"

    def _accept(self, content: bytes) -> None:
        self._in_data = False
        self._file.write(json.dumps([self._recipient.decode(), content.decode("utf-8", "replace")]) + "\n")
        count = self._clients if self._recipient.startswith(_CLIENT) else self._others
        count.value += 1
        self._transport.write(b"250 queued\r\n")
