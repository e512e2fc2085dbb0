"""Fetches a folder's messages batch by batch and has them read: the way in, before anything is decided.

The next batch is fetched while the last is read, and now and then what was committed meanwhile is settled beside it. A
message that may be set aside is fetched whole, the files of an agent's mail while it is at hand. Called by `app.intake`.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from dataclasses import replace
from functools import partial

from triage.app import files as answer_files
from triage.app.beginning import Beginnings
from triage.app.pipeline import Beside, ahead
from triage.app.received import Received, receive
from triage.app.watched import Watched
from triage.core.desk import Desk
from triage.core.message import RawMail
from triage.core.model import Role
from triage.core.understood import Understood
from triage.errors import Permanent, Temporary, Unreadable
from triage.log import logger
from triage.ports import Clock, Fetched, MessageReader

_SETTLED_TOGETHER = 4  # batches; to settle one costs as much as to settle several
_WHOLE = 25_000_000  # octets of a message set aside that are kept; larger ones are cut


class Fetcher:
    """`turns`: a folder's lock is held while its mailbox is asked. `settle`: called beside a fetch."""

    def __init__(
        self,
        reader: MessageReader,
        desk: Callable[[], Desk],
        clock: Clock,
        beginnings: Beginnings,
        turns: defaultdict[str, asyncio.Lock],
        settle: Callable[[Watched, int], Coroutine[None, None, None]],
    ) -> None:
        self._reader = reader
        self._desk = desk
        self._clock = clock
        self._beginnings = beginnings
        self._turns = turns
        self._settle = settle

    async def received(
        self,
        watched: Watched,
        uidvalidity: int,
        chunks: Sequence[Sequence[int]],
        stopping: Callable[[], bool],
    ) -> AsyncGenerator[tuple[Sequence[int], list[Received]], None]:
        """Yield each chunk of UIDs with its messages, read; ends early once `stopping` says so."""
        async with ahead(self._fetched(watched, uidvalidity, chunks, stopping)) as ready:
            async for chunk, fetched in ready:
                yield chunk, await self._read(watched, fetched)

    async def _fetched(
        self,
        watched: Watched,
        uidvalidity: int,
        chunks: Sequence[Sequence[int]],
        stopping: Callable[[], bool],
    ) -> AsyncGenerator[tuple[Sequence[int], Sequence[Fetched]], None]:
        async with Beside() as beside:
            for number, chunk in enumerate(chunks, 1):
                if stopping():
                    return
                async with self._turns[watched.name]:
                    fetched = await watched.mailbox.fetch(chunk)
                yield chunk, fetched
                if number % _SETTLED_TOGETHER == 0:
                    beside.go(partial(self._settle, watched, uidvalidity))

    async def _read(self, watched: Watched, fetched: Sequence[Fetched]) -> list[Received]:
        """Read apart; what may be set aside is fetched whole."""
        desk, now = self._desk(), self._clock.now()
        mails = [one.mail for one in fetched if one.mail is not None]
        answers = iter(await self._reader.read_many(mails, desk))
        begun = self._beginnings.of(watched.name)
        received = []
        for one in fetched:
            read: Understood | Unreadable | None = None if one.mail is None else next(answers)
            old = begun.passes_over(one.uid, one.internal_date)
            received.append(replace(receive(desk, one, read, now), old=old))
        return [
            await self.with_the_whole(watched, await self._with_the_files(watched, one)) for one in received
        ]

    async def _with_the_files(self, watched: Watched, one: Received) -> Received:
        """Fetch the files of an agent's mail while it is at hand: his answer takes them along to the client."""
        read, message, mail = one.reading, one.message, one.fetched.mail
        if read is None or message is None or mail is None or watched.sent:
            return one
        if read.role is not Role.AGENT or not message.attachments or read.forwarded:
            return one
        async with self._turns[watched.name]:
            files, left_out = await answer_files.fetched(
                partial(watched.mailbox.fetch_section, one.fetched.uid), message.attachments
            )
        return replace(one, files=files, left_out=left_out)

    async def with_the_whole(self, watched: Watched, one: Received) -> Received:
        """Fetch all of a message that may be set aside, as far as it can be had."""
        mail = one.fetched.mail
        if not one.may_be_set_aside or (mail is not None and mail.raw is not None):
            return one
        raw = bytearray()
        try:
            async with self._turns[watched.name]:
                async for piece in await watched.mailbox.fetch_section(one.fetched.uid, ""):
                    raw += piece
                    if len(raw) >= _WHOLE:
                        break
        except (Temporary, Permanent) as error:
            # what could be had of it is kept all the same; a lost connection shows itself at the next command
            logger(part="intake").warning(
                "message.not_whole", mailbox=watched.name, uid=one.fetched.uid, error=str(error)
            )
        if not raw:
            return one
        return replace(one, fetched=replace(one.fetched, mail=RawMail(raw=bytes(raw), size=len(raw))))
