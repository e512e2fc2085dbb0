"""IMAP and SMTP on loopback inside this process: for `triage demo` and fast tests, never for production.

pymap (in memory) and aiosmtpd on the running loop. Mail for a local address appears in its INBOX; every other mail
is only recorded. Knows nothing of cases. Needs the extra `[demo]`; raises Permanent without it.
"""

import asyncio
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from triage.errors import Permanent

try:
    from aiosmtpd.smtp import SMTP, Envelope, Session
    from proxyprotocol.result import ProxyResultLocal
    from proxyprotocol.sock import SocketInfo
    from pymap.backend.dict import Config, Login
    from pymap.backend.dict.filter import FilterSet
    from pymap.backend.dict.mailbox import MailboxData, MailboxSet
    from pymap.concurrent import Subsystem
    from pymap.imap import IMAPServer
    from pymap.parsing.message import AppendMessage
    from pymap.parsing.specials.flag import Answered, Deleted, Draft, Flagged, Seen, Wildcard
    from pymap.user import UserMetadata
    from pysasl.hashing import Cleartext
except ImportError as missing:
    raise Permanent(
        f"the embedded servers need the extra: pip install mailtriage[demo] ({missing.name})"
    ) from missing

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Posted:
    """One mail that came in by SMTP. `at` is the clock's instant; `local` the users into whose INBOX it went."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    at: datetime
    local: tuple[str, ...] = ()


class _Mailbox(MailboxData):
    """pymap's folder with two faults mended.

    It keeps keywords: its own says OK to STORE and drops them. And an IDLE hears of what changed since the last
    command: its own waits for the next change, so that mail in between is announced only after DONE.
    """

    @property
    def permanent_flags(self) -> frozenset[Any]:
        return frozenset({Seen, Deleted, Flagged, Answered, Draft, Wildcard})

    async def update_selected(self, selected: Any, *, wait_on: Any = None) -> Any:
        behind = selected.mod_sequence is not None and selected.mod_sequence < self._mod_sequences.highest
        return await super().update_selected(selected, wait_on=None if behind else wait_on)


class _Mailboxes(MailboxSet):
    def __init__(self) -> None:
        super().__init__()
        self._inbox = _Mailbox(self._content_cache, self._thread_cache)

    async def add_mailbox(self, name: str) -> Any:
        await super().add_mailbox(name)
        self._set[name] = folder = _Mailbox(self._content_cache, self._thread_cache)
        return folder.mailbox_id

    def names(self) -> frozenset[str]:
        """Return the folders there are beside INBOX."""
        return frozenset(self._set)


class _Quiet(Config):
    """Greets without asking the resolver for this machine's name, which can take seconds."""

    @property
    def greeting(self) -> bytes:
        return b"triage embedded server ready"


