"""How long to wait: before a server is tried again, and between the looks of whatever looks now and then.

Called by the loops of `daemon`, by its chores and by whatever else reconnects.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable

from triage.errors import Temporary
from triage.log import logger

_FIRST = 1.0


class Pauses:
    """Growing pauses in seconds with jitter, so that many clients of one server do not come back together."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._next = min(_FIRST, longest)

    def next(self) -> float:
        pause = self._next * random.uniform(0.7, 1.3)  # noqa: S311 - jitter is no secret
        self._next = min(self._next * 2, self._longest)
        return pause

    def reset(self) -> None:
        self._next = min(_FIRST, self._longest)


async def sleep(seconds: float, stop: asyncio.Event) -> None:
    """Sleep, or return at once when stopping."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


async def keep_doing(
    work: Callable[[], Awaitable[None]], seconds: float, stop: asyncio.Event, part: str
) -> None:
    """Do a piece of work, and again after each pause, until `stop` is set; the loop of a chore of the daemon.

    That the store is away is somebody else's to tell: here it costs a line of the `part`'s log and this one turn.
    """
    while not stop.is_set():
        try:
            await work()
        except Temporary as error:
            logger(part=part).warning("store.failed", error=str(error))
        await sleep(seconds, stop)
