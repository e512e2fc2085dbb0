import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.adapters.mailer_smtp.addresses import BadAddress, dotted, envelope, fault_of, needs_utf8


@given(st.text(), st.booleans())
def test_whatever_passes_cannot_leave_its_place_on_the_command_line(address, utf8):
    try:
        raw = envelope(address, utf8=utf8)
    except BadAddress:
        return
    assert not any(byte <= 32 or byte == 127 or byte in b'<>,"\\' for byte in raw)
    assert raw.count(b"@") == (1 if address else 0)
    assert utf8 or raw.isascii()


@pytest.mark.parametrize(
    ("address", "raw"),
    [
        ("", b""),
        ("ana@x.example", b"ana@x.example"),
        ("soporte+b.7.abc@netone.example", b"soporte+b.7.abc@netone.example"),
        ("o'neil_1&co@x.example", b"o'neil_1&co@x.example"),
        ("jose@peña.example", b"jose@xn--pea-8ma.example"),
        ("root@localhost", b"root@localhost"),
    ],
)
def test_addresses_as_they_go_out(address, raw):
    assert envelope(address, utf8=False) == raw


def test_only_a_local_part_needs_smtputf8():
    assert needs_utf8("", "josé@x.example")
    assert not needs_utf8("a@x.example", "jose@peña.example")
    assert envelope("josé@x.example", utf8=True) == "josé@x.example".encode()


@given(st.binary())
def test_dots_are_doubled_so_that_no_line_ends_the_mail(content):
    wire = dotted(content)
    assert wire.endswith(b"\r\n")
    assert b"\r\n.\r\n" not in wire
    assert not wire.startswith(b".\r\n")
    back = wire.removeprefix(b".") if content.startswith(b".") else wire
    assert back.replace(b"\r\n..", b"\r\n.").startswith(content)


@pytest.mark.parametrize("content", [b"", b"\r\n", b"a\nb\r\n", b"a\rb\r\n", b"a\r\n\nb"])
def test_content_with_lone_line_ends_or_none_at_all_is_at_fault(content):
    assert fault_of(content)


def test_good_content_has_no_fault():
    assert fault_of(b"Subject: x\r\n\r\ny\r\n") == ""
