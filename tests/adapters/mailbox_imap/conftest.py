"""Mailboxes for the adapter's own tests: quick to lose patience, and closed at the end."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.servers.dovecot import PASSWORD, Dovecot
from triage.adapters.mailbox_imap import ImapConfig, ImapMailbox, Timeouts, Tls

QUICK = Timeouts(connect=5, read=5, command=10, idle=5)

Open = Callable[..., ImapMailbox]


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """Make mailboxes by port and whatever else differs; nothing is connected yet."""
    mailboxes: list[ImapMailbox] = []

    def make(port: int, user: str = "soporte@example.test", **settings: Any) -> ImapMailbox:
        config = ImapConfig("127.0.0.1", port, user, lambda: PASSWORD, tls=Tls.NONE, timeouts=QUICK)
        mailboxes.append(ImapMailbox(replace(config, **settings)))
        return mailboxes[-1]

    yield make
    for mailbox in mailboxes:
        await mailbox.close()


@pytest.fixture
def user(dovecot: Dovecot) -> str:
    return dovecot.new_user()
