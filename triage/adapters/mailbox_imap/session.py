"""One connection after another to one folder: commands under deadlines, and nothing kept after an error.

Called by `mailbox` and `batches`. Any error drops the connection, because what the server still says could not be
told from the answer to the next command; `connect` or `reconnect` opens another.
"""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import TypeVar

from triage.adapters.mailbox_imap import failures
from triage.adapters.mailbox_imap.config import ImapConfig
from triage.adapters.mailbox_imap.connection import Client, Line, open_signed_in
from triage.adapters.mailbox_imap.folder import open_folder
from triage.adapters.mailbox_imap.worker import Worker
from triage.errors import Temporary, TriageError
from triage.ports import FolderStatus

T = TypeVar("T")

CLOSING_SECONDS = 2.0


class Session:
    """`client` and `status` are there while connected; `uidvalidity` is the last one seen."""

    def __init__(self, config: ImapConfig) -> None:
        self._config = config
        self._worker = Worker(f"imap {config.user} {config.folder}", self._cut)
        self._line = Line()
        self.client: Client | None = None
        self.status: FolderStatus | None = None
        self.uidvalidity = 0

    async def connect(self) -> FolderStatus:
        """Sign in and open the folder, in place of any connection there was. Raises Temporary or Permanent."""
        self.drop()
        times = self._config.timeouts
        line = self._line = Line()
        seconds = times.connect + times.command
        try:
            client, status = await self._worker.run(lambda: self._open(line), seconds, "signing in")
        except BaseException:
            self.drop()
            raise
        self.client, self.status, self.uidvalidity = client, status, status.uidvalidity
        return status

    def _open(self, line: Line) -> tuple[Client, FolderStatus]:
        with ExitStack() as undo:
            client = open_signed_in(self._config, line, undo)
            status = self._guarded(
                lambda: open_folder(client, self._config), f"opening {self._config.folder}"
            )
            undo.pop_all()
        return client, status

    def _cut(self) -> None:
        self._line.cut()

    def drop(self) -> None:
        """Give the connection up; the thread frees its socket when it comes to it."""
        client, self.client, self.status = self.client, None, None
        self._line.cut()
        if client is not None:
            self._worker.post(client.close)

    async def close(self) -> None:
        """Sign out if that is quick, and end the thread; `connect` starts another. Never raises, never hangs."""
        if self.client is not None:
            with suppress(TriageError):
                await self.command(lambda client: client.logout(), "signing out", seconds=CLOSING_SECONDS)
        self.drop()
        self._worker.stop()

    async def command(
        self,
        work: Callable[[Client], T],
        what: str,
        *,
        octets: int = 0,
        seconds: float | None = None,
        on_cancel: Callable[[], None] | None = None,
    ) -> T:
        """Run one command under a deadline; on any error the connection is dropped, and the error is ours.

        `octets` expected add to the deadline; `seconds` replaces it. Cancelled, the connection is dropped too, unless
        `on_cancel` brings the command to its end by itself: the next one then takes its turn.
        """
        client = self.connected()
        times = self._config.timeouts
        limit = times.command + octets / times.octets_a_second if seconds is None else seconds
        try:
            return await self._worker.run(
                lambda: self._guarded(lambda: work(client), what), limit, what, on_cancel=on_cancel
            )
        except asyncio.CancelledError:
            if on_cancel is None:
                self.drop()
            raise
        except BaseException:
            self.drop()
            raise

    def connected(self) -> Client:
        if self.client is None:
            raise Temporary(f"not connected to {self._config.host}")
        return self.client

    @staticmethod
    def _guarded(work: Callable[[], T], what: str) -> T:
        try:
            return work()
        except failures.RAISED as error:
            raise failures.of_command(error, what) from error

    async def reconnect(self) -> None:
        """Connect if the connection was lost; the folder must still be the same one, or UIDs mean nothing."""
        if self.client is not None:
            return
        before = self.uidvalidity
        after = (await self.connect()).uidvalidity
        if after != before:
            self.drop()
            raise Temporary(
                f"UIDVALIDITY of {self._config.folder} changed from {before} to {after} meanwhile"
            )
