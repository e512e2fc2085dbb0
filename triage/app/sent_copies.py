"""Files copies of what went to clients in the account's folder of sent mail, for the people who look there.

Never holds up the mail: a copy that cannot be filed is dropped after a few tries, counted and told of once. What
was queued when the process dies is lost; the outbox is the record, the copy a courtesy.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from triage.app.pauses import Pauses, sleep
from triage.core.records import OutboxRow
from triage.errors import Permanent, Temporary
from triage.log import logger
from triage.ports import Clock, Mailbox

_WAITING = 1_000
_TRIES = 3


@dataclass
class Shelf:
    """One account's folder of sent mail, over a connection of its own. `lost` counts copies that were dropped."""

    mailbox: Mailbox
    folder: str
    waiting: "asyncio.Queue[OutboxRow]" = field(default_factory=lambda: asyncio.Queue(_WAITING))
    connected: bool = False
    lost: int = 0


class SentCopies:
    """`file` is the dispatcher's hook, `run` a chore of the daemon. `ours`: whose mail gets no copy."""

    def __init__(
        self,
        shelves: Mapping[str, Shelf],
        clock: Clock,
        ours: Callable[[], frozenset[str]],
        longest_pause: float,
    ) -> None:
        self._shelves = shelves
        self._clock = clock
        self._ours = ours
        self._longest_pause = longest_pause

    def file(self, row: OutboxRow) -> None:
        """Queue the copy of a mail that was accepted; returns at once."""
        shelf = self._shelves.get(row.mailbox)
        if shelf is None or row.content is None or row.to in self._ours():
            return
        try:
            shelf.waiting.put_nowait(row)
        except asyncio.QueueFull:
            self._lose(row.mailbox, shelf, "too many wait")

    async def run(self, stop: asyncio.Event) -> None:
        """File copies until told to stop; what waits then is filed if that is quick."""
        async with asyncio.TaskGroup() as tasks:
            loops = [tasks.create_task(self._loop(name, shelf)) for name, shelf in self._shelves.items()]
            await stop.wait()
            try:
                async with asyncio.timeout(5):
                    for shelf in self._shelves.values():
                        await shelf.waiting.join()
            except TimeoutError:
                pass
            for loop in loops:
                loop.cancel()
        for shelf in self._shelves.values():
            await shelf.mailbox.close()

    async def file_waiting(self) -> None:
        """File what waits now; for `once`."""
        for name, shelf in self._shelves.items():
            while not shelf.waiting.empty():
                await self._file(name, shelf, shelf.waiting.get_nowait())
            if shelf.connected:
                await shelf.mailbox.close()

    async def _loop(self, name: str, shelf: Shelf) -> None:
        while True:
            row = await shelf.waiting.get()
            await self._file(name, shelf, row)
            shelf.waiting.task_done()

    async def _file(self, name: str, shelf: Shelf, row: OutboxRow) -> None:
        pauses = Pauses(self._longest_pause)
        for left in reversed(range(_TRIES)):
            try:
                if not shelf.connected:
                    await shelf.mailbox.connect()
                    shelf.connected = True
                await shelf.mailbox.append(
                    shelf.folder, row.content or b"", row.accepted_at or self._clock.now()
                )
            except (Temporary, Permanent) as error:
                shelf.connected = False
                if not left:
                    self._lose(name, shelf, str(error))
                    return
                await sleep(pauses.next(), asyncio.Event())
            else:
                return

    def _lose(self, name: str, shelf: Shelf, why: str) -> None:
        shelf.lost += 1
        if shelf.lost == 1 or shelf.lost % 100 == 0:
            logger(mailbox=name).error("sent.copy_lost", folder=shelf.folder, lost=shelf.lost, error=why)
