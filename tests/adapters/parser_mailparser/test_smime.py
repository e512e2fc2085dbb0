import base64

import pytest

from tests.adapters.parser_mailparser.samples import HEAD, PDF, multipart, parse
from triage.adapters.parser_mailparser.smime import signed_content

DATA = bytes.fromhex("06092a864886f70d010701")
SIGNED = bytes.fromhex("06092a864886f70d010702")


def tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 0x80 else b"\x84" + size.to_bytes(4)
    return bytes([tag]) + length + content


def endless(tag: int, content: bytes) -> bytes:
    return bytes([tag, 0x80]) + content + b"\0\0"


def definite(entity: bytes) -> bytes:
    encapsulated = tlv(0x30, DATA + tlv(0xA0, tlv(0x04, entity)))
    return tlv(0x30, SIGNED + tlv(0xA0, tlv(0x30, tlv(0x02, b"\1") + tlv(0x31, b"") + encapsulated)))


def streamed(entity: bytes) -> bytes:
    pieces = b"".join(tlv(0x04, entity[start : start + 7]) for start in range(0, len(entity), 7))
    encapsulated = endless(0x30, DATA + endless(0xA0, endless(0x24, pieces)))
    return endless(
        0x30, SIGNED + endless(0xA0, endless(0x30, tlv(0x02, b"\1") + tlv(0x31, b"") + encapsulated))
    )


@pytest.mark.parametrize("form", [definite, streamed])
def test_the_signed_message_is_opened_for_reading(form) -> None:
    entity = multipart("mixed", "Content-Type: text/plain\r\n\r\nFirmado y opaco", PDF)
    body = base64.encodebytes(form(entity))
    fields = b"Content-Type: application/pkcs7-mime; smime-type=signed-data\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    message = parse(HEAD + fields + body)
    assert message.text == "Firmado y opaco"
    assert [(one.name, one.section) for one in message.attachments] == [("factura.pdf", "1")]
    assert "encrypted" not in message.defects


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"0",
        b"0\x80",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x80" * 5_000,
        DATA,
        b"\x30\xff" + b"\xff" * 200,
        b"hola",
    ],
)
def test_what_is_no_signed_data_gives_nothing(data: bytes) -> None:
    assert signed_content(data) is None
