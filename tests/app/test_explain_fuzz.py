"""From any bytes to a decision: never a crash, never a stall, always one whole answer."""

from datetime import timedelta

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.fuzz.invariants import check, decided

LINES = st.sampled_from(
    [
        b"From: a@b.example",
        b"From: lucia.ferrari@netone.example",
        b"To: soporte@netone.example",
        b"Subject: =?utf-8?b?gg==?= [NO-2026-000123]",
        b"Subject: Re: !close",
        b"Auto-Submitted: auto-replied (x",
        b"Authentication-Results: mx.netone.example; dmarc=fail; dmarc=pass",
        b"Message-ID: <>",
        b"In-Reply-To: <NO-2026-000123.kaaaaaaaaaa.saaaaaaaaaaaaaaaaaaaa@netone.example>",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=x",
        b"Content-Type: text/plain; charset=undefined",
        b"Content-Transfer-Encoding: base64",
        b"",
        b"--x",
        b"Final-Recipient: rfc822; x@y.example",
        b"!severity 1",
        b"> la tienda esta caida",
        b"\xff\xfe\x00\r",
    ]
)
MAILS = st.one_of(
    st.binary(max_size=2_000),
    st.lists(LINES, max_size=30).map(b"\r\n".join),
    st.lists(st.one_of(LINES, st.binary(max_size=200)), max_size=20).map(b"\n".join),
)


@settings(max_examples=150, deadline=timedelta(seconds=20), suppress_health_check=[HealthCheck.too_slow])
@given(MAILS)
@example(b"")
@example(b"\x00" * 100)
def test_any_bytes_come_to_a_decision_and_no_forged_agent_is_let_in(raw: bytes) -> None:
    check(decided(raw))
