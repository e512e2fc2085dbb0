"""THE composition root: Settings in, a Daemon out, in one exit stack; and the smaller tools of the command line.

The only module that knows every adapter. Importing it connects to nothing.
"""

import asyncio
import getpass
import os
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import InitVar, dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from triage import log, settings
from triage.adapters import rules_yaml
from triage.adapters.alarms_apscheduler import SchedulerAlarmClock
from triage.adapters.clock_system import SystemClock
from triage.adapters.composer_mime import MimeComposer
from triage.adapters.files_watchfiles import FolderWatch
from triage.adapters.mailbox_imap import Auth, FetchLimits, ImapConfig, ImapMailbox, Settling, Timeouts, Tls
from triage.adapters.mailer_smtp import SmtpConfig, SmtpMailer
from triage.adapters.pages_http import PageServer
from triage.adapters.parser_mailparser import MailParser, ParserPool
from triage.adapters.renderer_jinja import JinjaRenderer
from triage.adapters.store_sql import backup as copies_of_store
from triage.adapters.store_sql.store import open_store
from triage.adapters.supervisor_systemd import SystemdSupervisor
from triage.adapters.token_oauth2 import TokenConfig, TokenSource
from triage.app import checking, hindsight, measuring, new_site, outages, personal, reporting, roster, weekly
from triage.app import explain as explaining
from triage.app.alarms import Alarms
from triage.app.checking import Finding
from triage.app.chores import Chores
from triage.app.copies import keep_copies
from triage.app.daemon import Daemon
from triage.app.dispatch import Dispatcher, Pace
from triage.app.hindsight import Hindsight
from triage.app.intake import Intake, Watched
from triage.app.outages import Outages
from triage.app.outbox_turn import OutboxTurns
from triage.app.outcomes import Outcomes
from triage.app.progress import Progress
from triage.app.reloading import Reloads
from triage.app.report_page import page
from triage.app.rounds import Round, Rounds, daily
from triage.app.sent_copies import SentCopies, Shelf
from triage.app.standing import Looks
from triage.app.standing import read as read_standing
from triage.app.tokens import WatchedTokens
from triage.core import delivery, report_words, signing
from triage.core.conversation import Candidates
from triage.core.desk import Desk
from triage.core.governor import Limits as GovernorLimits
from triage.core.governor import Rate
from triage.core.model import MailKind
from triage.core.records import OutboxRow
from triage.core.report import Report
from triage.core.site import Site
from triage.core.standing import Standing
from triage.core.suggestions import Spoken
from triage.core.support_model import SupportModel
from triage.errors import Misconfigured, Permanent, Problem, Temporary
from triage.ports import AccessTokens, AlarmClock, Clock, MessageParser, Plots, Renderer, Store, Transaction
from triage.settings import Mailbox, OAuth2, Settings
from triage.settings.operations import WEEKDAYS
from triage.settings.secret import keep as keep_secret

T = TypeVar("T")
_TOKEN_SECONDS = 60.0  # the longest that a sign-in waits for a token


# -- what can be swapped while running -----------------------------------------------------------------------------


@dataclass
class Reloadable:
    """The desk in force, and how another one is made: read and checked whole before it is swapped."""

    config: Settings
    site: Site
    rules_path: Path
    renderer: JinjaRenderer
    desk: Desk = field(init=False)
    support: InitVar[SupportModel | None] = None
    """What `rules_path` holds, where it is read already."""

    def __post_init__(self, support: SupportModel | None) -> None:
        self.desk = self._built(support or _support(self.rules_path))

    def current(self) -> Desk:
        return self.desk

    def prepare(self) -> Callable[[], str]:
        """Read and check rules and templates; return what puts them in force and names their hash.

        Blocks for seconds: call it in a thread. Raises Misconfigured with every problem of both.
        """
        support, templates = _rules_and_templates(self.config)
        return partial(self._swap, self._built(support), templates)

    def _swap(self, desk: Desk, templates: JinjaRenderer) -> str:
        self.renderer.adopt(templates)
        self.desk = desk
        return desk.support.hash

    def _built(self, support: SupportModel) -> Desk:
        limits = self.config.limits
        return Desk(
            site=self.site,
            support=support,
            backlog=timedelta(seconds=limits.backlog),
            acknowledgement_expires=timedelta(seconds=limits.acknowledgement_expires),
            mail_expires=timedelta(seconds=limits.mail_expires),
            echo_subject=limits.echo_subject,
            undo_for=timedelta(seconds=limits.undo),
            answers_as=self.config.site.answers_as,
        )


