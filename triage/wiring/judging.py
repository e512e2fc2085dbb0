"""Judges mails in files as the daemon would, without one: for `explain`, `rules test` and `templates`.

What stores need is imported only where a configuration names one. Many files are shared out among the cores.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from triage import log, settings
from triage.adapters.parser_mailparser.parser import MailParser
from triage.adapters.renderer_jinja import JinjaRenderer
from triage.app import explain as explaining
from triage.core.conversation import Candidates
from triage.core.desk import Desk
from triage.errors import Permanent, Temporary
from triage.ports import MessageParser, Renderer, Store
from triage.settings import Settings
from triage.wiring.cores import shared_out
from triage.wiring.reloadable import Reloadable

R = TypeVar("R")

_MANY = 50  # files; of fewer each core's own beginning would cost more than it brings


@dataclass(frozen=True)
class Tools:
    """What judges mails without a daemon: parser, desk and renderer, and what a store remembers, if there is one."""

    parser: MessageParser
    desk: Desk
    renderer: Renderer
    recall: explaining.Recall = lambda _: explaining.NOTHING

    def explain(
        self, name: str, raw: bytes, now: datetime, at: datetime | None = None, *, mails: bool = True
    ) -> dict[str, Any]:
        """Return the object of INTERFACE section 5; without `mails` none is rendered."""
        told = explaining.explain(self.parser, self.desk, raw, now, at=at, recall=self.recall)
        return explaining.as_json(name, told, self.desk, self.renderer if mails else None)


@dataclass(frozen=True)
class Unread:
    """A file that could not be read, and why, in a line."""

    line: str


@contextmanager
def tools(explicit: Path | None) -> Iterator[Tools]:
    """Give the tools for a configuration and its store, or for the sample site with ./rules.yaml or the shipped rules."""
    config, made = _made(explicit)
    with _remembering(config, made) as remembering:
        yield remembering


def each(
    explicit: Path | None, judge: Callable[[Tools, Path, bytes], R], files: Sequence[Path]
) -> Iterator[R | Unread]:
    """Yield what `judge` says of every file, in their order; many are shared out among the cores.

    What `judge` does and returns may come from another process. Raises Permanent where one of those was killed.
    """
    config, made = _made(explicit)

    def judged(share: Sequence[Path]) -> Iterator[R | Unread]:
        with _remembering(config, made) as remembering:
            for path in share:
                try:
                    raw = path.read_bytes()
                except OSError as error:
                    yield Unread(f"{path}: {error.strerror}")
                else:
                    yield judge(remembering, path, raw)

    if len(files) < _MANY:
        yield from judged(files)
        return
    made.desk.support.rules.compiled  # noqa: B018 - looked at, so that it is there once, for all processes
    yield from shared_out(judged, files)


def nearest_rules() -> Path:
    """Return ./rules.yaml, else the shipped rules."""
    beside = Path("rules.yaml")
    return beside if beside.is_file() else settings.shipped("rules.yaml")


def _made(explicit: Path | None) -> tuple[Settings | None, Tools]:
    """Read configuration and rules; None in the configuration's place where there is none. Opens nothing."""
    path = settings.find(explicit)
    if path is None:
        config = settings.sample()
        site, rules = config.identity(settings.SAMPLE_SECRET), nearest_rules()
    else:
        config = settings.load(path)
        site, rules = config.identity(_secret(config)), config.rules_path
    renderer = JinjaRenderer(config.templates_path)
    made = Tools(MailParser(), Reloadable(config, site, rules, renderer).desk, renderer)
    return (None if path is None else config), made


@contextmanager
def _remembering(config: Settings | None, made: Tools) -> Iterator[Tools]:
    """Add what the configured store remembers, if it is there."""
    if config is None:
        yield made
        return
    with asyncio.Runner() as runner:
        store = runner.run(_store_there_is(config))
        if store is None:
            yield made
            return
        opened: Store = store

        def recall(named: Candidates) -> explaining.Memory:
            return runner.run(opened.read(lambda tx: explaining.remembered(tx, made.desk, named)))

        try:
            yield replace(made, recall=recall)
        finally:
            runner.run(opened.close())


async def _store_there_is(config: Settings) -> Store | None:
    """Open the configured store if it can be: judging a file works without."""
    from triage.adapters.store_sql.store import open_store  # noqa: PLC0415 - a third of a start that needs none

    try:
        return await open_store(config.store_url(), create=False)
    except (Temporary, Permanent) as error:
        log.logger(part="explain").debug("store.absent", error=str(error))
        return None


def _secret(config: Settings) -> bytes:
    """Return the signing secret, or the sample's where it cannot be read: judging a file must not need it."""
    try:
        return config.site.secret.read(config.folder).encode()
    except LookupError:
        return settings.SAMPLE_SECRET
