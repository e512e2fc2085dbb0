"""A private Postfix on loopback: configuration, queue and log in a folder of its own; the system's is not touched.

Postfix's master must be root. Domains: `example.test` is delivered to a Dovecot by LMTP; `aliases` lead to its users;
`tienda.example` has the one mailbox ana@ and bounces mail for others after taking it; `estricta.example` has none and
refuses at RCPT.
"""

import os
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tests.servers.dovecot import free_ports

_PROGRAMS = Path("/usr/lib/postfix/sbin")
_MAIN = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
daemon_directory = {programs}
maillog_file = {home}/log
maillog_file_prefixes = {home}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = mx.netone.example
mydestination =
recipient_delimiter = +
alias_maps =
alias_database =
virtual_alias_domains = netone.example
virtual_alias_maps = inline:{{ {aliases} }}
virtual_mailbox_domains = example.test, tienda.example, estricta.example
virtual_mailbox_maps = inline:{{ {{ana@tienda.example = ana/}} }}
virtual_mailbox_base = {home}/mail
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_minimum_uid = 100
transport_maps = inline:{{ {{example.test = lmtp:inet:127.0.0.1:{lmtp}}} }}
smtpd_reject_unlisted_recipient = no
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{estricta.example = reject_unlisted_recipient}} }}, permit_mynetworks, reject
disable_dns_lookups = yes
default_transport = error:5.1.2 no mail leaves this machine
"""
_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


def missing() -> str:
    """Say why Postfix cannot be run here, or nothing."""
    if not (_PROGRAMS / "master").exists():
        return "Postfix is not installed (Debian: postfix)"
    return "" if os.getuid() == 0 else "Postfix's master must be root"


class Postfix:
    """One instance. `aliases`: address at netone.example -> Dovecot user; `lmtp`: Dovecot's port."""

    def __init__(self, lmtp: int, aliases: Mapping[str, str]) -> None:
        reason = missing()
        if reason:
            raise RuntimeError(reason)
        (self.port,) = free_ports(1)
        self.home = Path(tempfile.mkdtemp(prefix="triage-postfix-"))
        self.home.chmod(0o755)
        (self.home / "etc").mkdir()
        for name in ("queue", "data", "mail"):
            (self.home / name).mkdir()
        shutil.chown(self.home / "data", "postfix")
        shutil.chown(self.home / "mail", 65534, 65534)
        names = ", ".join(f"{{{address} = {user}}}" for address, user in aliases.items())
        main = _MAIN.format(home=self.home, programs=_PROGRAMS, lmtp=lmtp, aliases=names)
        (self.home / "etc/main.cf").write_text(main)
        (self.home / "etc/master.cf").write_text(_MASTER.format(port=self.port))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it greets. Raises RuntimeError with the log when it does not."""
        self._process = subprocess.Popen(
            ["postfix", "-c", str(self.home / "etc"), "start-fg"],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=(self.home / "stderr").open("ab"),
        )
        deadline = time.monotonic() + 20
        while not _greets(self.port):
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError(f"Postfix does not answer: {self.log()}")
            time.sleep(0.02)

    def close(self) -> None:
        """Stop and remove everything."""
        if self._process is not None:
            pid = self.home / "queue/pid/master.pid"
            with suppress(OSError, ValueError):
                os.kill(int(pid.read_text()), signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def log(self) -> str:
        """Return what it wrote so far."""
        files = [self.home / "stderr", self.home / "log"]
        return "".join(file.read_text(errors="replace") for file in files if file.exists())

    def post(self, sender: str, recipient: str, raw: bytes) -> None:
        """Hand a mail in, as a client's server would."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=20) as client:
            client.sendmail(sender, [recipient], raw)


def _greets(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
            return sock.recv(4).startswith(b"220")
    except OSError:
        return False
