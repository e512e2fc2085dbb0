"""Marks in the mailbox what has an outcome in the ledger; repeatably, and never in the way of the mail behind it.

A server that refuses (a full mailbox cannot take a move, a shared one no keyword) is told of once and asked again
now and then: intake does not depend on marks, the ledger knows every UID. Called by `app.intake`.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from triage.app import trouble
from triage.app.readers import Write
from triage.core.desk import Desk
from triage.core.drafts_site import Trouble
from triage.errors import Permanent
from triage.log import logger
from triage.ports import Clock, Mailbox, Store, Transaction

_AT_ONCE = 500
_AGAIN = timedelta(minutes=5)


def note_key(mailbox: str) -> str:
    """Return the note that tells, while it is there, that settling fails: `since`, `error`, `messages`."""
    return f"settling/{mailbox}"


class Settler:
    def __init__(self, store: Store, desk: Callable[[], Desk], clock: Clock, write: Write) -> None:
        self._store = store
        self._write = write
        self._desk = desk
        self._clock = clock
        self._refused_until: dict[str, datetime] = {}
        self._under_way: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def settle(self, name: str, mailbox: Mailbox, uidvalidity: int, turn: asyncio.Lock) -> None:
        """Settle what is not settled yet. Raises Temporary when the connection is lost; a refusal is only told.

        `turn`: held while the mailbox is asked, and free while the store is: mail is fetched meanwhile.
        """
        async with self._under_way[name]:
            await self._settle(name, mailbox, uidvalidity, turn)

    async def _settle(self, name: str, mailbox: Mailbox, uidvalidity: int, turn: asyncio.Lock) -> None:
        now = self._clock.now()
        if now < self._refused_until.get(name, now):
            return
        count = _AT_ONCE
        while count == _AT_ONCE:  # what is committed meanwhile is left to the next call
            uids = await self._store.read(lambda tx: tx.unsettled(name, uidvalidity, _AT_ONCE))
            count = len(uids)
            if not uids:
                break
            try:
                async with turn:
                    await mailbox.settle(uids)
            except Permanent as error:
                self._refused_until[name] = now + _AGAIN
                await self._write(name, partial(self._refused, name=name, uids=uids, error=str(error)))
                return
            await self._write(name, partial(_mark, name=name, uidvalidity=uidvalidity, uids=uids))
        if self._refused_until.pop(name, None) is not None:
            logger(mailbox=name).info("mailbox.settled_again")
            await self._write(name, lambda tx: tx.set_note(note_key(name), None))

    def _refused(self, tx: Transaction, name: str, uids: Sequence[int], error: str) -> None:
        now, key = self._clock.now(), note_key(name)
        known = tx.get_note(key)
        since = json.loads(known)["since"] if known else now.isoformat()
        tx.set_note(key, json.dumps({"since": since, "error": error, "messages": len(uids)}))
        if known is None:
            logger(mailbox=name).error("mailbox.not_settled", error=error, messages=len(uids))
            trouble.tell_admin(tx, self._desk(), Trouble.NOT_SETTLED, name, now, now, detail=error)


def _mark(tx: Transaction, name: str, uidvalidity: int, uids: Sequence[int]) -> None:
    tx.mark_settled(name, uidvalidity, uids)
