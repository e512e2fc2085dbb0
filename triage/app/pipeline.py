"""One step ahead: while the caller works on an item, the next one is already being made.

Knows nothing of mail. Called by `app.intake`, which lets fetching, reading and committing overlap with it.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from triage.errors import TriageError

T = TypeVar("T")


@asynccontextmanager
async def ahead(source: AsyncGenerator[T, None]) -> AsyncIterator[AsyncIterator[T]]:
    """Give an iterator over what `source` yields that holds one item ready; its errors come in their place.

    Left early, whatever was begun is cancelled and the source closed.
    """
    upcoming = [asyncio.ensure_future(anext(source))]

    async def items() -> AsyncIterator[T]:
        while True:
            try:
                item = await upcoming[0]
            except StopAsyncIteration:
                return
            upcoming[0] = asyncio.ensure_future(anext(source))
            yield item

    try:
        yield items()
    finally:
        upcoming[0].cancel()
        with suppress(asyncio.CancelledError, StopAsyncIteration, TriageError):
            await upcoming[0]
        await source.aclose()