def _edited(config: Settings) -> tuple[Path, ...]:
    """Return what admins edit while we run: the rules, what they include, the overrides."""
    templates = config.templates_path
    return (*rules_yaml.files(config.rules_path), *((templates,) if templates else ()))


def _rules_and_templates(
    config: Settings, known: Sequence[Problem] = ()
) -> tuple[SupportModel, JinjaRenderer]:
    """Read and check both; raises Misconfigured with every problem of both, and those that are known already."""
    problems = list(known)
    support: SupportModel | None = None
    templates: JinjaRenderer | None = None
    try:
        support = _support(config.rules_path)
    except Misconfigured as error:
        problems += error.problems
    try:
        templates = _checked_templates(config)
    except Misconfigured as error:
        problems += error.problems
    if problems or support is None or templates is None:
        raise Misconfigured(tuple(problems))
    return support, templates


def _checked_templates(config: Settings) -> JinjaRenderer:
    """Render every template once where an admin has changed some; raises Misconfigured with every one that fails.

    The shipped ones by themselves are proven by the tests, and to compile them all would be a third of a start.
    """
    renderer = JinjaRenderer(config.templates_path)
    if config.templates_path is None:
        return renderer
    wrong = tuple(problem for problem in renderer.check() if not problem.warning)
    if wrong:
        raise Misconfigured(wrong)
    return renderer


def _support(path: Path) -> SupportModel:
    support, warnings = rules_yaml.load(path)
    for warning in warnings:
        log.logger(part="rules").warning("rules.warning", problem=str(warning))
    return support


