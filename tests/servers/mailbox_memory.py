"""A folder in memory behind the Mailbox port, that misbehaves on command; what IMAP itself does is tested elsewhere."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from triage.core.message import RawMail
from triage.errors import Permanent, Temporary
from triage.ports import Fetched, FolderStatus


@dataclass
class MemoryMailbox:
    """`undelivered`: UIDs that the server cannot deliver; `refusal`: why it settles nothing; `cut_after`: how many
    fetches work before the connection is lost once.
    """

    uidvalidity: int = 1
    mails: dict[int, tuple[bytes, datetime]] = field(default_factory=dict)
    settled: set[int] = field(default_factory=set)
    undelivered: set[int] = field(default_factory=set)
    refusal: str = ""
    cut_after: int | None = None
    fetches: list[tuple[int, ...]] = field(default_factory=list)
    appended: list[tuple[str, bytes]] = field(default_factory=list)
    away: str = ""
    _rung: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, raw: bytes, at: datetime) -> int:
        uid = max(self.mails, default=0) + 1
        self.mails[uid] = (raw, at)
        self._rung.set()
        return uid

    async def connect(self) -> FolderStatus:
        if self.away:
            raise Temporary(self.away)
        return FolderStatus(
            self.uidvalidity, max(self.mails, default=0) + 1, keywords=True, move=True, idle=True
        )

    async def uids_after(self, last_uid: int) -> Sequence[int]:
        return sorted(uid for uid in self.mails if uid > last_uid)

    async def uids_since(self, since: datetime) -> Sequence[int]:
        day = since.replace(hour=0, minute=0, second=0, microsecond=0)
        return sorted(uid for uid, (_, at) in self.mails.items() if at >= day)

    async def fetch(self, uids: Sequence[int]) -> Sequence[Fetched]:
        if self.cut_after is not None and len(self.fetches) >= self.cut_after:
            self.cut_after = None
            raise Temporary("connection lost while fetching")
        self.fetches.append(tuple(uids))
        return [self._fetched(uid) for uid in uids if uid in self.mails]

    def _fetched(self, uid: int) -> Fetched:
        raw, at = self.mails[uid]
        if uid in self.undelivered:
            return Fetched(uid, at, None, error="the server's index is broken")
        return Fetched(uid, at, RawMail(raw=raw, size=len(raw)))

    async def find(self, message_id: str) -> int | None:
        wanted = f"Message-ID: <{message_id}>".encode()
        return max((uid for uid, (raw, _) in self.mails.items() if wanted in raw), default=None)

    async def fetch_section(self, uid: int, section: str) -> AsyncIterator[bytes]:
        if uid not in self.mails or section:
            raise Permanent(f"no section {section!r} of {uid}")

        async def pieces() -> AsyncIterator[bytes]:
            yield self.mails[uid][0]

        return pieces()

    async def settle(self, uids: Sequence[int]) -> None:
        if self.refusal:
            raise Permanent(self.refusal)
        self.settled.update(uids)

    async def append(self, folder: str, raw: bytes, at: datetime) -> None:
        if self.away:
            raise Temporary(self.away)
        self.appended.append((folder, raw))

    async def wait(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True

    def wake(self) -> None:
        self._rung.set()

    async def leave(self) -> None: ...
    async def close(self) -> None:
        return
