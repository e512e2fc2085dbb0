"""Opens a connection and signs in: the only file that knows how imapclient is set up and which of its secrets we touch.

Private parts used (the version is pinned, tests cover each): imapclient's `_create_IMAP4`, `_imap`, `_idle_tag`,
`_set_read_timeout`; imaplib's `_MAXLINE`, `_create_socket`, `_log`, `_mesg`, `_command`, `_get_response`.
"""

import imaplib
import socket
import ssl
from contextlib import ExitStack, suppress
from typing import Any

from imapclient import IMAPClient, SocketTimeout

from triage.adapters.mailbox_imap import failures
from triage.adapters.mailbox_imap.config import Auth, ImapConfig, Tls
from triage.errors import Permanent, TriageError

_KEEPALIVE = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4), ("TCP_USER_TIMEOUT", 60_000))


class Line:
    """A second handle on a connection's socket, with which another thread may end it.

    The handle is a duplicate: shutting it down wakes a reader of the original at once, also under TLS and before
    the greeting, and its number cannot be taken over by another file while that reader still uses its own.
    """

    def __init__(self) -> None:
        self._handle: socket.socket | None = None
        self._ended = False

    def take(self, sock: socket.socket) -> None:
        """Learn of the socket; one that comes after `cut` (a slow name look-up) is ended at once."""
        self._handle = sock.dup()
        if self._ended:
            self.cut()

    def cut(self) -> None:
        """End the connection; safe from any thread, at any time, repeatedly."""
        self._ended = True
        handle, self._handle = self._handle, None
        if handle is not None:
            with suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)
            handle.close()


class _Wire(imaplib.IMAP4):
    """imaplib with our socket, and without its copies of every line (a password, a megabyte of structure)."""

    def __init__(self, config: ImapConfig, context: ssl.SSLContext | None, line: Line) -> None:
        self._config, self._context, self._line = config, context, line
        super().__init__(config.host, config.port)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:  # noqa: ARG002
        config = self._config
        sock = socket.create_connection((config.host, config.port), config.timeouts.connect)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEPALIVE:
            if hasattr(socket, name):  # Linux has them all
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        self._line.take(sock)
        if self._context is None:
            return sock
        return self._context.wrap_socket(sock, server_hostname=config.host)

    def _log(self, line: Any) -> None:
        pass

    def _mesg(self, s: Any, secs: Any = None) -> None:
        pass


class Client(IMAPClient):  # type: ignore[misc]  # untyped
    """imapclient on that wire: aware times, no debug formatting (it costs a factor of six on fetches)."""

    def __init__(self, config: ImapConfig, line: Line) -> None:
        self._ours = config
        self._line = line
        self.news = self.warned = False
        imaplib._MAXLINE = config.limits.structure  # type: ignore[attr-defined]  # noqa: SLF001
        timeout = SocketTimeout(connect=config.timeouts.connect, read=config.timeouts.read)
        super().__init__(config.host, config.port, ssl=False, timeout=timeout)
        self._imap.debug = 0
        self.normalise_times = False

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802
        implicit = self._ours.tls is Tls.IMPLICIT
        return _Wire(self._ours, tls_context(self._ours) if implicit else None, self._line)

    def sweep(self) -> None:
        """Forget what the server said unasked, except that there may be new mail (`news`) or trouble (`warned`).

        imaplib keeps such lines for ever, and a mail announced in the answer to another command is announced
        only once: an IDLE begun after it would hear nothing. An untagged NO is a warning (RFC 3501 section 7.1.2),
        and the only sign that Dovecot gives when the folder was deleted and made anew under us.
        """
        said = self._imap.untagged_responses
        self.warned = self.warned or "NO" in said
        self.news = self.news or self.warned or "EXISTS" in said or "RECENT" in said
        for name in list(said):
            if name != "BYE":
                del said[name]

    def announced(self) -> bool:
        """Say whether new mail was announced since the last sweep."""
        return "EXISTS" in self._imap.untagged_responses

    def buffered(self) -> bytes:
        """Return, and leave there, what was already read from the socket and waits in Python's buffer."""
        sock = self.socket()
        sock.setblocking(False)
        try:
            return bytes(self._imap.file.peek(1))
        except (OSError, ValueError):
            return b""  # nothing there: a TLS socket says so by an error
        finally:
            sock.setblocking(True)
            self._set_read_timeout()

    def forget(self) -> None:
        """Begin anew with what the server says unasked."""
        self.sweep()
        self.news = self.warned = False

    def begin_idle(self) -> None:
        """Send IDLE and read up to the "+"; imapclient's own takes anything the server says before it for an error."""
        self._idle_tag = self._imap._command("IDLE")  # noqa: SLF001
        while self._imap._get_response() is not None:  # noqa: SLF001
            if self._imap.tagged_commands[self._idle_tag] is not None:
                raise imaplib.IMAP4.error(f"IDLE refused: {self._imap.tagged_commands.pop(self._idle_tag)}")

    def close(self) -> None:
        """Free the socket without a word to the server; for the thread that owns the connection."""
        with suppress(*failures.RAISED):
            self._imap.shutdown()


