import base64
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.adapters.mail_validator import faults
from tests.builders import a_site
from triage.adapters.composer_mime import MimeComposer
from triage.core.model import MailKind
from triage.core.records import OutboxRow
from triage.errors import Permanent
from triage.ports import File, Rendered

NOW = datetime(2026, 10, 20, 13, 15, 7, tzinfo=UTC)
COMPOSER = MimeComposer(a_site())


def a_row(**fields: Any) -> OutboxRow:
    draft = {
        "to_name": "Ana Villar",
        "sender_name": "NetOne Soporte",
        "in_reply_to": "m1@tienda.example",
        "references": ["m0@tienda.example", "m1@tienda.example"],
        "auto": "auto-replied",
        "to_client": True,
        "reply_plus": None,
        "attachments": (),
        **fields.pop("draft", {}),
    }
    row: dict[str, Any] = {
        "key": "NO-2026-000123/ack",
        "kind": MailKind.ACKNOWLEDGEMENT,
        "to": "ana@tienda.example",
        "message_id": "ack.1@netone.example",
        "created_at": NOW,
        "next_at": NOW,
        "mailbox": "soporte",
        **fields,
    }
    return OutboxRow(draft=draft, **row)


def composed(row: OutboxRow, rendered: Rendered | None = None) -> EmailMessage:
    raw = COMPOSER.compose(
        row, rendered or Rendered("Re: Fotos [NO-2026-000123]", "Hola\n", "<p>Hola</p>"), NOW
    )
    assert faults(raw) == []
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def test_an_acknowledgement_carries_what_the_interface_promises() -> None:
    mail = composed(a_row())
    assert mail["From"] == "NetOne Soporte <soporte@netone.example>"
    assert mail["To"] == "Ana Villar <ana@tienda.example>"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["In-Reply-To"] == "<m1@tienda.example>"
    assert mail["References"] == "<m0@tienda.example> <m1@tienda.example>"
    assert mail["Message-ID"] == "<ack.1@netone.example>"
    assert mail["Date"] == "Tue, 20 Oct 2026 10:15:07 -0300"
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_agents_mail_suppresses_no_answers() -> None:
    mail = composed(a_row(draft={"to_client": False, "auto": "auto-generated"}))
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] is None


def test_a_persons_answer_has_no_mark_of_automatic_mail() -> None:
    mail = composed(a_row(draft={"auto": "", "sender_name": "Lucía Ferrari"}))
    assert mail["Auto-Submitted"] is None
    assert mail["X-Auto-Response-Suppress"] is None
    assert mail["From"].addresses[0].display_name == "Lucía Ferrari"


def test_a_long_identity_stays_unencoded_on_one_line() -> None:
    long = "A" * 300 + "@mail.example"
    raw = COMPOSER.compose(a_row(draft={"in_reply_to": long, "references": [long]}), Rendered("x", "y"), NOW)
    assert f"References: <{long}>\r\n".encode() in raw
    assert faults(raw) == []


def test_a_long_conversation_keeps_its_first_and_latest_identities() -> None:
    ids = [f"{n}.{'x' * 60}@mail.example" for n in range(60)]
    mail = composed(a_row(draft={"in_reply_to": ids[-1], "references": ids}))
    kept = mail["References"].split()
    assert kept[0] == f"<{ids[0]}>"
    assert kept[-1] == f"<{ids[-1]}>"


@pytest.mark.parametrize("bad", ["a b@x", "ñ@x", "a\r\nBcc: x@y.example", "<a@x>", "x" * 1000 + "@y"])
def test_a_foreign_identity_that_no_header_can_carry_is_left_out(bad: str) -> None:
    mail = composed(a_row(draft={"in_reply_to": bad, "references": [bad, "m0@tienda.example"]}))
    assert mail["In-Reply-To"] is None
    assert mail["References"] == "<m0@tienda.example>"


@pytest.mark.parametrize("end", ["\r", "\n", "\0", "\r\nBcc: evil@x.example"])
def test_line_ends_in_a_header_value_are_refused(end: str) -> None:
    for row, subject in (
        (a_row(draft={"to_name": f"Ana{end}"}), "x"),
        (a_row(draft={"sender_name": f"Ana{end}"}), "x"),
        (a_row(to=f"ana@tienda.example{end}"), "x"),
        (a_row(message_id=f"a@b{end}"), "x"),
        (a_row(draft={"reply_plus": f"a{end}"}), "x"),
        (a_row(), f"subject{end}"),
    ):
        with pytest.raises(Permanent):
            COMPOSER.compose(row, Rendered(subject, "y"), NOW)


@pytest.mark.parametrize(
    "address",
    ["", "ana", "a@b@c", "a b@c.example", "ana@x.example, bob@y.example", "a@x.example>", "<a@x.example"],
)
def test_what_is_no_single_address_is_refused(address: str) -> None:
    with pytest.raises(Permanent):
        COMPOSER.compose(a_row(to=address), Rendered("x", "y"), NOW)


def test_a_plus_address_is_the_reply_to() -> None:
    assert composed(a_row(draft={"reply_plus": "k9f3"}))["Reply-To"] == "soporte+k9f3@netone.example"
    assert composed(a_row(draft={"reply_plus": "a+b@x.example"}))["Reply-To"] == "a+b@x.example"


