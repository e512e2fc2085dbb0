from datetime import UTC, datetime

import pytest

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
