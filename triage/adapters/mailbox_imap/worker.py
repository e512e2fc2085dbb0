"""One thread that does blocking work in turn, and an asyncio side that does not wait for it beyond a deadline.

imapclient is not thread-safe: everything that touches a connection runs here. The thread is a daemon: one stuck in
a system call that nothing can interrupt (a name look-up) is left behind and replaced, and does not hold up the exit.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

from triage.errors import Temporary

T = TypeVar("T")
_Job = tuple["Future[Any]", Callable[[], Any]]

GRACE = 5.0
"""Seconds that interrupted work gets to come back before its thread is given up."""


class Worker:
    """`interrupt` is called from the event loop and must make the work in progress fail soon."""

    def __init__(self, name: str, interrupt: Callable[[], None]) -> None:
        self._name = name
        self._interrupt = interrupt
        self._jobs: SimpleQueue[_Job | None] | None = None

    async def run(
        self, work: Callable[[], T], seconds: float, what: str, *, on_cancel: Callable[[], None] | None = None
    ) -> T:
        """Return what `work` returns; raises what it raises, or Temporary once `seconds` have passed.

        Cancelled, it interrupts the work too (or does `on_cancel`): what nobody waits for must come to its end.
        """
        result = asyncio.wrap_future(self._put(work))
        result.add_done_callback(_look_at_error)
        try:
            done, _ = await asyncio.wait({result}, timeout=seconds)
        except asyncio.CancelledError:
            (on_cancel or self._interrupt)()
            raise
        if done:
            return result.result()
        self._interrupt()
        done, _ = await asyncio.wait({result}, timeout=GRACE)
        if not done:
            self.stop()
        raise Temporary(f"no answer to {what} within {seconds:.0f} s")

    def post(self, work: Callable[[], None]) -> None:
        """Do something when its turn comes; nobody waits for it."""
        self._put(work)

    def stop(self) -> None:
        """Let the thread end after what it is doing; the next `run` starts another."""
        if self._jobs is not None:
            self._jobs.put(None)
            self._jobs = None

    def _put(self, work: Callable[[], T]) -> "Future[T]":
        if self._jobs is None:
            self._jobs = SimpleQueue()
            threading.Thread(target=_serve, args=(self._jobs,), name=self._name, daemon=True).start()
        future: Future[T] = Future()
        self._jobs.put((future, work))
        return future


def _serve(jobs: "SimpleQueue[_Job | None]") -> None:
    while (job := jobs.get()) is not None:
        future, work = job
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001  # handed over to whoever awaits it, as an executor does
            _deliver(future, error=error)
        else:
            _deliver(future, result)
        del job, future, work  # a mail must not stay in memory until the next job


def _deliver(future: "Future[Any]", result: Any = None, error: BaseException | None = None) -> None:
    try:
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
    except RuntimeError:
        pass  # the event loop was closed meanwhile: nobody is there to be told


def _look_at_error(future: "asyncio.Future[Any]") -> None:
    # an abandoned result's error counts as seen
    if not future.cancelled():
        future.exception()