@pytest.mark.parametrize(
    "name", ["NetOne, Soporte", 'El "Jefe"', "a\\b", "x@y.example", "Ñandú y Cía", "", "A" * 200]
)
def test_any_name_survives(name: str) -> None:
    mail = composed(a_row(draft={"to_name": name}))
    # Python's own parser keeps the fold between two encoded words
    said = mail["To"].addresses[0].display_name
    assert said.replace(" ", "") == name[:120].replace(" ", "")
    assert mail["To"].addresses[0].addr_spec == "ana@tienda.example"


def test_attachments_travel_with_their_names() -> None:
    names = [
        "a.png",
        "Captura de pantalla ñandú nº 5 con un nombre larguísimo, demasiado.png",
        'a;b"c.txt',
        "../x",
    ]
    given_ = [
        {"name": name, "content_type": "image/png", "content": base64.b64encode(bytes(range(256))).decode()}
        for name in names
    ]
    mail = composed(a_row(draft={"attachments": given_}))
    found = list(mail.iter_attachments())
    assert [part.get_filename() for part in found] == [*names[:3], ".._x"]
    assert all(part.get_content() == bytes(range(256)) for part in found)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"a: b\r\n\r\nplain", "message/rfc822"),
        ("a: b\r\n\r\nñ".encode(), "application/octet-stream"),
        (b"a: b\n\nbare line ends", "application/octet-stream"),
        (b"a: b\r\n\r\n" + b"x" * 999, "application/octet-stream"),
        (b"a: b\r\n\r\n\0", "application/octet-stream"),
    ],
)
def test_an_attached_message_is_one_only_where_it_needs_no_encoding(raw: bytes, kind: str) -> None:
    one = {"name": "x.eml", "content_type": "message/rfc822", "content": base64.b64encode(raw).decode()}
    (part,) = composed(a_row(draft={"attachments": [one]})).iter_attachments()
    assert part.get_content_type() == kind
    if kind == "application/octet-stream":
        assert part.get_content() == raw


def test_there_is_room_for_files_that_are_only_named() -> None:
    row = a_row(draft={"attachments": [{"name": "n.txt", "section": "2"}]})
    content = COMPOSER.compose(row, Rendered("x", "y"), NOW)
    bare = message_from_bytes(content, policy=policy.default)
    assert list(bare.iter_attachments()) == []
    files = [File("n.txt", "text/plain", b"one"), File("m.bin", "", b"two")]
    whole = message_from_bytes(COMPOSER.enclose(row, content, files, "tres"), policy=policy.default)
    found = [part.get_content() for part in whole.iter_attachments()]
    assert [*found[:2], found[2].strip()] == ["one", b"two", "tres"]
    assert whole.defects == []
    with pytest.raises(Permanent):
        COMPOSER.enclose(row, COMPOSER.compose(a_row(), Rendered("x", "y"), NOW), files)


def test_an_unknown_automatic_mark_is_refused() -> None:
    with pytest.raises(Permanent):
        COMPOSER.compose(a_row(draft={"auto": "yes"}), Rendered("x", "y"), NOW)


def test_the_same_row_gives_the_same_bytes() -> None:
    words = Rendered("x", "y", "<p>y</p>")
    assert COMPOSER.compose(a_row(), words, NOW) == COMPOSER.compose(a_row(), words, NOW)


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=300)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)
IDS = st.from_regex(r"[A-Za-z0-9.!#$%&'*+/=^_`{|}~-]{1,90}@[a-z0-9.-]{1,60}", fullmatch=True)
NAMES = st.text(st.characters(exclude_categories=["C", "Zl", "Zp", "M"]), max_size=60)


@settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    subject=WORDS,
    text=TEXT,
    html=TEXT,
    name=NAMES,
    sender=NAMES,
    chain=st.lists(IDS, max_size=20),
    auto=st.sampled_from(["", "auto-replied", "auto-generated"]),
    filename=st.none() | WORDS,
)
def test_a_thousand_random_mails_keep_the_rfcs(
    subject: str,
    text: str,
    html: str,
    name: str,
    sender: str,
    chain: list[str],
    auto: str,
    filename: str | None,
) -> None:
    attachments = [] if filename is None else [{"name": filename, "content_type": "x/y", "content": "QUJD"}]
    row = a_row(
        draft={
            "to_name": name,
            "sender_name": sender,
            "references": chain,
            "in_reply_to": chain[-1] if chain else None,
            "auto": auto,
            "attachments": attachments,
        }
    )
    raw = COMPOSER.compose(row, Rendered(subject, text, html), NOW)
    assert faults(raw) == []
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert "".join(str(mail["Subject"]).split()) == "".join(_visible(subject).split())
    body = mail.get_body(("plain",))
    assert body is not None
    assert (
        body.get_content().replace("\r\n", "\n").rstrip()
        == _visible(text.replace("\r\n", "\n"), keep="\n").rstrip()
    )


def _visible(text: str, keep: str = "") -> str:
    return "".join(c for c in text if c in f"\t{keep}" or not (c < " " or c == "\x7f"))
