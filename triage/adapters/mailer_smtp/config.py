"""How to reach the relay: plain values, filled in by wiring. Knows nothing of triage.yaml."""

import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Tls = Literal["implicit", "starttls", "none"]


@dataclass(frozen=True, slots=True)
class SmtpConfig:
    """All durations in seconds. Secrets come from callables, asked at each sign-in, so that they may change.

    `password` or `token` (OAuth2 access token; `mechanism` says how it is presented,
    `token_refused` hears when the server does not take it), or neither: no sign-in.
    `ca`: trust this file's certificates only. `per_minute`: mails begun in any 60 seconds, None for no limit.
    `answer_timeout` is for the answer after the final dot: RFC 5321 section 4.5.3.2.6 asks for 10 minutes, because
    a client that gives up sooner sends mails twice.
    """

    host: str
    port: int = 587
    tls: Tls = "starttls"
    ca: Path | None = None
    user: str | None = None
    password: Callable[[], str] | None = None
    token: Callable[[], Awaitable[str]] | None = None
    token_refused: Callable[[], None] | None = None
    mechanism: Literal["xoauth2", "oauthbearer"] = "xoauth2"
    connections: int = 4
    per_minute: int | None = None
    connect_timeout: float = 30.0
    command_timeout: float = 60.0
    answer_timeout: float = 600.0
    idle_close: float = 30.0
    idle_check: float = 5.0
    mails_per_connection: int = 100
    local_hostname: str = "localhost"

    @property
    def server(self) -> str:
        return f"{self.host}:{self.port}"

    def tls_context(self) -> ssl.SSLContext | None:
        """Return a context that verifies chain and host name; raises OSError where `ca` cannot be read."""
        if self.tls == "none":
            return None
        return ssl.create_default_context(cafile=None if self.ca is None else str(self.ca))
