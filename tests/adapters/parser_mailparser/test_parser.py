import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.adapters.parser_mailparser.samples import (
    HEAD,
    SAMPLES,
    as_leaves,
    multipart,
    parse,
    parse_body,
    part,
)
from triage.adapters.parser_mailparser.parser import MailParser
from triage.core.message import Leaf, Message, RawMail
from triage.errors import Unreadable


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("containers", [True, False])
def test_a_whole_mail_and_its_fetched_leaves_give_the_same_message(name: str, containers: bool) -> None:
    whole = parse(SAMPLES[name])
    fetched = MailParser().parse(as_leaves(SAMPLES[name], containers=containers))
    assert fetched == whole


def test_in_what_the_parts_stand_is_taken_from_the_mailbox_where_it_says_so() -> None:
    header = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    parts = [
        Leaf(str(number), kind, body=body, containers=("alternative",))
        for number, kind, body in [(1, "text/plain", b"Plain."), (2, "text/html", b"<p>Rich.</p>")]
    ]
    assert MailParser().parse(RawMail(header=header, leaves=tuple(parts))).text == "Plain."


def test_an_ordinary_mail_is_read() -> None:
    message = parse(SAMPLES["plain"])
    assert message.sender is not None
    assert (message.sender.address, message.sender.name) == ("ana@tienda-prueba.example", "Ana Prueba")
    assert message.message_id == "m1@tienda-prueba.example"
    assert message.subject == "Consulta"
    assert message.date is not None
    assert message.date.isoformat() == "2026-01-12T13:00:00+00:00"
    assert message.text == "Hola, no anda."
    assert message.defects == ()


def test_an_attached_message_is_enclosed_and_its_text_is_not_ours() -> None:
    message = parse(SAMPLES["attached message"])
    assert message.text == "Reenvío"
    (enclosed,) = message.enclosed
    assert (enclosed.subject, enclosed.text) == ("viejo", "dentro")
    assert message.in_reply_to == ()


def test_a_base64_attached_message_is_opened() -> None:
    body = part("message/rfc822", "U3ViamVjdDogdmllam8KCmRlbnRybwo=", "Content-Transfer-Encoding: base64")
    message = parse(HEAD + multipart("mixed", part("text/plain", "ver"), body))
    assert [(one.subject, one.text) for one in message.enclosed] == [("viejo", "dentro")]


def test_returned_headers_alone_are_enclosed() -> None:
    raw = HEAD + multipart(
        "report", part("text/plain", "x"), part("text/rfc822-headers", "Message-ID: <o@n.example>\r\n")
    )
    assert parse(raw).enclosed[0].message_id == "o@n.example"


def test_a_bounce_has_its_reports() -> None:
    message = parse(SAMPLES["bounce"])
    assert message.report_type == "delivery-status"
    (report,) = message.reports
    assert (report.recipient, report.action, report.status) == ("x@y.example", "failed", "5.1.1")
    assert message.enclosed[0].message_id == "ours@netone.example"
    assert message.text == "No se pudo entregar"


def test_attachments_have_a_label_a_size_and_their_part_number() -> None:
    (attachment,) = parse(SAMPLES["mixed"]).attachments
    assert (attachment.name, attachment.content_type, attachment.section) == (
        "factura.pdf",
        "application/pdf",
        "2",
    )
    (image,) = parse(SAMPLES["html with image"]).attachments
    assert (image.name, image.inline) == ("part-2", True)


def test_two_readings_of_one_mail_are_equal() -> None:
    raw = SAMPLES["nested"]
    assert parse(raw) == parse(raw)


def test_the_digest_ignores_traces_and_line_ends_but_not_the_text() -> None:
    raw = SAMPLES["plain"]
    again = b"Received: from a by b; Mon, 12 Jan 2026 10:00:01 -0300\r\n" + raw
    assert parse(again).digest == parse(raw).digest
    assert parse(raw.replace(b"\r\n", b"\n")).digest == parse(raw).digest
    assert parse(raw.replace(b"no anda", b"anda")).digest != parse(raw).digest


def test_received_fields_come_newest_first() -> None:
    assert parse(b"Received: new\r\nReceived: old\r\n" + HEAD + b"\r\nx").received == ("new", "old")


def test_a_calendar_answer_has_its_method_and_a_readable_text() -> None:
    invitation = (
        "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VTIMEZONE\r\nDTSTART:19700101T000000\r\nEND:VTIMEZONE\r\n"
        "BEGIN:VEVENT\r\nDTSTART:20260112T130000Z\r\nSUMMARY:Reunión\\, mañana\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    message = parse_body("text/calendar; charset=utf-8", invitation)
    assert message.calendar_method == "REPLY"
    assert message.text == "Reunión, mañana\n20260112T130000Z"


def test_a_text_left_on_the_server_or_cut_is_a_defect() -> None:
    header = HEAD + b"Content-Type: text/plain\r\n\r\n"
    cut = Leaf("1", "text/plain", body=b"principio", size=5_000_000, truncated=True)
    message = MailParser().parse(RawMail(header=header, leaves=(cut,), size=5_000_000))
    assert (message.text, message.defects, message.size) == ("principio", ("truncated",), 5_000_000)


def test_encrypted_mail_is_a_message_with_a_defect() -> None:
    raw = HEAD + multipart(
        "encrypted", part("application/pgp-encrypted", "Version: 1"), part("application/octet-stream", "xxx")
    )
    assert "encrypted" in parse(raw).defects
    assert (
        "encrypted"
        in parse_body("application/pkcs7-mime; smime-type=enveloped-data", "MIIB", encoding="base64").defects
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0",
        b"\r\n\r\n",
        b"Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n",
        b"Content-Type: message/rfc822\r\n\r\n" * 2_000,
        HEAD + b"Content-Type: text/plain; charset=undefined\r\n\r\n\xe1",
        HEAD + b"Content-Disposition: attachment; filename*=undefined''x\r\n\r\n\xe1",
        HEAD + b"Content-Type: text/plain; name*" + b"9" * 5_000 + b"*=x\r\n\r\nx",
    ],
)
def test_odd_bytes_are_a_message_all_the_same(raw: bytes) -> None:
    assert isinstance(parse(raw), Message)


FRAGMENTS = st.sampled_from(
    [
        *(piece + b"\n" for sample in SAMPLES.values() for piece in sample.split(b"\n")),
        b"Content-Type: multipart/mixed; boundary=b\n\n", b"--b\n", b"--b--\n", b"=?utf-8?b?", b"=?q?=", b"\0", b"\r",
        b"Content-Transfer-Encoding: base64\n", b"Content-Type: text/html; charset=utf-7\n", b"<div>", b"<blockquote>",
        b"begin 644 x\n", b"\xff\xfe", b"\x1b$B", b"From: <", b"From : a@b\n", b"\xef\xbb\xbf", b"Date: 0\n", b"&#xD800;",
        b"Content-Type: application/ms-tnef\n", b"\x78\x9f\x3e\x22", b"Content-Type: application/pkcs7-mime\n", b"0\x80\x06\x09",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=2_000, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(FRAGMENTS, st.binary(max_size=60)), max_size=60).map(b"".join))
def test_any_bytes_give_a_clean_message_or_unreadable(raw: bytes) -> None:
    try:
        message = parse(raw)
    except Unreadable:
        pytest.fail("nothing in these fragments is beyond reading")
    message.text.encode("utf-8")
    message.subject.encode("utf-8")
    assert not set(message.subject) & set("\r\n\0\x1b\u202e")
    assert not set(message.text) & set("\r\0\x1b\u202e")
    assert len(message.subject) <= 200
