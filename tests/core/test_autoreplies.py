"""Automatic answers by their headers and by their words; people who speak of holidays are people."""

import pytest

from tests.builders import a_message, a_site
from triage.core import autoreplies, loopguard
from triage.core.model import MessageClass


def kind(**fields: object) -> MessageClass:
    return loopguard.classify(a_message(**fields), a_site()).message_class


@pytest.mark.parametrize(
    ("value", "keywords"),
    [
        ("auto-replied", {"auto-replied"}), ("Auto-Replied (vacation)", {"auto-replied"}), ('(x) auto-generated; owner-email="a@b"', {"auto-generated"}), ("AUTO-GENERATED", {"auto-generated"}),
        ("no", set()), ("No (really)", set()), ("(auto-replied) no", set()), ("", set()), ("auto-notified;x=y", {"auto-notified"}),
    ],
)  # fmt: skip
def test_auto_submitted_is_read_as_rfc_3834_says(value: str, keywords: set[str]) -> None:
    assert autoreplies.auto_submitted(a_message(headers=[("Auto-Submitted", value)])) == keywords


def test_a_repeated_field_counts_with_every_value() -> None:
    twice = [("Auto-Submitted", "no"), ("Auto-Submitted", "auto-replied")]
    assert kind(headers=twice) is MessageClass.AUTO_REPLY


@pytest.mark.parametrize(
    "headers",
    [
        [("Auto-Submitted", "auto-replied")], [("X-Autoreply", "yes")], [("X-Autorespond", "Ferias")], [("Precedence", "auto_reply")], [("X-Precedence", "auto_reply")],
        [("X-Auto-Response-Suppress", "All"), ("X-MS-Exchange-Inbox-Rules-Loop", "a@b.example")],
    ],
)  # fmt: skip
def test_headers_alone_may_suffice(headers: list[tuple[str, str]]) -> None:
    assert kind(headers=headers, in_reply_to=("x@netone.example",)) is MessageClass.AUTO_REPLY


@pytest.mark.parametrize(
    "subject",
    [
        "Respuesta automática: Consulta", "Respuesta automatica: [NO-2026-000123] Consulta", "Automatic reply: hello", "Out of Office: hello", "Fuera de la oficina Re: Consulta", "Resposta automática: Consulta", "Férias Re: Frete", "Abwesenheitsnotiz: x", "Réponse automatique : x", "Risposta automatica: x", "自動応答: x", "[Automatyczna odpowiedź] test", "Auto: Consulta", "Re: hello (Automatic Response)", "Automātiska atbilde: x", "Автоматична відповідь: x", "Automatinis atsakymas: x", "Trả lời tự động: x", "מענה אוטומטי: x", "رد تلقائي: x", "자동 회신: x",
    ],
)  # fmt: skip
def test_a_subject_that_only_programs_write_suffices(subject: str) -> None:
    assert kind(subject=subject, text="x") is MessageClass.AUTO_REPLY


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        (
            "Estoy de vacaciones hasta el 3 de agosto. En mi ausencia escribir a Pablo.",
            [("Return-Path", "<>")],
        ),
        ("I am out of the office until Monday.", [("Return-Path", "<>")]),
        ("Thank you. I am out of office and will be back on Tuesday.", [("Return-Path", "<>")]),
        ("Estoy de vacaciones hasta el lunes y no leo el correo.", [("X-Auto-Response-Suppress", "OOF")]),
        ("Estarei fora do escritório até segunda.", [("Precedence", "junk")]),
    ],
)
def test_a_text_and_an_unmarked_answers_form_add_up(text: str, headers: list[tuple[str, str]]) -> None:
    assert (
        kind(subject="Re: Consulta", text=text, headers=headers, in_reply_to=("x@netone.example",))
        is MessageClass.AUTO_REPLY
    )


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (
            "Cambio de texto",
            "Hola, antes de irme de vacaciones: ¿pueden cambiar el banner? Estoy de vacaciones desde el lunes.",
        ),
        ("Consulta", "I am on vacation but the shop is down, please help."),
        ("Cartel de vacaciones", "Quiero poner un cartel de 'fuera de la oficina' en la tienda."),
        ("Re: Consulta", "Recibimos su mensaje, pero el problema sigue."),
        ("De vacaciones: poner cartel", "Hola, ¿pueden poner un cartel en la tienda? Gracias"),
        ("Ausencia de fotos en el catálogo", "Faltan las fotos de zapatillas."),
        (
            "Re: Consulta",
            "At checkout the 'guest list' plugin says 'verification required', see http://tienda.example",
        ),
    ],
)
def test_a_person_who_speaks_of_holidays_is_a_person(subject: str, text: str) -> None:
    assert kind(subject=subject, text=text) is MessageClass.PERSON


@pytest.mark.parametrize(
    "headers",
    [
        [("X-Autorespond", "dont")],
        [("X-Autoreply", "no")],
        [("Auto-Submitted", "no")],
        [("X-MS-Exchange-Inbox-Rules-Loop", "a@b.example")],
    ],
)
def test_a_field_that_says_no_is_no_mark(headers: list[tuple[str, str]]) -> None:
    assert kind(headers=headers) is MessageClass.PERSON


def test_a_challenge_is_an_automatic_answer() -> None:
    text = "Your message requires verification. Click http://verify.example/1 to have your message delivered."
    assert (
        kind(subject="Re: Consulta", text=text, in_reply_to=("x@netone.example",)) is MessageClass.AUTO_REPLY
    )
