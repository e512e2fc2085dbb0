"""The order of the classes, and what forbids an answer without forbidding a case."""

import pytest

from tests.builders import CLIENT, SUPPORT, a_message, a_site
from triage.core import loopguard, signing
from triage.core.message import Attachment
from triage.core.model import Address, MessageClass

SITE = a_site()


def kind(**fields: object) -> MessageClass:
    return loopguard.classify(a_message(**fields), SITE).message_class


def answers(**fields: object) -> bool:
    message = a_message(**fields)
    return loopguard.may_answer(loopguard.classify(message, SITE), Address(CLIENT))[0]


def test_our_own_mail_comes_first() -> None:
    ours = signing.message_id(SITE.secret, SITE.domain, "k1", CLIENT, "NO-2026-000001")
    assert kind(message_id=ours, headers=[("Auto-Submitted", "auto-replied")]) is MessageClass.OWN
    assert kind(sender=SUPPORT) is MessageClass.OWN


def test_an_agents_mail_is_not_our_own() -> None:
    assert kind(sender="diego.maidana@netone.example", message_id="abc@netone.example") is MessageClass.PERSON


def test_a_web_form_that_writes_from_our_address_is_a_person() -> None:
    assert kind(sender=SUPPORT, reply_to=(Address("ana@tienda.example"),)) is MessageClass.PERSON


def test_a_bounce_hides_behind_list_and_auto_reply_headers() -> None:
    headers = [("Auto-Submitted", "auto-replied"), ("List-Id", "<x.example>"), ("Return-Path", "<>")]
    text = "Your message could not be delivered:\n<ana@x.example>: 550 5.1.1 unknown"
    assert (
        kind(sender="mailer-daemon@x.example", subject="failure notice", text=text, headers=headers)
        is MessageClass.BOUNCE
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"report_type": "feedback-report", "content_type": "multipart/report"}, MessageClass.REPORT),
        ({"report_type": "tlsrpt", "content_type": "multipart/report"}, MessageClass.REPORT),
        ({"subject": "Report Domain: netone.example Submitter: google.com Report-ID: 1", "attachments": (Attachment("google.com!x.zip", "application/zip", 1),)}, MessageClass.REPORT),
        ({"report_type": "disposition-notification", "content_type": "multipart/report"}, MessageClass.RECEIPT),
        ({"subject": "Leído: Consulta", "text": "El mensaje fue leído el martes."}, MessageClass.RECEIPT),
        ({"subject": "Read: hello", "text": "Your message was read on Tuesday."}, MessageClass.RECEIPT),
        ({"subject": "Entregado: pedido 123", "text": "Figura mal el estado del pedido."}, MessageClass.PERSON),
        ({"calendar_method": "REPLY", "subject": "Aceptada: reunión"}, MessageClass.CALENDAR),
        ({"calendar_method": "CANCEL"}, MessageClass.CALENDAR),
        ({"calendar_method": "REQUEST"}, MessageClass.PERSON),
        ({"headers": [("List-Id", "<x.example>")]}, MessageClass.LIST),
        ({}, MessageClass.PERSON),
    ],
)  # fmt: skip
def test_each_class_is_known_by_its_marks(fields: dict[str, object], expected: MessageClass) -> None:
    assert kind(**fields) is expected


@pytest.mark.parametrize(
    "fields",
    [
        {"headers": [("X-Auto-Response-Suppress", "OOF, AutoReply")]},
        {"headers": [("Auto-Submitted", "auto-generated")]},
        {"headers": [("Precedence", "bulk")]},
        {"headers": [("Return-Path", "<>")]},
        {"headers": [("List-Unsubscribe", "<mailto:x@y.example>")]},
        {"headers": [("X-Loop", "yes")]},
        {"sender": "no-reply@tienda.example"},
    ],
)
def test_some_marks_forbid_an_answer(fields: dict[str, object]) -> None:
    assert not answers(**fields)


@pytest.mark.parametrize(
    "headers",
    [
        [("X-Auto-Response-Suppress", "DR, NDR, RN")],
        [("Auto-Submitted", "no")],
        [("Precedence", "first-class")],
        [("Return-Path", f"<{CLIENT}>")],
        [("X-Triage-Case", "NO-2026-000001")],
    ],
)
def test_others_do_not(headers: list[tuple[str, str]]) -> None:
    assert answers(headers=headers)


def test_a_form_from_a_no_reply_address_answers_to_its_reply_to() -> None:
    assert answers(sender="no-reply@tienda.example", reply_to=(Address("ana@tienda.example"),))


def test_nobody_is_answered_where_nobody_is_named() -> None:
    message = a_message(sender=None)
    assert not loopguard.may_answer(loopguard.classify(message, SITE), None)[0]


def test_a_failure_told_to_our_return_path_is_a_bounce_whoever_speaks() -> None:
    path = signing.return_path(SITE.secret, SUPPORT, 7)
    message = {
        "sender": "gateway@x.example",
        "subject": "Re: caso",
        "text": "Your message could not be delivered to ana@x.example",
    }
    assert kind(**message, to=(Address(path),)) is MessageClass.BOUNCE
    assert kind(**message, headers=[("Delivered-To", path)]) is MessageClass.BOUNCE
    assert kind(**message) is MessageClass.PERSON


def test_a_client_behind_an_admin_address_is_no_list() -> None:
    assert kind(headers=[("Return-Path", "<ventas-admin@tienda.example>")]) is MessageClass.PERSON
