"""Settings in, a daemon out, in one exit stack: built in order, taken down in the opposite one."""

import asyncio
import getpass
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from triage import __version__, log, settings
from triage.adapters.alarms_apscheduler import SchedulerAlarmClock
from triage.adapters.clock_system import SystemClock
from triage.adapters.composer_mime import MimeComposer
from triage.adapters.files_watchfiles import FolderWatch
from triage.adapters.handover_file import HandoverFile
from triage.adapters.mailer_smtp import SmtpMailer
from triage.adapters.pages_http import PageServer
from triage.adapters.parser_mailparser import ReaderPool
from triage.adapters.renderer_jinja import JinjaRenderer
from triage.adapters.store_sql import backup as copies_of_store
from triage.adapters.store_sql.membership import membership, process_name
from triage.adapters.store_sql.store import open_store
from triage.adapters.supervisor_systemd import SystemdSupervisor
from triage.app import measuring, outages, personal, roster, weekly
from triage.app.alarms import Alarms
from triage.app.canaries import Canaries, Rhythm
from triage.app.chores import Chores
from triage.app.copies import keep_copies
from triage.app.daemon import Daemon
from triage.app.dispatch import Dispatcher, Pace
from triage.app.enclosing import Enclosing
from triage.app.intake import Intake
from triage.app.outages import Outages
from triage.app.outbox_turn import OutboxTurns
from triage.app.outcomes import Outcomes
from triage.app.progress import Progress
from triage.app.readers import Readers
from triage.app.reloading import Reloads
from triage.app.rounds import Round, Rounds, daily
from triage.app.sent_copies import SentCopies
from triage.app.standing import Looks
from triage.core.desk import Desk
from triage.errors import Problem
from triage.ports import AlarmClock, Clock, Store
from triage.settings import Settings
from triage.settings.operations import WEEKDAYS
from triage.wiring.commands import mail_ages, plots
from triage.wiring.reloadable import Reloadable, edited, rules_and_templates
from triage.wiring.servers import (
    access_tokens,
    file_shelves,
    governor,
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


@asynccontextmanager
async def daemon(
    config: Settings, *, clock: Clock | None = None, alarm_clock: AlarmClock | None = None
) -> AsyncIterator[Built]:
    """Build everything a daemon needs and take it down in the opposite order.

    Raises Misconfigured (every problem of configuration, rules, templates and secrets at once), SchemaTooNew,
    Temporary when the store cannot be reached.
    """
    log.configure(config.log.format, config.log.level)
    clock = clock or SystemClock()
    limits = config.limits
    async with AsyncExitStack() as stack:
        reader = ReaderPool(
            workers=2, time_limit=limits.parse_time, memory_limit=limits.parse_bytes, here=False
        )
        await stack.enter_async_context(reader)
        await reader.begin()
        # Before the reading: what changes meanwhile is read again.
        watch = FolderWatch(partial(edited, config))
        support, renderer = rules_and_templates(config, settings.secret_problems(config))
        site = config.identity()
        reloadable = Reloadable(config, site, config.rules_path, renderer, support)
        reader.prepare(reloadable.desk)
        supervisor = SystemdSupervisor(os.environ)  # noqa: TID251 - handed to the one adapter that needs it
        progress = Progress()
        process = process_name()
        store = await open_store(config.store_url(), process=process)
        stack.push_async_callback(store.close)
        readers = Readers(
            store,
            membership(config.store_url(), process, timedelta(seconds=config.limits.takeover)),
            [box.name for box in config.mailboxes],
            partial(_about, process, clock.now(), reloadable),
            clock,
            process,
        )
        tokens = access_tokens(config, store, reloadable, clock)
        mailer = SmtpMailer(smtp_config(config, tokens.get(config.smtp.oauth2)))
        stack.push_async_callback(mailer.close)
        intake = Intake(store, reader, reloadable.current, clock, readers)
        copies = SentCopies(
            shelves(config, tokens),
            clock,
            lambda: our_people(site) | site.own_addresses(),
            longest_pause=limits.reconnect,
        )
        composer = MimeComposer(site)
        enclosing = Enclosing(file_shelves(config, tokens), composer, mailer, clock, lambda: site)
        stack.push_async_callback(enclosing.close)
        turns = OutboxTurns(
            renderer,
            composer,
            HandoverFile(settings.state_folder(config)),
            lease=timedelta(seconds=limits.lease),
            first_pause=timedelta(seconds=limits.retry),
            limits=governor(config, site),
            ages=mail_ages(config),
            own=lambda: our_people(site),
            on_outcome=Outcomes(reloadable.current),
            on_breaker=partial(outages.breaker_opened, reloadable.current),
            on_relay=partial(
                outages.relay_found, reloadable.current, timedelta(seconds=limits.unreachable_alarm)
            ),
            process=process,
            acting=lambda: readers.node,
        )
        dispatcher = Dispatcher(
            store,
            mailer,
            turns,
            clock,
            pace=Pace(workers=config.smtp.connections, longest_relay_pause=limits.reconnect),
            return_path=return_paths(config, site),
            send=enclosing.send,
            on_sent=copies.file,
            alive=partial(progress.expect, "dispatch"),
        )
        reloads = Reloads(
            store,
            reloadable.current,
            clock,
            prepare=reloadable.prepare,
            watch=watch,
            supervisor=supervisor,
            notify=dispatcher.notify,
        )
        watched = [each for box in config.mailboxes for each in watched_folders(config, box, tokens)]
        polls = {name: box.poll for box in config.mailboxes for name in (box.name, sent_name(box))}
        upkeep = Chores(store, reloadable.current, clock, dispatcher.notify)
        built = Daemon(
            store=store,
            watched=watched,
            readers=readers,
            intake=intake,
            desk=reloadable.current,
            reconnect=limits.reconnect,
            chores=[
                *_pages(config, store, clock, progress, readers),
                copies.run,
                upkeep.run,
                Rounds(
                    store, reloadable.current, clock, _rounds(config, store, reloadable), dispatcher.notify
                ).run,
                *_canaries(config, store, reloadable, clock, dispatcher),
                reloads.run,
                *(each.keep_fresh for each in tokens.values()),
            ],
            upkeep=upkeep.do,
            # With overrides all were rendered before the start.
            settled=partial(reloads.prove, _shipped_templates) if config.templates_path is None else None,
            after_once=copies.file_waiting,
            alarms=Alarms(store, reloadable.current, clock, roster.desk_of),
            dispatcher=dispatcher,
            alarm_clock=alarm_clock or SchedulerAlarmClock(),
            supervisor=supervisor,
            progress=progress,
            clock=clock,
            poll=polls.__getitem__,
            looked=Looks(readers.write, clock),
            unreachable=Outages(
                readers.write, reloadable.current, clock, timedelta(seconds=config.limits.unreachable_alarm)
            ),
        )
        stack.push_async_callback(built.close)
        yield Built(built, store, reloads, upkeep)


def _shipped_templates() -> Sequence[Problem]:
    """Render each of the shipped templates; by a renderer apart, since the one in use counts its turns for one thread."""
    return JinjaRenderer().check()


def _rounds(config: Settings, store: Store, reloadable: Reloadable) -> list[Round]:
    """Return what the configuration asks to be done by itself."""
    zone, found = ZoneInfo(config.site.timezone), []
    if config.backup is not None:
        folder, keep = config.path(config.backup.folder), config.backup.keep
        copy = partial(copies_of_store.backup, config.store_url())
        found.append(
            Round(
                "backup",
                daily(config.backup.at, zone),
                lambda now: keep_copies(store, copy, folder, keep, now),
            )
        )
    terms = personal.Terms(
        *(_term(each) for each in (config.retention.ended, config.retention.ignored, config.retention.mails))
    )
    if terms != personal.Terms():
        agents = [agent.address for agent in config.agents]

        async def grow_old(now: datetime) -> None:
            counts = await personal.grow_old(store, terms, agents, now)
            log.logger(part="retention").info("retention.done", **counts)

        found.append(Round("retention", daily("02:30", zone), grow_old))
    if config.report is not None:
        to, day = config.report.to, WEEKDAYS.index(config.report.weekday)
        found.append(
            Round(
                "report",
                daily(config.report.at, zone, day),
                lambda now: weekly.send(store, reloadable.current(), to, plots, now),
            )
        )
    return found


def _canaries(
    config: Settings, store: Store, reloadable: Reloadable, clock: Clock, dispatcher: Dispatcher
) -> list[Callable[[asyncio.Event], Coroutine[None, None, None]]]:
    """Return the chore that sends test mails to ourselves, if it is configured."""
    if config.canary is None:
        return []
    rhythm = Rhythm(timedelta(seconds=config.canary.every), timedelta(seconds=config.canary.overdue))
    return [Canaries(store, reloadable.current, clock, rhythm, dispatcher.notify).run]


def _term(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _about(process: str, since: datetime, reloadable: Reloadable) -> dict[str, str]:
    """Return what the other nodes and `triage status` are told of this one."""
    host, pid, _ = process.split(":")
    rules = reloadable.current().support.hash
    return {"host": host, "pid": pid, "since": since.isoformat(), "version": __version__, "rules": rules}


def _pages(
    config: Settings, store: Store, clock: Clock, progress: Progress, readers: Readers
) -> list[Callable[[asyncio.Event], Coroutine[None, None, None]]]:
    """Return the chore that serves metrics and health, if it is configured."""
    if config.http is None:
        return []
    from triage.adapters.metrics_prometheus import PrometheusMetrics  # noqa: PLC0415 - only where it is wanted

    names = [box.name for box in config.mailboxes]
    pages = measuring.Measuring(
        store,
        PrometheusMetrics(),
        clock,
        mailboxes=names,
        late=progress.late,
        canaries=config.canary is not None,
        readers=readers,
    )
    server = PageServer(
        config.http.listen, {"/metrics": pages.metrics, "/healthz": pages.healthz, "/readyz": pages.readyz}
    )

    async def serve(stop: asyncio.Event) -> None:
        await pages.begin()
        await measuring.serve(server, stop)

    return [serve]


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
    desk = Reloadable(config, config.identity(), config.rules_path, JinjaRenderer(config.templates_path)).desk
    async with AsyncExitStack() as stack:
        store = await open_store(config.store_url(), create=False)
        stack.push_async_callback(store.close)
        limits = config.limits
        reader = ReaderPool(time_limit=limits.parse_time, memory_limit=limits.parse_bytes)
        await stack.enter_async_context(reader)
        yield ByHand(store, reader, desk, SystemClock(), f"cli:{getpass.getuser()}")
