"""A relay that records every envelope and fails on command; on aiosmtpd, on the running loop."""

import asyncio
import base64
import ssl
from collections import deque
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Stage = Literal["mail", "rcpt", "data"]

LOST = "lost"
"""In place of a reply: the connection is closed without one."""


@dataclass(frozen=True, slots=True)
class Received:
    """One accepted mail: envelope, content as received; the loop's times, in seconds, of its DATA and of its acceptance;
    the client's port.
    """

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    at: float
    data_at: float = 0.0
    peer: int = 0


@dataclass(slots=True)
class SmtpSink:
    """Listens on 127.0.0.1:`port` inside `async with`.

    `bearer` says whether a user's OAuth2 token is good now: XOAUTH2 and OAUTHBEARER are then the only ways in, and a
    token that ends in the middle of a connection ends its rights (530).
    `fail(stage, reply)` answers the next command of a stage with that line (or `LOST`). With `lost_keeps` a mail
    whose answer is lost after DATA is recorded all the same, as a relay does that accepted it.
    """

    tls: ssl.SSLContext | None = None
    implicit_tls: bool = False
    user: str = ""
    password: str = ""
    bearer: Callable[[str, str], bool] | None = None
    signed_in: list[str] = field(default_factory=list)
    """The mechanism of each sign-in that was accepted."""
    delay: float = 0
    lost_keeps: bool = True
    port: int = 0
    mails: list[Received] = field(default_factory=list)
    connections: int = 0
    _script: dict[Stage, deque[str]] = field(
        default_factory=lambda: {"mail": deque(), "rcpt": deque(), "data": deque()}
    )
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _sessions: set[asyncio.Transport] = field(default_factory=set)

    def fail(self, stage: Stage, reply: str, times: int = 1) -> None:
        self._script[stage].extend([reply] * times)

    async def wait_for(self, number: int, seconds: float = 20) -> list[Received]:
        """Return when at least `number` mails have come; raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while len(self.mails) < number:
                self._changed.clear()
                await self._changed.wait()
        return self.mails

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            self._protocol, "127.0.0.1", self.port, ssl=self.tls if self.implicit_tls else None
        )
        self.port = server.sockets[0].getsockname()[1]
        await self._stack.enter_async_context(server)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.drop_connections()
        await self._stack.aclose()

    def drop_connections(self) -> None:
        """Reset every open connection."""
        for transport in self._sessions:
            transport.abort()
        self._sessions.clear()

    def _protocol(self) -> SMTP:
        self.connections += 1
        return _Protocol(
            self,
            hostname="sink.example",
            ident="sink",
            tls_context=None if self.implicit_tls else self.tls,
            authenticator=self._authenticate if self.user else None,
            auth_required=bool(self.user),
            auth_exclude_mechanism=("LOGIN", "PLAIN") if self.bearer else ("XOAUTH2", "OAUTHBEARER"),
            auth_require_tls=self.tls is not None and not self.implicit_tls,
            enable_SMTPUTF8=True,
            decode_data=False,
        )

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        right = (data.login.decode(), data.password.decode()) == (self.user, self.password)
        return AuthResult(success=right, handled=False)

    def _answer(self, stage: Stage, server: SMTP) -> str | None:
        if not self._script[stage]:
            return None
        reply = self._script[stage].popleft()
        if reply == LOST:
            server.transport.abort()
            return "421 4.4.2 lost"
        return reply

    async def auth_XOAUTH2(self, server: SMTP, arguments: list[str]) -> AuthResult:  # noqa: N802
        fields = dict(part.split("=", 1) for part in _said(arguments) if "=" in part)
        return await self._with_token(server, "XOAUTH2", fields["user"], fields["auth"])

    async def auth_OAUTHBEARER(self, server: SMTP, arguments: list[str]) -> AuthResult:  # noqa: N802
        header, *rest = _said(arguments)
        fields = dict(part.split("=", 1) for part in rest if "=" in part)
        user = header.removeprefix("n,a=").removesuffix(",")
        return await self._with_token(server, "OAUTHBEARER", user, fields["auth"])

    async def _with_token(self, server: SMTP, mechanism: str, user: str, auth: str) -> AuthResult:
        assert self.bearer is not None
        token = auth.removeprefix("Bearer ")
        if self.bearer(user, token):
            self.signed_in.append(mechanism)
            return AuthResult(success=True, auth_data=(user, token))
        # the reason comes as a challenge, to be answered before the 535 (RFC 7628 section 3.2.2)
        await server.challenge_auth(b'{"status":"invalid_token"}')
        return AuthResult(success=False, handled=False)

    # -- aiosmtpd's hooks ---------------------------------------------------------------------------------------

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if reply := self._answer("mail", server):
            return reply
        if self.bearer and not (session.authenticated and self.bearer(*session.auth_data)):
            return "530 5.7.0 sign in first, with a token that has not ended"
        envelope.mail_from, envelope.mail_options = address, options
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if reply := self._answer("rcpt", server):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.delay:
            await asyncio.sleep(self.delay)
        reply = self._answer("data", server)
        if reply is None or (reply.startswith("421 4.4.2 lost") and self.lost_keeps):
            at = asyncio.get_running_loop().time()
            content = envelope.content if isinstance(envelope.content, bytes) else b""
            sender, recipients = envelope.mail_from or "", tuple(envelope.rcpt_tos)
            data_at, peer = getattr(server, "data_at", 0.0), session.peer[1]
            self.mails.append(Received(sender, recipients, content, at, data_at, peer))
            self._changed.set()
        return reply or "250 2.0.0 queued"


def _said(arguments: list[str]) -> list[str]:
    """Return the parts of a first response, which both mechanisms separate by ^A."""
    return base64.b64decode(arguments[1]).decode().split("\x01")


class _Protocol(SMTP):
    """Remembers its transport in the sink so that a test can reset it, and when DATA came."""

    def __init__(self, sink: SmtpSink, **settings: object) -> None:
        self._sink = sink
        self.data_at = 0.0
        super().__init__(sink, **settings)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        self.data_at = asyncio.get_running_loop().time()
        await super().smtp_DATA(arg)

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._sink._sessions.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._sink._sessions.discard(self.transport)
        super().connection_lost(error)
