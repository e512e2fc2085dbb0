import pytest

from tests.adapters.parser_mailparser.samples import HEAD, PDF, SAMPLES, as_leaves, multipart, parse, part


def sections(raw: bytes) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(leaf.section, leaf.content_type, leaf.containers) for leaf in as_leaves(raw).leaves]


def test_parts_are_numbered_as_imap_numbers_them() -> None:
    assert sections(SAMPLES["nested"]) == [
        ("1.1.1", "text/plain", ("mixed", "related", "alternative")),
        ("1.1.2", "text/html", ("mixed", "related", "alternative")),
        ("1.2", "image/gif", ("mixed", "related")),
        ("2", "application/pdf", ("mixed",)),
    ]
    assert sections(SAMPLES["plain"]) == [("1", "text/plain", ())]


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw.replace(b"--bbb--\r\n", b""),
        lambda raw: raw.replace(b'boundary="bbb"', b'boundary="wrong"'),
        lambda raw: raw.replace(b'boundary="bbb"', b"x=y"),
        lambda raw: raw.replace(b'boundary="bbb"', b'boundary=\r\n "bbb"'),
        lambda raw: raw.replace(b"--bbb\r\n", b"--bbb  \r\n"),
        lambda raw: raw.replace(b"\r\n", b"\n"),
        lambda raw: raw.replace(b"\r\n", b"\r"),
        lambda raw: raw.replace(b"\r\n", b"\r\r\n"),
    ],
)
def test_a_damaged_structure_still_shows_its_parts(damage) -> None:
    message = parse(damage(SAMPLES["mixed"]))
    assert message.text.strip() == "Va la factura"
    assert [one.name for one in message.attachments] == ["factura.pdf"]


def test_a_boundary_folded_over_two_lines_is_found() -> None:
    raw = (
        HEAD + b'Content-Type: multipart/mixed; boundary="uno\r\n   dos"\r\n\r\n'
        b"--uno\r\n   dos\r\nContent-Type: text/plain\r\n\r\nhola\r\n--uno\r\n   dos--\r\n"
    )
    assert parse(raw).text == "hola"


def test_an_inner_part_that_never_ends_does_not_swallow_its_neighbours() -> None:
    inner = multipart("alternative", part("text/plain", "Hola"), boundary="inner").replace(
        b"--inner--\r\n", b""
    )
    message = parse(HEAD + multipart("mixed", inner, PDF, boundary="outer"))
    assert message.text == "Hola"
    assert [one.name for one in message.attachments] == ["factura.pdf"]


def test_a_multipart_without_parts_is_text() -> None:
    message = parse(HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\nsolo texto\r\n")
    assert message.text == "solo texto"
    assert "boundary" in message.defects


def test_parts_and_nesting_are_capped() -> None:
    many = parse(HEAD + multipart("mixed", *[part("text/plain", "x")] * 6_000))
    assert "parts" in many.defects
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
        for level in range(1_500)
    )
    assert "nesting" in parse(HEAD + deep + b"\r\nhola").defects


def test_the_parts_of_a_digest_are_messages() -> None:
    message = parse(HEAD + multipart("digest", b"\r\nSubject: uno\r\n\r\n1", b"\r\nSubject: dos\r\n\r\n2"))
    assert [one.subject for one in message.enclosed] == ["uno", "dos"]
