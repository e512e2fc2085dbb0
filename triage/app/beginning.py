"""Where the reading of a folder began, kept in the store's notes: what `reconcile` proves complete starts here.

A folder's very first look begins as its `start` says. After a new UIDVALIDITY every UID is new and hardly a message
is: those known are told by their digests, those from before the first look are passed over (`skipped`).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from triage.app.readers import Write
from triage.app.watched import Watched
from triage.core.desk import Desk
from triage.core.records import Cursor
from triage.log import logger
from triage.ports import Clock, FolderStatus, Store, Transaction


@dataclass(frozen=True, slots=True)
class Beginning:
    """UIDs up to `after` are none of ours. Those up to `old_until` that arrived before `old_before` neither."""

    after: int
    old_until: int = 0
    old_before: datetime | None = None

    def passes_over(self, uid: int, arrived: datetime | None) -> bool:
        """Say whether a message was there long before we first looked."""
        return (
            self.old_before is not None
            and arrived is not None
            and uid <= self.old_until
            and arrived < self.old_before
        )


def load(tx: Transaction, mailbox: str, uidvalidity: int) -> Beginning | None:
    """Return where the folder was begun under this UIDVALIDITY; None where it never was."""
    note = tx.get_note(_key(mailbox, uidvalidity))
    if note is None:
        return None
    found = json.loads(note)
    before = found["old_before"]
    return Beginning(found["after"], found["old_until"], datetime.fromisoformat(before) if before else None)


def save(tx: Transaction, mailbox: str, uidvalidity: int, begun: Beginning) -> None:
    """Write the beginning and the cursor that stands there."""
    before = begun.old_before.isoformat() if begun.old_before else ""
    note = {"after": begun.after, "old_until": begun.old_until, "old_before": before}
    tx.set_note(_key(mailbox, uidvalidity), json.dumps(note))
    tx.set_cursor(Cursor(mailbox, uidvalidity, begun.after))


def first_look(tx: Transaction, mailbox: str) -> datetime | None:
    """Return from which arrival on the folder's mail is ours; None: all of it, or never looked at."""
    note = tx.get_note(f"since/{mailbox}")
    return datetime.fromisoformat(note) if note else None


def save_first_look(tx: Transaction, mailbox: str, since: datetime | None) -> None:
    tx.set_note(f"since/{mailbox}", since.isoformat() if since else "")


def _key(mailbox: str, uidvalidity: int) -> str:
    return f"began/{mailbox}/{uidvalidity}"


class Beginnings:
    """Where each folder begins that we read. `write`: as the reader of its mailbox."""

    def __init__(self, store: Store, desk: Callable[[], Desk], clock: Clock, write: Write) -> None:
        self._store = store
        self._desk = desk
        self._clock = clock
        self._write = write
        self._begun: dict[str, Beginning] = {}

    def of(self, name: str) -> Beginning:
        return self._begun.get(name, Beginning(0))

    async def begin(self, watched: Watched, status: FolderStatus) -> Cursor:
        """Return the folder's cursor; the first look begins as `start` says.

        After a UIDVALIDITY reset every UID is new, but not every message: digests and dates tell.
        """
        name, validity = watched.name, status.uidvalidity
        cursor, begun, since = await self._store.read(
            lambda tx: (tx.cursor(name), load(tx, name, validity), first_look(tx, name))
        )
        if cursor is not None and cursor.uidvalidity == validity:
            if begun is None:
                # begun before beginnings were written down: what was read then is not asked for
                begun = Beginning(cursor.last_uid)
                await self._write(
                    name, partial(_begin, watched=watched, status=status, begun=begun, since=None)
                )
            self._begun[name] = begun
            return cursor
        if cursor is not None:
            logger(part="intake").warning("mailbox.reset", mailbox=name, uidvalidity=validity)
        else:
            since = self._since(watched)
        found = await _found(watched, status, since, first=cursor is None)
        await self._write(name, partial(_begin, watched=watched, status=status, begun=found, since=since))
        written, cursor = await self._store.read(lambda tx: (load(tx, name, validity), tx.cursor(name)))
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


async def _found(watched: Watched, status: FolderStatus, since: datetime | None, *, first: bool) -> Beginning:
    last = status.uidnext - 1
    if since is None:
        return Beginning(0)
    if first and watched.start == "now":
        return Beginning(last)
    found = await watched.mailbox.uids_since(since)
    return Beginning((min(found) - 1) if found else last, last, since)


def _begin(
    tx: Transaction, watched: Watched, status: FolderStatus, begun: Beginning, since: datetime | None
) -> None:
    """Write where the folder begins, unless another process was first: `reconcile` may run beside the daemon."""
    if load(tx, watched.name, status.uidvalidity) is not None:
        return
    save(tx, watched.name, status.uidvalidity, begun)
    save_first_look(tx, watched.name, since)
