from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imapclient.response_parser import parse_fetch_response

from triage.adapters.mailbox_imap.structure import Unusable, leaves


def parsed(structure: bytes) -> Any:
    return parse_fetch_response([b"1 (UID 1 BODYSTRUCTURE " + structure + b")"])[1][b"BODYSTRUCTURE"]


TEXT = b'("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "QUOTED-PRINTABLE" 120 4 NIL NIL NIL NIL)'
PDF = b'("APPLICATION" "PDF" ("NAME" "x.pdf") "<c1@x>" NIL "BASE64" 900 NIL ("ATTACHMENT" ("FILENAME" "a b.pdf")) NIL NIL)'


def test_a_mail_of_one_part_is_section_1() -> None:
    [leaf] = leaves(parsed(TEXT))
    assert (leaf.section, leaf.content_type, leaf.encoding, leaf.size) == (
        "1",
        "text/plain",
        "quoted-printable",
        120,
    )
    assert leaf.parameters == {"charset": "utf-8"}


def test_nested_parts_are_numbered_by_their_place() -> None:
    alternative = b"(" + TEXT + TEXT + b' "ALTERNATIVE" ("BOUNDARY" "x") NIL NIL NIL)'
    found = leaves(parsed(b"(" + alternative + PDF + b' "MIXED" NIL NIL NIL NIL)'))
    assert [leaf.section for leaf in found] == ["1.1", "1.2", "2"]
    assert (found[2].filename, found[2].disposition, found[2].content_id) == ("a b.pdf", "attachment", "c1@x")


def test_a_part_tells_the_multiparts_around_it_from_the_outside_in() -> None:
    alternative = b"(" + TEXT + TEXT + b' "ALTERNATIVE" NIL NIL NIL)'
    found = leaves(parsed(b"(" + alternative + PDF + b' "MIXED" NIL NIL NIL NIL)'))
    assert [leaf.containers for leaf in found] == [
        ("mixed", "alternative"),
        ("mixed", "alternative"),
        ("mixed",),
    ]
    assert [len(leaf.section.split(".")) for leaf in found] == [len(leaf.containers) for leaf in found]
    assert leaves(parsed(TEXT))[0].containers == ()


def test_an_enclosed_message_is_one_leaf() -> None:
    envelope = b"(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"
    inner = b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 800 ' + envelope + b" " + TEXT
    found = leaves(parsed(b"(" + TEXT + inner + b' 20 NIL ("INLINE" NIL) NIL NIL) "MIXED" NIL NIL NIL NIL)'))
    assert [(leaf.section, leaf.content_type, leaf.disposition) for leaf in found] == [
        ("1", "text/plain", ""),
        ("2", "message/rfc822", "inline"),
    ]


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        (b"""("FILENAME*" "utf-8''cat%C3%A1logo.pdf")""", "catálogo.pdf"),
        (b"""("FILENAME*0*" "utf-8''cat%C3%A1" "FILENAME*1" "logo.pdf")""", "catálogo.pdf"),
        (b"""("FILENAME*0" "catalogo-" "FILENAME*1" "2026.pdf")""", "catalogo-2026.pdf"),
        (b"""("FILENAME" "=?utf-8?Q?cat=C3=A1logo=2Epdf?=")""", "catálogo.pdf"),
        (b"""("FILENAME*" "klingon''x%zz")""", "x%zz"),
        (b'("FILENAME" {13}', "catálogo.pdf"),
        (b'("FILENAME" "=?utf-8?B?!!!?=")', "=?utf-8?B?!!!?="),
        (b"NIL", "x.pdf"),
    ],
)
def test_file_names_are_read_in_all_their_spellings(parameters: bytes, name: str) -> None:
    part = PDF.replace(b'("FILENAME" "a b.pdf")', b"%b")
    if b"{13}" in parameters:
        before, after = part.split(b"%b")
        body = parse_fetch_response(
            [
                (b"1 (UID 1 BODYSTRUCTURE " + before + parameters, "catálogo.pdf".encode()),
                b")" + after + b")",
            ]
        )[1][b"BODYSTRUCTURE"]
    else:
        body = parsed(part.replace(b"%b", parameters))
    assert leaves(body)[0].filename == name


def test_letters_beyond_ascii_in_a_parameter_are_no_obstacle() -> None:
    [leaf] = leaves((b"text", b"plain", (b"name", "señal".encode("latin-1"), b"odd"), None, None, None, 3, 1))
    assert (leaf.filename, leaf.encoding) == ("señal", "7bit")


@pytest.mark.parametrize(
    "body",
    [
        None,
        (),
        ([],),
        b"NIL",
        (b"text",),
        (None, None, None, None, None, None, None),
        ([()], b"mixed"),
        (1, 2, 3),
    ],
)
def test_a_structure_that_describes_no_mail_is_unusable(body: Any) -> None:
    with pytest.raises(Unusable):
        leaves(body)


def test_a_bomb_of_parts_is_unusable_and_deep_nesting_is_none() -> None:
    part = (b"text", b"plain", None, None, None, b"7bit", 1, 1)
    with pytest.raises(Unusable, match="more than"):
        leaves(([part] * 10_001, b"mixed"))
    nested: Any = part
    for _ in range(5_000):
        nested = ([nested], b"mixed")
    [leaf] = leaves(nested)
    assert leaf.section.count(".") == 4_999


ATOMS = st.recursive(
    st.one_of(st.none(), st.integers(), st.binary(max_size=12)),
    lambda children: st.one_of(st.lists(children, max_size=9), st.lists(children, max_size=9).map(tuple)),
    max_leaves=40,
)


@given(ATOMS)
def test_any_tree_is_read_or_unusable(body: Any) -> None:
    try:
        found = leaves(body)
    except Unusable:
        return
    assert all(leaf.section and "/" in leaf.content_type for leaf in found)
