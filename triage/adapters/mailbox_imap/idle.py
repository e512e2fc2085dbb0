"""Waiting for new mail: IDLE (RFC 2177), or NOOPs where the server lacks it or is too slow to tell.

Runs in the mailbox's thread. What wakes it: the server, or a byte on the `Bell`. imapclient's idle_check is not used:
it takes a dead connection for silence and an answer in two segments for an error. The socket is polled, and
whatever made it readable is read with DONE, blocking, under the read timeout.
"""

import imaplib
import select
import socket
import time
from contextlib import suppress

from triage.adapters.mailbox_imap import failures
from triage.adapters.mailbox_imap.config import EAGER, ImapConfig
from triage.adapters.mailbox_imap.connection import Client

CHATTER = 0.1
"""Seconds to hold still after an IDLE that ended at once and for nothing: some servers talk, some people click."""


class Bell:
    """A socket pair: rung from any thread, heard by the one that polls. A ring before the wait is heard, too."""

    def __init__(self) -> None:
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._far.setblocking(False)

    def ring(self) -> None:
        with suppress(OSError):  # full: it rings already; closed: nobody waits
            self._far.send(b"x")

    def fileno(self) -> int:
        return self._near.fileno()

    def heard(self) -> bool:
        """Say whether it was rung since last asked."""
        try:
            return bool(self._near.recv(4096))
        except OSError:
            return False

    def close(self) -> None:
        self._near.close()
        self._far.close()


def wait_for_news(client: Client, bell: Bell, config: ImapConfig, seconds: float) -> bool:
    """Return True when the server announced mail, False after `seconds` or a ring."""
    end = time.monotonic() + seconds
    eager = _eager(client, config)
    idles = client.has_capability("IDLE") and not eager
    while not _take_news(client):
        left = end - time.monotonic()
        if bell.heard() or left <= 0:
            return False
        if idles:
            began = time.monotonic()
            _idle(client, bell, min(left, config.timeouts.idle))
            if not client.news and time.monotonic() - began < CHATTER:
                _pause(bell, CHATTER)
        else:
            _pause(bell, min(left, eager or config.poll))
            client.noop()
            client.sweep()
    return True


def _eager(client: Client, config: ImapConfig) -> float:
    """Return the seconds between NOOPs, 0 for IDLE; unless told, only Dovecot is asked so often."""
    if config.eager is not None:
        return config.eager
    return EAGER if b"dovecot" in bytes(client.welcome or b"").lower() else 0.0


def _take_news(client: Client) -> bool:
    news, client.news = client.news, False
    return news


def _idle(client: Client, bell: Bell, seconds: float) -> None:
    client.begin_idle()
    # mail that arrived since the last command is announced together with the "+": it is in Python's buffer, and
    # polling the socket would sleep through it
    if not client.buffered() and not client.announced():
        poller = select.poll()
        poller.register(client.socket().fileno(), select.POLLIN)
        poller.register(bell.fileno(), select.POLLIN)
        poller.poll(seconds * 1000)
    try:
        client.idle_done()
    except (OSError, imaplib.IMAP4.abort) as error:
        raise ConnectionError(f"{failures.words(error)} {_last_words(client)}".strip()) from error
    client.sweep()


def _last_words(client: Client) -> str:
    """Return the BYE that a lost connection may have left, read already or not."""
    said = b" ".join([*client._imap.untagged_responses.get("BYE", ()), client.buffered()])  # noqa: SLF001
    return said.decode("utf-8", "replace").strip()


def _pause(bell: Bell, seconds: float) -> None:
    poller = select.poll()
    poller.register(bell.fileno(), select.POLLIN)
    poller.poll(seconds * 1000)