@dataclass(slots=True)
class EmbeddedServers:
    """Both servers, up inside `async with`; port 0 lets the system choose.

    `users`: address -> password; each has an INBOX. `now` gives INTERNALDATE to what comes in by SMTP. `aliases`:
    further addresses -> user. `on_mail` is called for every mail accepted by SMTP; `posted` keeps them all.
    """

    users: Mapping[str, str]
    now: Callable[[], datetime]
    aliases: Mapping[str, str] = field(default_factory=dict)
    on_mail: Callable[[Posted], None] | None = None
    imap_port: int = 0
    smtp_port: int = 0
    posted: list[Posted] = field(default_factory=list)
    _folders: dict[str, _Mailboxes] = field(default_factory=dict)
    _servers: list[asyncio.Server] = field(default_factory=list)
    _transports: set[asyncio.WriteTransport] = field(default_factory=set)
    _sessions: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        imap = self._imap_server()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._serve_imap(imap, reader, writer)

        self._servers.append(await asyncio.start_server(serve, LOOPBACK, self.imap_port))
        loop = asyncio.get_running_loop()
        self._servers.append(await loop.create_server(lambda: _Session(self), LOOPBACK, self.smtp_port))
        self.imap_port, self.smtp_port = (server.sockets[0].getsockname()[1] for server in self._servers)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.close()
        self.drop_connections()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    def drop_connections(self) -> None:
        """Reset every open connection of both servers."""
        for transport in list(self._transports):
            transport.abort()

    # -- IMAP ---------------------------------------------------------------------------------------------------

    def _imap_server(self) -> Any:
        arguments = Namespace(
            host=LOOPBACK,
            port=0,
            debug=False,
            cert=None,
            key=None,
            tls=False,
            proxy_protocol=None,
            inherited_sockets=None,
            passlib_cfg=None,
            demo_data=False,
            demo_user="",
            demo_password="",
        )
        # Cleartext and no threads: loopback only, and hashing would cost a tenth of a second per sign-in
        config = _Quiet.from_args(
            arguments,
            hash_context=Cleartext(),
            cpu_subsystem=Subsystem.for_asyncio(),
            reject_dnsbl=False,
        )
        login = Login(config)
        for user, password in self.users.items():
            login.users_dict[user] = UserMetadata(config, user, password=password)
            self._folders[user] = _Mailboxes()
            config.set_cache[user] = (self._folders[user], FilterSet())
        return IMAPServer(login, config)

    async def _serve_imap(
        self, imap: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._sessions.add(task)
        self._transports.add(writer.transport)
        try:
            await imap(reader, writer, SocketInfo.get(writer, ProxyResultLocal(), unique_id=uuid4().bytes))
        except OSError:
            pass  # the client went away in the middle of an answer
        finally:
            self._transports.discard(writer.transport)
            self._sessions.discard(task)
            writer.close()

    async def append(self, user: str, raw: bytes, at: datetime, folder: str = "INBOX") -> int:
        """File a mail with INTERNALDATE `at` (aware), making the folder if need be; returns its UID."""
        message = await (await self._folder(user, folder)).append(AppendMessage(raw, at, frozenset()))
        return int(message.uid)

    async def messages(self, user: str, folder: str = "INBOX") -> Mapping[int, frozenset[str]]:
        """Return the flags and keywords of every message in a folder, by UID."""
        box = await self._folder(user, folder)
        return {
            int(message.uid): frozenset(str(flag) for flag in message.permanent_flags)
            async for message in box.messages()
        }

    async def _folder(self, user: str, folder: str) -> Any:
        folders = self._folders[user]
        if folder.upper() != "INBOX" and folder not in folders.names():
            await folders.add_mailbox(folder)
        return await folders.get_mailbox(folder)

    # -- SMTP ---------------------------------------------------------------------------------------------------

    async def post(self, sender: str, recipients: list[str], content: bytes) -> Posted:
        """Take one mail as if it had come by SMTP: into every local INBOX once, and on record."""
        at = self.now()
        users = {self.aliases.get(address.lower(), address.lower()) for address in recipients}
        local = tuple(sorted(users & self.users.keys()))
        for user in local:
            await self.append(user, content, at)
        mail = Posted(sender, tuple(recipients), content, at, local)
        self.posted.append(mail)
        if self.on_mail:
            self.on_mail(mail)
        return mail

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002
        """Take one mail received whole; the name is aiosmtpd's."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        await self.post(envelope.mail_from or "", list(envelope.rcpt_tos), content)
        return "250 2.0.0 queued"


class _Session(SMTP):
    """One SMTP connection, known to the servers so that they can end it."""

    def __init__(self, servers: EmbeddedServers) -> None:
        self._servers = servers
        super().__init__(
            servers, hostname="localhost", ident="triage", enable_SMTPUTF8=True, decode_data=False
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            self._servers._transports.add(transport)  # noqa: SLF001
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._servers._transports.discard(self.transport)  # noqa: SLF001
        super().connection_lost(error)
