"""Answers to surveys and suggestions: recognised by proof, never by guessing."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.adapters.store_sql.samples import ANA, NOW, a_case
from tests.builders import a_message, a_site
from triage.core import actions, feedback, reading, signing
from triage.core.model import Address, State

SITE = replace(a_site(), suggestions="sugerencias@netone.example")
CASE = a_case(state=State.RESOLVED, ended_at=NOW)
URL = actions.survey(SITE, CASE)[3]["url"]
SUBJECT = parse_qs(urlsplit(URL).query)["subject"][0]
ASKED = signing.message_id(SITE.secret, SITE.domain, "NO-2026-000001/survey", ANA, "NO-2026-000001")


def answered(subject: str = SUBJECT, text: str = "4", sender: str = ANA, in_reply_to=(), days: float = 1):
    message = a_message(subject=subject, text=text, sender=Address(sender), in_reply_to=in_reply_to)
    read = reading.read(message, SITE)
    return feedback.answer(SITE, message, read, CASE, NOW + timedelta(days=days))


def test_the_link_writes_a_mail_that_is_its_own_proof():
    assert parse_qs(urlsplit(URL).query)["body"] == ["4"]
    assert answered() == feedback.Answer(4, comment=False)


@pytest.mark.parametrize(
    ("text", "mark", "comment"),
    [
        ("5\n\n¡Excelente!", 5, True),
        ("5, muy rápidos!", 5, True),
        ("5, ningún problema, como siempre", 5, True),
        ("4/5 - bien", 4, True),
        ("  3/5 ", 3, False),
        ("2 de 5.", 2, False),
        ("*1*\ntarde", 1, True),
    ],
)
def test_the_first_line_is_the_mark_and_the_rest_a_comment(text, mark, comment):
    assert answered(text=text) == feedback.Answer(mark, comment)


@pytest.mark.parametrize(
    "text",
    [
        "6",
        "0",
        "45",
        "1, sigue sin andar",
        "4. ¿y la otra?",
        "4, pero el carrito sigue sin andar",
        "5, muy rápidos!\n\nEl checkout volvió a fallar.",
        "5 pedidos no entran",
        "a las 4 sigue sin andar",
        "hola",
        "",
    ],
)
def test_anything_else_is_an_ordinary_mail_of_the_client(text):
    assert answered(text=text) is None


def test_answering_the_mail_that_asked_is_proof_too():
    assert answered("Re: ¿Cómo te fue?", "5", in_reply_to=(ASKED,)) == feedback.Answer(5, comment=False)
    assert answered("Re: ¿Cómo te fue?", "5", in_reply_to=("other@x.example",)) is None


def test_nobody_answers_for_another_and_a_link_ends():
    assert answered(sender="beto@otra.example") is None
    assert answered(days=61) is None
    assert answered(subject="[NO-2026-000001] #survey.aaaaaaaaaaaaaaaaaaa") is None


def suggested(*to: str, **fields):
    fields = {"subject": "Una idea", "text": "Estaría bueno poder filtrar los pedidos por fecha.", **fields}
    message = a_message(sender=Address(ANA), to=tuple(Address(one) for one in to), **fields)
    return feedback.is_suggestion(SITE, message, reading.read(message, SITE))


def test_a_suggestion_is_written_to_its_address_and_to_no_other_of_ours():
    support = SITE.mailboxes[0].address
    assert suggested("sugerencias@netone.example")
    assert not suggested("sugerencias@netone.example", support)
    assert not suggested(support)
