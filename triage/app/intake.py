"""The mail's way in: mailbox -> read -> one commit for the batch -> mailbox settled.

1 fetch in UID order; 2 read apart (`MessageReader`); 3 to 6 decide and write in one transaction (`batch`); 7 settle,
repeatably. The next batch is fetched and read while the last is committed. A crash at any point costs nothing: the
ledger knows every UID that has an outcome, and the cursor moves in the same commit.

A message that hurts (its reader, the server's answer, our own decision) gets a strike and waits while the others go
on; after `strikes` of them it is set aside, whole, with a case. Until then the cursor stays in front of it, so that a
restart finds it again.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import TypeVar

from triage.app import batch, beginning
from triage.app import files as answer_files
from triage.app.batch import Taken
from triage.app.batch_book import TakenElsewhere
from triage.app.beginning import Beginning
from triage.app.pipeline import Beside, ahead
from triage.app.readers import Readers
from triage.app.received import Folder, Received, receive
from triage.app.settling import Settler
from triage.core.desk import Desk
from triage.core.message import RawMail
from triage.core.model import Role
from triage.core.records import Cursor
from triage.core.understood import Understood
from triage.errors import Permanent, Temporary, Unreadable
from triage.log import logger
from triage.ports import Clock, Fetched, FolderStatus, Mailbox, MessageReader, Store, Transaction

T = TypeVar("T")
_Read = Understood | Unreadable | None
_FIRST_PART = 5  # of a batch
_WHOLE = 25_000_000  # octets of a message set aside that are kept; larger ones are cut


@dataclass(frozen=True, slots=True)
class Watched:
    """One watched folder and how it is read. `start`: now, all, or a date, for the very first look at it.

    `sent`: the folder where people of ours keep what they sent; `after`: the folder to be read before this one.
    """

    name: str
    mailbox: Mailbox
    start: str = "now"
    batch: int = 50
    strikes: int = 3
    stored_bytes: int = 2_000_000
    sent: bool = False
    after: str = ""


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
        self._reader = reader
        self._desk = desk
        self._clock = clock
        self._settler = Settler(store, desk, clock, self._write)
        self._begun: dict[str, Beginning] = {}
        self._struck: defaultdict[str, set[int]] = defaultdict(set)
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._log = logger(part="intake")

    # -- where to begin ----------------------------------------------------------------------------------------------

    async def begin(self, watched: Watched, status: FolderStatus) -> Cursor:
        """Return the folder's cursor; the first look begins as `start` says.

        After a UIDVALIDITY reset every UID is new, but not every message: digests and dates tell.
        """
        name, validity = watched.name, status.uidvalidity
        self._struck[name].clear()
        cursor, begun, since = await self._store.read(
            lambda tx: (
                tx.cursor(name),
                beginning.load(tx, name, validity),
                beginning.first_look(tx, name),
            )
        )
        if cursor is not None and cursor.uidvalidity == validity:
            if (
                begun is None
            ):  # begun before beginnings were written down: what was read then is not asked for
                begun = Beginning(cursor.last_uid)
                await self._write(
                    name, partial(_begin, watched=watched, status=status, begun=begun, since=None)
                )
            self._begun[name] = begun
            return cursor
        if cursor is not None:
            self._log.warning("mailbox.reset", mailbox=name, uidvalidity=validity)
        else:
            since = self._since(watched)
        found = await self._beginning(watched, status, since, first=cursor is None)
        await self._write(name, partial(_begin, watched=watched, status=status, begun=found, since=since))
        written, cursor = await self._store.read(
            lambda tx: (beginning.load(tx, name, validity), tx.cursor(name))
        )
        self._begun[name] = found if written is None else written
        return cursor or Cursor(name, validity, found.after)

    def _since(self, watched: Watched) -> datetime | None:
        """Return from which arrival on the folder's mail is ours at its very first look; None for all of it."""
        if watched.start == "all":
            return None
        if watched.start == "now":
            return self._clock.now()
        zone = self._desk().site.zone
        return datetime.combine(date.fromisoformat(watched.start), datetime.min.time(), zone)

    async def _beginning(
        self, watched: Watched, status: FolderStatus, since: datetime | None, *, first: bool
    ) -> Beginning:
        last = status.uidnext - 1
        if since is None:
            return Beginning(0)
        if first and watched.start == "now":
            return Beginning(last)
        found = await watched.mailbox.uids_since(since)
        return Beginning((min(found) - 1) if found else last, last, since)

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
        batches = self._received(watched, cursor.uidvalidity, chunks, stopping)
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
        async with aclosing(self._received(watched, uidvalidity, chunks, _never)) as ready:
            async for _, received in ready:
                done = await self._take(watched, Cursor(watched.name, uidvalidity, 0), received)
                outcomes |= done.outcomes
        return Taken(outcomes)

    async def settle(self, watched: Watched, uidvalidity: int) -> None:
        """Settle in the mailbox what has an outcome; what a crash left unsettled is picked up here too."""
        turn = self._turns[watched.name]
        await self._settler.settle(watched.name, watched.mailbox, uidvalidity, turn)

    # -- fetching and reading ----------------------------------------------------------------------------------------

    async def _fetched(
        self,
        watched: Watched,
        uidvalidity: int,
        chunks: Sequence[Sequence[int]],
        stopping: Callable[[], bool],
    ) -> AsyncGenerator[tuple[Sequence[int], Sequence[Fetched]], None]:
        """Fetch chunk by chunk, and settle beside it what was committed meanwhile."""
        async with Beside() as beside:
            for chunk in chunks:
                if stopping():
                    return
                async with self._turns[watched.name]:
                    fetched = await watched.mailbox.fetch(chunk)
                yield chunk, fetched
                beside.go(partial(self.settle, watched, uidvalidity))

    async def _received(
        self,
        watched: Watched,
        uidvalidity: int,
        chunks: Sequence[Sequence[int]],
        stopping: Callable[[], bool],
    ) -> AsyncGenerator[tuple[Sequence[int], list[Received]], None]:
        async with ahead(self._fetched(watched, uidvalidity, chunks, stopping)) as ready:
            async for chunk, fetched in ready:
                yield chunk, await self._read(watched, fetched)

    async def _read(self, watched: Watched, fetched: Sequence[Fetched]) -> list[Received]:
        """Read apart; what may be set aside is fetched whole."""
        desk, now = self._desk(), self._clock.now()
        mails = [one.mail for one in fetched if one.mail is not None]
        answers = iter(await self._reader.read_many(mails, desk))
        read: list[_Read] = [None if one.mail is None else next(answers) for one in fetched]
        begun = self._begun.get(watched.name, Beginning(0))
        received = _receive(desk, begun, fetched, read, now)
        return [
            await self._with_the_whole(watched, await self._with_the_files(watched, one)) for one in received
        ]

    async def _with_the_files(self, watched: Watched, one: Received) -> Received:
        """Fetch the files of an agent's mail while it is at hand: his answer takes them along to the client."""
        read, message, mail = one.reading, one.message, one.fetched.mail
        if read is None or message is None or mail is None or watched.sent:
            return one
        if read.role is not Role.AGENT or not message.attachments or read.forwarded:
            return one
        async with self._turns[watched.name]:
            files, left_out = await answer_files.fetched(
                partial(watched.mailbox.fetch_section, one.fetched.uid), message.attachments
            )
        return replace(one, files=files, left_out=left_out)

    async def _with_the_whole(self, watched: Watched, one: Received) -> Received:
        mail = one.fetched.mail
        if not one.may_be_set_aside or (mail is not None and mail.raw is not None):
            return one
        raw = bytearray()
        try:
            async with self._turns[watched.name]:
                async for piece in await watched.mailbox.fetch_section(one.fetched.uid, ""):
                    raw += piece
                    if len(raw) >= _WHOLE:
                        break
        except (Temporary, Permanent) as error:
            # what could be had of it is kept all the same; a lost connection shows itself at the next command
            self._log.warning(
                "message.not_whole", mailbox=watched.name, uid=one.fetched.uid, error=str(error)
            )
        if not raw:
            return one
        return replace(one, fetched=replace(one.fetched, mail=RawMail(raw=bytes(raw), size=len(raw))))

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
                taken = await self._commit(folder, [await self._with_the_whole(watched, hurt)], 0)
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
        for event in taken.events:
            self._log.info(str(event.event), case=event.reference, by=event.by, **_loggable(event.data))


def _chunks(uids: Sequence[int], size: int) -> list[Sequence[int]]:
    """Cut into batches; before many the first is short, so that committing and sending begin while the next is read."""
    first = max(1, size // _FIRST_PART) if len(uids) > size else size
    return [uids[:first], *(uids[i : i + size] for i in range(first, len(uids), size))] if uids else []


def _receive(
    desk: Desk, begun: Beginning, fetched: Sequence[Fetched], read: Sequence[_Read], now: datetime
) -> list[Received]:
    return [
        replace(receive(desk, one, answer, now), old=begun.passes_over(one.uid, one.internal_date))
        for one, answer in zip(fetched, read, strict=True)
    ]


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


def _begin(
    tx: Transaction, watched: Watched, status: FolderStatus, begun: Beginning, since: datetime | None
) -> None:
    """Write where the folder begins, unless another process was first: `reconcile` may run beside the daemon."""
    if beginning.load(tx, watched.name, status.uidvalidity) is not None:
        return
    beginning.save(tx, watched.name, status.uidvalidity, begun)
    beginning.save_first_look(tx, watched.name, since)


def _strike(tx: Transaction, folder: Folder, uid: int) -> int:
    return tx.strike(folder.mailbox, folder.uidvalidity, uid)
