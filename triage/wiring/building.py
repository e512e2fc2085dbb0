"""Settings in, a daemon out, in one exit stack: built in order, taken down in the opposite one."""

import getpass
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from triage import __version__, settings
from triage.adapters.alarms_apscheduler import SchedulerAlarmClock
from triage.adapters.clock_system import SystemClock
from triage.adapters.composer_mime import MimeComposer
from triage.adapters.handover_file import HandoverFile
from triage.adapters.mailer_smtp import SmtpMailer
from triage.adapters.parser_mailparser.pool import ReaderPool
from triage.adapters.renderer_jinja import JinjaRenderer
from triage.adapters.store_sql.membership import membership, process_name
from triage.adapters.store_sql.store import open_store
from triage.adapters.supervisor_systemd import SystemdSupervisor
from triage.app import outages, roster
from triage.app.alarms import Alarms
from triage.app.chores import Chores
from triage.app.daemon import Daemon
from triage.app.dispatch import Dispatcher
from triage.app.enclosing import Enclosing
from triage.app.intake import Intake
from triage.app.outages import Outages
from triage.app.outbox_turn import OutboxTurns
from triage.app.outcomes import Outcomes
from triage.app.progress import Progress
from triage.app.readers import Readers
from triage.app.reloading import Reloads
from triage.app.rounds import Rounds
from triage.app.sent_copies import SentCopies
from triage.app.standing import Looks
from triage.app.workers import Pace
from triage.core.desk import Desk
from triage.core.site import Site
from triage.errors import Misconfigured, Problem
from triage.ports import AlarmClock, Clock, Store
from triage.settings import Settings
from triage.wiring import loops, rulebook
from triage.wiring.reloadable import Reloadable
from triage.wiring.rulebook import Rulebook
from triage.wiring.servers import (
    Tokens,
    access_tokens,
    file_shelves,
    governor,
    mail_ages,
    our_people,
    return_paths,
    sent_name,
    shelves,
    smtp_config,
    watched_folders,
)


@dataclass
class Built:
    """A daemon ready to run; `reload` is safe to call from a signal handler on the loop."""

    daemon: Daemon
    store: Store
    reloads: Reloads
    chores: Chores

    def reload(self) -> None:
        self.reloads.ask()


@dataclass(frozen=True)
class _Ground:
    """What everything else of a daemon stands on; made first, in the order that matters."""

    config: Settings
    clock: Clock
    rulebook: Rulebook
    supervisor: SystemdSupervisor
    progress: Progress
    process: str
    store: Store
    readers: Readers
    tokens: Tokens

    @property
    def site(self) -> Site:
        return self.rulebook.reloadable.site

    @property
    def current(self) -> Callable[[], Desk]:
        """The desk as it is now, for those who ask each time."""
        return self.rulebook.reloadable.current


@asynccontextmanager
async def daemon(
    config: Settings,
    *,
    clock: Clock | None = None,
    alarm_clock: AlarmClock | None = None,
    book: Rulebook | None = None,
) -> AsyncIterator[Built]:
    """Build everything a daemon needs and take it down in the opposite order; `book`: opened before, and not ours to close.

    Raises Misconfigured (every problem of configuration, rules, templates and secrets at once), SchemaTooNew,
    Temporary when the store cannot be reached.
    """
    async with AsyncExitStack() as stack:
        if book is None:
            book = await stack.enter_async_context(rulebook.opened(config))
        ground = await _ground(stack, config, clock or SystemClock(), book)
        dispatcher, copies = _sending(stack, ground)
        reloads = _reloads(ground, dispatcher)
        upkeep = Chores(ground.store, ground.current, ground.clock, dispatcher.notify)
        built = _daemon(ground, dispatcher, copies, reloads, upkeep, alarm_clock or SchedulerAlarmClock())
        stack.push_async_callback(built.close)
        yield Built(built, ground.store, reloads, upkeep)


async def _ground(stack: AsyncExitStack, config: Settings, clock: Clock, book: Rulebook) -> _Ground:
    supervisor = SystemdSupervisor(os.environ)  # noqa: TID251 - handed to the one adapter that needs it
    process = process_name()
    store = await open_store(config.store_url(), process=process)
    stack.push_async_callback(store.close)
    readers = Readers(
        store,
        membership(config.store_url(), process, timedelta(seconds=config.limits.takeover)),
        [box.name for box in config.mailboxes],
        partial(_about, process, clock.now(), book.reloadable),
        clock,
        process,
    )
    return _Ground(
        config=config,
        clock=clock,
        rulebook=book,
        supervisor=supervisor,
        progress=Progress(),
        process=process,
        store=store,
        readers=readers,
        tokens=access_tokens(config, store, book.reloadable, clock),
    )


def _sending(stack: AsyncExitStack, ground: _Ground) -> tuple[Dispatcher, SentCopies]:
    """Return what sends the mails of the outbox, and what files copies of some into Sent."""
    config, clock, tokens = ground.config, ground.clock, ground.tokens
    limits, site = config.limits, ground.site
    mailer = SmtpMailer(smtp_config(config, tokens.get(config.smtp.oauth2)))
    stack.push_async_callback(mailer.close)
    copies = SentCopies(
        shelves(config, tokens),
        clock,
        lambda: our_people(site) | site.own_addresses(),
        longest_pause=limits.reconnect,
    )
    composer = MimeComposer(site)
    enclosing = Enclosing(file_shelves(config, tokens), composer, mailer, clock, lambda: site)
    stack.push_async_callback(enclosing.close)
    dispatcher = Dispatcher(
        ground.store,
        mailer,
        _turns(ground, composer),
        clock,
        pace=Pace(workers=config.smtp.connections, longest_relay_pause=limits.reconnect),
        return_path=return_paths(config, site),
        send=enclosing.send,
        on_sent=copies.file,
        alive=partial(ground.progress.expect, "dispatch"),
    )
    return dispatcher, copies


