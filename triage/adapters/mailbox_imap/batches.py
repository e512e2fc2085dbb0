"""Fetches many messages in few commands, and finds out which one of a batch the server cannot deliver.

Called by `mailbox`; the commands themselves are in `fetching`.
"""

from collections.abc import AsyncIterator, Sequence
from functools import partial

from triage.adapters.mailbox_imap import fetching
from triage.adapters.mailbox_imap.config import ImapConfig
from triage.adapters.mailbox_imap.fetching import Described, Piece
from triage.adapters.mailbox_imap.sections import Wanted, grouped
from triage.adapters.mailbox_imap.session import Session
from triage.core.message import RawMail
from triage.errors import Permanent, Temporary, TriageError
from triage.ports import Fetched

ANSWER_OCTETS = 4 << 20
"""About how much one answer may bring into memory."""

DESCRIPTION_OCTETS = 16_384
"""What the header and structure of one mail may be expected to take, for the deadline."""


class Batches:
    """Everything that reads messages over a session."""

    def __init__(self, session: Session, config: ImapConfig) -> None:
        self._session = session
        self._limits = config.limits
        self._folder = config.folder

    async def fetch(self, uids: Sequence[int]) -> Sequence[Fetched]:
        """Return the messages in UID order; one that vanished meanwhile is absent.

        Where a batch fails, the connection is opened anew and its messages are fetched one at a time: only the one
        that the server cannot deliver gets an error. Raises Temporary when the connection cannot be had back.
        """
        ordered = sorted(set(uids))
        found: list[Fetched] = []
        for start in range(0, len(ordered), self._limits.batch):
            some = ordered[start : start + self._limits.batch]
            self._session.connected()
            try:
                found += await self._fetch_batch(some)
            except TriageError:
                found += await self._fetch_singly(some)
        return found

    async def _fetch_batch(self, uids: Sequence[int]) -> list[Fetched]:
        limits = self._limits
        described = await self._session.command(
            lambda client: fetching.describe(client, uids, limits),
            f"fetching the structure of {named(uids)}",
            octets=len(uids) * DESCRIPTION_OCTETS,
        )
        bodies = await self._fetch_sections({item.uid: item.plan for item in described})
        found: list[Fetched] = []
        for item in described:
            found += await self._assembled(item, bodies.get(item.uid))
        return found

    async def _fetch_sections(self, plans: dict[int, Wanted]) -> dict[int, dict[str, bytes]]:
        found: dict[int, dict[str, bytes]] = {}
        for plan, some in grouped(plans, ANSWER_OCTETS):
            found |= await self._session.command(
                partial(fetching.sections, uids=some, plan=plan),
                f"fetching the text of {named(some)}",
                octets=len(some) * sum(most for _, most in plan),
            )
        return found

    async def _assembled(self, item: Described, bodies: dict[str, bytes] | None) -> list[Fetched]:
        if item.leaves and item.complete(bodies or {}):
            return [Fetched(item.uid, item.internal_date, item.with_bodies(bodies or {}))]
        raw = await self._fetch_raw(item.uid)
        return (
            [] if raw is None else [Fetched(item.uid, item.internal_date, RawMail(raw=raw, size=item.size))]
        )

    async def _fetch_raw(self, uid: int) -> bytes | None:
        """Fetch a mail whole, up to the limit, a megabyte at a time; None where it is gone."""
        raw, limit = bytearray(), self._limits.stored
        while len(raw) < limit:
            wanted = min(fetching.PIECE, limit - len(raw))
            piece = await self._piece(uid, "", len(raw), wanted)
            if piece is None:
                return None
            raw += piece.octets or b""
            if len(piece.octets or b"") < wanted:
                break
        return bytes(raw)

    async def _piece(self, uid: int, section: str, offset: int, octets: int) -> Piece | None:
        return await self._session.command(
            lambda client: fetching.piece(client, uid, section, offset, octets),
            f"fetching message {uid}",
            octets=octets,
        )

    async def _fetch_singly(self, uids: Sequence[int]) -> list[Fetched]:
        found: list[Fetched] = []
        for uid in uids:
            await self._session.reconnect()
            try:
                found += await self._fetch_batch([uid])
            except Permanent:
                raise
            except Temporary as error:
                found += await self._fetch_without_structure(uid, error)
        return found

    async def _fetch_without_structure(self, uid: int, first: Temporary) -> list[Fetched]:
        """Try a message without asking for its structure; what fails again is reported with its UID."""
        await self._session.reconnect()
        try:
            known = await self._session.command(
                lambda client: fetching.facts(client, uid), f"fetching the size of {uid}"
            )
        except Temporary:
            return [Fetched(uid, None, None, error=str(first))]
        if known is None:
            return []
        date, size = known
        try:
            raw = await self._fetch_raw(uid)
        except Temporary as second:
            return [Fetched(uid, date, None, error=f"{first}; then, asked for the whole: {second}")]
        if raw is None:
            return []
        return [Fetched(uid, date, RawMail(raw=raw, size=size))]

    async def section(self, uid: int, section: str) -> AsyncIterator[bytes]:
        """Return a stream of one part's transfer-encoded bytes ("": of the whole message), a megabyte at a time.

        Raises Permanent, before or within the stream, if there is no such message or part.
        """
        first = await self._piece(uid, section, 0, fetching.PIECE)
        if first is None or first.octets is None:
            what = "is gone" if first is None else f"has no part {section}"
            raise Permanent(f"message {uid} of {self._folder} {what}")
        return self._stream(uid, section, first.octets)

    async def _stream(self, uid: int, section: str, octets: bytes) -> AsyncIterator[bytes]:
        offset = 0
        while octets:
            yield octets
            if len(octets) < fetching.PIECE:
                return
            offset += len(octets)
            piece = await self._piece(uid, section, offset, fetching.PIECE)
            if piece is None:
                raise Permanent(f"message {uid} of {self._folder} went away while it was read")
            octets = piece.octets or b""


def named(uids: Sequence[int]) -> str:
    return f"message {uids[0]}" if len(uids) == 1 else f"{len(uids)} messages from {uids[0]} on"
