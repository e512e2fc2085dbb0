"""A connection that is ready: commands out, replies in, each reply to the command it belongs to.

aiosmtplib makes it ready (TCP, TLS, EHLO, sign-in); then this takes its transport over. aiosmtplib's own protocol holds
one reply at a time, so that of two pipelined commands (RFC 2920) the second's would be lost, and its futures, locks and
timers around every line cost more than the mail.
"""

import asyncio
from collections import deque
from typing import cast

import aiosmtplib

_LONGEST = 32_768  # octets of one reply; a server that never ends a line must not fill our memory


class Wire(asyncio.Protocol):
    """Used by one task at a time. Raises aiosmtplib's errors; after any of them it must be closed."""

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        """Take over from a client that is signed in; it must not be used afterwards. Raises SMTPServerDisconnected."""
        transport = client.transport
        if transport is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        hello = client.last_ehlo_response or client.last_helo_response
        self.hello = hello.message if hello else ""
        self._offered = frozenset(client.esmtp_extensions)
        self._transport = cast("asyncio.Transport", transport)  # aiosmtplib does so too
        self._buffer = b""
        self._owed = 0
        self._replies: deque[aiosmtplib.SMTPResponse] = deque()
        self._fault: Exception | None = None
        self._closed = False
        self._waiter: asyncio.Future[None] | None = None
        self._late_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        return self._fault is None and not self._transport.is_closing()

    @property
    def heard(self) -> bool:
        """Whether there is a reply to take, or the connection has come to an end."""
        return bool(self._replies) or not self.is_open

    @property
    def unsent(self) -> int:
        """How many octets the kernel has not taken yet."""
        return self._transport.get_write_buffer_size()

    def offers(self, extension: str) -> bool:
        return extension in self._offered

    def write(self, octets: bytes, *, replies: int) -> None:
        """Send octets that the server owes so many replies to."""
        if not self.is_open:
            raise self._fault or aiosmtplib.SMTPServerDisconnected("Connection lost")
        self._owed += replies
        self._transport.write(octets)

    async def reply(self, seconds: float) -> aiosmtplib.SMTPResponse:
        """Return the next reply; after 421 the connection is closed, for the server closes it too."""
        while not self._replies:
            if self._fault is not None:
                raise self._fault
            await self._something(seconds)
        response = self._replies.popleft()
        if response.code == 421:
            self.close()
        return response

    async def ask(self, command: bytes, seconds: float) -> aiosmtplib.SMTPResponse:
        """Send one command and return the reply to it."""
        self.write(command + b"\r\n", replies=1)
        return await self.reply(seconds)

    def close(self) -> None:
        self._fail("Connection lost")
        if self._closed:
            return  # a TLS transport closed twice forgets what it is
        self._closed = True
        if self.unsent:
            self._transport.abort()  # closing would go on sending, and wait for ever for a server that stopped reading
        else:
            self._transport.close()

    async def _something(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._late_at = loop.time() + seconds
        # One timer for many replies, set anew only when it rings: to set and cancel one each was a seventh of a mail.
        if self._timer is None or self._timer.when() > self._late_at:
            self._set_timer(loop)
        self._waiter = loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _set_timer(self, loop: asyncio.AbstractEventLoop) -> None:
        self._stop_timer()
        self._timer = loop.call_at(self._late_at, self._ring, loop)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        """Give up what nobody answered in time; where the reply came and another is awaited, ring later."""
        self._timer = None
        if self._waiter is None or self._waiter.done():
            return
        if loop.time() < self._late_at:
            self._set_timer(loop)
        else:
            self._end(aiosmtplib.SMTPReadTimeoutError("Timed out waiting for server response"))

    # -- told by the transport ---------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if self._fault is not None:
            return
        self._buffer += data
        try:
            while self._owed and (response := self._whole_reply()) is not None:
                self._owed -= 1
                self._replies.append(response)
        except aiosmtplib.SMTPResponseException as error:
            self._end(error)
        if self._buffer and not self._owed:
            # whatever comes next could be taken for the answer to something else
            self._fail(f"The server spoke unasked: {self._buffer[:200].decode('utf-8', 'replace')}")
            self.close()
        self._wake()

    def eof_received(self) -> bool:
        self._fail("Unexpected EOF received")
        return False  # the transport closes itself

    def connection_lost(self, error: Exception | None) -> None:
        self._fail("Connection lost", error)

    def _whole_reply(self) -> aiosmtplib.SMTPResponse | None:
        """Take one reply off the buffer, None where it has not come whole."""
        said: list[bytes] = []
        start = 0
        while (end := self._buffer.find(b"\n", start)) >= 0:
            line, start = self._buffer[start:end], end + 1
            if not line[:3].isdigit():
                words = line.decode("utf-8", "replace")
                raise aiosmtplib.SMTPResponseException(-1, f"Malformed SMTP response line: {words}")
            said.append(line[4:].strip())
            if line[3:4] != b"-":
                self._buffer = self._buffer[start:]
                words = b"\n".join(said).decode("utf-8", "surrogateescape")
                return aiosmtplib.SMTPResponse(int(line[:3]), words)
        if len(self._buffer) > _LONGEST:
            raise aiosmtplib.SMTPResponseException(-1, "Response too long")
        return None

    def _fail(self, words: str, cause: Exception | None = None) -> None:
        fault = aiosmtplib.SMTPServerDisconnected(words)
        fault.__cause__ = cause
        self._end(fault)

    def _end(self, fault: Exception) -> None:
        self._fault = self._fault or fault
        self._stop_timer()
        self._wake()

    def _wake(self) -> None:
        """Let whoever waits look: a reply is there, or the end."""
        if (
            self._waiter is not None
            and not self._waiter.done()
            and (self._replies or self._fault is not None)
        ):
            self._waiter.set_result(None)
