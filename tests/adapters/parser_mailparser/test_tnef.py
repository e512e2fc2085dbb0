import base64
import struct

import pytest

from tests.adapters.parser_mailparser.samples import HEAD, multipart, parse, part
from triage.adapters.parser_mailparser import tnef
from triage.core.message import Leaf


def an_object(level: int, name: int, kind: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", level, name, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def a_string_property(name: int, text: str) -> bytes:
    data = text.encode("utf-16-le") + b"\0\0"
    padded = data + b"\0" * (-len(data) % 4)
    return struct.pack("<HHII", 0x1F, name, 1, len(data)) + padded


def a_winmail(*objects: bytes) -> bytes:
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(objects)


CODE_PAGE = an_object(1, 0x9007, 6, struct.pack("<II", 1252, 0))
BODY = an_object(1, 0x9003, 6, struct.pack("<I", 1) + a_string_property(0x1000, "El panel no abre"))
FILE = (
    an_object(2, 0x9002, 6, b"\0" * 14)
    + an_object(2, 0x8010, 1, b"captura.png\0")
    + an_object(2, 0x800F, 6, b"x" * 50)
)


def a_mail(data: bytes, text: str = "") -> bytes:
    body = part(
        "application/ms-tnef; name=winmail.dat",
        base64.encodebytes(data).decode(),
        "Content-Transfer-Encoding: base64",
    )
    return HEAD + multipart("mixed", part("text/plain", text), body)


def test_text_and_files_are_found_in_a_winmail() -> None:
    message = parse(a_mail(a_winmail(CODE_PAGE, BODY, FILE)))
    assert message.text == "El panel no abre"
    assert ("captura.png", 50, "2") in [(one.name, one.size, one.section) for one in message.attachments]
    assert "tnef" in message.defects


def test_the_text_beside_a_winmail_is_the_text() -> None:
    assert parse(a_mail(a_winmail(CODE_PAGE, BODY), "Texto a la vista")).text == "Texto a la vista"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no tnef at all",
        a_winmail(b"\x01" * 5),
        a_winmail(an_object(1, 0x9003, 6, struct.pack("<I", 0xFFFFFFFF))),
        a_winmail(an_object(1, 0x9003, 6, struct.pack("<IHHI", 1, 0x1003, 1, 0xFFFFFFFF))),
        a_winmail(an_object(1, 0x9003, 6, struct.pack("<IHHII", 1, 0x1E, 0x1000, 1, 0xFFFFFFF0))),
        a_winmail(an_object(1, 0x9004, 6, struct.pack("<I", 0xFFFFFFFF))),
        a_winmail(*[an_object(1, 0x8004, 1, b"")] * 50_000),
        a_winmail(an_object(2, 0x8010, 1, b"no rendering before\0")),
        a_winmail(an_object(1, 0x9007, 6, struct.pack("<II", 99_999, 0)), BODY),
    ],
)
def test_forged_counts_and_broken_streams_hurt_nobody(data: bytes) -> None:
    message = parse(a_mail(data, "hola"))
    assert message.text == "hola"
    assert message.attachments[0].name == "winmail.dat"


def test_a_winmail_left_on_the_server_is_an_attachment() -> None:
    assert tnef.read([Leaf("2", "application/ms-tnef")]) is None
