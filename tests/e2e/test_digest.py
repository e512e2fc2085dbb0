"""The daily digest: written at opening, silent when empty, and a mail it names becomes a case by one answer."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.e2e.playbook import playing

START = datetime(2026, 10, 20, 11, tzinfo=UTC)  # Tuesday 08:00
GREETING = (
    "Received: from a by mx.netone.example; {at}\r\nFrom: {sender}\r\nTo: soporte@netone.example\r\n"
    "Subject: {subject}\r\nDate: {at}\r\nMessage-ID: <{id}@tienda.example>\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
)


def mail(at: datetime, **fields: str) -> bytes:
    stamp = at.strftime("%a, %d %b %Y %H:%M:%S +0000")
    return GREETING.format(at=stamp, id=str(at.timestamp()), **fields).encode()


async def test_an_ignored_mail_is_named_at_opening_and_one_answer_makes_it_a_case(tmp_path: Path) -> None:
    async with playing(tmp_path, START) as play:
        await play.work()
        at = START + timedelta(minutes=10)
        await play.arrives(
            mail(at, sender="Ana <ana@tienda.example>", subject="Gracias", text="¡Muchas gracias!")
        )
        assert await play.cases() == []
        opening = await play.built.chores.next_at()
        assert opening == datetime(2026, 10, 20, 12, tzinfo=UTC)
        await play.passes(opening)
        await play.work()
        digests = play.sent()
        assert {str(one["To"]).split("@")[0] for one in digests} >= {"Diego Maidana <diego.maidana"}
        told = next(one for one in digests if "diego" in str(one["To"]))
        body = told.get_body(("plain",))
        assert body is not None
        link = re.search(r"mailto:\S+", body.get_content().replace("=\n", ""))
        assert link is not None
        asked = parse_qs(urlsplit(link[0]).query)
        answer = mail(
            opening + timedelta(minutes=5),
            sender="diego.maidana@netone.example",
            subject=asked["subject"][0],
            text=asked["body"][0],
        )
        await play.arrives(answer)
        case = await play.case()
        assert (case["client"], case["subject"]) == ("ana@tienda.example", "Gracias")

        await play.passes(START + timedelta(days=1, hours=2))
        await play.work()
        assert not [one for one in play.sent() if "Gracias" in str(one["Subject"]) and "Resumen" in str(one)]
