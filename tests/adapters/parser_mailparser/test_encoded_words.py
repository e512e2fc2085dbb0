import pytest

from triage.adapters.parser_mailparser.encoded_words import decode_words, lenient_base64


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=?utf-8?q?Reclamaci=C3=B3n?=", "Reclamación"),
        ("=?UTF-8?B?UmVjbGFtYWNpw7Nu?= urgente", "Reclamación urgente"),
        ("=?utf-8?q?uno?= =?utf-8?q?dos?=", "unodos"),
        ("=?utf-8?q?Reclamaci=C3?= =?utf-8?q?=B3n?=", "Reclamación"),
        ("=?utf-8?b?UmVjbGFtYWNpw?= =?utf-8?b?7Nu?=", "Reclamación"),
        ("=?utf-8?Q?con blancos adentro?=", "con blancos adentro"),
        ("=?utf-8?Q?_funciona??=", " funciona?"),
        ("=?utf-8*es?q?hola?=", "hola"),
        ("=?x-nada?q?Atenci=F3n?=", "Atención"),
        ("=?iso-8859-1?q?=93inicio=94?=", "“inicio”"),
        ("=?us-ascii?q?Atenci=C3=B3n?=", "Atención"),
        ("=?utf-8?b?SG9s!!YQ?=", "Hola"),
        ("=?utf-8?z?x?=", "=?utf-8?z?x?="),
        ("=?utf-8?q?sin fin", "=?utf-8?q?sin fin"),
        ("a=?utf-8?q?b?=c", "abc"),
        ("=?iso-2022-jp?b?GyRCRnxLXDhsGyhC?=", "日本語"),
        ("=?rot13?q?uryyb?=", "uryyb"),
    ],
)
def test_words_are_decoded_as_they_are_really_written(value: str, expected: str) -> None:
    assert decode_words(value) == expected


def test_twenty_thousand_words_are_cut_before_they_are_read() -> None:
    assert len(decode_words("=?utf-8?q?a?= " * 20_000)) < 1_000


def test_base64_gives_what_can_be_read() -> None:
    assert lenient_base64(b"SG9sYQ") == b"Hola"
    assert lenient_base64(b"SG9sYQ==") == b"Hola"
    assert lenient_base64(b"SG9sY") == b"Hol"
    assert lenient_base64(b"") == b""
