"""What each stage of one message costs, in milliseconds of CPU: parse, read, classify, commit, prepare, record.

    python -m bench.stages [N]

In one process, without network: the real parser, rules, store (SQLite, FULL) and templates on N realistic mails of
which each opens a case. CPU time, because the wall clock of a busy machine says little; with the number of mails sent
per case beside it.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import TypeVar

from bench.mails import make
from tests.e2e.daemon import configured
from triage import settings
from triage.adapters.composer_mime import MimeComposer
from triage.adapters.handover_file import HandoverFile
from triage.adapters.parser_mailparser.parser import MailParser
from triage.adapters.renderer_jinja import JinjaRenderer
from triage.adapters.store_sql.store import SqlStore, open_store
from triage.app import batch
from triage.app.outbox_turn import OutboxTurns, Turn
from triage.app.outcomes import Outcomes
from triage.app.received import Folder, Received, _arrival
from triage.core import delivery, reading
from triage.core.desk import Desk
from triage.core.message import Leaf, RawMail
from triage.core.records import OutboxOutcome
from triage.core.understanding import classify
from triage.ports import Fetched
from triage.settings import Settings
from triage.wiring import reloadable, servers
from triage.wiring.servers import governor, our_people

BATCH = 50
T = TypeVar("T")


def as_fetched(raw: bytes) -> RawMail:
    """Return a mail as the mailbox delivers it: header and text parts, the attachments left on the server."""
    header, _, body = raw.partition(b"\r\n\r\n")
    mail = message_from_bytes(raw)
    if not mail.is_multipart():
        leaf = Leaf(
            "1",
            mail.get_content_type(),
            {"charset": "utf-8"},
            mail["Content-Transfer-Encoding"],
            size=len(body),
            body=body,
        )
        return RawMail(header=header + b"\r\n\r\n", leaves=(leaf,), size=len(raw))
    leaves = []
    alternative, attachment = (part for part in mail.get_payload() if isinstance(part, Message))
    texts = (part for part in alternative.get_payload() if isinstance(part, Message))
    for number, part in enumerate(texts, 1):
        body = str(part.get_payload()).encode()
        encoding = part["Content-Transfer-Encoding"]
        leaves.append(
            Leaf(
                f"1.{number}",
                part.get_content_type(),
                {"charset": "utf-8"},
                encoding,
                size=len(body),
                body=body,
            )
        )
    name = attachment.get_filename("")
    leaves.append(
        Leaf("2", "image/png", encoding="base64", disposition="attachment", filename=name, size=200_000)
    )
    return RawMail(header=header + b"\r\n\r\n", leaves=tuple(leaves), size=len(raw))


class Costs:
    """CPU milliseconds by stage."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    def of(self, stage: str, work: Callable[[], T]) -> T:
        began = time.process_time()
        result = work()
        self.add(stage, began)
        return result

    def add(self, stage: str, began: float) -> None:
        self.spent[stage] = self.spent.get(stage, 0.0) + time.process_time() - began


def desk_of(config: Settings) -> Desk:
    renderer = JinjaRenderer(config.templates_path)
    return reloadable.Reloadable(config, config.identity(), config.rules_path, renderer).desk


def turns_of(config: Settings, desk: Desk, folder: Path) -> OutboxTurns:
    """Return the dispatcher's turns as the daemon has them."""
    return OutboxTurns(
        JinjaRenderer(config.templates_path),
        MimeComposer(desk.site),
        HandoverFile(folder),
        lease=timedelta(minutes=5),
        limits=governor(config, desk.site),
        ages=servers.mail_ages(config),
        own=lambda: our_people(desk.site),
        on_outcome=Outcomes(lambda: desk),
    )


def read_all(
    costs: Costs, desk: Desk, raws: Sequence[bytes], now: datetime, first_uid: int = 1
) -> list[Received]:
    parser = MailParser()
    fetched = [Fetched(uid, now, as_fetched(raw)) for uid, raw in enumerate(raws, first_uid)]
    messages = costs.of("parse", lambda: [parser.parse(one.mail) for one in fetched if one.mail])
    readings = costs.of("read", lambda: [reading.read(message, desk.site) for message in messages])
    found = costs.of(
        "classify",
        lambda: [
            classify(desk.support.rules, m, r, desk.site) for m, r in zip(messages, readings, strict=True)
        ],
    )
    received = []
    for one, message, read, classification in zip(fetched, messages, readings, found, strict=True):
        at, flags = _arrival(one, message, desk, now)
        received.append(Received(one, at, flags, message, read, classification))
    return received


async def commit_all(
    costs: Costs, store: SqlStore, desk: Desk, received: Sequence[Received], now: datetime
) -> None:
    folder = Folder("soporte", 1)
    for start in range(0, len(received), BATCH):
        chunk = received[start : start + BATCH]
        began = time.process_time()
        await store.write(
            lambda tx, chunk=chunk: batch.take(tx, desk, folder, chunk, now, chunk[-1].fetched.uid)
        )
        costs.add("decide+commit", began)


async def dispatch_all(costs: Costs, store: SqlStore, turns: OutboxTurns, now: datetime) -> int:
    """Claim, render and record everything that waits, as the dispatcher does; nothing is sent."""
    sent = 0
    done: list[OutboxOutcome] = []
    number = 0
    while True:
        number += 1
        began = time.process_time()
        turn = Turn(now, done, BATCH, f"bench.{number}")
        turned = await store.write(lambda tx, turn=turn: turns.perform(tx, turn))
        costs.add("dispatch turns", began)
        if not turned.ready and not done:
            return sent
        sent += len(turned.ready)
        done = [delivery.accepted(row, now) for row in turned.ready]


async def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    chance = random.Random(7)
    raws = [make(n, chance) for n in range(count)]
    now = datetime(2026, 10, 20, 13, 15, tzinfo=UTC)  # a Tuesday in hours: agents hear of every case at once
    with tempfile.TemporaryDirectory() as folder:
        site = configured(Path(folder), imap=1, smtp=1, user="nobody", limits="{backlog: 4000d, batch: 50}")
        config = settings.locate(site.config)
        desk = desk_of(config)
        turns = turns_of(config, desk, Path(folder))
        store = await open_store(config.store_url())
        read_all(Costs(), desk, raws[:20], now)  # warm: automata, caches
        costs = Costs()
        received = read_all(costs, desk, raws, now)
        await commit_all(costs, store, desk, received, now)
        sent = await dispatch_all(costs, store, turns, now)
        await store.close()
    print(f"{count} mails, {sent} mails sent, ms CPU per message")
    for stage, seconds in costs.spent.items():
        print(f"{stage:16} {1000 * seconds / count:7.3f}")
    print(f"{'all':16} {1000 * sum(costs.spent.values()) / count:7.3f}")


if __name__ == "__main__":
    asyncio.run(main())
