"""The port: one watched folder. asyncio outside, one thread inside, a deadline on every command.

Knows nothing of cases or the store. After any error the connection is dropped and `connect` must be called again;
`fetch` does so by itself, to find out which message of a batch the server cannot deliver.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from triage.adapters.mailbox_imap import folder, settling
from triage.adapters.mailbox_imap.batches import Batches, named
from triage.adapters.mailbox_imap.config import ImapConfig
from triage.adapters.mailbox_imap.connection import Client
from triage.adapters.mailbox_imap.idle import Bell, wait_for_news
from triage.adapters.mailbox_imap.session import Session
from triage.errors import Permanent
from triage.ports import Fetched, FolderStatus

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What `triage check` wants to know. `newest`: the INTERNALDATE of the newest message, None in an empty folder.

    IMAP does not tell a server's time. A `newest` later than our own clock proves that the two differ; an earlier
    one proves nothing.
    """

    greeting: str
    capabilities: tuple[str, ...]
    folders: tuple[str, ...]
    status: FolderStatus
    newest: datetime | None


class ImapMailbox:
    """Implements `triage.ports.Mailbox`; one asyncio task at a time uses it (`wake` is for any)."""

    def __init__(self, config: ImapConfig) -> None:
        self._config = config
        self._session = Session(config)
        self._batches = Batches(self._session, config)
        self._bell = Bell()

    # -- connection ---------------------------------------------------------------------------------------------

    async def connect(self) -> FolderStatus:
        """Sign in and open the folder, in place of any connection there was. Raises Temporary or Permanent."""
        return await self._session.connect()

    async def leave(self) -> None:
        """Sign out if that is quick; `connect` comes back. Never raises, never hangs."""
        await self._session.close()

    async def close(self) -> None:
        """Sign out if that is quick; never raises, never hangs. The mailbox cannot be used again."""
        await self._session.close()
        self._bell.close()

    # -- what is there ------------------------------------------------------------------------------------------

    async def uids_after(self, last_uid: int) -> Sequence[int]:
        """Return every UID > last_uid, ascending."""
        return await self._look(lambda client: folder.uids_after(client, last_uid), "looking for new mail")

    async def uids_since(self, since: datetime) -> Sequence[int]:
        """Return the UIDs whose INTERNALDATE is not before the given instant's day, in the instant's own zone."""
        return await self._look(lambda client: folder.uids_since(client, since), "looking for mail by date")

    async def _look(self, work: Callable[[Client], T], what: str) -> T:
        def up_to_date(client: Client) -> T:
            folder.look(client, self._config, self._session.uidvalidity)
            return work(client)

        return await self._session.command(up_to_date, what)

    async def find(self, message_id: str) -> int | None:
        """Return the UID of the newest message with this Message-ID (without brackets), None where there is none."""
        return await self._look(lambda client: folder.find(client, message_id), "looking for one message")

    async def facts(self) -> ServerFacts:
        """Describe the server and the folder, for `triage check`; connect first."""
        status = self._session.status
        found = await self._look(_server_facts, "asking the server about itself")
        assert status is not None  # set together with the client
        greeting, capabilities, folders, newest = found
        return ServerFacts(greeting, capabilities, folders, status, newest)

    async def wait(self, seconds: float) -> bool:
        """Return True as soon as the server announced mail, False after `seconds` or after `wake`.

        Cancelled, it leaves the connection in order: the thread ends its IDLE and the next command takes its turn.
        """
        config = self._config
        return await self._session.command(
            lambda client: wait_for_news(client, self._bell, config, seconds),
            "waiting for mail",
            seconds=seconds + config.timeouts.command,
            on_cancel=self._bell.ring,
        )

    def wake(self) -> None:
        """Let a running `wait`, or the next one, return at once; callable from any thread."""
        self._bell.ring()

    # -- fetching -----------------------------------------------------------------------------------------------

    async def fetch(self, uids: Sequence[int]) -> Sequence[Fetched]:
        """Return the messages in UID order; one that vanished meanwhile is absent.

        Where a batch fails, the connection is opened anew and its messages are fetched one at a time: only the one
        that the server cannot deliver gets an error. Raises Temporary when the connection cannot be had back.
        """
        return await self._batches.fetch(uids)

    async def fetch_section(self, uid: int, section: str) -> AsyncIterator[bytes]:
        """Return a stream of one part's transfer-encoded bytes ("": of the whole message), a megabyte at a time.

        Raises Permanent, before or within the stream, if the message is gone. A part that is not there is empty on
        servers that do not say so (Dovecot).
        """
        return await self._batches.section(uid, section)

    # -- changing -----------------------------------------------------------------------------------------------

    async def settle(self, uids: Sequence[int]) -> None:
        """Mark messages as dealt with (keyword, move or nothing); repeatable, missing UIDs are no error.

        Raises Temporary when the connection is lost; Permanent when the server refuses (no room, no right): the
        connection then stays as it is.
        """
        self._session.connected()
        status = self._session.status
        if not uids or status is None:
            return
        refusal = await self._session.command(
            lambda client: settling.settle(client, self._config, status, sorted(set(uids))),
            f"settling {named(uids)}",
        )
        if refusal:
            raise Permanent(f"the server refuses to settle {named(uids)}: {refusal}")

    async def append(self, folder: str, raw: bytes, at: datetime) -> None:
        r"""File a copy, \Seen, with `at` (aware) as INTERNALDATE; the folder is made if it is missing."""
        await self._session.command(
            lambda client: settling.file_copy(client, folder, raw, at),
            f"filing a copy in {folder}",
            octets=len(raw),
        )


def _server_facts(client: Client) -> tuple[str, tuple[str, ...], tuple[str, ...], datetime | None]:
    newest = folder.newest(client)
    capabilities = tuple(sorted(name.decode("ascii", "replace") for name in client.capabilities()))
    return (
        bytes(client.welcome or b"").decode("utf-8", "replace"),
        capabilities,
        tuple(folder.folders(client)),
        newest,
    )
