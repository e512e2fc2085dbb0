"""Servers that the whole test session shares; each test takes a mailbox of its own on them."""

from collections.abc import Iterator

import pytest

from tests.servers import dovecot as dovecot_server


@pytest.fixture(scope="session")
def dovecot() -> Iterator[dovecot_server.Dovecot]:
    """One Dovecot for the session; a test that stops or kills the server starts its own."""
    reason = dovecot_server.missing()
    if reason:
        pytest.skip(reason)
    server = dovecot_server.Dovecot()
    try:
        server.start()
        yield server
    finally:
        server.close()
