"""One fetched message, read: what is known of it whatever it is, and what is kept of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.app.house import DESK, START, a_mail
from tests.builders import a_message
from triage.adapters.parser_mailparser.parser import MailParser
from triage.app import received
from triage.app.received import Received
from triage.core.message import Attachment, Leaf, Message, RawMail
from triage.core.model import Role, Severity, Trust
from triage.core.understanding import understand
from triage.core.understood import Understood
from triage.errors import Hurtful, Unreadable
from triage.ports import Fetched

LATER = START + timedelta(minutes=1)


def fetched(raw: bytes | None = b"x", at: datetime | None = START, error: str = "") -> Fetched:
    return Fetched(7, at, RawMail(raw=raw) if raw is not None else None, error=error)


def read(message: Message) -> Received:
    return received.receive(DESK, fetched(), understood(message), LATER)


def understood(message: Message) -> Understood:
    return understand(message, DESK.site, DESK.support.rules)


def parsed(**fields: str) -> Message:
    found = MailParser().parse(RawMail(raw=a_mail(1, "La tienda no abre, a nadie.", **fields)))
    assert isinstance(found, Message)
    return found


@pytest.mark.parametrize(
    ("answer", "one", "error", "hurt"),
    [
        (None, fetched(None, error="the server's index is broken"), "the server's index is broken", True),
        (None, fetched(None), "the server did not deliver it", True),
        (Unreadable("no message at all"), fetched(), "no message at all", False),
        (Hurtful("the parsing process died of it"), fetched(), "the parsing process died of it", True),
    ],
    ids=["the server says why", "the server says nothing", "no mail", "it hurt"],
)
def test_what_could_not_be_read_has_an_arrival_and_a_reason_and_may_be_tried_again_if_it_hurt(
    answer: Unreadable | None, one: Fetched, error: str, hurt: bool
) -> None:
    found = received.receive(DESK, one, answer, LATER)
    assert (found.at, found.error, found.hurt) == (START, error, hurt)
    assert (found.message, found.reading, found.classification) == (None, None, None)
    assert found.may_be_set_aside


def test_a_clients_mail_is_read_and_classified() -> None:
    found = read(parsed())
    assert found.reading is not None
    assert found.classification is not None
    assert (found.reading.role, found.classification.severity) == (Role.CLIENT, Severity.HIGH)
    assert not found.may_be_set_aside


def test_the_moment_is_the_servers_and_ours_where_it_has_none() -> None:
    assert read(parsed()).at == START
    assert received.receive(DESK, fetched(at=None), Unreadable("x"), LATER).at == LATER


def test_a_mail_found_days_late_is_backlog() -> None:
    late = datetime(2026, 11, 20, tzinfo=UTC)
    found = received.receive(
        DESK, fetched(), understood(parsed(Date="Tue, 20 Oct 2026 09:15:00 -0300")), late
    )
    assert received.BACKLOG in found.flags


@pytest.mark.parametrize(
    ("proof", "trust", "kept"),
    [
        ("mx.netone.example; dmarc=pass header.from=netone.example", Trust.AUTHENTICATED, False),
        ("mx.netone.example; dmarc=fail header.from=netone.example", Trust.FAILED, True),
    ],
)
def test_a_mail_in_an_agents_name_may_be_set_aside_unless_it_is_proven(
    proof: str, trust: Trust, kept: bool
) -> None:
    found = read(parsed(From=f"<{DESK.site.agents[0].address}>", Authentication_Results=proof))
    assert found.reading is not None
    assert (found.reading.trust, found.may_be_set_aside) == (trust, kept)


def test_what_a_good_report_lacks_is_asked_of_the_mail_and_of_what_it_forwards() -> None:
    steps = "1. Entro al panel\n2. Elijo una foto\n3. Dice: error 500 al guardar"
    message = a_message(subject="Fotos", text="Les reenvío")
    found = read(message)
    assert found.reading is not None
    assert found.classification is not None
    asked = replace(found.classification, severity=Severity.MEDIUM, ask=("error", "screenshot"))
    lone = replace(found.reading, new_text="No anda", forwarded_text=steps, forwarded=False)
    assert "error" in received.missing(message, lone, asked)
    assert "error" not in received.missing(message, replace(lone, forwarded=True), asked)
    shown = replace(message, attachments=(Attachment("captura.png", "image/png", 9000),))
    assert "screenshot" not in received.missing(shown, lone, asked)


def test_of_a_whole_mail_all_is_kept_up_to_the_limit() -> None:
    assert received.stored_source(RawMail(raw=b"0123456789"), 100) == b"0123456789"
    assert received.stored_source(RawMail(raw=b"0123456789"), 4) == b"0123"


def test_of_a_mail_read_in_parts_the_header_and_the_fetched_parts_are_kept() -> None:
    leaves = (
        Leaf("1", "text/plain", encoding="quoted-printable", body=b"Hola"),
        Leaf("2", "application/pdf", encoding="base64", size=9_000_000),
    )
    source = received.stored_source(RawMail(header=b"Subject: x\r\n", leaves=leaves), 1_000)
    assert source.startswith(b"Subject: x\r\n")
    assert b"--part 1 text/plain quoted-printable\r\nHola" in source
    assert b"pdf" not in source
    assert received.stored_source(RawMail(header=b"Subject: x\r\n", leaves=leaves), 9) == b"Subject: "


def test_a_reading_is_stored_without_the_text_that_has_a_column_of_its_own() -> None:
    found = read(parsed()).reading
    assert found is not None
    stored = received.as_json(found)
    assert "new_text" not in stored
    assert (stored["role"], stored["language"], stored["is_case"]) == (Role.CLIENT, found.language, True)
