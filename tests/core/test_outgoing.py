"""An effect becomes a row: the same one for ever, its Message-ID proof of who wrote it and to whom."""

from datetime import UTC, datetime, timedelta

from tests.builders import a_site
from triage.core import outgoing, signing
from triage.core.effects import SendMail
from triage.core.model import Language, MailKind

SITE = a_site()
NOW = datetime(2026, 10, 20, 13, tzinfo=UTC)
MAIL = SendMail(
    key="NO-2026-000001/ack",
    kind=MailKind.ACKNOWLEDGEMENT,
    template="acknowledgement",
    to="ana@x.example",
    language=Language.ES,
    variables={"a": 1},
    reference="NO-2026-000001",
    mailbox="soporte",
    not_before=NOW + timedelta(hours=1),
)


def test_the_same_effect_gives_the_same_row_for_ever() -> None:
    assert outgoing.row(SITE, MAIL, NOW) == outgoing.row(SITE, MAIL, NOW)


def test_the_message_id_proves_the_case_and_the_recipient() -> None:
    row = outgoing.row(SITE, MAIL, NOW)
    proof = signing.verify_message_id(SITE.secret, SITE.domain, row.message_id, "ana@x.example")
    assert proof is not None
    assert (proof.reference, proof.recipient_proven) == ("NO-2026-000001", True)


def test_what_has_a_column_is_not_repeated_in_the_draft_and_a_mail_waits_for_its_moment() -> None:
    row = outgoing.row(SITE, MAIL, NOW)
    assert row.next_at == NOW + timedelta(hours=1)
    assert not {"key", "to", "kind", "reference"} & row.draft.keys()
    assert row.draft["variables"] == {"a": 1}