def tls_context(config: ImapConfig) -> ssl.SSLContext:
    """Return a verifying context that trusts the configured authorities only, or the system's."""
    return ssl.create_default_context(cafile=str(config.ca) if config.ca else None)


def open_signed_in(config: ImapConfig, line: Line, undo: ExitStack) -> Client:
    """Connect, protect, sign in. `undo` gets what closes the client as soon as there is something to close.

    Raises Temporary or Permanent.
    """
    try:
        client = Client(config, line)
        undo.callback(client.close)
        if config.tls is Tls.STARTTLS:
            _start_tls(client, config)
    except failures.RAISED as error:
        raise failures.of_connecting(error, config.host, config.port) from error
    secret = config.credentials()
    try:
        _sign_in(client, config, secret)
        client.capabilities()
    except Permanent:
        if config.refused is not None:
            config.refused()
        raise
    except failures.RAISED as error:
        raise failures.of_sign_in(error, config.user, config.host) from error
    client.forget()
    return client


def _start_tls(client: Client, config: ImapConfig) -> None:
    if not client.has_capability("STARTTLS"):
        raise Permanent(f"{config.host}:{config.port} offers no STARTTLS; is tls: implicit (port 993) meant?")
    client.starttls(tls_context(config))
    client._set_read_timeout()  # noqa: SLF001  # the wrapped socket is a new one


def _sign_in(client: Client, config: ImapConfig, secret: str) -> None:
    if config.auth is Auth.PASSWORD:
        _sign_in_with_password(client, config, secret)
        return
    mechanism = config.auth.value.upper()
    if not client.has_capability(f"AUTH={mechanism}"):
        raise Permanent(f"{config.host} offers no {mechanism}; it offers {_offered(client)}")
    answers = _Bearer(config, secret)
    try:
        client.sasl_login(mechanism, answers)
    except failures.RAISED as error:
        translated: TriageError = failures.of_sign_in(error, config.user, config.host)
        if isinstance(translated, Permanent) and answers.refusal:
            raise Permanent(f"{translated} {answers.refusal}") from error
        raise translated from error


def _sign_in_with_password(client: Client, config: ImapConfig, secret: str) -> None:
    # LOGIN cannot carry letters beyond ASCII (RFC 3501 section 9), SASL can; some servers allow only one of them
    plain = client.has_capability("AUTH=PLAIN")
    if plain and (client.has_capability("LOGINDISABLED") or not (config.user + secret).isascii()):
        client.plain_login(config.user, secret)
    elif client.has_capability("LOGINDISABLED"):
        raise Permanent(f"{config.host} takes no password on this connection (LOGINDISABLED); use TLS")
    else:
        client.login(config.user, secret)


def _offered(client: Client) -> str:
    names = [name.decode("ascii", "replace") for name in client.capabilities()]
    return ", ".join(name.removeprefix("AUTH=") for name in names if name.startswith("AUTH=")) or "nothing"


class _Bearer:
    """The client's side of XOAUTH2 and OAUTHBEARER (RFC 7628): the token, then a bow to the error it may cause."""

    def __init__(self, config: ImapConfig, token: str) -> None:
        user = config.user
        if config.auth is Auth.XOAUTH2:
            first = f"user={user}\x01auth=Bearer {token}\x01\x01"
        else:
            identity = user.replace("=", "=3D").replace(",", "=2C")
            first = f"n,a={identity},\x01auth=Bearer {token}\x01\x01"
        self._first: bytes | None = first.encode()
        self.refusal = ""

    def __call__(self, challenge: bytes) -> bytes:
        first, self._first = self._first, None
        if first is not None:
            return first
        self.refusal = challenge.decode("utf-8", "replace")[:200]
        return b"\x01"
