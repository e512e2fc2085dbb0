from datetime import UTC, datetime

import pytest

from triage import settings
from triage.core import signing
from triage.core.model import MailKind
from triage.core.records import OutboxRow
from triage.wiring.servers import return_paths

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECRET = b"a secret of sixteen octets"


def a_row(mailbox: str = "") -> OutboxRow:
    return OutboxRow("k", MailKind.NOTICE, "ana@x.example", "m", {}, NOW, NOW, mailbox=mailbox, id=77)


def site(return_path: str) -> settings.Settings:
    sample = settings.sample()
    return sample.model_copy(update={"smtp": sample.smtp.model_copy(update={"return_path": return_path})})


@pytest.mark.parametrize("named", [True, False])
def test_bounces_come_to_the_support_address_of_the_mailbox(named: bool) -> None:
    config = site("address")
    box = config.mailboxes[0]
    path = return_paths(config, config.identity(SECRET))
    assert path(a_row(box.name if named else "gone meanwhile")) == box.address


def test_with_plus_addresses_they_come_to_one_that_names_and_proves_the_mail() -> None:
    config = site("plus")
    address = config.mailboxes[0].address
    path = return_paths(config, config.identity(SECRET))(a_row())
    assert path.startswith(address.partition("@")[0] + "+")
    assert signing.read_return_path(SECRET, address, path) == 77
    assert signing.read_return_path(b"another secret", address, path) is None
