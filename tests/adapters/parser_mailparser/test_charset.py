import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.adapters.parser_mailparser.charset import codec_name, decode, header_text


@pytest.mark.parametrize(
    ("data", "label", "expected"),
    [
        ("página".encode(), "utf-8", ("página", "declared")),
        ("página".encode("latin-1"), "iso-8859-1", ("página", "declared")),
        ("“inicio”".encode("cp1252"), "iso-8859-1", ("“inicio”", "superset")),
        ("página".encode(), "us-ascii", ("página", "superset")),
        ("página".encode("latin-1"), "us-ascii", ("página", "cp1252")),
        ("página".encode(), "iso-8859-1", ("página", "detected")),
        ("镕".encode("gb18030"), "gb2312", ("镕", "superset")),
        ("똠방".encode("cp949"), "ks_c_5601-1987", ("똠방", "declared")),
        ("①".encode("cp932"), "shift_jis", ("①", "superset")),
        ("日本語".encode("iso-2022-jp"), "", ("日本語", "detected")),
        ("página".encode("latin-1"), "", ("página", "cp1252")),
        ("página".encode("latin-1"), "undefined", ("página", "cp1252")),
        ("página".encode("latin-1"), "no-such-charset", ("página", "cp1252")),
        (b"hola", "rot13", ("hola", "declared")),
        (b"hola", "bz2", ("hola", "declared")),
        (b"hola", "\0", ("hola", "declared")),
        (b"", "utf-16", ("", "declared")),
    ],
)
def test_the_ladder_says_which_step_won(data: bytes, label: str, expected: tuple[str, str]) -> None:
    assert decode(data, label) == expected


def test_a_longer_text_in_an_undeclared_charset_is_detected() -> None:
    text = (
        "Здравствуйте, магазин не открывается, покупатели не могут оплатить заказ. Помогите, пожалуйста. " * 3
    )
    found, step = decode(text.encode("cp1251"))
    assert (found, step) == (text, "detected")


def test_one_bad_byte_in_a_long_utf_8_text_does_not_turn_it_into_another_charset() -> None:
    data = ("La página no anda y nadie puede pagar. " * 10).encode() + b"\xff"
    text, _ = decode(data, "utf-8")
    assert "página" in text


@pytest.mark.parametrize(
    "label", ["idna", "punycode", "undefined", "hex", "base64", "zlib", "mbcs", "", "'", "\udcff"]
)
def test_what_is_no_character_encoding_is_refused(label: str) -> None:
    assert codec_name(label) is None


@given(
    st.binary(max_size=400),
    st.sampled_from(["", "utf-8", "us-ascii", "gb2312", "utf-7", "utf-16", "iso-2022-kr", "hz", "big5"]),
)
def test_any_bytes_become_text(data: bytes, label: str) -> None:
    assert isinstance(decode(data, label)[0], str)
    assert isinstance(header_text(data, label), str)
