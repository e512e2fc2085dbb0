"""An effect becomes a row: the same one for ever, its Message-ID proof of who wrote it and to whom."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.builders import SUPPORT, a_site
from triage.core import outgoing, signing
from triage.core.effects import SendMail
from triage.core.model import Language, MailKind
from triage.core.site import MailboxIdentity, Site

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
)


def test_the_same_effect_gives_the_same_row_for_ever() -> None:
    assert outgoing.row(SITE, MAIL, NOW) == outgoing.row(SITE, MAIL, NOW)


def test_the_message_id_proves_the_case_and_the_recipient() -> None:
    row = outgoing.row(SITE, MAIL, NOW)
    proof = signing.verify_message_id(SITE.secret, SITE.domain, row.message_id, "ana@x.example")
    assert proof is not None
    assert (proof.reference, proof.recipient_proven) == ("NO-2026-000001", True)


def test_what_has_a_column_is_not_repeated_in_the_draft_and_a_mail_is_due_at_once() -> None:
    row = outgoing.row(SITE, MAIL, NOW)
    assert row.next_at == NOW
    assert not {"key", "to", "kind", "reference"} & row.draft.keys()
    assert row.draft["variables"] == {"a": 1}


LUCIA = "lucia.ferrari@netone.example"


def answered_at(mail: SendMail, site: Site) -> object:
    return outgoing.row(site, mail, NOW).draft["reply_plus"]


def test_an_agent_may_answer_to_an_address_that_names_the_case_and_himself() -> None:
    site = a_site(plus_addresses=True)
    to_agent = replace(MAIL, to=LUCIA)
    address = str(answered_at(to_agent, site))
    assert address == signing.reply_address(site.secret, SUPPORT, "NO-2026-000001", LUCIA)
    assert address.startswith("soporte+")
    assert address.endswith("@netone.example")


def test_answers_go_to_the_mailbox_that_the_case_came_to() -> None:
    boxes = (MailboxIdentity("soporte", SUPPORT), MailboxIdentity("ventas", "ventas@netone.example"))
    site = a_site(plus_addresses=True, mailboxes=boxes)
    for mailbox, local in (("ventas", "ventas+"), ("", "soporte+"), ("one that is gone", "soporte+")):
        assert str(answered_at(replace(MAIL, to=LUCIA, mailbox=mailbox), site)).startswith(local)


@pytest.mark.parametrize(
    ("plus", "fields"),
    [(False, {"to": LUCIA}), (True, {}), (True, {"to": LUCIA, "reference": None})],
    ids=["the server knows no such addresses", "a client", "about no case"],
)
def test_nobody_else_is_given_such_an_address(plus: bool, fields: dict[str, Any]) -> None:
    assert answered_at(replace(MAIL, **fields), a_site(plus_addresses=plus)) is None
