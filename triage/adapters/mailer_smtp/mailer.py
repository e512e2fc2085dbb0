"""The port: a few kept connections to the relay, used in parallel, politely."""

import asyncio
from collections import deque
from collections.abc import Callable

from triage.adapters.mailer_smtp.addresses import BadAddress, envelope, fault_of
from triage.adapters.mailer_smtp.config import SmtpConfig
from triage.adapters.mailer_smtp.connection import Connection, NoConnection, open_connection
from triage.adapters.mailer_smtp.dialogue import SESSION_CODES, Step, transfer
from triage.adapters.mailer_smtp.wire import Wire
from triage.errors import Permanent, Temporary
from triage.ports import Delivery, Sent


class SmtpMailer:
    """Implements ports.Mailer. At most `connections` dialogues at a time; further senders wait their turn.

    Belongs to the event loop it is first used in. A connection that broke is never handed out again.
    """

    def __init__(self, config: SmtpConfig) -> None:
        self._config = config
        self._context = config.tls_context()
        self._idle: list[Connection] = []
        self._turns = asyncio.Semaphore(config.connections)
        self._begun: deque[float] = deque(maxlen=config.per_minute or 1)
        self._pace = asyncio.Lock()

    async def send(self, sender: str, recipient: str, content: bytes, begin: Callable[[], bool]) -> Sent:
        problem = _problem(sender, recipient, content)
        if problem:
            return Sent(Delivery.REFUSED, 0, problem)
        async with self._turns:
            await self._polite()
            return await self._send(sender, recipient, content, begin)

    async def check(self) -> str:
        try:
            wire = await open_connection(self._config, self._context)
        except NoConnection as error:
            raise (Permanent if error.permanent else Temporary)(str(error)) from error
        await Connection(wire, 0.0).quit()
        return (wire.hello.split() or [self._config.host])[0]

    async def close(self) -> None:
        """Part from the idle connections; those in use are closed by their senders."""
        idle, self._idle = self._idle, []
        for connection in idle:
            await connection.quit()

    async def _send(self, sender: str, recipient: str, content: bytes, begin: Callable[[], bool]) -> Sent:
        connection, fresh = await self._kept(), False
        while True:
            if connection is None:
                try:
                    connection, fresh = await self._new(), True
                except NoConnection as error:
                    return Sent(Delivery.DEFERRED, 0, str(error), relay=True)
            step, sent = await self._transfer(connection, sender, recipient, content, begin)
            if fresh or step is not Step.MAIL or not _lost(sent, connection.wire):
                return sent
            connection = None  # the kept connection or its sign-in had ended meanwhile: nothing was sent

    async def _transfer(
        self, connection: Connection, sender: str, recipient: str, content: bytes, begin: Callable[[], bool]
    ) -> tuple[Step, Sent]:
        try:
            step, sent = await transfer(connection.wire, self._config, sender, recipient, content, begin)
        except BadAddress as error:
            step, sent = Step.MAIL, Sent(Delivery.REFUSED, 0, str(error))
        connection.mails += 1
        connection.used_at = asyncio.get_running_loop().time()
        usable = connection.wire.is_open
        if sent.code in SESSION_CODES:
            usable = False  # our sign-in is over here, for instance because its token ended
        elif sent.result is not Delivery.ACCEPTED:
            usable = await connection.reset(self._config)
        if usable:
            self._idle.append(connection)
        else:
            connection.wire.close()
        return step, sent

    async def _kept(self) -> Connection | None:
        """Return the connection used last that still lives; close those that do not."""
        while self._idle:
            connection = self._idle.pop()
            if await connection.alive(self._config, asyncio.get_running_loop().time()):
                return connection
            await connection.quit()
        return None

    async def _new(self) -> Connection:
        wire = await open_connection(self._config, self._context)
        return Connection(wire, asyncio.get_running_loop().time())

    async def _polite(self) -> None:
        """Wait until fewer than `per_minute` mails were begun in the last 60 seconds."""
        if self._config.per_minute is None:
            return
        async with self._pace:
            now = asyncio.get_running_loop().time()
            if len(self._begun) == self._begun.maxlen:
                await asyncio.sleep(max(0.0, self._begun[0] + 60.0 - now))
            self._begun.append(asyncio.get_running_loop().time())


def _lost(sent: Sent, wire: Wire) -> bool:
    """Say whether the connection or its sign-in was over before the server took anything."""
    over = {0, 421, *SESSION_CODES}
    return sent.result is Delivery.DEFERRED and sent.code in over and not wire.is_open


def _problem(sender: str, recipient: str, content: bytes) -> str:
    """Return why this can never be sent, whatever the server offers."""
    if not recipient:
        return "there is no recipient"
    try:
        envelope(sender, utf8=True)
        envelope(recipient, utf8=True)
    except BadAddress as error:
        return str(error)
    return fault_of(content)
