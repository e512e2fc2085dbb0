import pytest

from triage.adapters.parser_mailparser import mime_fields


def test_a_content_type_is_read_with_its_parameters() -> None:
    assert mime_fields.content_type('Text/Plain; Charset="utf-8"; format = flowed (yes)') == (
        "text/plain",
        {"charset": "utf-8", "format": "flowed"},
    )


@pytest.mark.parametrize(
    "value", ["multipart/*; boundary=b", "Multipart; boundary=b", "multipart/ ;boundary=b"]
)
def test_a_boundary_tells_a_multipart_whose_kind_is_not_told(value: str) -> None:
    assert mime_fields.content_type(value) == ("multipart/mixed", {"boundary": "b"})


@pytest.mark.parametrize("value", ["", "text/", "/plain", "multipart", ";;;"])
def test_an_unusable_type_is_empty(value: str) -> None:
    assert mime_fields.content_type(value)[0] == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("attachment; filename*=utf-8''Reclamaci%C3%B3n.pdf", "Reclamación.pdf"),
        ("attachment; filename*0*=utf-8''Recla; filename*1*=maci%C3%B3n; filename*2=.pdf", "Reclamación.pdf"),
        ("attachment; filename*1=b.pdf; filename*0=a", "ab.pdf"),
        ("attachment; filename=viejo.pdf; filename*=utf-8''n%C3%BAevo.pdf", "núevo.pdf"),
        ('attachment; filename="con \\"comillas\\"; y más.pdf"', 'con "comillas"; y más.pdf'),
        ("attachment; filename=sin comillas.pdf", "sin comillas.pdf"),
        ('attachment; filename="sin fin.pdf', "sin fin.pdf"),
        ("attachment; filename*=undefined''x%E1", "xá"),
        ("attachment; filename*=%zz", "%zz"),
    ],
)
def test_file_names_are_put_together(value: str, expected: str) -> None:
    assert mime_fields.disposition(value)[1]["filename"] == expected


def test_a_file_name_in_encoded_words_is_decoded() -> None:
    assert mime_fields.file_name("=?iso-8859-1?q?p=E1gina.png?=") == "página.png"


def test_fifty_thousand_semicolons_are_nothing() -> None:
    assert mime_fields.content_type("text/plain" + ";" * 50_000) == ("text/plain", {})
    assert len(mime_fields.parameters("x" + "".join(f"; a{number}=b" for number in range(5_000)))) == 64
