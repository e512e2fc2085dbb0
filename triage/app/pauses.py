"""How long to wait before trying a server again. Called by the loops of `daemon` and by whatever else reconnects."""

import asyncio
import random

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
