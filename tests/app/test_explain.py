"""What a decision is judged by where nothing is fetched: the moment, the memory, and what would be sent at once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.app.house import DESK, START, House, a_mail
from triage.adapters.parser_mailparser.parser import MailParser
from triage.app import explain
from triage.app.explain import Explained
from triage.core.message import Message, RawMail
from triage.core.model import State
from triage.core.reception import Way
from triage.core.records import OutboxRow
from triage.errors import Unreadable
from triage.ports import Rendered

NOW = datetime(2026, 12, 1, tzinfo=UTC)
RECEIVED = "from mail.x.example by mx.netone.example; Tue, 20 Oct 2026 11:00:00 -0300"


def told(raw: bytes, **how: Any) -> Explained:
    return explain.explain(MailParser(), DESK, raw, NOW, **how)


@pytest.mark.parametrize(
    ("fields", "at", "moment"),
    [
        ({"Received": RECEIVED}, START, START),
        ({"Received": RECEIVED}, None, datetime(2026, 10, 20, 14, tzinfo=UTC)),
        ({"Received": RECEIVED.replace("mx.netone", "mx.another")}, None, START),
        ({}, None, START),
        ({"Date": "no date"}, None, NOW),
    ],
    ids=["as asked", "our own server's Received", "another's Received", "Date", "now"],
)
def test_a_mail_is_judged_as_of_its_arrival(
    fields: dict[str, str], at: datetime | None, moment: datetime
) -> None:
    found = told(a_mail(1, **fields), at=at)
    assert found.at == moment
    assert found.decision is not None
    assert (found.decision.case.arrival, found.decision.case.flags) == (moment, ()), "no backlog"


class Silent:
    """A renderer that must not be asked: no mail would go out."""

    def render(self, row: OutboxRow, now: datetime, *, html: bool = True) -> Rendered:
        raise AssertionError(f"{row.key} at {now}")


class Broken:
    """A parser to which nothing is a message."""

    def parse(self, mail: RawMail) -> Message:
        raise Unreadable(f"{mail.size} octets of nothing")


def test_what_cannot_be_read_is_set_aside_with_its_reason_and_would_be_a_visible_case() -> None:
    found = explain.explain(Broken(), DESK, b"\x00" * 10, NOW)
    assert (found.at, found.set_aside) == (NOW, "10 octets of nothing")
    assert (found.is_case, found.acknowledged) == (False, False)
    answer = explain.as_json("a.eml", found, DESK, Silent())
    assert "visible case" in answer["case_reason"]
    assert answer["ack_reason"] == "could not be read"


def test_without_a_store_the_conversation_is_what_the_mail_shows_by_itself() -> None:
    found = told(a_mail(1, Subject="Re: [NO-2026-000123] Consulta"))
    assert found.link is not None
    assert (found.link.rung, found.link.reference, found.link.joins) == ("subject", "NO-2026-000123", False)
    assert found.route is not None
    assert found.route.way is Way.OPEN


async def remembering(house: House, raw: bytes) -> Explained:
    def work(tx):
        return told(raw, recall=partial(explain.remembered, tx, DESK))

    return await house.store.read(work)


async def test_with_a_store_an_answer_to_a_known_case_joins_it(house: House) -> None:
    house.box.add(a_mail(1), START)
    await house.pump()
    answer = a_mail(2, From="<c1@cliente.example>", In_Reply_To="<m1@cliente.example>")
    found = await remembering(house, answer)
    assert found.route is not None
    assert found.link is not None
    assert (found.route.way, found.link.reference, found.is_case) == (Way.JOIN, "NO-2026-000001", False)
    stranger = await remembering(house, a_mail(3, In_Reply_To="<m1@cliente.example>"))
    assert stranger.is_case


async def test_a_merged_case_is_followed_to_where_it_went_and_a_circle_ends(house: House) -> None:
    for number in (1, 2):
        house.box.add(a_mail(number), START)
    await house.pump()
    first, second = sorted(await house.cases(), key=lambda case: case.reference)
    merged = replace(first, state=State.MERGED, merged_into=second.reference, participants=())
    await house.store.write(
        lambda tx: tx.save_cases([merged, replace(second, participants=(first.client.address,))])
    )
    answer = a_mail(3, From="<c1@cliente.example>", In_Reply_To="<m1@cliente.example>")
    found = await remembering(house, answer)
    assert found.link is not None
    assert (found.link.reference, found.link.joins) == (second.reference, True)
    circle = replace(second, state=State.MERGED, merged_into=first.reference)
    await house.store.write(lambda tx: tx.save_cases([merged, circle]))
    assert (await remembering(house, answer)).route is not None


def test_why_there_is_no_acknowledgement_is_said_by_who_refused_it() -> None:
    robot = told(a_mail(1, Auto_Submitted="auto-replied"))
    answer = explain.as_json("a.eml", robot, DESK, Silent())
    assert (answer["case"], answer["ack"], answer["mails"], answer["deadline"]) == (False, False, [], None)
    assert answer["ack_reason"]
    assert answer["classification"] is None
    assert answer["arrival"] == "2026-10-20T12:15:00Z"


def test_a_forged_agent_is_set_aside_with_its_reason() -> None:
    proof = "mx.netone.example; dmarc=fail header.from=netone.example"
    found = told(a_mail(1, From=f"<{DESK.site.agents[0].address}>", Authentication_Results=proof))
    assert found.set_aside
    assert not found.is_case


def test_a_fraction_of_a_second_changes_nothing() -> None:
    at = START + timedelta(microseconds=900_000)
    assert told(a_mail(1), at=at).at == START
