"""What the mailbox must be told: where, as whom, how much of a mail, and how patient to be. Values only."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

EAGER = 0.2
"""Seconds between NOOPs on a server that holds its notices back."""


class Tls(StrEnum):
    """How the connection is protected; `none` is refused except towards loopback by the settings."""

    IMPLICIT = "implicit"
    STARTTLS = "starttls"
    NONE = "none"


class Auth(StrEnum):
    """How to sign in: what `credentials` returns is a password, or an OAuth 2.0 access token."""

    PASSWORD = "password"  # noqa: S105
    XOAUTH2 = "xoauth2"
    OAUTHBEARER = "oauthbearer"


class Settling(StrEnum):
    """What marks a message as dealt with."""

    KEYWORD = "keyword"
    MOVE = "move"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """All in seconds. `connect` and `read` bound one system call, `command` a whole command whatever trickles in.

    `octets_a_second` is the slowest line tolerated: it adds to `command` what a download may take.
    `idle` caps one IDLE: the longest that a dead connection can pass for a quiet one.
    """

    connect: float = 10
    read: float = 30
    command: float = 60
    idle: float = 90
    octets_a_second: int = 20_000


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How much of one message is fetched, in octets as they travel.

    `stored`: of all parts together, and of a mail fetched whole; `header`, `part`: of the header block and of one
    text part; `structure`: the longest line the server may send us; `batch`: messages in one command.
    """

    stored: int = 1_000_000
    header: int = 256 * 1024
    part: int = 256 * 1024
    structure: int = 20_000_000
    batch: int = 50


@dataclass(frozen=True, slots=True)
class ImapConfig:
    """One watched folder of one account.

    `credentials` is called at every sign-in, in the mailbox's own thread (it may block), and returns the password
    or the token; it may raise Temporary or Permanent. `refused` hears, in the same thread, that the server did not
    take it. `ca`: the only trusted authorities, None for the system's.
    `move_to`: where settled messages go under `move`, or where the server keeps no keywords ("" then: nowhere).
    `poll`: seconds between looks where the server lacks IDLE. `eager`: seconds between NOOPs instead of IDLE,
    0 for IDLE: a way to be faster than the half second for which Dovecot holds its notices back; None: so on Dovecot
    (`EAGER` seconds), IDLE elsewhere.
    """

    host: str
    port: int
    user: str
    credentials: Callable[[], str]
    tls: Tls = Tls.IMPLICIT
    ca: Path | None = None
    auth: Auth = Auth.PASSWORD
    folder: str = "INBOX"
    settle: Settling = Settling.KEYWORD
    keyword: str = "$Triaged"
    move_to: str = ""
    poll: float = 60
    eager: float | None = 0
    refused: Callable[[], None] | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    limits: FetchLimits = field(default_factory=FetchLimits)
