"""The smaller tools of the command line: what reads or changes the store, without a daemon."""

import asyncio
import secrets
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from triage import settings
from triage.adapters import rules_yaml
from triage.adapters.clock_system import SystemClock
from triage.adapters.store_sql.backup import wipe
from triage.adapters.store_sql.engine import free_octets
from triage.adapters.store_sql.membership import membership, process_name
from triage.adapters.store_sql.store import open_store
from triage.app import hindsight, new_site, personal, reporting
from triage.app.hindsight import Hindsight
from triage.app.report_page import page
from triage.app.standing import read as read_standing
from triage.core import report_words, suggestions
from triage.core.records import Node
from triage.core.report import Report
from triage.core.standing import Standing
from triage.errors import Permanent
from triage.ports import Transaction
from triage.settings import Settings
from triage.wiring.pictures import plots

T = TypeVar("T")


async def reading(explicit: Path | None, work: Callable[[Transaction], T]) -> T:
    """Read from the configured store, for commands that only look. Raises Permanent where there is none yet."""
    config = settings.locate(explicit)
    store = await open_store(config.store_url(), create=False)
    try:
        return await store.read(work)
    finally:
        await store.close()


async def standing(explicit: Path | None) -> tuple[Standing, str]:
    """Return how the configured store stands now, and the site's zone."""
    config = settings.locate(explicit)
    names, now = [box.name for box in config.mailboxes], SystemClock().now()
    nodes = await _nodes(config)
    sent, site = config.canary is not None, config.identity(b"")  # nothing is signed here
    room = free_octets(config.store_url())
    found = await reading(
        explicit, lambda tx: read_standing(tx, names, now, nodes, canaries=sent, site=site, room=room)
    )
    return found, config.site.timezone


async def _nodes(config: Settings) -> Sequence[Node]:
    """Return the daemons on the configured store; none where there is no store yet."""
    url = config.store_url()
    await (await open_store(url, create=False)).close()  # says in its own words what is missing
    looking = membership(url, process_name(), timedelta(seconds=config.limits.takeover))
    try:
        return await looking.look()
    finally:
        await looking.leave()


def today(explicit: Path | None) -> date:
    """Return the local date at the configured site."""
    return SystemClock().now().astimezone(ZoneInfo(settings.locate(explicit).site.timezone)).date()


async def report(explicit: Path | None, first: date, last: date) -> Report:
    """Return the report of these local days."""
    zone, now = ZoneInfo(settings.locate(explicit).site.timezone), SystemClock().now()
    return await reading(explicit, lambda tx: reporting.read(tx, first, last, zone, now))


async def backtested(explicit: Path | None, file: Path) -> Hindsight:
    """Judge the stored cases again under the rules of a file. Raises Misconfigured with every problem of either file."""
    now = SystemClock().now()
    new, _ = rules_yaml.load(file)
    old, _ = rules_yaml.load(settings.locate(explicit).rules_path)
    return await reading(
        explicit, lambda tx: hindsight.look_back(tx, new.rules, old.sla.default, new.sla.default, now)
    )


async def suggested(explicit: Path | None, *, least: int, precision: float) -> str:
    """Return the phrases that agents' corrections speak for, as YAML to paste. Raises Misconfigured."""
    rules, _ = rules_yaml.load(settings.locate(explicit).rules_path)
    words = await reading(explicit, hindsight.spoken)
    found = suggestions.suggest(words, least=least, precision=precision)
    corrected = sum(case.corrected for case in words)
    return hindsight.as_yaml(found, corrected, weighed=rules.rules.vocabulary.weighing is not None)


def report_page(explicit: Path | None, found: Report) -> str:
    """Return the report as a page; without pictures where the extra `report` is not installed."""
    config = settings.locate(explicit)
    words = report_words.words(config.site.language)
    drawn = plots()
    pictures = drawn.draw(found, words) if drawn is not None else {}
    zone = ZoneInfo(config.site.timezone)
    return page(found, words, pictures, config.site.name, zone, config.site.language)


async def exported(explicit: Path | None, address: str) -> dict[str, Any]:
    """Return all that is held of an address."""
    now = SystemClock().now()
    return await reading(explicit, lambda tx: personal.export(tx, address, now))


async def erased(explicit: Path | None, address: str) -> personal.Erased:
    """Forget an address. Raises Permanent for one of our own: agents and mailboxes are not clients."""
    config = settings.locate(explicit)
    agents = frozenset(agent.address for agent in config.agents)
    if address in agents or address in {a for box in config.mailboxes for a in (box.address, *box.aliases)}:
        raise Permanent(f"{address} is one of ours, not a client")
    done = await changing(explicit, lambda tx, _, now: personal.erase(tx, address, agents, now))
    return replace(done, wiped=await asyncio.to_thread(wipe, config.store_url()))


async def changing(explicit: Path | None, work: Callable[[Transaction, Settings, datetime], T]) -> T:
    """Change the configured store in one transaction, for an admin's word beside a running daemon.

    Raises Permanent where there is no store yet.
    """
    config = settings.locate(explicit)
    now = SystemClock().now()
    store = await open_store(config.store_url(), create=False)
    try:
        return await store.write(lambda tx: work(tx, config, now))
    finally:
        await store.close()


def new_site_files(answers: new_site.Answers, folder: Path) -> dict[str, str]:
    """Return the files of a new site, path below `folder` -> text."""
    shipped = new_site.Shipped(
        settings.shipped("rules.yaml").read_text(encoding="utf-8"),
        settings.shipped("systemd/triage.service").read_text(encoding="utf-8"),
        triage_schema(),
        rules_yaml.json_schema(),
    )
    program = Path(sys.argv[0])
    if program.name != "triage":  # python -m triage
        program = Path(sys.executable).with_name("triage")
    return new_site.files(answers, shipped, folder, str(program.absolute()))


def triage_schema() -> dict[str, Any]:
    """Return the JSON Schema of triage.yaml, for editors."""
    return Settings.model_json_schema()


def random_secret() -> str:
    """Return a new signing secret."""
    return secrets.token_urlsafe(32)
