"""One step ahead: while the caller works on an item, the next one is already being made; and work that goes on beside.

Knows nothing of mail. Called by `app.intake`, which lets fetching, reading, committing and settling overlap with it.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Self, TypeVar

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


class Beside:
    """Work that goes on beside the caller's, one piece at a time; an asynchronous context manager.

    What a piece raises comes with the next `go`, or at the end of the block, which waits for it. A block left by an error
    cancels it.
    """

    def __init__(self) -> None:
        self._task: asyncio.Future[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    def go(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Begin a piece of work, unless one is under way."""
        if self._task is not None and not self._task.done():
            return
        if self._task is not None:
            self._task.result()
        self._task = asyncio.ensure_future(work())

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is None:
            return
        if kind is None:
            await self._task
            return
        self._task.cancel()
        with suppress(asyncio.CancelledError, TriageError):
            await self._task