# -- the daemon ----------------------------------------------------------------------------------------------------


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
    watch = FolderWatch(partial(_edited, config))  # before the reading: what changes meanwhile is read again
    support, renderer = _rules_and_templates(config, settings.secret_problems(config))
    site = config.identity()
    reloadable = Reloadable(config, site, config.rules_path, renderer, support)
    supervisor = SystemdSupervisor(os.environ)  # noqa: TID251 - handed to the one adapter that needs it
    progress = Progress()
    async with AsyncExitStack() as stack:
        store = await open_store(config.store_url())
        stack.push_async_callback(store.close)
        tokens = _tokens(config, store, reloadable, clock)
        mailer = SmtpMailer(_smtp(config, tokens.get(config.smtp.oauth2)))
        stack.push_async_callback(mailer.close)
        limits = config.limits
        reader = ParserPool(workers=2, time_limit=limits.parse_time, memory_limit=limits.parse_bytes)
        await stack.enter_async_context(reader)
        intake = Intake(store, reader, reloadable.current, clock)
        copies = SentCopies(
            _shelves(config, tokens), clock, lambda: _our_people(site), longest_pause=limits.reconnect
        )
        turns = OutboxTurns(
            renderer,
            MimeComposer(site),
            lease=timedelta(seconds=limits.lease),
            first_pause=timedelta(seconds=limits.retry),
            limits=_governor(config),
            ages=mail_ages(config),
            own=lambda: _our_people(site),
            on_outcome=Outcomes(reloadable.current),
            on_breaker=partial(outages.breaker_opened, reloadable.current),
        )
        dispatcher = Dispatcher(
            store,
            mailer,
            turns,
            clock,
            pace=Pace(workers=config.smtp.connections, longest_relay_pause=limits.reconnect),
            return_path=_return_paths(config, site),
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
        watched = [each for box in config.mailboxes for each in _watched(config, box, tokens)]
        polls = {name: box.poll for box in config.mailboxes for name in (box.name, sent_name(box))}
        upkeep = Chores(store, reloadable.current, clock, dispatcher.notify)
        built = Daemon(
            store=store,
            watched=watched,
            intake=intake,
            desk=reloadable.current,
            reconnect=limits.reconnect,
            chores=[
                *_pages(config, store, clock, progress),
                copies.run,
                upkeep.run,
                Rounds(
                    store, reloadable.current, clock, _rounds(config, store, reloadable), dispatcher.notify
                ).run,
                reloads.run,
                *(each.keep_fresh for each in tokens.values()),
            ],
            upkeep=upkeep.do,
            after_once=copies.file_waiting,
            alarms=Alarms(store, reloadable.current, clock, roster.desk_of),
            dispatcher=dispatcher,
            alarm_clock=alarm_clock or SchedulerAlarmClock(),
            supervisor=supervisor,
            progress=progress,
            clock=clock,
            poll=polls.__getitem__,
            looked=Looks(store, clock),
            unreachable=Outages(
                store, reloadable.current, clock, timedelta(seconds=config.limits.unreachable_alarm)
            ),
        )
        stack.push_async_callback(built.close)
        yield Built(built, store, reloads, upkeep)


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


def _term(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _pages(
    config: Settings, store: Store, clock: Clock, progress: Progress
) -> list[Callable[[asyncio.Event], Coroutine[None, None, None]]]:
    """Return the chore that serves metrics and health, if it is configured."""
    if config.http is None:
        return []
    from triage.adapters.metrics_prometheus import PrometheusMetrics  # noqa: PLC0415 - only where it is wanted

    names = [box.name for box in config.mailboxes]
    pages = measuring.Measuring(store, PrometheusMetrics(), clock, mailboxes=names, late=progress.late)
    server = PageServer(
        config.http.listen, {"/metrics": pages.metrics, "/healthz": pages.healthz, "/readyz": pages.readyz}
    )

    async def serve(stop: asyncio.Event) -> None:
        await pages.begin()
        await measuring.serve(server, stop)

    return [serve]


def _our_people(site: Site) -> frozenset[str]:
    """Return whom the limits for clients do not hold for: agents, areas, the admin."""
    areas = {area.address for area in site.areas.values() if area.address}
    return frozenset(
        {agent.address for agent in site.agents} | areas | ({site.admin} if site.admin else set())
    )


def _governor(config: Settings) -> GovernorLimits:
    limits = config.limits
    return GovernorLimits(
        address=Rate(limits.per_address_hour, limits.per_address_day),
        case=Rate(limits.per_case_hour, limits.per_case_day),
        repeat=Rate(limits.per_repeat_hour, limits.per_repeat_day),
        breaker_hour=limits.breaker_hour,
    )


def _return_paths(config: Settings, site: Site) -> Callable[[OutboxRow], str]:
    """Return the envelope sender of a row: the support address, or its signed plus-address (VERP)."""
    addresses = {box.name: box.address for box in config.mailboxes}
    default = config.mailboxes[0].address

    def path(row: OutboxRow) -> str:
        address = addresses.get(row.mailbox, default)
        return (
            signing.return_path(site.secret, address, row.id)
            if config.smtp.return_path == "plus"
            else address
        )

    return path


def sent_name(box: Mailbox) -> str:
    """Return the name under which an account's folder of sent mail is read; no mailbox can have it."""
    return f"{box.name}/sent"


def _watched(config: Settings, box: Mailbox, tokens: "Tokens") -> list[Watched]:
    """Return the folders of an account that are read: the one mail arrives in, and the one of sent mail."""
    imap = imap_config(config, box, tokens.get(box.imap.oauth2))
    limits = config.limits
    main = Watched(
        name=box.name,
        mailbox=ImapMailbox(imap),
        start=box.start,
        batch=limits.batch,
        strikes=limits.strikes,
        stored_bytes=limits.stored_bytes,
    )
    if box.sent is None:
        return [main]
    sent = replace(imap, folder=box.sent, settle=Settling.NONE, eager=0)
    return [main, replace(main, name=sent_name(box), mailbox=ImapMailbox(sent), sent=True, after=box.name)]


def _shelves(config: Settings, tokens: "Tokens") -> dict[str, Shelf]:
    """Return where copies of what we send go, each over a connection of its own."""
    return {
        box.name: Shelf(
            ImapMailbox(replace(imap_config(config, box, tokens.get(box.imap.oauth2)), settle=Settling.NONE)),
            box.sent,
        )
        for box in config.mailboxes
        if box.sent is not None
    }


def imap_config(config: Settings, box: Mailbox, tokens: AccessTokens | None = None) -> ImapConfig:
    """Return how to reach one watched folder; call it on the event loop where `tokens` are given."""
    server, limits = box.imap, config.limits
    credentials = (
        partial(server.password.read, config.folder)
        if server.password is not None
        else partial(
            _token_from_thread, tokens or _token_source(config, server.oauth2), asyncio.get_running_loop()
        )
    )
    return ImapConfig(
        host=server.host,
        port=server.port,
        user=server.user,
        credentials=credentials,
        tls=Tls(server.tls),
        ca=config.path(server.ca) if server.ca else None,
        auth=Auth(server.oauth2.mechanism) if server.oauth2 else Auth.PASSWORD,
        folder=box.folder,
        settle=Settling(box.settle),
        move_to=box.move_to if box.settle == "move" else "",
        poll=box.poll,
        eager=box.eager,
        refused=tokens.forget if tokens else None,
        timeouts=Timeouts(
            connect=min(10.0, server.timeout), read=min(30.0, server.timeout), command=server.timeout
        ),
        limits=FetchLimits(stored=limits.whole_bytes, part=limits.text_bytes, batch=limits.batch),
    )


def _smtp(config: Settings, tokens: AccessTokens | None = None) -> SmtpConfig:
    server = config.smtp
    if server.oauth2 is not None and tokens is None:
        tokens = _token_source(config, server.oauth2)
    return SmtpConfig(
        host=server.host,
        port=server.port,
        tls=server.tls,
        ca=config.path(server.ca) if server.ca else None,
        user=server.user,
        password=partial(server.password.read, config.folder) if server.password else None,
        token=tokens,
        token_refused=tokens.forget if tokens else None,
        mechanism=server.oauth2.mechanism if server.oauth2 else "xoauth2",
        connections=server.connections,
        per_minute=server.per_minute,
        connect_timeout=server.timeout,
        command_timeout=server.timeout,
        answer_timeout=server.answer_timeout,
        local_hostname=config.site.domain,
    )


# -- OAuth 2.0 -----------------------------------------------------------------------------------------------------------

Tokens = dict[OAuth2 | None, WatchedTokens]


def _tokens(config: Settings, store: Store, reloadable: Reloadable, clock: Clock) -> Tokens:
    """Return one source of tokens for each distinct `oauth2:`; an account's IMAP and SMTP often share theirs.

    Two sources would take each other's refresh token away where the endpoint rotates them.
    """
    named = [(f"mailbox {box.name}", box.imap.oauth2) for box in config.mailboxes]
    found: Tokens = {}
    for name, oauth in [*named, ("smtp", config.smtp.oauth2)]:
        if oauth is not None and oauth not in found:
            source = _token_source(config, oauth, clock)
            found[oauth] = WatchedTokens(name, source, store, reloadable.current, clock)
    return found


def _token_source(config: Settings, oauth: OAuth2 | None, clock: Clock | None = None) -> TokenSource:
    if oauth is None:
        raise AssertionError("settings ask for a password or oauth2")
    token = oauth.refresh_token
    return TokenSource(
        TokenConfig(
            token_url=oauth.token_url,
            client_id=oauth.client_id,
            flow=oauth.flow,
            client_secret=partial(oauth.client_secret.read, config.folder) if oauth.client_secret else None,
            refresh_token=partial(token.read, config.folder) if token else None,
            rotated=partial(keep_secret, token, config.folder),
            scope=oauth.scope,
            ca=config.path(oauth.ca) if oauth.ca else None,
        ),
        clock or SystemClock(),
    )


def _token_from_thread(tokens: AccessTokens, loop: asyncio.AbstractEventLoop) -> str:
    """Return a token to the mailbox's thread, which may wait; raises Temporary or Permanent."""
    waiting = asyncio.run_coroutine_threadsafe(_token(tokens), loop)
    try:
        return waiting.result(_TOKEN_SECONDS)
    except TimeoutError as error:
        waiting.cancel()
        raise Temporary(f"no token within {_TOKEN_SECONDS:.0f} s") from error


async def _token(tokens: AccessTokens) -> str:
    return await tokens()


# -- tools of the command line -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tools:
    """What judges mails without a daemon: parser, desk and renderer, and what a store remembers, if there is one."""

    parser: MessageParser
    desk: Desk
    renderer: Renderer
    recall: explaining.Recall = lambda _: explaining.NOTHING

    def explain(self, name: str, raw: bytes, now: datetime, at: datetime | None = None) -> dict[str, Any]:
        told = explaining.explain(self.parser, self.desk, raw, now, at=at, recall=self.recall)
        return explaining.as_json(name, told, self.desk, self.renderer)


@contextmanager
def tools(explicit: Path | None) -> Iterator[Tools]:
    """Give the tools for a configuration and its store, or for the sample site with ./rules.yaml or the shipped rules."""
    path = settings.find(explicit)
    if path is None:
        config = settings.sample()
        site, rules = config.identity(settings.SAMPLE_SECRET), nearest_rules()
    else:
        config = settings.load(path)
        site, rules = config.identity(_secret(config)), config.rules_path
    renderer = JinjaRenderer(config.templates_path)
    made = Tools(MailParser(), Reloadable(config, site, rules, renderer).desk, renderer)
    with asyncio.Runner() as runner:
        store = runner.run(_store_there_is(config)) if path is not None else None
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


def nearest_rules() -> Path:
    """Return ./rules.yaml, else the shipped rules."""
    beside = Path("rules.yaml")
    return beside if beside.is_file() else settings.shipped("rules.yaml")


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
    return await reading(explicit, lambda tx: read_standing(tx, names, now)), config.site.timezone


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


async def stored_words(explicit: Path | None) -> tuple[Spoken, ...]:
    """Return what the stored cases said, for `rules suggest`."""
    return await reading(explicit, hindsight.spoken)


def report_page(explicit: Path | None, found: Report) -> str:
    """Return the report as a page; without pictures where the extra `report` is not installed."""
    config = settings.locate(explicit)
    words = report_words.words(config.site.language)
    drawn = plots()
    pictures = drawn.draw(found, words) if drawn is not None else {}
    zone = ZoneInfo(config.site.timezone)
    return page(found, words, pictures, config.site.name, zone, config.site.language)


def plots() -> Plots | None:
    """Return what draws, or None where matplotlib is not installed (extra `report`)."""
    try:
        from triage.adapters.plots_matplotlib import MatplotlibPlots  # noqa: PLC0415 - slow, and an extra
    except ImportError:
        return None
    return MatplotlibPlots()


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
    return await changing(explicit, lambda tx, _, now: personal.erase(tx, address, agents, now))


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


def mail_ages(config: Settings) -> Mapping[MailKind, timedelta]:
    """Return how long each kind of mail is tried."""
    limits = config.limits
    return delivery.max_ages(
        timedelta(seconds=limits.acknowledgement_expires), timedelta(seconds=limits.mail_expires)
    )


# -- a new site --------------------------------------------------------------------------------------------------------


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


# -- by an admin's hand -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ByHand:
    """What a command needs that changes something beside the daemon; mails it causes are sent by the daemon."""

    store: Store
    reader: ParserPool
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
        reader = ParserPool(time_limit=limits.parse_time, memory_limit=limits.parse_bytes)
        await stack.enter_async_context(reader)
        yield ByHand(store, reader, desk, SystemClock(), f"cli:{getpass.getuser()}")


# -- check -------------------------------------------------------------------------------------------------------------


def file_problems(
    explicit: Path | None, *, offline: bool = False
) -> tuple[tuple[Problem, ...], Settings | None]:
    """Return every problem of triage.yaml, secrets, rules and templates; and the settings if they can be used.

    `offline`: a secret that only systemd can hand out is not missed here.
    """
    try:
        config = settings.locate(explicit)
    except Misconfigured as error:
        return error.problems, None
    elsewhere = settings.given_by_systemd(config) if offline else frozenset()
    problems = [each for each in settings.secret_problems(config) if each.key not in elsewhere]
    try:
        support, warnings = rules_yaml.load(config.rules_path, today=SystemClock().now().date())
        problems += [*warnings, *rules_yaml.lint(support, config.rules_path)]
    except Misconfigured as error:
        problems += error.problems
    try:
        problems += JinjaRenderer(config.templates_path).check()
    except Misconfigured as error:
        problems += error.problems
    return tuple(problems), config


async def connection_findings(config: Settings) -> list[Finding]:
    """Sign in everywhere and say what was found."""
    findings: list[Finding] = []
    for box in config.mailboxes:
        findings += await checking.probe(f"mailbox {box.name}", partial(_try_mailbox, config, box))
    findings += await checking.probe("smtp", partial(_try_smtp, config))
    findings += await checking.probe("store", partial(_try_store, config))
    return findings


async def _try_mailbox(config: Settings, box: Mailbox) -> list[Finding]:
    mailbox = ImapMailbox(imap_config(config, box))
    what = f"mailbox {box.name}"
    try:
        await mailbox.connect()
        facts = await mailbox.facts()
        status = facts.status
        found = [
            Finding(
                "ok",
                what,
                f"signed in as {box.imap.user}, folder {box.folder}, {status.uidnext - 1} UIDs so far",
            )
        ]
        if box.settle == "keyword" and not status.keywords:
            found.append(Finding("warning", what, "the server keeps no keywords: set settle: move or none"))
        if not status.idle:
            found.append(Finding("warning", what, f"no IDLE: new mail is seen every {box.poll:.0f} s"))
        skew = facts.newest - SystemClock().now() if facts.newest else timedelta()
        if skew > timedelta(minutes=2):
            found.append(
                Finding(
                    "warning", what, f"the server's clock is ahead of ours by {skew}: arrivals would be wrong"
                )
            )
        if box.sent is not None and box.sent not in facts.folders:
            found.append(
                Finding("warning", what, f"no folder {box.sent!r}; there are {', '.join(facts.folders[:12])}")
            )
    finally:
        await mailbox.close()
    return found


async def _try_smtp(config: Settings) -> list[Finding]:
    mailer = SmtpMailer(_smtp(config))
    try:
        name = await mailer.check()
    finally:
        await mailer.close()
    return [Finding("ok", "smtp", f"{name} takes our mail")]


async def _try_store(config: Settings) -> list[Finding]:
    store = await open_store(config.store_url())
    try:
        await store.write(lambda tx: tx.set_note("check", SystemClock().now().isoformat()))
        desk = Reloadable(
            config, config.identity(), config.rules_path, JinjaRenderer(config.templates_path)
        ).desk
        moved = await store.read(lambda tx: checking.promises(tx, desk))
    finally:
        await store.close()
    return [Finding("ok", "store", "schema in step, writable"), *moved]
