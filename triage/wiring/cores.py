"""Shares work out among the cores of this machine, by forked processes; for commands, never inside the daemon.

A forked process has everything its parent had, rules compiled and all, and begins at once. It must be forked before
any thread runs.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from triage.errors import Permanent, TriageError

T = TypeVar("T")
R = TypeVar("R")

_Worker = tuple[BaseProcess, Connection]


def shared_out(work: Callable[[Sequence[T]], Iterable[R]], items: Sequence[T]) -> Iterator[R]:
    """Yield the answers in the items' order. `work` gets every n-th item and yields one answer each, to be pickled.

    Where there is one core only, or no process to be had, all is done here. Raises what `work` raises of ours, and
    Permanent where a process ended before its work was done.
    """
    count = min(_cores(), len(items))
    workers = _begun(work, [items[first::count] for first in range(count)]) if count > 1 else []
    if not workers:
        yield from work(items)
        return
    try:
        for index in range(len(items)):
            yield _next(workers[index % count])
    finally:
        _end(workers)


def _cores() -> int:
    forking = "fork" in multiprocessing.get_all_start_methods()
    return len(os.sched_getaffinity(0)) if forking else 1


def _begun(work: Callable[[Sequence[T]], Iterable[R]], shares: Sequence[Sequence[T]]) -> list[_Worker]:
    """Start one process for each share, or none: where the machine gives too few, who asked does it alone."""
    context = multiprocessing.get_context("fork")
    workers: list[_Worker] = []
    try:
        for share in shares:
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_serve, args=(work, share, ours, theirs), daemon=True)
            workers.append((process, ours))
            process.start()
            theirs.close()  # else its end would not be told by the pipe
    except OSError:
        _end(workers)
        return []
    return workers


def _serve(
    work: Callable[[Sequence[T]], Iterable[R]], share: Sequence[T], ours: Connection, theirs: Connection
) -> None:
    """Run in a process of its own. A full pipe makes it wait, a closed one ends it."""
    ours.close()  # else nobody would notice that the parent is gone
    # A terminal interrupts all at once; the parent ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for answer in work(share):
            theirs.send(answer)
    except BrokenPipeError:
        return
    except TriageError as error:
        theirs.send(error)


def _next(worker: _Worker) -> Any:
    try:
        answer = worker[1].recv()
    except EOFError as error:
        raise Permanent("a process that judged files ended before its work was done") from error
    if isinstance(answer, TriageError):
        raise answer
    return answer


def _end(workers: Iterable[_Worker]) -> None:
    for process, ours in workers:
        ours.close()
        if process.pid is not None:
            process.terminate()
            process.join()
