"""What runs beside intake and dispatch, as far as the configuration asks for it: pages, canaries, rounds."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from triage import log
from triage.adapters.pages_http import PageServer
from triage.adapters.store_sql import backup as copies_of_store
from triage.adapters.store_sql.engine import free_octets
from triage.app import measuring, personal, weekly
from triage.app.canaries import Canaries, Rhythm
from triage.app.copies import keep_copies
from triage.app.progress import Progress
from triage.app.readers import Readers
from triage.app.room import Room
from triage.app.rounds import Round, daily
from triage.core.desk import Desk
from triage.core.drafts_site import Trouble
from triage.ports import Clock, Store
from triage.settings import Settings
from triage.settings.operations import WEEKDAYS
from triage.wiring.pictures import plots

Loop = Callable[[asyncio.Event], Coroutine[None, None, None]]
"""Runs until it is told to stop."""


def pages(config: Settings, store: Store, clock: Clock, progress: Progress, readers: Readers) -> list[Loop]:
    """Return the chore that serves metrics and health, if it is configured."""
    if config.http is None:
        return []
    from triage.adapters.metrics_prometheus import PrometheusMetrics  # noqa: PLC0415 - only where it is wanted

    names = [box.name for box in config.mailboxes]
    answers = measuring.Measuring(
        store,
        PrometheusMetrics(),
        clock,
        mailboxes=names,
        late=progress.late,
        canaries=config.canary is not None,
        readers=readers,
        room=partial(free_octets, config.store_url()),
    )
    server = PageServer(
        config.http.listen,
        {"/metrics": answers.metrics, "/healthz": answers.healthz, "/readyz": answers.readyz},
    )

    async def serve(stop: asyncio.Event) -> None:
        await answers.begin()
        await measuring.serve(server, stop)

    return [serve]


def rounds(config: Settings, store: Store, desk: Callable[[], Desk]) -> list[Round]:
    """Return what the configuration asks to be done by itself."""
    zone, found = ZoneInfo(config.site.timezone), []
    if config.backup is not None:
        folder, keep = config.path(config.backup.folder), config.backup.keep
        copy = partial(copies_of_store.backup, config.store_url())
        found.append(
            Round(
                "backup",
                Trouble.BACKUP_FAILED,
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

        found.append(Round("retention", Trouble.RETENTION_FAILED, daily("02:30", zone), grow_old))
    if config.report is not None:
        to, day = config.report.to, WEEKDAYS.index(config.report.weekday)
        found.append(
            Round(
                "report",
                Trouble.REPORT_FAILED,
                daily(config.report.at, zone, day),
                lambda now: weekly.send(store, desk(), to, plots, now),
            )
        )
    return found


def room(
    config: Settings, store: Store, desk: Callable[[], Desk], clock: Clock, notify: Callable[[], None]
) -> Loop:
    """Return the chore that watches the room left for the store."""
    return Room(store, desk, clock, partial(free_octets, config.store_url()), notify).run


def canaries(
    config: Settings, store: Store, desk: Callable[[], Desk], clock: Clock, notify: Callable[[], None]
) -> list[Loop]:
    """Return the chore that sends test mails to ourselves, if it is configured."""
    if config.canary is None:
        return []
    rhythm = Rhythm(timedelta(seconds=config.canary.every), timedelta(seconds=config.canary.overdue))
    return [Canaries(store, desk, clock, rhythm, notify).run]


def _term(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
