"""A dispatcher with everything around it: a real store, a mailer that answers as told."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

from tests.app.house import Clock
from triage.adapters.handover_file import HandoverFile
from triage.app.dispatch import Dispatcher
from triage.app.outbox_turn import OutboxTurns
from triage.app.workers import DispatchSummary, Pace
from triage.core import signing
from triage.core.model import MailKind
from triage.core.records import OutboxRow
from triage.errors import Permanent
from triage.ports import Delivery, Rendered, Sent

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LUCIA = "lucia@netone.example"


class Words:
    """Both ports of making a mail, in two lines; `bad` keys cannot be rendered."""

    def __init__(self):
        self.rendered = Counter()

    def render(self, row, now):
        self.rendered[row.key] += 1
        if row.draft.get("bad"):
            raise Permanent("templates/es/x.txt:3: no such variable")
        if row.draft.get("bug"):
            raise KeyError("bug")
        return Rendered("hola", "texto")

    def compose(self, row, rendered, now):
        head = f"Message-ID: <{row.message_id}>\r\nSubject: {rendered.subject}\r\nDate: {now.isoformat()}"
        return f"{head}\r\n\r\n{rendered.text}\r\n".encode()


class Script:
    """A mailer that answers as told and remembers."""

    def __init__(self, *results):
        self.results = list(results)
        self.sent = []
        self.gate = None

    async def send(self, sender, recipient, content, begin):
        if not begin():
            return Sent(Delivery.DEFERRED, 0, "not any more")
        self.sent.append((sender, recipient, content))
        if self.gate is not None:
            await self.gate.wait()
        result = self.results.pop(0) if self.results else Delivery.ACCEPTED
        if isinstance(result, Exception):
            raise result
        return result if isinstance(result, Sent) else Sent(result, 0, str(result))

    async def check(self):
        return "script"

    async def close(self):
        return None


def a_row(number=1, **more):
    key = more.pop("key", f"ack:{number}")
    settings = {
        "key": key,
        "kind": MailKind.ACKNOWLEDGEMENT,
        "to": f"client{number}@x.example",
        "message_id": signing.message_id(b"s", "netone.example", key, f"client{number}@x.example"),
        "draft": {"template": "ack", "variables": {"subject": f"asunto {number}"}},
        "created_at": START,
        "next_at": START,
    }
    return OutboxRow(**(settings | more))


class House:
    """A dispatcher with everything around it."""

    def __init__(self, store, folder, mailer=None, clock=None, pace=None, **turns):
        self.store, self.mailer, self.clock = store, mailer or Script(), clock or Clock(START)
        self.handover = HandoverFile(folder)
        self.told, self.copies, self.alerts, self.rests = [], [], [], [0.0]
        self.words = Words()
        settings = {
            "renderer": self.words,
            "composer": self.words,
            "lease": timedelta(minutes=2),
            "handover": self.handover,
            "own": lambda: frozenset({LUCIA}),
            "on_outcome": self.tell,
            "on_breaker": lambda tx, reason, now: self.alerts.append(reason),
        }
        self.turns = OutboxTurns(**(settings | turns))
        self.dispatcher = Dispatcher(
            store,
            self.mailer,
            self.turns,
            self.clock,
            pace=pace or Pace(),
            return_path=lambda row: f"soporte+b.{row.id}@netone.example",
            on_sent=self.copies.append,
            alive=self.rests.append,
        )

    def tell(self, tx, rows, now):
        self.told += [(row.key, row.state) for row in rows]

    async def add(self, *rows):
        await self.store.write(lambda tx: tx.add_outbox(rows))

    async def once(self) -> DispatchSummary:
        return await self.dispatcher.run_once()

    async def rows(self):
        found = await self.store.read(lambda tx: tx.list_outbox())
        return {row.key: row for row in found}

    async def row(self, key="ack:1"):
        return (await self.rows())[key]

    async def events(self):
        return [e.event for e in await self.store.read(lambda tx: tx.events_since(START, ["mail.accepted", "mail.failed", "mail.uncertain", "mail.deferred", "mail.refused"]))]  # fmt: skip

    def later(self, **delta):
        self.clock.at += timedelta(**delta)


class Running:
    """The loop at work, until the block ends."""

    def __init__(self, house):
        self.house, self.stop = house, asyncio.Event()

    async def __aenter__(self):
        self.task = asyncio.ensure_future(self.house.dispatcher.run(self.stop))
        return self

    async def __aexit__(self, *_):
        self.stop.set()
        await asyncio.wait_for(self.task, 10)

    async def until(self, condition):
        async with asyncio.timeout(5):
            while not condition():
                await asyncio.sleep(0.005)