def _turns(ground: _Ground, composer: MimeComposer) -> OutboxTurns:
    """Return the transactions in which mails are claimed, put into words, and given their outcomes."""
    config, limits, site = ground.config, ground.config.limits, ground.site
    patience = timedelta(seconds=limits.unreachable_alarm)
    return OutboxTurns(
        ground.rulebook.reloadable.renderer,
        composer,
        HandoverFile(settings.state_folder(config)),
        lease=timedelta(seconds=limits.lease),
        first_pause=timedelta(seconds=limits.retry),
        limits=governor(config, site),
        ages=mail_ages(config),
        own=lambda: our_people(site),
        on_outcome=Outcomes(ground.current),
        on_breaker=partial(outages.breaker_opened, ground.current),
        on_relay=partial(outages.relay_found, ground.current, patience),
        process=ground.process,
        acting=lambda: ground.readers.node,
    )


def _reloads(ground: _Ground, dispatcher: Dispatcher) -> Reloads:
    return Reloads(
        ground.store,
        ground.current,
        ground.clock,
        prepare=ground.rulebook.reloadable.prepare,
        watch=ground.rulebook.watch,
        supervisor=ground.supervisor,
        notify=dispatcher.notify,
    )


def _daemon(
    ground: _Ground,
    dispatcher: Dispatcher,
    copies: SentCopies,
    reloads: Reloads,
    upkeep: Chores,
    alarm_clock: AlarmClock,
) -> Daemon:
    config, store, clock, readers = ground.config, ground.store, ground.clock, ground.readers
    patience = timedelta(seconds=config.limits.unreachable_alarm)
    polls = {name: box.poll for box in config.mailboxes for name in (box.name, sent_name(box))}
    rounds = Rounds(
        store, ground.current, clock, loops.rounds(config, store, ground.current), dispatcher.notify
    )
    return Daemon(
        store=store,
        watched=[each for box in config.mailboxes for each in watched_folders(config, box, ground.tokens)],
        readers=readers,
        intake=Intake(store, ground.rulebook.reader, ground.current, clock, readers),
        desk=ground.current,
        reconnect=config.limits.reconnect,
        chores=[
            *loops.pages(config, store, clock, ground.progress, readers),
            copies.run,
            upkeep.run,
            rounds.run,
            loops.room(config, store, ground.current, clock, dispatcher.notify),
            *loops.canaries(config, store, ground.current, clock, dispatcher.notify),
            reloads.run,
            *(each.keep_fresh for each in ground.tokens.values()),
        ],
        upkeep=upkeep.do,
        # With overrides all were rendered before the start.
        settled=partial(reloads.prove, _shipped_templates) if config.templates_path is None else None,
        after_once=copies.file_waiting,
        alarms=Alarms(store, ground.current, clock, roster.desk_of),
        dispatcher=dispatcher,
        alarm_clock=alarm_clock,
        supervisor=ground.supervisor,
        progress=ground.progress,
        clock=clock,
        poll=polls.__getitem__,
        looked=Looks(readers.write, clock),
        unreachable=Outages(readers.write, ground.current, clock, patience),
    )


def _shipped_templates() -> Sequence[Problem]:
    """Render each of the shipped templates; by a renderer apart, since the one in use counts its turns for one thread."""
    return JinjaRenderer().check()


def _about(process: str, since: datetime, reloadable: Reloadable) -> dict[str, str]:
    """Return what the other nodes and `triage status` are told of this one."""
    host, pid, _ = process.split(":")
    rules = reloadable.current().support.hash
    return {"host": host, "pid": pid, "since": since.isoformat(), "version": __version__, "rules": rules}


@dataclass(frozen=True)
class ByHand:
    """What a command needs that changes something beside the daemon; mails it causes are sent by the daemon."""

    store: Store
    reader: ReaderPool
    desk: Desk
    clock: Clock
    who: str


@asynccontextmanager
async def by_hand(config: Settings) -> AsyncIterator[ByHand]:
    """Open the store and load the desk; raises Misconfigured, Permanent, Temporary."""
    unsigned = tuple(p for p in settings.secret_problems(config) if p.key == "site.secret")
    if unsigned:  # the servers' passwords are not needed here
        raise Misconfigured(unsigned)
    desk = Reloadable(config, config.identity(), config.rules_path, JinjaRenderer(config.templates_path)).desk
    async with AsyncExitStack() as stack:
        store = await open_store(config.store_url(), create=False)
        stack.push_async_callback(store.close)
        limits = config.limits
        reader = ReaderPool(time_limit=limits.parse_time, memory_limit=limits.parse_bytes)
        await stack.enter_async_context(reader)
        yield ByHand(store, reader, desk, SystemClock(), f"cli:{getpass.getuser()}")
