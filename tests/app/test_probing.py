"""One probe with the mailbox in memory and a relay that does as it is told; against real servers: tests/cli."""

from dataclasses import dataclass
from datetime import datetime

from tests.app.house import DESK, Clock, House
from tests.servers.mailbox_memory import MemoryMailbox
from triage.adapters.composer_mime import MimeComposer
from triage.adapters.parser_mailparser.parser import MailParser
from triage.adapters.renderer_jinja import JinjaRenderer
from triage.app.probing import Probe
from triage.core import canary
from triage.core.records import LedgerEntry
from triage.ports import Delivery, Sent

ACCEPTED = Sent(Delivery.ACCEPTED, 250)
(BOX,) = DESK.site.mailboxes


@dataclass
class Relay:
    """Takes every mail; `deliver` is what it does with it."""

    deliver: object = None
    answer: Sent = ACCEPTED

    async def send(self, sender: str, recipient: str, content: bytes, begin) -> Sent:
        assert begin()
        assert sender == recipient == BOX.address
        if self.deliver is not None:
            await self.deliver(content)
        return self.answer


class Seconds:
    """A second at every look."""

    def __init__(self):
        self.at = 0.0

    def __call__(self) -> float:
        self.at += 1
        return self.at


def probe(store, mailbox: MemoryMailbox, relay: Relay) -> Probe:
    composer, renderer = MimeComposer(DESK.site), JinjaRenderer()
    return Probe(BOX, DESK, mailbox, relay, renderer, composer, MailParser(), store, Clock(), Seconds())


def put_into(mailbox: MemoryMailbox):
    async def deliver(content: bytes) -> None:
        mailbox.add(content, Clock().at)

    return deliver


async def test_a_mail_that_arrives_is_found_among_others(store):
    mailbox = MemoryMailbox()
    deliver = put_into(mailbox)
    await deliver(b"From: ana@tienda.example\r\n\r\nold")

    async def among_others(content: bytes) -> None:
        for raw in (
            b"From: ana@tienda.example\r\n\r\nnew",
            content.replace(b"canary 2026", b"canary 2025"),
            content,
        ):
            await deliver(raw)

    (found,) = await probe(store, mailbox, Relay(among_others))(30)
    assert found.level == "ok"
    assert "relay accepted it at 12:15:00Z, read in the mailbox" in found.words


async def test_one_that_a_daemon_read_and_moved_away_is_found_in_the_ledger(store):
    async def read_by_a_daemon(content: bytes) -> None:
        entry = LedgerEntry("soporte", 1, 1, canary.OUTCOME, Clock().at)
        await store.write(lambda tx: tx.add_ledger([entry]))

    (found,) = await probe(store, MemoryMailbox(), Relay(read_by_a_daemon))(30)
    assert found.level == "ok"


async def test_what_does_not_arrive_is_said_with_what_did_happen(store):
    (found,) = await probe(store, MemoryMailbox(), Relay())(1)
    assert found.level == "error"
    assert "relay accepted it at 12:15:00Z, not seen in the mailbox within 1 s" in found.words


async def test_what_the_relay_refuses_is_said_in_its_words(store):
    no = Sent(Delivery.REFUSED, 550, "550 no relaying")
    (found,) = await probe(store, MemoryMailbox(), Relay(answer=no))(9)
    assert (found.level, found.words) == ("error", "the relay did not take the mail: 550 no relaying")


async def test_an_older_canary_in_the_ledger_is_not_taken_for_it(store):
    entry = LedgerEntry("soporte", 1, 1, canary.OUTCOME, datetime.fromisoformat("2026-10-20T12:00:00Z"))
    await store.write(lambda tx: tx.add_ledger([entry]))
    house = House(store)
    (found,) = await probe(store, house.box, Relay())(1)
    assert found.level == "error"
