"""Access tokens from an OAuth2 token endpoint (RFC 6749 sections 4.4 and 6), for signing in to SMTP and IMAP.

Knows HTTP and the two flows that need no browser: refresh_token and client_credentials. Keeps a token until shortly
before it ends; asked again after a refusal, call `forget` first. Secrets appear in no error.
"""

import asyncio
import http.client
import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from triage.errors import Permanent, Temporary
from triage.log import logger
from triage.ports import Clock

_MARGIN = timedelta(minutes=1)
_USUAL_LIFE = (
    3600.0  # seconds, where the endpoint does not say (RFC 6749 section 5.1 only recommends that it does)
)
_LARGEST_ANSWER = 100_000
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class TokenConfig:
    """`client_secret` and `refresh_token` are asked for at each request, so that they may change; seconds.

    `rotated` gets a refresh token that the endpoint gave in the place of ours (RFC 6749 section 6).
    """

    token_url: str
    client_id: str
    flow: Literal["refresh_token", "client_credentials"] = "refresh_token"
    client_secret: Callable[[], str] | None = None
    refresh_token: Callable[[], str] | None = None
    rotated: Callable[[str], None] | None = None
    scope: str = ""
    ca: Path | None = None
    timeout: float = 20.0


@dataclass
class TokenSource:
    """Call it for an access token. Raises Temporary (endpoint away) or Permanent (it said no, or nonsense)."""

    config: TokenConfig
    clock: Clock
    _token: str = ""
    _ends_at: datetime | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _rotated: str = ""
    """A refresh token the endpoint gave in the place of ours: ours may be void from then on, until a restart."""

    async def __call__(self) -> str:
        async with self._lock:
            now = self.clock.now()
            if self._ends_at is None or now >= self._ends_at - _MARGIN:
                answer = await asyncio.to_thread(self._ask)
                self._keep(answer, now)
            return self._token

    @property
    def ends_at(self) -> datetime | None:
        """When the token in hand ends; None: there is none."""
        return self._ends_at

    def forget(self) -> None:
        """Fetch anew next time: the server refused the token we have."""
        self._ends_at = None

    def _keep(self, answer: dict[str, object], now: datetime) -> None:
        token, lifetime = answer.get("access_token"), answer.get("expires_in", _USUAL_LIFE)
        if not isinstance(token, str) or not token:
            raise Permanent(f"{self.config.token_url} answered without an access_token")
        seconds = (
            float(lifetime) if isinstance(lifetime, int | float | str) and _number(lifetime) else _USUAL_LIFE
        )
        self._token, self._ends_at = token, now + timedelta(seconds=min(seconds, 86_400.0))
        rotated = answer.get("refresh_token")
        if isinstance(rotated, str) and rotated:
            self._rotated = rotated
            self._save(rotated)

    def _save(self, rotated: str) -> None:
        """Put the new refresh token where the old one came from; where that fails it holds until a restart."""
        if self.config.rotated is None:
            return
        try:
            self.config.rotated(rotated)
        except OSError as error:
            words = f"{type(error).__name__}: {error.strerror}"
            logger(part="oauth").warning("token.not_kept", about=self.config.token_url, error=words)

    def _form(self) -> bytes:
        config = self.config
        fields = {"grant_type": config.flow, "client_id": config.client_id, "scope": config.scope}
        if config.client_secret is not None:
            fields["client_secret"] = config.client_secret()
        if config.flow == "refresh_token":
            if config.refresh_token is None:
                raise Permanent("oauth2: refresh_token is needed for flow refresh_token")
            fields["refresh_token"] = self._rotated or config.refresh_token()
        return urllib.parse.urlencode({name: value for name, value in fields.items() if value}).encode()

    def _ask(self) -> dict[str, object]:
        url = self.config.token_url
        parts = urllib.parse.urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
            raise Permanent(f"oauth2: token_url must begin with https:// ({url})")
        request = urllib.request.Request(url, self._form(), {"Accept": "application/json"})  # noqa: S310  checked above
        context = ssl.create_default_context(cafile=None if self.config.ca is None else str(self.config.ca))
        try:
            with urllib.request.urlopen(request, timeout=self.config.timeout, context=context) as answer:  # noqa: S310
                raw = answer.read(_LARGEST_ANSWER)
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(url, error.code, error.read(_LARGEST_ANSWER)) from None
        except (OSError, http.client.HTTPException) as error:
            raise Temporary(f"{url} cannot be reached: {getattr(error, 'reason', error)}") from error
        return _object(url, raw)


def _refusal(url: str, code: int, raw: bytes) -> Temporary | Permanent:
    """Name the endpoint's own error word (RFC 6749 section 5.2); 429 and 5xx pass."""
    try:
        word = str(_object(url, raw).get("error", ""))[:80]
    except Permanent:
        word = ""
    kind = Temporary if code == 429 or code >= 500 else Permanent
    return kind(f"{url} refused a token: {code} {word}".rstrip())


def _object(url: str, raw: bytes) -> dict[str, object]:
    try:
        answer = json.loads(raw)
    except ValueError as error:
        raise Permanent(f"{url} did not answer in JSON") from error
    if not isinstance(answer, dict):
        raise Permanent(f"{url} did not answer with a JSON object")
    return answer


def _number(value: float | str) -> bool:
    try:
        return 0 < float(value) < 10**9
    except ValueError:
        return False
