"""The mail's way in: mailbox -> read -> one commit for the batch -> mailbox settled.

1 fetch in UID order; 2 read each message in a worker thread; 3 to 6 decide and write in one transaction (`batch`);
only if that fails is the batch replayed one by one, and a message that fails alone gets a strike and, after
`strikes` of them, is set aside; 7 settle, repeatably. A crash at any point costs nothing: the ledger knows every UID
that has an outcome, and the cursor moves in the same commit.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial

from triage.app import batch
from triage.app.batch import Folder, Taken
from triage.app.received import Received, receive
from triage.core.desk import Desk
from triage.core.records import Cursor
from triage.errors import Temporary
from triage.log import logger
from triage.ports import Clock, Fetched, FolderStatus, Mailbox, MessageParser, Store, Transaction


@dataclass(frozen=True, slots=True)
class Watched:
    """One watched folder and how it is read. `start`: now, all, or a date, for the very first look at it."""

    name: str
    mailbox: Mailbox
    start: str = "now"
    batch: int = 50
    strikes: int = 3
    stored_bytes: int = 2_000_000


class Intake:
    """Takes messages in, for every watched folder; knows the store and the parser, no protocol."""

    def __init__(self, store: Store, parser: MessageParser, desk: Callable[[], Desk], clock: Clock) -> None:
        self._store = store
        self._parser = parser
        self._desk = desk
        self._clock = clock
        self._log = logger(part="intake")

    async def begin(self, watched: Watched, status: FolderStatus) -> Cursor:
        """Return the folder's cursor; the first look begins as `start` says, a new UIDVALIDITY at the beginning.

        After a UIDVALIDITY reset every UID is new, but not every message: the digests tell.
        """
        cursor = await self._store.read(lambda tx: tx.cursor(watched.name))
        if cursor is not None and cursor.uidvalidity == status.uidvalidity:
            return cursor
        if cursor is not None:
            self._log.warning("mailbox.reset", mailbox=watched.name, uidvalidity=status.uidvalidity)
            begun = Cursor(watched.name, status.uidvalidity, 0)
        else:
            begun = Cursor(watched.name, status.uidvalidity, await self._first(watched, status))
        await self._store.write(lambda tx: tx.set_cursor(begun))
        return begun

    async def _first(self, watched: Watched, status: FolderStatus) -> int:
        if watched.start == "all":
            return 0
        if watched.start == "now":
            return status.uidnext - 1
        since = datetime.combine(date.fromisoformat(watched.start), datetime.min.time(), UTC)
        found = await watched.mailbox.uids_since(since)
        return (min(found) - 1) if found else status.uidnext - 1

    async def drain(self, watched: Watched, cursor: Cursor) -> tuple[Cursor, int]:
        """Take in everything that is new, batch by batch, and settle it; returns the new cursor and how many."""
        uids = await watched.mailbox.uids_after(cursor.last_uid)
        count = 0
        chunks = [uids[i : i + watched.batch] for i in range(0, len(uids), watched.batch)]
        for chunk in chunks:
            fetched = await watched.mailbox.fetch(chunk)
            taken = await self.take(watched, cursor.uidvalidity, fetched)
            count += len(taken.outcomes)
            cursor = replace(cursor, last_uid=max(cursor.last_uid, chunk[-1]))
            if not fetched:
                await self._store.write(partial(_set_cursor, cursor=cursor))
            await self.settle(watched, cursor.uidvalidity)
        return cursor, count

    async def take(self, watched: Watched, uidvalidity: int, fetched: Sequence[Fetched]) -> Taken:
        """Read, decide and write one batch; on failure one by one, so that one message never stops the others."""
        if not fetched:
            return Taken()
        folder = Folder(watched.name, uidvalidity, watched.stored_bytes)
        desk, now = self._desk(), self._clock.now()
        received = await asyncio.to_thread(self._read, desk, fetched, now)
        try:
            taken = await self._store.write(lambda tx: batch.take(tx, desk, folder, received, now))
        except Temporary:
            raise
        except Exception:  # noqa: BLE001 - whatever one message does to us, the others go on: replayed one by one
            self._log.exception("message.replayed", mailbox=watched.name, uids=[f.uid for f in fetched])
            return await self._one_by_one(watched, desk, folder, received, now)
        self._tell(taken)
        return taken

    def _read(self, desk: Desk, fetched: Sequence[Fetched], now: datetime) -> list[Received]:
        return [receive(self._parser, desk, one, now) for one in fetched]

    async def _one_by_one(
        self, watched: Watched, desk: Desk, folder: Folder, received: Sequence[Received], now: datetime
    ) -> Taken:
        outcomes: dict[int, str] = {}
        for one in received:
            uid = one.fetched.uid
            try:
                taken = await self._store.write(
                    partial(batch.take, desk=desk, folder=folder, batch=[one], now=now)
                )
            except Temporary:
                raise
            except Exception as error:
                strikes = await self._store.write(partial(_strike, folder=folder, uid=uid))
                self._log.exception("message.struck", mailbox=watched.name, uid=uid, strikes=strikes)
                if strikes < watched.strikes:
                    raise Temporary(f"message {uid} hurts; tried {strikes} times") from error
                hurt = Received(one.fetched, one.at, one.flags, error=f"{type(error).__name__}: {error}")
                taken = await self._store.write(
                    partial(batch.take, desk=desk, folder=folder, batch=[hurt], now=now)
                )
            self._tell(taken)
            outcomes |= taken.outcomes
        return Taken(outcomes)

    async def settle(self, watched: Watched, uidvalidity: int) -> None:
        """Settle in the mailbox what has an outcome; what a crash left unsettled is picked up here too."""
        while True:
            uids = await self._store.read(lambda tx: tx.unsettled(watched.name, uidvalidity, 500))
            if not uids:
                return
            await watched.mailbox.settle(uids)
            await self._store.write(
                partial(_mark_settled, mailbox=watched.name, uidvalidity=uidvalidity, uids=uids)
            )

    def _tell(self, taken: Taken) -> None:
        for event in taken.events:
            self._log.info(str(event.event), case=event.reference, by=event.by, **_loggable(event.data))


_LOGGED = frozenset(
    {
        "severity",
        "rule",
        "deadline",
        "why",
        "reason",
        "class",
        "message_id",
        "status",
        "to",
        "product",
        "column",
    }
)


def _loggable(data: object) -> dict[str, object]:
    """Return the facts of an event that may stand in a log line: never words that a person wrote."""
    return {key: value for key, value in data.items() if key in _LOGGED} if isinstance(data, dict) else {}


def _set_cursor(tx: Transaction, cursor: Cursor) -> None:
    tx.set_cursor(cursor)


def _strike(tx: Transaction, folder: Folder, uid: int) -> int:
    return tx.strike(folder.mailbox, folder.uidvalidity, uid)


def _mark_settled(tx: Transaction, mailbox: str, uidvalidity: int, uids: Sequence[int]) -> None:
    tx.mark_settled(mailbox, uidvalidity, uids)
