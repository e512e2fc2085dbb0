"""The mail's way in: mailbox -> read -> one commit for the batch -> mailbox settled.

1 fetch in UID order; 2 read apart (`fetching`); 3 to 6 decide and write in one transaction (`batch`); 7 settle,
repeatably. The next batch is fetched and read while the last is committed. A crash at any point costs nothing: the
ledger knows every UID that has an outcome, and the cursor moves in the same commit.

A message that hurts (its reader, the server's answer, our own decision) gets a strike and waits while the others go
on; after `strikes` of them it is set aside, whole, with a case. Until then the cursor stays in front of it, so that a
restart finds it again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import TypeVar

from triage.app import batch
from triage.app.batch import Taken
from triage.app.batch_book import TakenElsewhere
from triage.app.beginning import Beginnings
from triage.app.fetching import Fetcher
from triage.app.pipeline import ahead
from triage.app.readers import Readers
from triage.app.received import Folder, Received
from triage.app.settling import Settler
from triage.app.watched import Watched
from triage.core.desk import Desk
from triage.core.records import Cursor
from triage.errors import Temporary
from triage.log import at_once, logger
from triage.ports import Clock, FolderStatus, MessageReader, Store, Transaction

T = TypeVar("T")
_FIRST_PART = 5  # of a batch


def _nobody() -> None:
    return


def _never() -> bool:
    return False


class Intake:
    """Takes messages in, for every watched folder; knows the store and the reader, no protocol."""

    def __init__(
        self,
        store: Store,
        reader: MessageReader,
        desk: Callable[[], Desk],
        clock: Clock,
        readers: Readers | None = None,
    ) -> None:
        self._store = store
        self._readers = readers
        self._desk = desk
        self._clock = clock
        self._settler = Settler(store, desk, clock, self._write)
        self._beginnings = Beginnings(store, desk, clock, self._write)
        self._struck: defaultdict[str, set[int]] = defaultdict(set)
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._fetcher = Fetcher(reader, desk, clock, self._beginnings, self._turns, self.settle)
        self._log = logger(part="intake")

    async def begin(self, watched: Watched, status: FolderStatus) -> Cursor:
        """Return the folder's cursor; the first look begins as `start` says."""
        self._struck[watched.name].clear()
        return await self._beginnings.begin(watched, status)

    # -- draining ----------------------------------------------------------------------------------------------------

    async def drain(
        self,
        watched: Watched,
        cursor: Cursor,
        *,
        taken: Callable[[], None] = _nobody,
        stopping: Callable[[], bool] = _never,
    ) -> tuple[Cursor, int]:
        """Take in everything that is new, batch by batch, and settle it; returns the new cursor and how many.

        `taken` is called after each commit. Messages that hurt are tried once more at the end; `hurting` tells whether
        any are left for the next call.
        """
        again = sorted(self._struck[watched.name])
        async with self._turns[watched.name]:
            uids = await watched.mailbox.uids_after(cursor.last_uid)
        chunks = _chunks(uids, watched.batch) + [[uid] for uid in again]
        count = 0
        batches = self._fetcher.received(watched, cursor.uidvalidity, chunks, stopping)
        async with ahead(batches) as ready:
            async for chunk, received in ready:
                self._struck[watched.name].difference_update(chunk)
                cursor = replace(cursor, last_uid=max(cursor.last_uid, chunk[-1]))
                outcome = await self._take(watched, cursor, received)
                count += len(outcome.outcomes)
                taken()
        await self.settle(watched, cursor.uidvalidity)
        return cursor, count

    def hurting(self, name: str) -> bool:
        """Say whether messages of a folder wait for another try."""
        return bool(self._struck[name])

    async def take(self, watched: Watched, uidvalidity: int, uids: Sequence[int]) -> Taken:
        """Take in certain messages out of their turn, however far the folder was read; for `reconcile`."""
        outcomes: dict[int, str] = {}
        chunks = _chunks(uids, watched.batch)
        async with aclosing(self._fetcher.received(watched, uidvalidity, chunks, _never)) as ready:
            async for _, received in ready:
                done = await self._take(watched, Cursor(watched.name, uidvalidity, 0), received)
                outcomes |= done.outcomes
        return Taken(outcomes)

    async def settle(self, watched: Watched, uidvalidity: int) -> None:
        """Settle in the mailbox what has an outcome; what a crash left unsettled is picked up here too."""
        turn = self._turns[watched.name]
        await self._settler.settle(watched.name, watched.mailbox, uidvalidity, turn)

    # -- committing --------------------------------------------------------------------------------------------------

    async def _take(self, watched: Watched, cursor: Cursor, received: Sequence[Received]) -> Taken:
        """Decide and write one batch; on failure one by one, so that one message never stops the others."""
        folder = Folder(watched.name, cursor.uidvalidity, watched.stored_bytes, sent=watched.sent)
        ready = [one for one in received if not one.hurt or await self._struck_out(watched, folder, one)]
        try:
            taken = await self._commit(folder, ready, self._upto(cursor))
        except Temporary:
            raise
        except Exception:  # noqa: BLE001 - whatever one message does to us, the others go on: replayed one by one
            uids = [one.fetched.uid for one in ready]
            self._log.exception("message.replayed", mailbox=watched.name, uids=uids)
            taken = await self._one_by_one(watched, folder, ready)
            await self._commit(folder, [], self._upto(cursor))
        return taken

    async def _write(self, folder: str, work: Callable[[Transaction], T]) -> T:
        """Write as the reader of a folder's mailbox: fenced off where another node is that now."""
        if self._readers is None:
            return await self._store.write(work)
        return await self._readers.write(folder, work)

    def _upto(self, cursor: Cursor) -> int:
        """Return how far the cursor may go: never past a message that waits for another try."""
        return min([cursor.last_uid, *(uid - 1 for uid in self._struck[cursor.mailbox])])

    async def _commit(self, folder: Folder, ready: Sequence[Received], upto: int) -> Taken:
        desk, now = self._desk(), self._clock.now()
        work = partial(batch.take, desk=desk, folder=folder, batch=ready, now=now, upto=upto)
        try:
            taken = await self._write(folder.mailbox, work)
        except TakenElsewhere:
            taken = await self._write(folder.mailbox, work)  # the other one's outcomes are in the ledger now
        self._tell(taken)
        return taken

    async def _one_by_one(self, watched: Watched, folder: Folder, ready: Sequence[Received]) -> Taken:
        outcomes: dict[int, str] = {}
        for one in ready:
            try:
                taken = await self._commit(folder, [one], 0)
            except Temporary:
                raise
            except Exception as error:  # noqa: BLE001 - counted, told, and the message gets its strikes
                self._log.exception("message.hurt", mailbox=watched.name, uid=one.fetched.uid)
                hurt = Received(one.fetched, one.at, one.flags, error=f"{type(error).__name__}: {error}")
                if not await self._struck_out(watched, folder, hurt):
                    continue
                taken = await self._commit(folder, [await self._fetcher.with_the_whole(watched, hurt)], 0)
            outcomes |= taken.outcomes
        return Taken(outcomes)

    async def _struck_out(self, watched: Watched, folder: Folder, one: Received) -> bool:
        """Count a strike; True when there were enough of them, else the message waits for another try."""
        uid = one.fetched.uid
        strikes = await self._write(folder.mailbox, partial(_strike, folder=folder, uid=uid))
        self._log.error(
            "message.struck",
            mailbox=watched.name,
            uid=uid,
            strikes=strikes,
            of=watched.strikes,
            error=one.error,
        )
        if strikes >= watched.strikes:
            return True
        self._struck[watched.name].add(uid)
        return False

    def _tell(self, taken: Taken) -> None:
        log = self._log.bind()
        with at_once():
            for event in taken.events:
                log.info(str(event.event), case=event.reference, by=event.by, **_loggable(event.data))


def _chunks(uids: Sequence[int], size: int) -> list[Sequence[int]]:
    """Cut into batches; before many the first is short, so that committing and sending begin while the next is read."""
    first = max(1, size // _FIRST_PART) if len(uids) > size else size
    return [uids[:first], *(uids[i : i + size] for i in range(first, len(uids), size))] if uids else []


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


def _strike(tx: Transaction, folder: Folder, uid: int) -> int:
    return tx.strike(folder.mailbox, folder.uidvalidity, uid)
