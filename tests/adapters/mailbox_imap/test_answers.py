from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imapclient.response_parser import parse_response

from triage.adapters.mailbox_imap.answers import instant, messages


def test_items_are_found_by_uid_with_literals_and_quoted_strings() -> None:
    found = messages([
        (b"1 (UID 7 BODY[HEADER]<0> {4}", b"a(b)"),
        (b' RFC822.SIZE 12 BODY[1.2]<0> "say \\"hi\\" \\\\" BODY[3] {0}', b""),
        b" flags (\\Seen $Triaged))",
        b"2 (UID 9 BODY[1] NIL BODY[HEADER.FIELDS (FROM TO)] nil)",
    ])  # fmt: skip
    assert found == {
        7: {
            b"UID": 7,
            b"BODY[HEADER]<0>": b"a(b)",
            b"RFC822.SIZE": 12,
            b"BODY[1.2]<0>": b'say "hi" \\',
            b"BODY[3]": b"",
            b"FLAGS": (b"\\Seen", b"$Triaged"),
        },
        9: {b"UID": 9, b"BODY[1]": None, b"BODY[HEADER.FIELDS (FROM TO)]": None},
    }


def test_a_message_told_of_twice_is_put_together_and_news_of_flags_is_left_out() -> None:
    assert messages([b"1 (FLAGS (\\Seen))", b"1 (UID 7 A 1)", b"1 (UID 7 B 2)", None]) == {
        7: {b"UID": 7, b"A": 1, b"B": 2}
    }


def test_text_that_looks_like_grammar_stays_text() -> None:
    found = messages([b'1 (UID 7 A "NIL" B "{3}" C "12" D "(" E "a]b[c" F {3})'])
    assert found[7] == {
        b"UID": 7,
        b"A": b"NIL",
        b"B": b"{3}",
        b"C": b"12",
        b"D": b"(",
        b"E": b"a]b[c",
        b"F": b"{3}",
    }


@pytest.mark.parametrize(
    "line", [b"1 (UID 7", b"1 UID 7)", b"x (UID 7)", b"1 (UID)", b"1 (5 7)", b"1 ((A) 7)", b"1", b")"]
)
def test_what_is_no_answer_is_an_error(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        messages([line])


def test_nesting_is_no_recursion_and_a_long_line_no_effort() -> None:
    depth = 200_000
    found = messages([b"1 (UID 7 A " + b"(" * depth + b")" * depth + b")"])
    assert found[7][b"A"] == (found[7][b"A"][0],)
    messages([b'1 (UID 7 A "' + b"x" * 5_000_000 + b'")'])
    with pytest.raises(ValueError, match=r"\w"):
        messages([b'1 (UID 7 A "' + b"\\" * 1_000_001])


ATOM = st.text("ABCxyz.-$", min_size=1).map(str.encode) | st.integers(0).map(lambda number: b"%d" % number)
QUOTED = (
    st.binary()
    .filter(lambda text: not any(char in text for char in b'"\\\r\n'))
    .map(lambda text: b'"' + text + b'"')
)
TREE = st.recursive(
    ATOM | QUOTED | st.just(b"NIL"),
    lambda inner: st.lists(inner, min_size=1).map(lambda parts: b"(" + b" ".join(parts) + b")"),
)


@given(TREE)
def test_it_reads_what_imapclient_reads(text: bytes) -> None:
    line = b"A " + text
    if b"(" in text[:1]:
        assert messages([b"1 (UID 7 " + line + b")"])[7][b"A"] == parse_response([line])[1]


@given(st.binary(max_size=60))
def test_any_line_is_read_or_refused(line: bytes) -> None:
    try:
        messages([line])
    except ValueError:
        return


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"20-Oct-2026 12:15:30 -0300", datetime(2026, 10, 20, 15, 15, 30, tzinfo=UTC)),
        (b" 2-feb-2024 00:00:00 +0530", datetime(2024, 2, 1, 18, 30, tzinfo=UTC)),
        (b"31-Feb-2026 12:15:30 -0300", None),
        (b"01-Jan-0001 00:00:00 +1400", None),
        (b"01-Foo-2026 00:00:00 +0000", None),
        (b"01-Jan-2026 00:00:00 +9999", None),
        (b"yesterday", None),
        (None, None),
        (12, None),
    ],
)
def test_dates_are_read_without_the_locale(text: Any, expected: datetime | None) -> None:
    assert instant(text) == expected
