import pytest

from triage.adapters.parser_mailparser.transfer import decode_body, decoded_size


@pytest.mark.parametrize(
    ("body", "encoding", "expected"),
    [
        (b"SG9s\r\nYQ==\r\n", "base64", b"Hola"),
        (b"SG9s\r\nY", "base64", b"Hol"),
        (b"SG9s*YQ", "BASE64 (comment)", b"Hola"),
        (b"SG9sYQ==\r\nIQ==\r\n", "base64", b"Hola!"),
        (b"SG9sYSEh\r\n____\r\nlista de soporte\r\n", "base64", b"Hola!!"),
        (
            b"Hola, la tienda no carga\r\ndesde ayer\r\n",
            "base64",
            b"Hola, la tienda no carga\r\ndesde ayer\r\n",
        ),
        (b"  SG9s\r\n  YQ==  \r\n", "base64", b"Hola"),
        (b"p=C3=A1gina=\r\n larga =\r\n", "quoted-printable", b"p\xc3\xa1gina larga "),
        (b"100 = 100 =zz =", "quoted-printable", b"100 = 100 =zz "),
        (b"a=   \r\nb", "quoted-printable", b"ab"),
        (b"hola", "8bit", b"hola"),
        (b"hola", "no-such-encoding", b"hola"),
        (b"begin 644 x\r\n$2&]L80``\r\n`\r\nend\r\n", "x-uuencode", b"Hola"),
        (b"no block", "x-uuencode", b"no block"),
    ],
)
def test_what_can_be_read_is_read(body: bytes, encoding: str, expected: bytes) -> None:
    assert decode_body(body, encoding, 1_000) == expected


def test_no_more_is_decoded_than_asked_for() -> None:
    assert len(decode_body(b"SG9s" * 1_000_000, "base64", 1_000)) == 1_000
    assert len(decode_body(b"=3D" * 1_000_000, "quoted-printable", 1_000)) == 1_000


def test_the_size_of_a_base64_part_is_estimated() -> None:
    assert decoded_size(78 * 1_000, "base64") == 57_000
    assert decoded_size(500, "7bit") == 500
