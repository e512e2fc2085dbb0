import pytest

from tests.adapters.parser_mailparser.samples import parse
from triage.adapters.parser_mailparser import header_block, headers


def read(block: bytes, charset: str = "") -> headers.HeaderFacts:
    return headers.read(header_block.fields(block), charset)


def subject(raw: bytes, charset: str = "") -> str:
    return read(b"Subject: " + raw + b"\r\n", charset).subject


def test_raw_utf_8_and_raw_latin_1_lose_no_letter() -> None:
    assert subject("Reclamación nº 5".encode()) == "Reclamación nº 5"
    assert subject("Reclamación nº 5".encode("latin-1")) == "Reclamación nº 5"
    assert subject("“inicio” – €".encode("cp1252")) == "“inicio” – €"


def test_a_raw_value_may_be_in_the_charset_of_the_body() -> None:
    assert subject("Ошибка".encode("koi8-r"), "koi8-r") == "Ошибка"


def test_the_subject_is_one_clean_line_of_at_most_200_characters() -> None:
    assert subject(b"=?utf-8?q?a=0D=0ABcc=3A_b=00=1B[31m?=") == "a Bcc: b"
    assert len(subject(b"x" * 5_000)) == 200


def test_identifiers_come_without_angles_and_unfolded() -> None:
    facts = read(
        b"Message-ID: <long\r\n er@x.example>\r\nIn-Reply-To: Your mail of Monday <a@x.example>\r\n"
        b"References: <a@x.example><b@x.example>\r\n\t<c@x.example> <a@x.example>\r\n"
    )
    assert facts.message_id == "longer@x.example"
    assert facts.in_reply_to == ("a@x.example",)
    assert facts.references == ("a@x.example", "b@x.example", "c@x.example")


@pytest.mark.parametrize("value", ["", "<>", " < > ", "<" + "a" * 1_000 + "@x.example>", "no id here"])
def test_an_empty_literal_or_giant_identifier_is_none(value: str) -> None:
    assert headers.message_id(value) is None


def test_an_identifier_without_angles_counts() -> None:
    assert headers.message_id("abc@x.example") == "abc@x.example"


def test_of_too_many_references_the_first_and_the_last_are_kept() -> None:
    found = headers.identifiers([" ".join(f"<{number}@x.example>" for number in range(1_000))])
    assert len(found) == 200
    assert (found[0], found[-1]) == ("0@x.example", "999@x.example")


def test_repeated_fields_keep_their_order_and_are_named() -> None:
    message = parse(
        b"From: a@b.example\nFrom: c@d.example\nMessage-ID: <1@x>\nMessage-ID: <2@x>\nSubject: s\n\nx"
    )
    assert message.sender is not None
    assert message.sender.address == "a@b.example"
    assert message.headers.all("from") == ("a@b.example", "c@d.example")
    assert {"several-from", "several-message-ids"} <= set(message.defects)


def test_identifiers_and_trace_fields_are_never_decoded() -> None:
    facts = read(b"Authentication-Results: =?utf-8?q?mx=2Enetone=2Eexample=3B_dmarc=3Dpass?=\n")
    assert facts.headers.get("authentication-results").startswith("=?utf-8?q?")
