"""A very small HTTP/1.1 server for a few pages, on the daemon's loop; GET only, one answer a connection.

Made for a scraper and a health check on loopback: no keep-alive, no TLS, no bodies taken in, eight kilobytes of
request at most and ten seconds for it. Knows nothing of what the pages say.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from triage.errors import Permanent
from triage.log import logger
from triage.ports import Page

_REQUEST_LIMIT = 8_192
_SECONDS = 10.0
_CONNECTIONS = 20
_WORDS = {
    200: "OK",
    404: "Not Found",
    405: "Method Not Allowed",
    400: "Bad Request",
    503: "Service Unavailable",
}
Pages = Mapping[str, Callable[[], Awaitable[Page]]]


def address(listen: str) -> tuple[str, int]:
    """Read `127.0.0.1:9464` or `[::1]:9464`. Raises Permanent."""
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise Permanent(f"http.listen: {listen!r} is no address and port, such as 127.0.0.1:9464")
    return host.strip("[]") or "127.0.0.1", int(port)


class PageServer:
    """Serves `pages`, path -> page. `start` raises Permanent when the address cannot be had."""

    def __init__(self, listen: str, pages: Pages) -> None:
        self._host, self._port = address(listen)
        self._pages = pages
        self._server: asyncio.Server | None = None
        self._busy = 0

    async def start(self) -> tuple[str, int]:
        """Listen on the one configured address; returns it, with the port that was taken where 0 was asked."""
        try:
            self._server = await asyncio.start_server(
                self._serve, self._host, self._port, limit=_REQUEST_LIMIT
            )
        except OSError as error:
            raise Permanent(f"http.listen {self._host}:{self._port}: {error.strerror or error}") from error
        host, port = self._server.sockets[0].getsockname()[:2]
        return str(host), int(port)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._busy += 1
        try:
            async with asyncio.timeout(_SECONDS):
                page = _said(503, "busy") if self._busy > _CONNECTIONS else await self._answer(reader)
                writer.write(_bytes(page))
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # who hangs up or says nothing sensible gets nothing
        except Exception:  # noqa: BLE001 - a page that fails must not take the daemon with it
            logger(part="http").exception("page.failed")
        finally:
            self._busy -= 1
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader) -> Page:
        request = await reader.readuntil(b"\r\n\r\n")
        words = request.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            return _said(400, "no HTTP request")
        if words[0] != "GET":
            return _said(405, "GET only")
        make = self._pages.get(words[1].partition("?")[0])
        return _said(404, "no such page") if make is None else await make()


def _said(status: int, words: str) -> Page:
    return Page(status, "text/plain; charset=utf-8", words.encode() + b"\n")


def _bytes(page: Page) -> bytes:
    head = (
        f"HTTP/1.1 {page.status} {_WORDS.get(page.status, 'Unknown')}\r\n"
        f"Content-Type: {page.content_type}\r\nContent-Length: {len(page.body)}\r\n"
        "Connection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n"
    )
    return head.encode("latin-1") + page.body
