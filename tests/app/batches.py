"""Messages as intake hands them to the transaction, and a batch of them taken."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tests.app.house import DESK, START
from tests.builders import CLIENT, a_message
from triage.app import batch
from triage.app.batch import Taken
from triage.app.received import Folder, Received, receive
from triage.core.desk import Desk
from triage.core.message import RawMail
from triage.core.model import Case
from triage.core.records import OutboxRow
from triage.core.understanding import understand
from triage.errors import Unreadable
from triage.ports import Fetched, Store

FOLDER = Folder("soporte", 1)
SENT = Folder("soporte/sent", 1, sent=True)
LUCIA, DIEGO, CARLA = (agent.address for agent in DESK.site.agents)
ANA = CLIENT
PROVEN = (("Authentication-Results", "mx.netone.example; dmarc=pass header.from=netone.example"),)
FORGED = (("Authentication-Results", "mx.netone.example; dmarc=fail header.from=netone.example"),)


def received(uid: int = 1, at: datetime = START, desk: Desk = DESK, **fields: Any) -> Received:
    """A mail that was read; `fields` as for `a_message`. Its Message-ID and digest follow from the UID."""
    plain = {"digest": f"d{uid}", "message_id": f"m{uid}@tienda-prueba.example", "date": START}
    message = a_message(**{**plain, **fields})
    read = understand(message, desk.site, desk.support.rules)
    return receive(desk, Fetched(uid, at, RawMail(raw=b"the mail", size=8)), read, at)


def unreadable(uid: int = 1, error: str = "no message at all") -> Received:
    mail = RawMail(raw=b"the mail", size=8)
    return receive(DESK, Fetched(uid, START, mail), Unreadable(error), START)


async def take(
    store: Store,
    *batch_of: Received,
    folder: Folder = FOLDER,
    now: datetime = START,
    upto: int = 0,
    desk: Desk = DESK,
) -> Taken:
    return await store.write(lambda tx: batch.take(tx, desk, folder, batch_of, now, upto))


async def cases(store: Store) -> list[Case]:
    return sorted(await store.read(lambda tx: tx.list_cases()), key=lambda case: case.reference)


async def mails(store: Store, *kinds: str) -> list[OutboxRow]:
    return [row for row in await store.read(lambda tx: tx.list_outbox()) if not kinds or row.kind in kinds]


async def told(store: Store, event: str) -> list[dict[str, Any]]:
    """Return what the history tells by that name, of any case and of none: `by`, the case, and the data."""
    found = await store.read(lambda tx: tx.events_after(0, 10_000))
    return [{"by": one.by, "case": one.reference, **one.data} for _, one in found if one.event == event]


def templates(rows: Iterable[OutboxRow]) -> list[tuple[str, str]]:
    return sorted((row.to, str(row.draft["template"])) for row in rows)
