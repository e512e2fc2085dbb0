"""What the pages of the daemon say: metrics for a scraper, health for a supervisor, readiness for a balancer.

Counters are folded from the events written since the start, whoever wrote them; nothing is counted twice and no code
elsewhere counts. Figures of the present are read when they are asked for. Called by the pages' server only.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from functools import partial

from triage.app.pauses import sleep
from triage.app.readers import Readers
from triage.app.standing import read
from triage.core.model import Case
from triage.core.records import Event
from triage.core.standing import LOOK_OVERDUE, Standing
from triage.errors import Permanent, Temporary
from triage.log import logger
from triage.ports import Clock, Metrics, Page, PageServer, Store, Transaction

_AT_ONCE = 5_000
_BEHIND = 200  # events written side by side become visible out of order on PostgreSQL: the last ones are asked again
_BIND_AGAIN = 60.0


def _unknown() -> int | None:
    return None


class Measuring:
    """`late` names the loops that hang; `mailboxes` are those configured; `canaries`: whether they are sent;
    `room`: octets left for the store.
    """

    def __init__(
        self,
        store: Store,
        metrics: Metrics,
        clock: Clock,
        *,
        mailboxes: Sequence[str],
        late: Callable[[], Sequence[str]],
        readers: Readers,
        canaries: bool = False,
        room: Callable[[], int | None] = _unknown,
    ) -> None:
        self._store = store
        self._metrics = metrics
        self._clock = clock
        self._mailboxes = mailboxes
        self._late = late
        self._readers = readers
        self._canaries = canaries
        self._room = room
        self._last: int | None = None
        self._floor = 0
        self._counted: set[int] = set()
        self._one_at_a_time = asyncio.Lock()

    async def begin(self) -> None:
        """Count from here on; where the store is away, from the first scrape that finds it."""
        try:
            self._floor = self._last = await self._store.read(lambda tx: tx.last_event_id())
        except Temporary as error:
            logger(part="http").error("store.failed", error=str(error))

    async def metrics(self) -> Page:
        """Return the metrics; 503 while the store is away."""
        try:
            async with self._one_at_a_time:
                if self._last is None:
                    await self.begin()
                self._metrics.stands(await self._standing())
                others = self._readers.standing_by()
                reads = {name: name not in others for name in self._mailboxes}
                self._metrics.node(reads, 1 + len(self._readers.others))
                await self._count()
        except Temporary as error:
            return _said(503, {"error": str(error)})
        kind, body = self._metrics.page()
        return Page(200, kind, body)

    async def healthz(self) -> Page:
        """Say whether the process does its work; 503 when a loop hangs."""
        late = list(self._late())
        return _said(503 if late else 200, {"late": late})

    async def readyz(self) -> Page:
        """Say whether mail is taken in, by whichever node: store reachable, every mailbox looked into lately."""
        try:
            standing = await self._standing()
        except Temporary as error:
            return _said(503, {"error": str(error)})
        now = standing.at
        absent = [
            box.name
            for box in standing.mailboxes
            if box.away_since is not None or box.looked_at is None or now - box.looked_at > LOOK_OVERDUE
        ]
        words = {"mailboxes_not_ready": absent, "standing_by": self._readers.standing_by()}
        return _said(503 if absent else 200, words)

    async def _standing(self) -> Standing:
        now, room = self._clock.now(), self._room()
        return await self._store.read(
            lambda tx: read(tx, self._mailboxes, now, canaries=self._canaries, room=room)
        )

    async def _count(self) -> None:
        while True:
            last = self._last or self._floor
            found, cases = await self._store.read(partial(_since, event_id=max(self._floor, last - _BEHIND)))
            for number, event in found:
                if number not in self._counted:
                    self._metrics.happened(event, cases.get(event.reference or ""))
                    self._counted.add(number)
            self._last = max([last, *(number for number, _ in found)])
            self._counted = {number for number in self._counted if number > self._last - _BEHIND}
            if len(found) < _AT_ONCE:
                return


def _since(tx: Transaction, *, event_id: int) -> tuple[Sequence[tuple[int, Event]], dict[str, Case]]:
    found = tx.events_after(event_id, _AT_ONCE)
    return found, dict(tx.cases({event.reference for _, event in found if event.reference}))


def _said(status: int, words: object) -> Page:
    return Page(status, "application/json", json.dumps(words).encode() + b"\n")


async def serve(server: PageServer, stop: asyncio.Event) -> None:
    """Serve until `stop`, as a chore of the daemon; an address in use costs a word in the log and a minute, no mail."""
    told = False
    while not stop.is_set():
        try:
            host, port = await server.start()
        except Permanent as error:
            if not told:
                logger(part="http").error("http.not_listening", error=str(error))
            told = True
            await sleep(_BIND_AGAIN, stop)
            continue
        logger(part="http").info("http.listening", address=f"{host}:{port}")
        try:
            await stop.wait()
        finally:
            await server.close()
