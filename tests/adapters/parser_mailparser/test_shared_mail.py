"""The shared mail beside the project: nothing crashes, both inputs agree. What it says is scored by bench/."""

from pathlib import Path

import pytest

from tests.adapters.parser_mailparser.samples import as_leaves, parse
from triage.adapters.parser_mailparser.parser import MailParser

SHARED = Path(__file__).resolve().parents[4] / "shared"
FOLDERS = [
    *(
        f"corpus/{name}"
        for name in ("autoreplies", "bounces", "hostile", "lists", "mime", "replies", "reports")
    ),
    "labelled",
]


@pytest.mark.shared
@pytest.mark.parametrize("folder", FOLDERS)
def test_every_shared_mail_is_read_the_same_way_whole_and_fetched(folder: str) -> None:
    files = sorted((SHARED / folder).glob("*.eml"))
    if not files:
        pytest.skip("the shared mail is not beside the project")
    for file in files:
        raw = file.read_bytes()
        message = parse(raw)
        fetched = MailParser().parse(as_leaves(raw))
        assert (fetched.text, fetched.subject, fetched.attachments) == (
            message.text,
            message.subject,
            message.attachments,
        ), file.name
