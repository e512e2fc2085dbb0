"""`triage check`: every problem of the files, then a sign-in everywhere."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path

from triage import settings
from triage.adapters import rules_yaml
from triage.adapters.clock_system import SystemClock
from triage.adapters.composer_mime import MimeComposer
from triage.adapters.mailbox_imap import ImapMailbox
from triage.adapters.mailer_smtp import SmtpMailer
from triage.adapters.parser_mailparser.parser import MailParser
from triage.adapters.renderer_jinja import JinjaRenderer
from triage.adapters.store_sql.store import open_store
from triage.app import checking
from triage.app.checking import Finding
from triage.app.probing import Probe
from triage.errors import Misconfigured, Problem
from triage.settings import Mailbox, Settings
from triage.wiring import site_problems
from triage.wiring.reloadable import Reloadable
from triage.wiring.servers import imap_config, smtp_config


def file_problems(
    explicit: Path | None, *, offline: bool = False
) -> tuple[tuple[Problem, ...], Settings | None]:
    """Return every problem of triage.yaml, secrets, rules and templates; and the settings if they can be used.

    `offline`: a secret that only systemd can hand out is not missed here.
    """
    try:
        config = settings.locate(explicit)
    except Misconfigured as error:
        rules, templates = settings.files_beside(explicit)
        return (*error.problems, *_rules_problems(rules), *_template_problems(templates)), None
    elsewhere = settings.given_by_systemd(config) if offline else frozenset()
    problems = [each for each in settings.secret_problems(config) if each.key not in elsewhere]
    problems += [*_rules_problems(config.rules_path), *_template_problems(config.templates_path)]
    return (*problems, *site_problems.found(config)), config


def _rules_problems(path: Path | None) -> Sequence[Problem]:
    if path is None:
        return ()
    try:
        support, warnings = rules_yaml.load(path, today=SystemClock().now().date())
    except Misconfigured as error:
        return error.problems
    return (*warnings, *rules_yaml.lint(support, path))


def _template_problems(path: Path | None) -> Sequence[Problem]:
    try:
        return JinjaRenderer(path).check()
    except Misconfigured as error:
        return error.problems


async def connection_findings(config: Settings) -> list[Finding]:
    """Sign in everywhere and say what was found."""
    findings: list[Finding] = []
    for box in config.mailboxes:
        findings += await checking.probe(f"mailbox {box.name}", partial(_try_mailbox, config, box))
    findings += await checking.probe("smtp", partial(_try_smtp, config))
    findings += await checking.probe("store", partial(_try_store, config))
    return findings


async def probe_findings(config: Settings, seconds: float) -> list[Finding]:
    """Send one canary to each mailbox and wait for it."""
    site = config.identity()
    renderer = JinjaRenderer(config.templates_path)
    desk = Reloadable(config, site, config.rules_path, renderer).desk
    findings: list[Finding] = []
    async with AsyncExitStack() as stack:
        store = await open_store(config.store_url())
        stack.push_async_callback(store.close)
        mailer = SmtpMailer(smtp_config(config))
        stack.push_async_callback(mailer.close)
        for box, identity in zip(config.mailboxes, site.mailboxes, strict=True):
            mailbox = ImapMailbox(imap_config(config, box))
            stack.push_async_callback(mailbox.close)
            probe = Probe(
                box=identity,
                desk=desk,
                mailbox=mailbox,
                mailer=mailer,
                renderer=renderer,
                composer=MimeComposer(site),
                parser=MailParser(),
                store=store,
                clock=SystemClock(),
            )
            findings += await checking.probe(f"probe {box.name}", partial(probe, seconds))
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
    mailer = SmtpMailer(smtp_config(config))
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
