"""Fetches the files that a mail to an agent only names, from the mailbox where they lie, and sends them along.

Called by the dispatcher in the place of the mailer. No file ever keeps a mail from going: one that is gone, a mailbox
that is away or slow, a relay that refuses the mail because of them cost the file, and a line that says why. Only the
first try takes files along; what is stored stays the mail without them (docs/adr/0002).
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from triage.app.files import decoded
from triage.core import sayings
from triage.core.records import Data, OutboxRow
from triage.core.site import Site
from triage.errors import Permanent, Temporary
from triage.log import logger
from triage.ports import Clock, Composer, File, FolderStatus, Mailbox, Mailer, Sent

_PATIENCE = 20.0  # seconds for all files of one mail
_GIVEN_UP = timedelta(minutes=1)  # for which a mailbox that was away is not asked again
_REFUSED = 400

Begin = Callable[[], bool]


@dataclass
class Shelf:
    """A folder that files are fetched from, over a connection of its own, opened when it is first needed."""

    mailbox: Mailbox
    status: FolderStatus | None = None
    away_until: datetime | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True, slots=True)
class _Fetched:
    """What could be had of the files that a mail names, and why the others could not."""

    files: tuple[File, ...] = ()
    missing: tuple[tuple[Data, str], ...] = ()


class Enclosing:
    """`shelves`: by mailbox, the folder that mail arrives in and the one it is moved to when it is settled."""

    def __init__(
        self,
        shelves: Mapping[str, Sequence[Shelf]],
        composer: Composer,
        mailer: Mailer,
        clock: Clock,
        site: Callable[[], Site],
        patience: float = _PATIENCE,
    ) -> None:
        self._shelves = shelves
        self._composer = composer
        self._mailer = mailer
        self._clock = clock
        self._site = site
        self._patience = patience
        self._log = logger(part="dispatch")

    async def send(self, sender: str, row: OutboxRow, begin: Begin) -> Sent:
        """Send a mail with the files it names; without them if the relay refuses it so (`begin`: see `Mailer`)."""
        content = row.content or b""
        named = [one for one in row.draft.get("attachments") or () if "section" in one]
        if not named:
            return await self._mailer.send(sender, row.to, content, begin)
        if row.attempts or row.doubts:
            return await self._without(sender, row, named, row.last_error, begin)
        fetched = await self._fetched(named)
        note = self._note(fetched.missing)
        whole = self._composer.enclose(row, content, fetched.files, note)
        sent = await self._mailer.send(sender, row.to, whole, begin)
        if fetched.files and sent.code >= _REFUSED and not sent.relay:
            return await self._without(sender, row, named, f"{sent.code} {sent.error}", begin)
        return sent

    async def close(self) -> None:
        for shelves in self._shelves.values():
            for shelf in shelves:
                await shelf.mailbox.close()

    async def _without(
        self, sender: str, row: OutboxRow, named: Sequence[Data], why: str, begin: Begin
    ) -> Sent:
        note = self._note([(one, why) for one in named])
        content = self._composer.enclose(row, row.content or b"", (), note)
        return await self._mailer.send(sender, row.to, content, begin)

    def _note(self, missing: Sequence[tuple[Data, str]]) -> str:
        """Say which files did not come, why, and how to get them."""
        if not missing:
            return ""
        site = self._site()
        lines = [f"- {one['name']}: {' '.join(why.split())[:200]}" for one, why in missing]
        return (
            "\n".join((sayings.say(site, "files_missing"), *lines, sayings.say(site, "files_again"))) + "\n"
        )

    # -- fetching ----------------------------------------------------------------------------------------------------

    async def _fetched(self, named: Sequence[Data]) -> _Fetched:
        files: list[File] = []
        missing: list[tuple[Data, str]] = []
        until = asyncio.get_running_loop().time() + self._patience
        for one in named:
            try:
                async with asyncio.timeout_at(until):
                    content = await self._content(one)
            except TimeoutError:
                missing.append((one, f"not fetched within {self._patience:.0f} s"))
            except (Permanent, Temporary, ValueError) as error:
                missing.append((one, str(error)))
            else:
                files.append(File(str(one["name"]), str(one["content_type"]), content))
        if missing:
            self._log.warning("attachment.missing", files=len(missing), error=missing[0][1])
        return _Fetched(tuple(files), tuple(missing))

    async def _content(self, one: Data) -> bytes:
        """Fetch a file: by its UID where the folder is still the same, else by the Message-ID, here or where it went."""
        error: Permanent | Temporary = Permanent("its mailbox is not watched any more")
        for shelf in self._shelves.get(str(one["mailbox"]), ()):
            async with shelf.turn:
                try:
                    return await self._from(shelf, one)
                except (Permanent, Temporary) as found:
                    error = found
        raise error

    async def _from(self, shelf: Shelf, one: Data) -> bytes:
        now = self._clock.now()
        if shelf.away_until is not None and now < shelf.away_until:
            raise Temporary("the mailbox cannot be reached")
        try:
            try:
                return await self._read(shelf, one)
            except Temporary:
                shelf.status = (
                    None  # a kept connection may have been ended by the server: once more, over a new one
                )
                return await self._read(shelf, one)
        except Temporary:
            shelf.status, shelf.away_until = None, now + _GIVEN_UP
            raise
        except BaseException:  # cancelled in the middle of an answer: the connection is out of step
            shelf.status = None
            raise

    async def _read(self, shelf: Shelf, one: Data) -> bytes:
        if shelf.status is None:
            shelf.status = await shelf.mailbox.connect()
        mailbox, tried = shelf.mailbox, None
        failure = Permanent("the client's mail is not in the mailbox any more")
        if shelf.status.uidvalidity == one["uidvalidity"]:
            tried = int(one["uid"])
            try:
                return await _octets(mailbox, tried, one)
            except Permanent as error:
                failure = error
        uid = await mailbox.find(str(one["message_id"])) if one["message_id"] else None
        if uid is None or uid == tried:
            raise failure
        return await _octets(mailbox, uid, one)


async def _octets(mailbox: Mailbox, uid: int, one: Data) -> bytes:
    raw = b"".join([piece async for piece in await mailbox.fetch_section(uid, str(one["section"]))])
    content = decoded(raw, str(one["encoding"]))
    if not content and one["size"]:
        raise Permanent("the server delivered nothing of it")
    return content
