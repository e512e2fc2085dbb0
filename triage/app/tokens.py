"""Access tokens with a memory that people can see: last refresh, end, and trouble told before it bites.

A token is fetched anew well before it ends, while the old one still serves, so that a refused refresh is an alarm
to the admin and not yet an outage. Wraps any `AccessTokens`; called by the adapters that sign in.
"""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from triage.app import trouble
from triage.app.pauses import keep_doing
from triage.core.desk import Desk
from triage.core.drafts_site import Trouble
from triage.errors import Permanent, Temporary
from triage.log import logger
from triage.ports import AccessTokens, Clock, Store, Transaction

_LOOK_SECONDS = 30.0
_AHEAD = timedelta(minutes=10)
_PATIENCE = timedelta(minutes=5)


def note_key(name: str) -> str:
    """Return the note of a sign-in: `refreshed_at`, `expires_at`, and while it fails `error`, `since`, `told`."""
    return f"oauth/{name}"


class WatchedTokens:
    """`name`: mailbox NAME or smtp. Callable for a token; raises what the source raises."""

    def __init__(
        self, name: str, source: AccessTokens, store: Store, desk: Callable[[], Desk], clock: Clock
    ) -> None:
        self._name = name
        self._source = source
        self._store = store
        self._desk = desk
        self._clock = clock
        self._seen: datetime | None = None
        self._refreshed_at = clock.now()
        self._failing = False

    async def __call__(self) -> str:
        try:
            token = await self._source()
        except (Temporary, Permanent) as error:
            await self._failed(error)
            raise
        if self._source.ends_at != self._seen or self._failing:
            await self._refreshed()
        return token

    @property
    def ends_at(self) -> datetime | None:
        """When the token in hand ends."""
        return self._source.ends_at

    def forget(self) -> None:
        """Fetch anew next time: the server refused the token we have."""
        self._source.forget()

    async def keep_fresh(self, stop: asyncio.Event) -> None:
        """Refresh ahead of the end, as a chore of the daemon; trouble is noted and told, never raised."""
        await keep_doing(self._look, _LOOK_SECONDS, stop, "oauth")

    async def _look(self) -> None:
        ends = self._source.ends_at
        if not self._failing and (ends is None or ends - self._clock.now() >= self._ahead(ends)):
            return
        self._source.forget()
        try:
            await self()
        except (Temporary, Permanent) as error:
            logger(part="oauth").warning("token.not_refreshed", about=self._name, error=str(error))

    def _ahead(self, ends: datetime) -> timedelta:
        """Return how long before its end a token is fetched anew: ten minutes, or half of a shorter life."""
        return min(_AHEAD, (ends - self._refreshed_at) / 2)

    async def _refreshed(self) -> None:
        now, ends = self._clock.now(), self._source.ends_at
        self._seen, self._failing, self._refreshed_at = ends, False, now
        note = {"refreshed_at": now.isoformat(), "expires_at": ends.isoformat() if ends else None}
        await self._store.write(lambda tx: tx.set_note(note_key(self._name), json.dumps(note)))
        logger(part="oauth").info("token.refreshed", about=self._name, expires_at=note["expires_at"])

    async def _failed(self, error: Temporary | Permanent) -> None:
        self._failing = True
        try:
            await self._store.write(lambda tx: self._note_failure(tx, error))
        except Temporary as store_error:  # the sign-in's error is the one that matters
            logger(part="oauth").error("store.failed", error=str(store_error))

    def _note_failure(self, tx: Transaction, error: Temporary | Permanent) -> None:
        now = self._clock.now()
        note: dict[str, Any] = json.loads(tx.get_note(note_key(self._name)) or "{}")
        since = datetime.fromisoformat(note.setdefault("since", now.isoformat()))
        note["error"] = str(error)
        if "told" not in note and (isinstance(error, Permanent) or now - since >= _PATIENCE):
            note["told"] = now.isoformat()
            trouble.tell_admin(
                tx,
                self._desk(),
                Trouble.TOKEN_EXPIRY,
                self._name,
                since,
                now,
                detail=str(error),
                until=self._seen,
            )
        tx.set_note(note_key(self._name), json.dumps(note))
