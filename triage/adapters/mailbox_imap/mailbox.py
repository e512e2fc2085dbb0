"""The port: one watched folder. asyncio outside, one thread inside, a deadline on every command.

Knows nothing of cases or the store. After any error the connection is dropped and `connect` must be called again;
`fetch` does so by itself, to find out which message of a batch the server cannot deliver.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from triage.adapters.mailbox_imap import failures, fetching, folder, settling
from triage.adapters.mailbox_imap.config import ImapConfig
from triage.adapters.mailbox_imap.connection import Client, Line, open_signed_in
from triage.adapters.mailbox_imap.fetching import Described, Piece
from triage.adapters.mailbox_imap.idle import Bell, wait_for_news
from triage.adapters.mailbox_imap.sections import Wanted, grouped
from triage.adapters.mailbox_imap.worker import Worker
from triage.core.message import RawMail
from triage.errors import Permanent, Temporary, TriageError
from triage.ports import Fetched, FolderStatus

T = TypeVar("T")

ANSWER_OCTETS = 4 << 20
"""About how much one answer may bring into memory."""

DESCRIPTION_OCTETS = 16_384
"""What the header and structure of one mail may be expected to take, for the deadline."""

CLOSING_SECONDS = 2.0


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
        self._worker = Worker(f"imap {config.user} {config.folder}", self._cut)
        self._bell = Bell()
        self._line = Line()
        self._client: Client | None = None
        self._status: FolderStatus | None = None
        self._uidvalidity = 0

    # -- connection ---------------------------------------------------------------------------------------------

    async def connect(self) -> FolderStatus:
        """Sign in and open the folder, in place of any connection there was. Raises Temporary or Permanent."""
        self._drop()
        times = self._config.timeouts
        line = self._line = Line()
        seconds = times.connect + times.command
        try:
            client, status = await self._worker.run(lambda: self._open(line), seconds, "signing in")
        except BaseException:
            self._drop()
            raise
        self._client, self._status, self._uidvalidity = client, status, status.uidvalidity
        return status

    def _open(self, line: Line) -> tuple[Client, FolderStatus]:
        with ExitStack() as undo:
            client = open_signed_in(self._config, line, undo)
            status = self._guarded(
                lambda: folder.open_folder(client, self._config), f"opening {self._config.folder}"
            )
            undo.pop_all()
        return client, status

    def _cut(self) -> None:
        self._line.cut()

    def _drop(self) -> None:
        """Give the connection up; the thread frees its socket when it comes to it."""
        client, self._client, self._status = self._client, None, None
        self._line.cut()
        if client is not None:
            self._worker.post(client.close)

    async def close(self) -> None:
        """Sign out if that is quick; never raises, never hangs. The mailbox cannot be used again."""
        if self._client is not None:
            with suppress(TriageError):
                await self._command(lambda client: client.logout(), "signing out", seconds=CLOSING_SECONDS)
        self._drop()
        self._worker.stop()
        self._bell.close()

    async def _command(
        self, work: Callable[[Client], T], what: str, *, octets: int = 0, seconds: float | None = None
    ) -> T:
        """Run one command under a deadline; on any error the connection is dropped, and the error is ours."""
        client = self._connected()
        times = self._config.timeouts
        limit = times.command + octets / times.octets_a_second if seconds is None else seconds
        try:
            return await self._worker.run(lambda: self._guarded(lambda: work(client), what), limit, what)
        except BaseException:
            # a cancelled command's answer is still to come: nobody could tell it from the next one's
            self._drop()
            raise

    def _connected(self) -> Client:
        if self._client is None:
            raise Temporary(f"not connected to {self._config.host}")
        return self._client

    @staticmethod
    def _guarded(work: Callable[[], T], what: str) -> T:
        try:
            return work()
        except failures.RAISED as error:
            raise failures.of_command(error, what) from error

    # -- what is there ------------------------------------------------------------------------------------------

    async def uids_after(self, last_uid: int) -> Sequence[int]:
        """Return every UID > last_uid, ascending."""
        return await self._look(lambda client: folder.uids_after(client, last_uid), "looking for new mail")

    async def uids_since(self, since: datetime) -> Sequence[int]:
        """Return the UIDs whose INTERNALDATE is not before the given instant's day, in the instant's own zone."""
        return await self._look(lambda client: folder.uids_since(client, since), "looking for mail by date")

    async def _look(self, work: Callable[[Client], T], what: str) -> T:
        def up_to_date(client: Client) -> T:
            folder.look(client, self._config, self._uidvalidity)
            return work(client)

        return await self._command(up_to_date, what)

    async def facts(self) -> ServerFacts:
        """Describe the server and the folder, for `triage check`; connect first."""
        status = self._status
        found = await self._look(_server_facts, "asking the server about itself")
        assert status is not None  # set together with the client
        greeting, capabilities, folders, newest = found
        return ServerFacts(greeting, capabilities, folders, status, newest)

    async def wait(self, seconds: float) -> bool:
        """Return True as soon as the server announced mail, False after `seconds` or after `wake`.

        Cancelled, it leaves the connection in order: the thread ends its IDLE and the next command takes its turn.
        """
        client, config = self._connected(), self._config
        what, limit = "waiting for mail", seconds + config.timeouts.command
        try:
            return await self._worker.run(
                lambda: self._guarded(lambda: wait_for_news(client, self._bell, config, seconds), what),
                limit,
                what,
                on_cancel=self._bell.ring,
            )
        except TriageError:
            self._drop()
            raise

    def wake(self) -> None:
        """Let a running `wait`, or the next one, return at once; callable from any thread."""
        self._bell.ring()

    # -- fetching -----------------------------------------------------------------------------------------------

    async def fetch(self, uids: Sequence[int]) -> Sequence[Fetched]:
        """Return the messages in UID order; one that vanished meanwhile is absent.

        Where a batch fails, the connection is opened anew and its messages are fetched one at a time: only the one
        that the server cannot deliver gets an error. Raises Temporary when the connection cannot be had back.
        """
        ordered = sorted(set(uids))
        found: list[Fetched] = []
        for start in range(0, len(ordered), self._config.limits.batch):
            some = ordered[start : start + self._config.limits.batch]
            self._connected()
            try:
                found += await self._fetch_batch(some)
            except TriageError:
                found += await self._fetch_singly(some)
        return found

    async def _fetch_batch(self, uids: Sequence[int]) -> list[Fetched]:
        limits = self._config.limits
        described = await self._command(
            lambda client: fetching.describe(client, uids, limits),
            f"fetching the structure of {_named(uids)}",
            octets=len(uids) * DESCRIPTION_OCTETS,
        )
        bodies = await self._fetch_sections({item.uid: item.plan for item in described})
        found: list[Fetched] = []
        for item in described:
            found += await self._assembled(item, bodies.get(item.uid))
        return found

    async def _fetch_sections(self, plans: dict[int, Wanted]) -> dict[int, dict[str, bytes]]:
        found: dict[int, dict[str, bytes]] = {}
        for plan, some in grouped(plans, ANSWER_OCTETS):
            found |= await self._command(
                lambda client, plan=plan, some=some: fetching.sections(client, some, plan),  # type: ignore[misc]
                f"fetching the text of {_named(some)}",
                octets=len(some) * sum(most for _, most in plan),
            )
        return found

    async def _assembled(self, item: Described, bodies: dict[str, bytes] | None) -> list[Fetched]:
        if item.leaves and item.complete(bodies or {}):
            return [Fetched(item.uid, item.internal_date, item.with_bodies(bodies or {}))]
        raw = await self._fetch_raw(item.uid)
        return (
            [] if raw is None else [Fetched(item.uid, item.internal_date, RawMail(raw=raw, size=item.size))]
        )

    async def _fetch_raw(self, uid: int) -> bytes | None:
        """Fetch a mail whole, up to the limit, a megabyte at a time; None where it is gone."""
        raw, limit = bytearray(), self._config.limits.stored
        while len(raw) < limit:
            wanted = min(fetching.PIECE, limit - len(raw))
            piece = await self._piece(uid, "", len(raw), wanted)
            if piece is None:
                return None
            raw += piece.octets or b""
            if len(piece.octets or b"") < wanted:
                break
        return bytes(raw)

    async def _piece(self, uid: int, section: str, offset: int, octets: int) -> Piece | None:
        return await self._command(
            lambda client: fetching.piece(client, uid, section, offset, octets),
            f"fetching message {uid}",
            octets=octets,
        )

    async def _fetch_singly(self, uids: Sequence[int]) -> list[Fetched]:
        found: list[Fetched] = []
        for uid in uids:
            await self._reconnect()
            try:
                found += await self._fetch_batch([uid])
            except Permanent:
                raise
            except Temporary as error:
                found += await self._fetch_without_structure(uid, error)
        return found

    async def _fetch_without_structure(self, uid: int, first: Temporary) -> list[Fetched]:
        """Try a message without asking for its structure; what fails again is reported with its UID."""
        await self._reconnect()
        try:
            known = await self._command(
                lambda client: fetching.facts(client, uid), f"fetching the size of {uid}"
            )
        except Temporary:
            return [Fetched(uid, None, None, error=str(first))]
        if known is None:
            return []
        date, size = known
        try:
            raw = await self._fetch_raw(uid)
        except Temporary as second:
            return [Fetched(uid, date, None, error=f"{first}; then, asked for the whole: {second}")]
        if raw is None:
            return []
        return [Fetched(uid, date, RawMail(raw=raw, size=size))]

    async def _reconnect(self) -> None:
        """Connect if the connection was lost; the folder must still be the same one, or UIDs mean nothing."""
        if self._client is not None:
            return
        before = self._uidvalidity
        after = (await self.connect()).uidvalidity
        if after != before:
            self._drop()
            raise Temporary(
                f"UIDVALIDITY of {self._config.folder} changed from {before} to {after} meanwhile"
            )

    async def fetch_section(self, uid: int, section: str) -> AsyncIterator[bytes]:
        """Return a stream of one part's transfer-encoded bytes ("": of the whole message), a megabyte at a time.

        Raises Permanent, before or within the stream, if there is no such message or part.
        """
        first = await self._piece(uid, section, 0, fetching.PIECE)
        if first is None or first.octets is None:
            what = "is gone" if first is None else f"has no part {section}"
            raise Permanent(f"message {uid} of {self._config.folder} {what}")
        return self._stream(uid, section, first.octets)

    async def _stream(self, uid: int, section: str, octets: bytes) -> AsyncIterator[bytes]:
        offset = 0
        while octets:
            yield octets
            if len(octets) < fetching.PIECE:
                return
            offset += len(octets)
            piece = await self._piece(uid, section, offset, fetching.PIECE)
            if piece is None:
                raise Permanent(f"message {uid} of {self._config.folder} went away while it was read")
            octets = piece.octets or b""

    # -- changing -----------------------------------------------------------------------------------------------

    async def settle(self, uids: Sequence[int]) -> None:
        """Mark messages as dealt with (keyword, move or nothing); repeatable, missing UIDs are no error."""
        self._connected()
        status = self._status
        if not uids or status is None:
            return
        await self._command(
            lambda client: settling.settle(client, self._config, status, sorted(set(uids))),
            f"settling {_named(uids)}",
        )

    async def append(self, folder: str, raw: bytes, at: datetime) -> None:
        r"""File a copy, \Seen, with `at` (aware) as INTERNALDATE; the folder is made if it is missing."""
        await self._command(
            lambda client: settling.file_copy(client, folder, raw, at),
            f"filing a copy in {folder}",
            octets=len(raw),
        )


def _named(uids: Sequence[int]) -> str:
    return f"message {uids[0]}" if len(uids) == 1 else f"{len(uids)} messages from {uids[0]} on"


def _server_facts(client: Client) -> tuple[str, tuple[str, ...], tuple[str, ...], datetime | None]:
    newest = folder.newest(client)
    capabilities = tuple(sorted(name.decode("ascii", "replace") for name in client.capabilities()))
    return (
        bytes(client.welcome or b"").decode("utf-8", "replace"),
        capabilities,
        tuple(folder.folders(client)),
        newest,
    )
