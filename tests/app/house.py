"""An intake with everything around it but the network: a real store, the real rules, a mailbox in memory."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from tests.servers.mailbox_memory import MemoryMailbox
from triage import settings
from triage.adapters import rules_yaml
from triage.adapters.parser_mailparser.parser import MailParser
from triage.app.intake import Intake
from triage.app.watched import Watched
from triage.core.desk import Desk
from triage.core.message import RawMail
from triage.core.records import Cursor
from triage.core.understanding import understand
from triage.core.understood import Understood
from triage.errors import Hurtful, Unreadable
from triage.ports import Store

START = datetime(2026, 10, 20, 12, 15, tzinfo=UTC)  # a Tuesday, 9:15 in Buenos Aires
DESK = Desk(
    settings.sample().identity(settings.SAMPLE_SECRET),
    rules_yaml.load(Path(__file__).parents[2] / "rules.yaml")[0],
)


def slower_desk(change: str = "keep") -> Desk:
    """The same desk under a table that promises half as much time again."""
    policy = DESK.support.sla.default
    slower = {
        severity: {
            column: replace(clause, target=clause.target * 3 // 2) for column, clause in columns.items()
        }
        for severity, columns in policy.severities.items()
    }
    sla = replace(DESK.support.sla, default=replace(policy, severities=slower))
    lifecycle = replace(DESK.support.lifecycle, calendar_change=change)
    return replace(DESK, support=replace(DESK.support, sla=sla, lifecycle=lifecycle))


class Clock:
    def __init__(self, at=START):
        self.at = at

    def now(self):
        return self.at


class Reader:
    """Reads here, except what bears the mark: that hurts as often as told."""

    def __init__(self):
        self.parser, self.hurts, self.tries = MailParser(), {}, 0

    async def read_many(self, mails, desk):
        return [self._one(mail, desk) for mail in mails]

    def _one(self, mail: RawMail, desk: Desk) -> Understood | Unreadable:
        raw = mail.raw or b""
        for mark in self.hurts:
            if mark in raw and self.hurts[mark]:
                self.hurts[mark] -= 1
                self.tries += 1
                return Hurtful("the parsing process died of it")
        if b"UNREADABLE" in raw:
            return Unreadable("no message at all")
        return understand(self.parser.parse(mail), desk.site, desk.support.rules)


@dataclass
class House:
    """`box` is the watched folder; `pump` connects, begins and drains it as the daemon does."""

    store: Store
    box: MemoryMailbox = field(default_factory=MemoryMailbox)
    clock: Clock = field(default_factory=Clock)
    reader: Reader = field(default_factory=Reader)
    start: str = "all"
    batch: int = 50

    def __post_init__(self):
        self.intake = Intake(self.store, self.reader, lambda: DESK, self.clock)
        self.watched = Watched("soporte", self.box, self.start, batch=self.batch)

    async def pump(self, watched=None) -> Cursor:
        watched = watched or self.watched
        status = await watched.mailbox.connect()
        cursor = await self.intake.begin(watched, status)
        cursor, _ = await self.intake.drain(watched, cursor)
        return cursor

    async def drain(self, cursor: Cursor, watched=None) -> Cursor:
        return (await self.intake.drain(watched or self.watched, cursor))[0]

    async def cases(self):
        return await self.store.read(lambda tx: tx.list_cases())

    async def outcomes(self, mailbox="soporte", validity=1):
        uids = await self.store.read(lambda tx: tx.ledger_uids(mailbox, validity))
        found = await self.store.read(lambda tx: tx.ledger(mailbox, validity, uids))
        return {uid: entry.outcome for uid, entry in found.items()}

    async def cursor(self, mailbox="soporte"):
        return (await self.store.read(lambda tx: tx.cursor(mailbox))).last_uid

    async def mails(self, kind=None):
        rows = await self.store.read(lambda tx: tx.list_outbox())
        return [row for row in rows if kind is None or row.kind == kind]


def unfenced(store):
    """Write as the one reader there is."""

    async def write(_folder, work):
        return await store.write(work)

    return write


def a_mail(number: int = 1, body: str = "No puedo entrar al panel.", **fields: str) -> bytes:
    head = {
        "From": f"Cliente <c{number}@cliente.example>",
        "To": "soporte@netone.example",
        "Subject": f"problema {number}",
        "Message-ID": f"<m{number}@cliente.example>",
        "Date": "Tue, 20 Oct 2026 09:15:00 -0300",
        "Content-Type": "text/plain; charset=utf-8",
        **{name.replace("_", "-"): value for name, value in fields.items()},
    }
    return ("\r\n".join(f"{k}: {v}" for k, v in head.items()) + f"\r\n\r\n{body}\r\n").encode()
