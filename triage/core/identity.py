"""Who wrote it and who waits for an answer. Display names prove nothing; From is no identity, trust is told apart."""

import re

from triage.core.message import Message
from triage.core.model import Address, MessageClass, Role
from triage.core.site import Site

_MACHINES = frozenset(
    {
        MessageClass.AUTO_REPLY,
        MessageClass.BOUNCE,
        MessageClass.REPORT,
        MessageClass.RECEIPT,
        MessageClass.CALENDAR,
        MessageClass.MONITOR,
    }
)

_DAEMONS = frozenset(
    {
        "mailerdaemon",
        "maildaemon",
        "postmaster",
        "mdaemon",
        "mmdf",
        "uucp",
        "mailsystem",
        "maildeliverysystem",
        "bouncedaemon",
    }
)
_SILENT_WORDS = ("noreply", "no-reply", "no_reply", "no.reply", "donotreply", "do-not-reply", "do_not_reply", "do.not.reply",
           "dontreply", "dont-reply", "noresponder", "no-responder", "no_responder", "no.responder", "naoresponda", "nao-responda",
           "nao_responda", "nao.responda", "noresponda", "no-responda", "noresponde", "no-contestar", "nocontestar", "noreplies",
           "unattended", "sinrespuesta", "sin-respuesta")  # fmt: skip
_SILENT = re.compile("|".join(map(re.escape, _SILENT_WORDS)))
_SILENT_WHOLE = frozenset(
    {
        "bounce",
        "bounces",
        "abuse",
        "root",
        "nobody",
        "noc",
        "daemon",
        "cron",
        "www-data",
        "listserv",
        "majordomo",
        "mailman",
        "listmaster",
    }
)


def is_daemon(address: str) -> bool:
    """Say whether a mail system's own address speaks (mailer-daemon, postmaster)."""
    local = address.partition("@")[0].partition("+")[0]
    return local.replace("-", "").replace("_", "").replace(".", "") in _DAEMONS


def is_silent(address: str) -> bool:
    """Say whether an address tells by its name that nobody reads answers (no-reply, no-responder, bounces)."""
    local = address.partition("@")[0]
    if local in _SILENT_WHOLE or local.startswith(("bounce-", "bounces-", "bounce+", "bounces+")):
        return True
    return _SILENT.search(local) is not None


def role(message: Message, message_class: MessageClass, site: Site) -> Role:
    """Return whose hand it is. An agent's name on unproven mail is still `agent`; `trust` says what it may do."""
    if message_class is MessageClass.OWN:
        return Role.SELF
    if message_class in _MACHINES:
        return Role.MACHINE
    if message.sender is not None and site.agent(message.sender.address) is not None:
        return Role.AGENT
    return Role.CLIENT


def client(message: Message, site: Site, forwarded: Address | None = None) -> Address | None:
    """Return who waits for our answer, never ourselves.

    A single Reply-To that is a usable address of somebody else (a web form's), else From; where an agent hands on a
    client's mail, the forwarded sender.
    """
    ours = site.own_addresses()
    sender = message.sender
    if sender is not None and site.agent(sender.address) is not None and forwarded is not None:
        return forwarded if _usable(forwarded, ours) and site.agent(forwarded.address) is None else sender
    if (
        len(message.reply_to) == 1
        and _usable(message.reply_to[0], ours)
        and not _lists(message, message.reply_to[0])
    ):
        return _named(message.reply_to[0], sender)
    return sender if sender is not None and _usable(sender, ours) else None


def _named(address: Address, sender: Address | None) -> Address:
    if not address.name and sender is not None and sender.address == address.address:
        return sender
    return address


def _lists(message: Message, address: Address) -> bool:
    """A list sets Reply-To to itself; an answer there would go to everybody."""
    return "list-post" in message.headers and address.address in message.headers.get("list-post").lower()


def _usable(address: Address, ours: frozenset[str]) -> bool:
    local, _, domain = address.address.rpartition("@")
    well_formed = bool(local) and "." in domain and not any(char.isspace() for char in address.address)
    return well_formed and not is_ours(address.address, ours) and not is_daemon(address.address)


def is_ours(address: str, own: frozenset[str]) -> bool:
    """Say whether an address is one of ours, a plus-address of it included."""
    local, _, domain = address.partition("@")
    return address in own or f"{local.partition('+')[0]}@{domain}" in own
