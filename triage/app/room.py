"""Watches the room that is left for the store: the admin hears of it while a mail can still be written.

Called by the daemon's chores; `status` and the metrics ask for the same figure. PostgreSQL's room is its admin's.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

from triage.app import trouble
from triage.app.pauses import keep_doing
from triage.core.desk import Desk
from triage.core.drafts_site import Trouble
from triage.core.standing import SCARCE, in_megabytes
from triage.ports import Clock, Store, Transaction

NOTE = "room/told"
_LOOK_SECONDS = 60.0


class Room:
    """`free` returns the octets that are left, None where nobody here can know; `notify` wakes the dispatcher."""

    def __init__(
        self,
        store: Store,
        desk: Callable[[], Desk],
        clock: Clock,
        free: Callable[[], int | None],
        notify: Callable[[], None],
    ) -> None:
        self._store = store
        self._desk = desk
        self._clock = clock
        self._free = free
        self._notify = notify
        self._told = True  # perhaps, by whoever ran before us

    async def run(self, stop: asyncio.Event) -> None:
        """Look every minute until `stop` is set."""
        await keep_doing(self.look, _LOOK_SECONDS, stop, "room")

    async def look(self) -> None:
        """Tell once when it grows scarce, and again only after there was twice as much in between."""
        free = await asyncio.to_thread(self._free)
        if free is None:
            return
        if free < SCARCE:
            self._told = True
            if await self._store.write(lambda tx: _tell(tx, self._desk(), free, self._clock.now())):
                self._notify()
        elif free > 2 * SCARCE and self._told:
            await self._store.write(lambda tx: tx.set_note(NOTE, None))
            self._told = False


def _tell(tx: Transaction, desk: Desk, free: int, now: datetime) -> bool:
    if tx.get_note(NOTE) is not None:
        return False
    tx.set_note(NOTE, now.isoformat())
    trouble.tell_admin(tx, desk, Trouble.DISK_LOW, in_megabytes(free), now, now)
    return True
