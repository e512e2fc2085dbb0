"""A conversation as a script: a mail arrives, the daemon works, and the test looks at the case and at what was sent.

Real IMAP and SMTP (in process), real store, the daemon's own pass; only the clock is stepped. Time passes by jumping
from one due moment to the next, as the demo does it.
"""

import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from tests.e2e.daemon import RULES, SUPPORT
from triage import settings
from triage.adapters.clock_stepped import SilentAlarmClock, SteppedClock
from triage.adapters.servers_embedded import EmbeddedServers, Posted
from triage.app import showing
from triage.wiring import building


@dataclass
class Playbook:
    servers: EmbeddedServers
    clock: SteppedClock
    built: building.Built
    config: settings.Settings
    seen: int = 0
    raws: list[bytes] = field(default_factory=list)

    async def arrives(self, raw: bytes, at: datetime | None = None) -> list[EmailMessage]:
        """Let time pass until the mail's arrival, let it arrive, and return what was sent because of it."""
        at = at or received_at(raw)
        await self.passes(at)
        await self.servers.append(SUPPORT, raw, at)
        self.sent()
        await self.work()
        return self.sent()

    async def passes(self, until: datetime) -> None:
        while True:
            due = await self.built.store.read(lambda tx: [tx.next_alarm_at(), tx.next_outbox_at()])
            moments = [at for at in due if at is not None and at <= until]
            if not moments:
                break
            self.clock.jump(min(moments))
            await self.work()
        self.clock.jump(until)

    async def work(self) -> None:
        await self.built.daemon.pass_once()
        await self.built.daemon.pass_once()

    def sent(self) -> list[EmailMessage]:
        """Return the mails sent since the last call."""
        fresh = self.servers.posted[self.seen :]
        self.seen = len(self.servers.posted)
        return [parsed(mail) for mail in fresh]

    async def cases(self) -> list[dict[str, Any]]:
        return await self.built.store.read(lambda tx: showing.rows(tx, None, full=True))

    async def case(self) -> dict[str, Any]:
        """Return the one case there is."""
        found = await self.cases()
        assert len(found) == 1, [case["reference"] for case in found]
        return found[0]

    async def aside(self) -> list[Any]:
        return list(await self.built.store.read(lambda tx: tx.list_aside()))


def parsed(mail: Posted) -> EmailMessage:
    """Return a sent mail; its envelope recipients are its only ones."""
    message = email.message_from_bytes(mail.content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert len(mail.recipients) == 1
    return message


def received_at(raw: bytes) -> datetime:
    """Return the instant our own server wrote into its Received line."""
    message = email.message_from_bytes(raw)
    return parsedate_to_datetime(str(message["Received"]).rpartition(";")[2].strip()).astimezone(UTC)


@asynccontextmanager
async def playing(
    folder: Path, start: datetime, *, address: str = SUPPORT, prefix: str = "NO", **changes: Any
) -> AsyncIterator[Playbook]:
    """Set the stage: the sample site, its mailbox read from the beginning. `changes` to the Settings' fields.

    `address` and `prefix` make another desk of it, for two that write to each other.
    """
    clock = SteppedClock(start - timedelta(minutes=1))
    async with EmbeddedServers({SUPPORT: "secreto"}, clock.now) as servers:
        (folder / "secret").write_text("a playbook's secret")
        (folder / "password").write_text("secreto")
        sample = settings.sample()
        box = sample.mailboxes[0]
        imap = box.imap.model_copy(
            update={
                "port": servers.imap_port,
                "user": SUPPORT,
                "password": settings.Secret(file=folder / "password"),
            }
        )
        config = sample.model_copy(
            update={
                "site": sample.site.model_copy(
                    update={
                        "secret": settings.Secret(file=folder / "secret"),
                        "domain": address.partition("@")[2],
                        "reference_prefix": prefix,
                    }
                ),
                "store": f"sqlite:///{folder / 'triage.db'}",
                "rules": RULES,
                "mailboxes": (box.model_copy(update={"imap": imap, "start": "all", "address": address}),),
                "smtp": sample.smtp.model_copy(update={"port": servers.smtp_port}),
                **changes,
            }
        )
        async with building.daemon(config, clock=clock, alarm_clock=SilentAlarmClock()) as built:
            yield Playbook(servers, clock, built, config)


def to_client(mails: list[EmailMessage]) -> list[EmailMessage]:
    return [mail for mail in mails if not str(mail["To"]).endswith(("@netone.example", "@netone.example>"))]


def to_agents(mails: list[EmailMessage]) -> list[EmailMessage]:
    return [mail for mail in mails if mail not in to_client(mails)]
