"""`triage run` and `triage once`: the daemon, and one pass of it."""

import asyncio
import gc
import json
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, TypeVar

import click

from triage.errors import StoreAway, Temporary

if TYPE_CHECKING:
    from triage.adapters.parser_mailparser.child import Child
    from triage.app.daemon import Summary
    from triage.settings import Settings
    from triage.wiring import building
    from triage.wiring.rulebook import Rulebook

T = TypeVar("T")
_LONGEST_PAUSE = 15.0  # seconds between two tries at what a start lacks: the database, a process


@click.command(epilog="Example: triage run --config /etc/triage/triage.yaml")
@click.pass_context
def run(context: click.Context) -> None:
    """Run the daemon until SIGTERM (drains, exit 0); SIGHUP reloads rules and templates.

    A database that does not answer is waited for. Several may run on one store: each mailbox has one reader at a
    time, the others stand by and take over.
    """
    from triage.wiring import early

    # What a start loads stays for good: to look through it for garbage again and again is a sixth of the start.
    gc.disable()
    with early.reading_process() as reading:
        from triage import settings

        asyncio.run(_run(settings.locate(context.find_root().obj), reading))


async def _run(settings: "Settings", reading: "Child | None") -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    # Until there is something to reload a hang-up means nothing; its default would end us.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        book = await _book(stack, settings, stop, reading)
        built = await _built(stack, settings, stop, book) if book is not None else None
        if built is None:
            return
        loop.add_signal_handler(signal.SIGHUP, built.reload)
        gc.freeze()
        gc.enable()
        await built.daemon.run(stop)


async def _book(
    stack: AsyncExitStack, settings: "Settings", stop: asyncio.Event, reading: "Child | None"
) -> "Rulebook | None":
    """Read the rules as soon as the machine gives a process to read mail with; None when stopped before."""
    from triage.wiring import rulebook

    early = [reading]

    async def begin() -> "Rulebook":
        try:
            return await stack.enter_async_context(rulebook.opened(settings, early.pop() if early else None))
        except Temporary:
            from triage import log

            log.configure(settings.log.format, settings.log.level)  # what was begun would have done it
            raise

    return await when_possible(begin, stop, Temporary, "reader.failed")


async def _built(
    stack: AsyncExitStack, settings: "Settings", stop: asyncio.Event, book: "Rulebook"
) -> "building.Built | None":
    """Build the daemon as soon as its store answers; None when stopped before (ADR 11)."""
    from triage.wiring import building

    # A file that cannot be opened now will not be in a minute.
    passing = StoreAway if settings.store_url().startswith("postgresql") else ()
    return await when_possible(
        lambda: stack.enter_async_context(building.daemon(settings, book=book)), stop, passing, "store.failed"
    )


async def when_possible(
    begin: Callable[[], Awaitable[T]],
    stop: asyncio.Event,
    passing: type[Temporary] | tuple[()],
    told_as: str,
) -> T | None:
    """Begin something, again and again while what is in its way may pass, which is logged once; None when stopped."""
    pauses = None
    while not stop.is_set():
        try:
            return await begin()
        except passing as error:
            from triage.app.pauses import Pauses, sleep
            from triage.log import logger

            if pauses is None:
                pauses = Pauses(_LONGEST_PAUSE)
                logger(part="daemon").error(told_as, error=str(error))
            gc.collect()  # what was built in vain: a night of tries must not fill the memory
            await sleep(pauses.next(), stop)
    return None


@click.command(epilog="Example (cron): */2 * * * * triage once --config /etc/triage/triage.yaml")
@click.option("--json", "as_json", is_flag=True, help="The summary as one JSON object.")
@click.pass_context
def once(context: click.Context, *, as_json: bool) -> None:
    """Take in what there is, ring what is due, send what waits, and stop. Exit 1 when a message was set aside.

    A mailbox that a running daemon reads is left to it.
    """
    from dataclasses import asdict

    from triage import settings

    summary = asyncio.run(_once(settings.locate(context.find_root().obj)))
    if as_json:
        click.echo(json.dumps(asdict(summary)))
    else:
        click.echo(
            f"mails: {summary.taken} taken in, {summary.set_aside} set aside, {summary.accepted} sent, "
            f"{summary.failed} failed; alarms: {summary.rang}"
        )
    for mailbox, node in summary.elsewhere.items():
        click.echo(f"{mailbox}: left to {node or 'another daemon'}, which reads it", err=True)
    for words in summary.unreachable:
        click.echo(words, err=True)
    if summary.unreachable:
        sys.exit(2)
    sys.exit(1 if summary.set_aside else 0)


async def _once(settings: "Settings") -> "Summary":
    from triage.wiring import building

    async with building.daemon(settings) as built:
        return await built.daemon.once()
