"""By what mail is judged, and the process that reads by it: the first part of a daemon.

`triage run` opens it before it imports the rest: the reading process compiles the rules meanwhile. So nothing here may
need the store, the relay or the mailbox, and what the rules can do without is imported when they are handed over.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from triage import settings
from triage.adapters import rules_yaml
from triage.adapters.files_watchfiles import FolderWatch
from triage.adapters.parser_mailparser.child import Child
from triage.adapters.parser_mailparser.pool import ReaderPool
from triage.errors import Problem
from triage.settings import Settings

if TYPE_CHECKING:
    from triage.wiring.reloadable import Reloadable


@dataclass(frozen=True)
class Rulebook:
    """Rules and templates in force, what notices their changes, and who reads mail by them."""

    reloadable: "Reloadable"
    watch: FolderWatch
    reader: ReaderPool


@asynccontextmanager
async def opened(config: Settings, reading: Child | None = None) -> AsyncIterator[Rulebook]:
    """Read rules and templates and hand the rules to a reading process (`reading`: one begun `early`).

    Raises Misconfigured with every problem of rules, templates and secrets at once; Temporary where the machine gives
    no process.
    """
    limits = config.limits
    pool = ReaderPool(workers=2, time_limit=limits.parse_time, memory_limit=limits.parse_bytes, here=False)
    async with pool as reader:
        await reader.begin(reading)
        # Before the reading: what changes meanwhile is read again.
        watch = FolderWatch(partial(_edited, config))
        begun, problems = rules_yaml.begin(config.rules_path), settings.secret_problems(config)
        if begun.rules is not None and not problems:
            await reader.prepare(config.identity(), begun.rules.vocabulary)
        yield Rulebook(_reloadable(config, begun, problems), watch, reader)


def _reloadable(config: Settings, begun: rules_yaml.Begun, problems: Sequence[Problem]) -> "Reloadable":
    from triage import log  # noqa: PLC0415 - the rules are on their way by now
    from triage.wiring.reloadable import Reloadable, rules_and_templates  # noqa: PLC0415 - as above

    log.configure(config.log.format, config.log.level)
    support, renderer = rules_and_templates(config, begun, problems)
    return Reloadable(config, config.identity(), config.rules_path, renderer, support)


def _edited(config: Settings) -> tuple[Path, ...]:
    """Return what admins edit while we run: the rules, what they include, the overrides."""
    templates = config.templates_path
    return (*rules_yaml.files(config.rules_path), *((templates,) if templates else ()))
