from tests.adapters.parser_mailparser.samples import parse
from triage.adapters.parser_mailparser import header_block, limits


def fields(block: bytes) -> list[tuple[str, bytes]]:
    return list(header_block.fields(block))


def test_a_bom_an_mbox_line_and_leading_blank_lines_are_dropped() -> None:
    for lead in (b"\xef\xbb\xbf", b"From ana@x.example Mon Jan 12 10:00:00 2026\n", b"\r\n\r\n"):
        block, body = header_block.split_message(lead + b"From: a@b.example\nSubject: s\n\nhola")
        assert [name for name, _ in fields(block)] == ["from", "subject"], lead
        assert body == b"hola"


def test_a_blank_before_the_colon_is_still_a_field() -> None:
    message = parse(b"From : a@b.example\nSubject\t: s\n\nhola")
    assert message.sender is not None
    assert (message.sender.address, message.subject, message.text) == ("a@b.example", "s", "hola")


def test_a_bare_carriage_return_never_starts_a_field() -> None:
    message = parse(b"From: a@b.example\r\nSubject: a\rBcc: b@c.example\r\n\r\nhola")
    assert "bcc" not in message.headers
    assert message.subject == "a Bcc: b@c.example"


def test_a_mail_with_carriage_returns_only_has_lines() -> None:
    message = parse(b"From: a@b.example\rSubject: s\r\rhola\rchau")
    assert (message.subject, message.text) == ("s", "hola\nchau")


def test_folded_values_are_joined() -> None:
    assert fields(b"Subject: uno\r\n dos\r\n\ttres\r\nTo: x\r\n") == [
        ("subject", b" uno dos\ttres"),
        ("to", b" x"),
    ]


def test_a_stray_line_is_passed_over() -> None:
    assert fields(b"From: a\nrubbish here\nTo: b\n") == [("from", b" a"), ("to", b" b")]


def test_a_missing_blank_line_loses_no_text() -> None:
    block, body = header_block.split_message(b"From: a@b.example\nHola, buenas\nno anda nada\n\nchau")
    assert fields(block) == [("from", b" a@b.example")]
    assert body.startswith(b"Hola, buenas\nno anda")


def test_folded_lines_that_lost_their_indentation_do_not_hide_the_sender() -> None:
    trace = b"Received: from a.example\nby b.example with ESMTP\nid 7B/03; Mon, 12 Jan 2026 10:00:00\n"
    block, body = header_block.split_message(trace + b"From: a@b.example\nSubject: s\n\nhola")
    assert fields(block)[1:] == [("from", b" a@b.example"), ("subject", b" s")]
    assert body == b"hola"
    text = b"Hola, buenas\nles paso lo que llego\nFrom: a@b.example\n\nchau"
    assert header_block.split_message(text) == (b"", text)
    assert header_block.split_part(b"Content-Type: text/plain\n" + text) == (
        b"Content-Type: text/plain\n",
        text,
    )


def test_a_part_that_starts_with_a_blank_line_has_no_fields() -> None:
    assert header_block.split_part(b"\r\nNota: esto es texto\r\n") == (b"", b"Nota: esto es texto\r\n")


def test_routing_fields_are_read_behind_thousands_of_others() -> None:
    noise = b"".join(b"X-%d: v\n" % number for number in range(5_000))
    message = parse(noise + b"From: a@b.example\nSubject: s\n\nhola")
    assert message.sender is not None
    assert message.subject == "s"
    assert len(message.headers.fields) <= limits.HEADER_FIELDS + 10


def test_a_giant_value_is_cut_before_it_is_read() -> None:
    (field,) = fields(b"Subject: " + b"a" * 5_000_000 + b"\n")
    assert len(field[1]) == limits.HEADER_VALUE_BYTES
