"""The twelve shared conversations through real IMAP and SMTP; each folder's expected.md in assertions."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.e2e.daemon import SHARED
from tests.e2e.playbook import Playbook, playing, received_at, to_agents, to_client

CONVERSATIONS = SHARED / "labelled" / "conversations"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not CONVERSATIONS.is_dir(), reason="../shared/labelled/conversations is not here"),
]


class Conversation:
    """One folder: its mails with the placeholders filled from what really happened."""

    def __init__(self, play: Playbook, folder: Path) -> None:
        self.play = play
        self.mails = sorted(folder.glob("*.eml"))
        self.step = 0
        self.reminder = ""

    async def next(self) -> list[EmailMessage]:
        raw = self.mails[self.step].read_bytes()
        self.step += 1
        for case in await self.play.cases():
            told = [mail["message_id"] for mail in case["mails"] if mail["kind"] == "acknowledgement"]
            raw = raw.replace(b"{CASE_REF}", case["reference"].encode())
            raw = raw.replace(b"{ACK_MESSAGE_ID}", (told or ["none"])[0].encode())
        if self.reminder:
            raw = raw.replace(b"{REMINDER_MESSAGE_ID}", self.reminder.encode())
        return await self.play.arrives(raw)


Open = Callable[[str], AbstractAsyncContextManager[Conversation]]


@pytest.fixture
async def conversation(tmp_path: Path) -> AsyncIterator[Callable[[str], object]]:
    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def opened(number: str) -> AsyncIterator[Conversation]:
        folder = next(CONVERSATIONS.glob(f"{number}-*"))
        start = received_at(min(folder.glob("*.eml")).read_bytes())
        async with playing(tmp_path, start) as play:
            yield Conversation(play, folder)

    return opened


def acknowledgement(mails: list[EmailMessage], to: str) -> EmailMessage:
    (mail,) = to_client(mails)
    assert str(mail["Auto-Submitted"]) == "auto-replied"
    assert to in str(mail["To"])
    return mail


async def test_01_a_first_mail_opens_a_case_and_is_acknowledged_once(conversation) -> None:
    async with conversation("01") as talk:
        sent = await talk.next()
        case = await talk.play.case()
        mail = acknowledgement(sent, "laura@tienda-ceibo.example")
        assert (case["severity"], case["product"], case["language"]) == (2, "TornadoStore", "es")
        assert case["column"] == "in_hours"
        deadline = datetime.fromisoformat(case["deadline"])
        assert deadline - datetime.fromisoformat(case["arrival"]) == timedelta(hours=24)
        assert f"[{case['reference']}]" in str(mail["Subject"])
        client_id = f"<{case['messages'][0]['message_id']}>"
        assert str(mail["In-Reply-To"]) == client_id
        assert client_id in str(mail["References"])
        agents = [str(m["To"]) for m in to_agents(sent)]
        assert len(agents) == len(set(agents)) > 0


async def test_02_a_reply_to_the_acknowledgement_joins_and_our_own_words_count_for_nothing(
    conversation,
) -> None:
    async with conversation("02") as talk:
        await talk.next()
        before = (await talk.play.case())["severity"]
        sent = await talk.next()
        case = await talk.play.case()
        assert case["messages"][1]["direction"] == "in" or case["messages"][2]["direction"] == "in"
        assert case["messages"]
        assert sum(m["direction"] == "in" for m in case["messages"]) == 2
        assert to_client(sent) == []
        assert case["severity"] == before in {2, 3}


async def test_03_an_answer_with_support_in_copy_attends(conversation) -> None:
    async with conversation("03") as talk:
        sent = await talk.next()
        acknowledgement(sent, "sam.doyle@tienda-northwind.example")
        assert (await talk.play.case())["language"] == "en"
        assert await talk.next() == []
        case = await talk.play.case()
        assert case["state"] == "attended"
        assert case["attended_at"] == "2026-05-05T19:52:27Z"
        assert case["assignee"] == "lucia.ferrari@netone.example"
        await talk.play.passes(datetime(2026, 5, 20, tzinfo=UTC))
        assert talk.play.sent() == []


async def test_04_thanks_after_the_close_change_nothing(conversation) -> None:
    async with conversation("04") as talk:
        acknowledgement(await talk.next(), "@tienda-sabia.example")
        assert (await talk.play.case())["language"] == "pt"
        assert to_client(await talk.next()) == []
        assert to_client(await talk.next()) == []
        closed = await talk.play.case()
        assert closed["state"] == "closed"
        assert await talk.next() == []
        case = await talk.play.case()
        assert case["state"] == "closed"
        assert case["cycle"] == 1
        assert case["deadline"] == closed["deadline"]


async def test_05_a_relapse_reopens_the_case(conversation) -> None:
    async with conversation("05") as talk:
        await talk.next()
        assert await talk.next() == []
        await talk.next()
        assert (await talk.play.case())["state"] == "closed"
        sent = await talk.next()
        case = await talk.play.case()
        assert case["state"] in {"new", "taken"}
        assert (case["cycle"], case["severity"], case["attended_at"]) == (2, 2, None)
        assert datetime.fromisoformat(case["deadline"]) > received_at(talk.mails[3].read_bytes())
        assert to_agents(sent)
        assert len(to_client(sent)) <= 1
        assert any(e["event"] == "case.reopened" for e in case["events"])


async def test_06_a_colleague_in_copy_takes_part(conversation) -> None:
    async with conversation("06") as talk:
        acknowledgement(await talk.next(), "ana.villar@tienda-andina.example")
        assert to_client(await talk.next()) == []
        assert to_client(await talk.next()) == []
        assert await talk.next() == []
        case = await talk.play.case()
        assert case["state"] == "attended"
        assert case["client"] == "ana.villar@tienda-andina.example"


async def test_07_the_reference_alone_joins_for_the_case_s_client(conversation) -> None:
    async with conversation("07") as talk:
        await talk.next()
        assert to_client(await talk.next()) == []
        case = await talk.play.case()
        assert sum(m["direction"] == "in" for m in case["messages"]) == 2


async def test_08_a_vacation_reply_is_at_most_a_note(conversation) -> None:
    async with conversation("08") as talk:
        await talk.next()
        before = await talk.play.case()
        assert await talk.next() == []
        case = await talk.play.case()
        assert case["severity"] == before["severity"] == 3
        assert case["deadline"] == before["deadline"]


async def test_09_a_bounce_marks_the_client_unreachable_and_tells_the_agents(conversation) -> None:
    async with conversation("09") as talk:
        await talk.next()
        sent = await talk.next()
        case = await talk.play.case()
        assert case["unreachable"]["address"] == "deposito@tienda-delta.example"
        assert case["unreachable"]["status"] == "5.2.2"
        assert case["attended_at"] is None
        assert to_client(sent) == []
        assert to_agents(sent)
        assert any(m["kind"] == "acknowledgement" and m["state"] == "bounced" for m in case["mails"])


async def test_10_commands_on_a_reminder_run_from_the_first_line_only(conversation) -> None:
    async with conversation("10") as talk:
        await talk.next()
        first = await talk.play.case()
        await talk.play.passes(datetime.fromisoformat(first["arrival"]) + timedelta(hours=1))
        reminders = [m for m in (await talk.play.case())["mails"] if m["kind"] == "reminder"]
        talk.reminder = reminders[0]["message_id"]
        sent = await talk.next()
        case = await talk.play.case()
        assert case["severity"] == 2
        assert case["state"] != "closed"
        moved = case["deadline"] != first["deadline"]
        assert len(to_client(sent)) <= int(moved)
        assert to_client(await talk.next()) == []
        assert (await talk.play.case())["state"] == "closed"
        await talk.play.passes(datetime(2026, 11, 20, tzinfo=UTC))
        assert talk.play.sent() == []


async def test_11_a_forged_agent_can_do_nothing(conversation) -> None:
    async with conversation("11") as talk:
        await talk.next()
        before = await talk.play.case()
        assert before["severity"] == 1
        for number in (1, 2):
            sent = await talk.next()
            case = await talk.play.case()
            assert case["state"] == "new"
            assert case["severity"] == 1
            assert case["deadline"] == before["deadline"]
            assert len(await talk.play.aside()) == number
            assert to_client(sent) == []
            assert [m for m in sent if not _is_reminder(m, case)], "nobody was warned"
            assert all("lucia.ferrari@" not in str(m["To"]) for m in sent if not _is_reminder(m, case))


def _is_reminder(mail: EmailMessage, case: dict[str, object]) -> bool:
    ids = [m["message_id"] for m in case["mails"] if m["kind"] == "reminder"]  # type: ignore[index, attr-defined]
    return str(mail["Message-ID"]).strip("<>") in ids


async def test_12_a_forward_by_an_agent_belongs_to_the_forwarded_client(conversation) -> None:
    async with conversation("12") as talk:
        sent = await talk.next()
        case = await talk.play.case()
        assert case["client"] == "gabriela@tienda-pampa.example"
        assert (case["severity"], case["product"]) == (2, "Portal Dinámico")
        assert case["attended_at"] is None
        acknowledgement(sent, "gabriela@tienda-pampa.example")
        assert to_client(await talk.next()) == []
        assert len(await talk.play.cases()) == 1
