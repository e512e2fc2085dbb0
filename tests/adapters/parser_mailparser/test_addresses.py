from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mailparser.utils import get_addresses

from triage.adapters.parser_mailparser import addresses
from triage.core.model import Address


def people(value: str, name: str = "from") -> tuple[Address, ...]:
    return addresses.read({name: value})[0].get(name, ())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Ana@Tienda.EXAMPLE", [("ana@tienda.example", "")]),
        ('"Prueba, Ana" <ana@t.example>', [("ana@t.example", "Prueba, Ana")]),
        ("=?utf-8?q?Jos=C3=A9?= <jose@t.example>", [("jose@t.example", "José")]),
        ("José <jose@t.example>", [("jose@t.example", "José")]),
        ('"raro.nombre"@t.example', [('"raro.nombre"@t.example', "")]),
        ("Equipo: a@t.example, b@t.example;", [("a@t.example", ""), ("b@t.example", "")]),
        ("undisclosed-recipients:;", []),
        ("ana@t.example (Ana Prueba)", [("ana@t.example", "Ana Prueba")]),
        ("ana@müller.example", [("ana@xn--mller-kva.example", "")]),
        ("MAILER-DAEMON", [("mailer-daemon", "")]),
        ("MAILER-DAEMON (Mail Delivery System)", [("mailer-daemon", "")]),
        ("Ana Prueba ana@t.example", [("ana@t.example", "")]),
        ("soporte@netone.example <malo@x.example>", [("malo@x.example", "soporte@netone.example")]),
        ("", []),
        ("<>", []),
    ],
)
def test_addresses_are_parsed_before_names_are_decoded(value: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.address, one.name) for one in people(value)] == expected


def test_an_encoded_comma_or_angle_makes_no_second_address() -> None:
    value = "=?utf-8?q?soporte=40netone=2Eexample=3E=2C?= <malo@x.example>"
    assert [one.address for one in people(value)] == ["malo@x.example"]


def test_twenty_thousand_recipients_are_capped() -> None:
    value = ", ".join(f"u{number}@x.example" for number in range(20_000))
    assert len(people(value, "to")) == 500


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Mon, 12 Jan 2026 10:00:00 -0300", datetime(2026, 1, 12, 13, tzinfo=UTC)),
        ("12 Jan 26 10:00 GMT", datetime(2026, 1, 12, 10, tzinfo=UTC)),
        ("Mon, 12 Jan 2026 10:00:00 -0000", datetime(2026, 1, 12, 10, tzinfo=UTC)),
        ("Mon, 12 Jan 2026 10:00:00", datetime(2026, 1, 12, 10, tzinfo=UTC)),
        ("Mon, 12 Jan 2026 23:59:60 +0000", datetime(2026, 1, 13, tzinfo=UTC)),
        ("", None),
        ("ayer", None),
        ("Mon, 99 Jan 2026 10:00:00 -0300", None),
        ("Mon, 12 Jan 99999999999999 10:00:00 -0300", None),
        ("9" * 5_000, None),
        ("Mon, ١٢ Jan 2026 10:00:00 -0300", None),
        ("Mon, 12 Jan 9999 23:00:00 -2359", None),
    ],
)
def test_every_date_is_aware_utc_or_none(value: str, expected: datetime | None) -> None:
    assert addresses.date(value) == expected


ATOM = "aZ09!#$%&'*+/^_`{|}~-"
ODD = ' \t.,;:<>()[]@\\"=?\r\x00\x7fé\u2028\ud800'
WORD = st.text(ATOM, min_size=1, max_size=6)


@st.composite
def mailboxes(draw: st.DrawFn) -> str:
    """One mailbox in the plainest form, or almost so: up to two characters are replaced or put in."""
    name = " ".join(draw(st.lists(WORD, min_size=1, max_size=3)))
    local, domain = (".".join(draw(st.lists(WORD, min_size=1, max_size=3))) for _ in range(2))
    quote = draw(st.sampled_from(("", '"')))
    value = f"{draw(st.sampled_from(('', ' ')))}{quote}{name}{quote} <{local}@{domain}>"
    for odd in draw(st.text(ATOM + ODD, max_size=2)):
        at = draw(st.integers(0, len(value)))
        value = value[:at] + odd + value[at + draw(st.integers(0, 1)) :]
    return value


@given(mailboxes())
def test_the_short_way_says_what_mail_parser_says(value: str) -> None:
    plain = addresses._plain_pairs(value)
    assert plain in ([], get_addresses(value, decode_names=True))


@pytest.mark.parametrize("value", ["Ana Prueba <ana.p@t.example>", ' "Ana" <a@b>\t'])
def test_the_plainest_mailboxes_take_the_short_way(value: str) -> None:
    assert addresses._plain_pairs(value)


@pytest.mark.parametrize(
    "value",
    ["a@t.example", "A. B <a@b>", "=?x?q?y?= <a@b>", "José <a@b>", '"A, B" <a@b>', "A <a@b> (c)", "A <a@b>, C <c@d>",
     "A <a@b.>", "A<a@b>", "A  B <a@b>"],
)  # fmt: skip
def test_every_other_form_is_read_by_mail_parser(value: str) -> None:
    assert addresses._plain_pairs(value) == []
