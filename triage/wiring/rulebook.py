"""By what mail is judged, and the process that reads by it: the first part of a daemon.

`triage run` opens it before it imports the rest: the reading process compiles the rules meanwhile. So nothing here may
need the store, the relay or the mailbox.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from triage import log, settings
from triage.adapters.files_watchfiles import FolderWatch
from triage.adapters.parser_mailparser.child import Child
from triage.adapters.parser_mailparser.pool import ReaderPool
from triage.settings import Settings
from triage.wiring.reloadable import Reloadable, edited, rules_and_templates


@dataclass(frozen=True)
class Rulebook:
    """Rules and templates in force, what notices their changes, and who reads mail by them."""

    reloadable: Reloadable
    watch: FolderWatch
    reader: ReaderPool


@asynccontextmanager
async def opened(config: Settings, reading: Child | None = None) -> AsyncIterator[Rulebook]:
    """Read rules and templates and hand the rules to a reading process (`reading`: one begun `early`).

    Raises Misconfigured with every problem of rules, templates and secrets at once; Temporary where the machine gives
    no process.
    """
    log.configure(config.log.format, config.log.level)
    limits = config.limits
    pool = ReaderPool(workers=2, time_limit=limits.parse_time, memory_limit=limits.parse_bytes, here=False)
    async with pool as reader:
        await reader.begin(reading)
        # Before the reading: what changes meanwhile is read again.
        watch = FolderWatch(partial(edited, config))
        support, renderer = rules_and_templates(config, settings.secret_problems(config))
        reloadable = Reloadable(config, config.identity(), config.rules_path, renderer, support)
        await reader.prepare(reloadable.desk)
        yield Rulebook(reloadable, watch, reader)
