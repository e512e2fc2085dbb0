"""`triage check --probe`: one canary to one mailbox now, watched from the relay to the mailbox; says where it stuck.

Sent by the mailer itself, past the outbox: it must work beside a daemon, without one, and when one hangs.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.app.checking import Finding
from triage.core import canary, drafts_site, outgoing, reading
from triage.core.desk import Desk
from triage.core.message import RawMail
from triage.core.site import MailboxIdentity
from triage.errors import Unreadable
from triage.ports import Clock, Composer, Delivery, Mailbox, Mailer, MessageParser, Renderer, Store

_LOOK_SECONDS = 0.5
_MARK = b"canary"


@dataclass(frozen=True)
class Probe:
    """What one needs. `mailbox` is a connection of its own, beside that of a daemon."""

    box: MailboxIdentity
    desk: Desk
    mailbox: Mailbox
    mailer: Mailer
    renderer: Renderer
    composer: Composer
    parser: MessageParser
    store: Store
    clock: Clock
    monotonic: Callable[[], float] = time.monotonic

    async def __call__(self, seconds: float) -> list[Finding]:
        """Send one, wait for it at most so long. Raises Temporary or Permanent where the mailbox fails."""
        status = await self.mailbox.connect()
        now = self.clock.now()
        at = canary.moment(now)
        begun = self.monotonic()
        sent = await self.mailer.send(
            self.box.address, self.box.address, self._content(at, seconds), _at_once
        )
        if sent.result is not Delivery.ACCEPTED:
            return [Finding("error", self._what, f"the relay did not take the mail: {sent.error}")]
        accepted = f"relay accepted it at {self.clock.now():%H:%M:%SZ}"
        after = status.uidnext - 1
        while self.monotonic() - begun < seconds:
            if await self._arrived(status.uidvalidity, after, at):
                took = self.monotonic() - begun
                return [
                    Finding("ok", self._what, f"{accepted}, read in the mailbox {took:.1f} s after sending")
                ]
            await asyncio.sleep(_LOOK_SECONDS)
        hint = "look at the relay's log, then at the mailbox's filters, spam folder and quota"
        words = f"{accepted}, not seen in the mailbox within {seconds:g} s: {hint}"
        return [Finding("error", self._what, words)]

    @property
    def _what(self) -> str:
        return f"probe {self.box.name}"

    def _content(self, at: datetime, seconds: float) -> bytes:
        site, company = self.desk.site, self.desk.support.company
        mail = drafts_site.canary(site, company, self.box, at, at + timedelta(seconds=seconds))
        row = outgoing.row(site, mail, at)
        return self.composer.compose(row, self.renderer.render(row, at), at)

    async def _arrived(self, uidvalidity: int, after: int, at: datetime) -> bool:
        """Look into the folder, and into the ledger: a daemon beside us may have read it and moved it away."""
        fetched = await self.mailbox.fetch(await self.mailbox.uids_after(after))
        if any(self._is(one.mail, at) for one in fetched if one.mail is not None):
            return True
        since = range(after + 1, after + 1_000)
        taken = await self.store.read(lambda tx: tx.ledger(self.box.name, uidvalidity, since))
        return any(entry.outcome == canary.OUTCOME and entry.at >= at for entry in taken.values())

    def _is(self, mail: RawMail, at: datetime) -> bool:
        if _MARK not in (mail.header or mail.raw or b""):  # other people's mail is not for us to read
            return False
        try:
            message = self.parser.parse(mail)
        except Unreadable:
            return False
        site = self.desk.site
        return canary.recognised(site, self.box, message, reading.read(message, site)) == at


def _at_once() -> bool:
    return True
