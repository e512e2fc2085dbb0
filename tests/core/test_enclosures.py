"""Which of a client's files go along with a mail to agents."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from triage.core import enclosures
from triage.core.message import Attachment, Headers, Message
from triage.core.model import ClientFile, Source
from triage.core.records import StoredMessage


def a_file(name: str, size: int = 10, encoding: str = "base64") -> ClientFile:
    return ClientFile(name, "image/png", size, "2", encoding)


def a_source(*files: ClientFile, size: int = 100) -> Source:
    return Source("soporte", 7, 12, size, "m1@x.example", files)


def a_message(*attachments: Attachment) -> Message:
    return Message(
        Headers(), "m1@x.example", (), (), None, (), (), (), "s", None, "t", "d", 100, attachments=attachments
    )


def names(found: enclosures.Enclosed) -> tuple[list[str], list[str]]:
    return [one["name"] for one in found.files], [one["name"] for one in found.left_out]


def test_files_go_in_their_order_up_to_the_limit_and_the_others_are_named_with_their_size() -> None:
    found = enclosures.enclosed(a_source(a_file("a", 6), a_file("b", 5), a_file("c", 4)), 10)
    assert names(found) == (["a", "c"], ["b"])
    assert found.left_out == ({"name": "b", "size": 5},)


def test_a_file_that_cannot_be_fetched_alone_is_named() -> None:
    assert names(enclosures.enclosed(a_source(a_file("inside-winmail.doc", 5, "")), 10)) == (
        [],
        ["inside-winmail.doc"],
    )


def test_a_limit_of_nothing_leaves_names_only() -> None:
    assert names(enclosures.enclosed(a_source(a_file("a")), 0)) == ([], ["a"])


def test_the_mail_itself_goes_along_where_it_is_wanted_and_there_is_room() -> None:
    one = a_source(a_file("a", 6), size=4)
    assert names(enclosures.enclosed(one, 10, "NO-1.eml")) == (["a", "NO-1.eml"], [])
    assert enclosures.enclosed(one, 10, "NO-1.eml").files[1]["section"] == ""
    assert names(enclosures.enclosed(one, 9, "NO-1.eml")) == (["a"], ["NO-1.eml"])


def test_no_source_encloses_nothing() -> None:
    assert enclosures.enclosed(None, 10) == enclosures.NOTHING


def test_a_signature_s_logo_is_neither_sent_nor_named() -> None:
    logo = Attachment("logo.png", "image/png", 4_000, "2", inline=True, encoding="base64")
    pasted = Attachment("p.png", "image/png", 90_000, "3", inline=True, encoding="base64")
    message = a_message(logo, pasted)
    assert enclosures.names(message) == ("p.png",)
    assert [one.name for one in enclosures.source(message, "soporte", 7, 12).files] == ["p.png"]


def test_a_stored_message_tells_where_its_files_lie() -> None:
    message = a_message(Attachment("a.png", "image/png", 9, "2", encoding="base64"))
    found = enclosures.source(message, "soporte", 7, 12)
    row = StoredMessage(
        "d", datetime(2026, 1, 1, tzinfo=UTC), "in", "a@x.example", "s", "f", "t", "t", "soporte", "NO-1", "m1@x.example"
    )  # fmt: skip
    kept = StoredMessage(
        *(
            getattr(row, name)
            for name in ("digest", "at", "direction", "sender", "subject", "first_line", "text")
        ),
        "t",
        "soporte",
        "NO-1",
        "m1@x.example",
        attachments=enclosures.as_data(found, message.attachments),
    )
    assert enclosures.stored(kept) == found
    assert enclosures.stored(row) is None


def test_all_files_asked_for_are_divided_among_mails() -> None:
    sources = [a_source(a_file("a", 6), a_file("b", 6)), a_source(a_file("c", 4), a_file("huge", 11))]
    parcels = enclosures.parcels(sources, 10)
    assert [names(one) for one in parcels] == [(["a"], []), (["b", "c"], ["huge"])]


def test_what_cannot_be_fetched_alone_comes_as_the_mail_that_holds_it() -> None:
    (parcel,) = enclosures.parcels([a_source(a_file("a", 2), a_file("inside", 2, ""), size=5)], 10)
    assert names(parcel) == (["a", "original.eml"], [])


def test_nothing_asked_for_is_nothing() -> None:
    assert enclosures.parcels([], 10) == (enclosures.NOTHING,)


@given(st.lists(st.integers(0, 30), max_size=40), st.integers(0, 20))
def test_every_file_is_sent_once_or_named_and_no_mail_is_too_large(sizes: list[int], limit: int) -> None:
    files = [a_file(str(number), size) for number, size in enumerate(sizes)]
    parcels = enclosures.parcels([a_source(*files)], limit)
    sent = [one["name"] for parcel in parcels for one in parcel.files]
    left = [one["name"] for parcel in parcels for one in parcel.left_out]
    assert sorted([*sent, *left], key=int) == [one.name for one in files]
    assert all(sum(one["size"] for one in parcel.files) <= limit for parcel in parcels)
