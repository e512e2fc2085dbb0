"""How the servers are reached, and what binds limits and addresses: Settings to the adapters' own configurations."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial

from triage.adapters.clock_system import SystemClock
from triage.adapters.mailbox_imap import Auth, FetchLimits, ImapConfig, ImapMailbox, Settling, Timeouts, Tls
from triage.adapters.mailer_smtp import SmtpConfig
from triage.adapters.token_oauth2 import TokenConfig, TokenSource
from triage.app import enclosing
from triage.app.sent_copies import Shelf
from triage.app.tokens import WatchedTokens
from triage.app.watched import Watched
from triage.core import delivery, signing
from triage.core.governor import Limits as GovernorLimits
from triage.core.governor import Rate
from triage.core.model import MailKind
from triage.core.records import OutboxRow
from triage.core.site import Site
from triage.errors import Temporary
from triage.ports import AccessTokens, Clock, Store
from triage.settings import Mailbox, OAuth2, Settings
from triage.settings.secret import keep as keep_secret
from triage.wiring.reloadable import Reloadable

_TOKEN_SECONDS = 60.0  # the longest that a sign-in waits for a token


def our_people(site: Site) -> frozenset[str]:
    """Return whom the limits for clients do not hold for: agents, areas, the admin."""
    areas = {area.address for area in site.areas.values() if area.address}
    return frozenset(
        {agent.address for agent in site.agents} | areas | ({site.admin} if site.admin else set())
    )


def governor(config: Settings, site: Site) -> GovernorLimits:
    limits = config.limits
    return GovernorLimits(
        address=Rate(limits.per_address_hour, limits.per_address_day),
        case=Rate(limits.per_case_hour, limits.per_case_day),
        repeat=Rate(limits.per_repeat_hour, limits.per_repeat_day),
        breaker_hour=limits.breaker_hour,
        secret=site.secret,
    )


def return_paths(config: Settings, site: Site) -> Callable[[OutboxRow], str]:
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


def watched_folders(config: Settings, box: Mailbox, tokens: "Tokens") -> list[Watched]:
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


def shelves(config: Settings, tokens: "Tokens") -> dict[str, Shelf]:
    """Return where copies of what we send go, each over a connection of its own."""
    return {
        box.name: Shelf(
            ImapMailbox(replace(imap_config(config, box, tokens.get(box.imap.oauth2)), settle=Settling.NONE)),
            box.sent,
        )
        for box in config.mailboxes
        if box.sent is not None
    }


def file_shelves(config: Settings, tokens: "Tokens") -> dict[str, list[enclosing.Shelf]]:
    """Return where clients' files are fetched from when agents get them: where mail arrives, and where it is moved to."""
    return {
        box.name: [
            enclosing.Shelf(
                ImapMailbox(
                    replace(
                        imap_config(config, box, tokens.get(box.imap.oauth2)),
                        folder=folder,
                        settle=Settling.NONE,
                    )
                )
            )
            for folder in (box.folder, *((box.move_to,) if box.settle == "move" else ()))
        ]
        for box in config.mailboxes
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


def smtp_config(config: Settings, tokens: AccessTokens | None = None) -> SmtpConfig:
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


Tokens = dict[OAuth2 | None, WatchedTokens]


def access_tokens(config: Settings, store: Store, reloadable: Reloadable, clock: Clock) -> Tokens:
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


def mail_ages(config: Settings) -> Mapping[MailKind, timedelta]:
    """Return how long each kind of mail is tried."""
    limits = config.limits
    return delivery.max_ages(
        timedelta(seconds=limits.acknowledgement_expires), timedelta(seconds=limits.mail_expires)
    )
