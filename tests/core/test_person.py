"""Where somebody is named, and what is left of a text without that name."""

import pytest

from triage.core.person import Person

ANA = Person("ana@tienda.example")


@pytest.mark.parametrize(
    "text",
    [
        "ana@tienda.example",
        "Escribir a ANA@Tienda.example.",
        "<ana@tienda.example>: 550 5.1.1 unknown",
        '{"to":"ana@tienda.example"}',
        "mailto:ana@tienda.example?subject=x",
    ],
)
def test_an_address_is_found_in_any_case_and_surroundings(text):
    assert ANA.is_in(text)
    assert "ana@" not in ANA.taken_out_of(text).lower()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "juana@tienda.example",
        "la.ana@tienda.example",
        "ana@tienda.example.org",
        "ana@tienda.example-2",
        "ana at tienda",
    ],
)
def test_an_address_of_which_it_is_a_part_is_another(text):
    assert not ANA.is_in(text)
    assert ANA.taken_out_of(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Cc: Beto <b@x.example>, Ana Quiroga <ana@tienda.example>", "Cc: Beto <b@x.example>, erased"),
        ('To: "Quiroga, Ana" <ana@tienda.example>, b@x.example', "To: erased, b@x.example"),
        ("El martes, Ana Quiroga <ana@tienda.example> escribió:", "El martes, erased escribió:"),
    ],
)
def test_the_name_before_an_address_goes_with_it(text, left):
    assert ANA.taken_out_of(text) == left


def test_of_a_json_value_every_text_is_looked_at_and_the_rest_stays():
    value = {"n": 1, "to": ["ana@tienda.example", None], "in": {"x": "dijo ana@tienda.example"}}
    assert ANA.taken_out_of_value(value) == {"n": 1, "to": ["erased", None], "in": {"x": "dijo erased"}}


BETO_AND_ANA = {"references": ["b1@x.example", "a1@tienda.example"], "in_reply_to": "a1@tienda.example"}


@pytest.mark.parametrize(
    ("draft", "left"),
    [
        (BETO_AND_ANA, {"references": ["b1@x.example"], "in_reply_to": "b1@x.example"}),
        ({**BETO_AND_ANA, "in_reply_to": "b1@x.example"}, {"references": ["b1@x.example"], "in_reply_to": "b1@x.example"}),
        ({"references": ["a1@tienda.example"], "in_reply_to": "a1@tienda.example"}, {"references": [], "in_reply_to": None}),
        ({"to_name": "para ana@tienda.example"}, {"to_name": "para erased"}),
    ],
)  # fmt: skip
def test_a_mail_to_write_is_threaded_on_what_others_wrote(draft, left):
    assert Person("ana@tienda.example", frozenset({"a1@tienda.example"})).taken_out_of_draft(draft) == left
