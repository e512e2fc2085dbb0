from triage.adapters.parser_mailparser.containers import completed
from triage.core.message import Leaf


def test_a_nested_text_and_its_html_are_alternatives() -> None:
    leaves = [
        Leaf("1.1", "text/plain"),
        Leaf("1.2", "text/html"),
        Leaf("2", "application/pdf", filename="a.pdf"),
    ]
    assert [leaf.containers for leaf in completed(leaves, "multipart/mixed")] == [
        ("mixed", "alternative"),
        ("mixed", "alternative"),
        ("mixed",),
    ]


def test_html_and_its_images_are_related() -> None:
    leaves = [Leaf("1", "text/plain"), Leaf("2.1", "text/html"), Leaf("2.2", "image/png", content_id="1")]
    assert completed(leaves, "multipart/alternative")[1].containers == ("alternative", "related")


def test_a_simple_mail_stands_in_nothing() -> None:
    assert completed([Leaf("1", "text/plain")], "text/plain")[0].containers == ()
