"""A watched folder, what comes out of it, and how one signs in with a token."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from triage.core.message import RawMail


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """A folder when it was opened. `keywords`: the server lets us set $Triaged; `move`: RFC 6851."""

    uidvalidity: int
    uidnext: int
    keywords: bool
    move: bool
    idle: bool


@dataclass(frozen=True, slots=True)
class Fetched:
    """One message from the mailbox. `internal_date` aware UTC, None where the server gave none.

    `mail` is None where the server could not deliver it (`error` says why): the message still has a UID and an
    outcome.
    """

    uid: int
    internal_date: datetime | None
    mail: RawMail | None
    error: str = ""


class Mailbox(Protocol):
    r"""One watched folder. Every method may raise Temporary (connection lost: call `connect` again) or Permanent
    (sign-in refused, no such folder). Never sets \Seen.
    """

    async def connect(self) -> FolderStatus:
        """Sign in, open the folder and say what it is; safe to call again after an error."""
        ...

    async def uids_after(self, last_uid: int) -> Sequence[int]:
        """Return every UID > last_uid there is now, ascending (the server is asked afresh, NOOP first)."""
        ...

    async def uids_since(self, since: datetime) -> Sequence[int]:
        """Return the UIDs whose INTERNALDATE is not before the given instant's date; for `start: DATE`."""
        ...

    async def fetch(self, uids: Sequence[int]) -> Sequence[Fetched]:
        """Return the messages in UID order; one that vanished meanwhile is simply absent."""
        ...

    async def find(self, message_id: str) -> int | None:
        """Return the UID of the newest message with this Message-ID (without brackets), None where there is none."""
        ...

    async def fetch_section(self, uid: int, section: str) -> AsyncIterator[bytes]:
        """Stream one part's transfer-encoded bytes; raises Permanent if the message is gone."""
        ...

    async def settle(self, uids: Sequence[int]) -> None:
        """Mark messages as dealt with (keyword, move or nothing); repeatable, missing UIDs are no error.

        Permanent here is a refusal (no room, no right) on a connection that stays good.
        """
        ...

    async def append(self, folder: str, raw: bytes, at: datetime) -> None:
        """File a copy (Sent)."""
        ...

    async def wait(self, seconds: float) -> bool:
        """Return True as soon as something may be new, False after `seconds`; returns early after `wake`."""
        ...

    def wake(self) -> None:
        """Let a running `wait` return at once; callable from the event loop at any time."""
        ...

    async def leave(self) -> None:
        """Sign out if that is quick, for `connect` to come back later; never raises, never hangs."""
        ...

    async def close(self) -> None:
        """Sign out if that is quick, for good; never raises, never hangs."""
        ...


class AccessTokens(Protocol):
    """OAuth 2.0 access tokens for one sign-in, fetched when needed and kept until shortly before they end."""

    @property
    def ends_at(self) -> datetime | None:
        """When the token in hand ends; None: there is none."""
        ...

    async def __call__(self) -> str:
        """Return a token that holds. Raises Temporary (endpoint away) or Permanent (it refused)."""
        ...

    def forget(self) -> None:
        """Fetch anew next time; callable from any thread."""
        ...
