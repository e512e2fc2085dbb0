"""A Dovecot for one test session, run without root's rights in a directory of its own.

Plain, STARTTLS and implicit TLS, LMTP, and XOAUTH2/OAUTHBEARER with locally validated tokens. Every user name signs
in with `PASSWORD`, so a test takes a name of its own (`new_user`) and sees an empty mailbox. As root, the server
runs as `nobody`: Dovecot refuses to be root all the way down, and so should a test.
"""

import base64
import hashlib
import hmac
import json
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

from tests.servers.certificates import Certificates, make_certificates
from tests.servers.mail_program import MailProgram

PASSWORD = "secreto"
TOKEN_KEY = b"a test key that signs throw-away tokens"
ISSUER = "https://idp.example.test"

_CONFIG = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap lmtp
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
auth_mechanisms = plain login xoauth2 oauthbearer
# replies to failed sign-ins would be held back for seconds
auth_failure_delay = 0
disable_plaintext_auth = no
mail_location = maildir:~/Maildir
mail_home = {home}/mail/%u
mail_max_userip_connections = 100
mailbox_list_index = yes
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {home}/oauth2.conf
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={home}/mail/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service stats {{
  chroot =
}}
{extra}
"""

_OAUTH = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={home}/keys/
issuers = {issuer}
username_attribute = sub
"""


def missing() -> str:
    """Say why Dovecot cannot be run here, or nothing."""
    if shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin") is None:
        return "Dovecot is not installed (Debian: dovecot-imapd dovecot-lmtpd)"
    if os.getuid() == 0 and shutil.which("setpriv") is None:
        return "setpriv is not installed, and Dovecot must not run as root"
    return ""


def free_ports(number: int) -> list[int]:
    """Return ports that were free a moment ago, held together so that they differ."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    return ports


@dataclass(frozen=True, slots=True)
class Ports:
    imap: int
    imaps: int
    lmtp: int


class Dovecot(MailProgram):
    """One server; `start` and `stop` may be repeated, mail and ports stay the same until `close`."""

    def __init__(self, extra: str = "") -> None:
        """`extra` is added to the end of the configuration."""
        reason = missing()
        if reason:
            raise RuntimeError(reason)
        self.ports = Ports(*free_ports(3))
        super().__init__(self.ports.imap, PASSWORD)
        self.home = Path(tempfile.mkdtemp(prefix="triage-dovecot-"))
        self._account = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self.certificates: Certificates = make_certificates(self.home)
        self._names = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._write_config(extra)

    def _write_config(self, extra: str) -> None:
        home, group = self.home, _group_name(self._account.pw_gid)
        for name in ("run", "state", "mail", "keys/default/HS256"):
            (home / name).mkdir(parents=True)
        (home / "keys/default/HS256/default").write_bytes(base64.b64encode(TOKEN_KEY))
        (home / "oauth2.conf").write_text(_OAUTH.format(home=home, issuer=ISSUER))
        (home / "dovecot.conf").write_text(
            _CONFIG.format(
                home=home,
                user=self._account.pw_name,
                group=group,
                certificate=self.certificates.certificate,
                key=self.certificates.key,
                password=PASSWORD,
                imap=self.ports.imap,
                imaps=self.ports.imaps,
                lmtp=self.ports.lmtp,
                extra=extra,
            )
        )
        if os.getuid() == 0:
            for path in [home, *home.rglob("*")]:
                os.chown(path, self._account.pw_uid, self._account.pw_gid)

    # -- the process --------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start and wait until it answers. Raises RuntimeError with the log when it does not."""
        command = ["dovecot", "-F", "-c", str(self.home / "dovecot.conf")]
        if os.getuid() == 0:
            ids = f"--reuid={self._account.pw_uid}", f"--regid={self._account.pw_gid}"
            command = ["setpriv", *ids, "--clear-groups", *command]
        environment = {"PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"}
        self._process = subprocess.Popen(
            command,
            env=environment,
            cwd="/",
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=(self.home / "stderr").open("ab"),
        )
        deadline = time.monotonic() + 15
        while not _greets(self.ports.imap):
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError(f"Dovecot does not answer: {self.log()}")
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop as an admin would; idle clients get a BYE. Repeatable."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill every process at once: clients see a lost connection and no BYE."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, how)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(3)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
        # a stale socket costs the next start seconds
        shutil.rmtree(self.home / "run", ignore_errors=True)
        (self.home / "run").mkdir()
        if os.getuid() == 0:
            os.chown(self.home / "run", self._account.pw_uid, self._account.pw_gid)

    def restart(self) -> None:
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop and remove everything."""
        self.kill()
        shutil.rmtree(self.home, ignore_errors=True)

    def log(self) -> str:
        """Return what the server wrote so far."""
        files = [self.home / "stderr", self.home / "log"]
        return "".join(file.read_text(errors="replace") for file in files if file.exists())

    # -- mail ---------------------------------------------------------------------------------------------------

    def new_user(self, prefix: str = "soporte") -> str:
        """Return an address whose mailbox is empty."""
        return f"{prefix}{next(self._names)}@example.test"

    def append_all(self, user: str, mails: list[tuple[bytes, datetime]], folder: str = "INBOX") -> None:
        """File many mails over one connection, in their order."""
        with self.client(user) as client:
            for raw, at in mails:
                client.append(folder, raw, msg_time=at)

    def deliver(self, user: str, raw: bytes, sender: str = "ana@cliente.example") -> None:
        """Deliver by LMTP, as an MTA would."""
        with smtplib.LMTP("127.0.0.1", self.ports.lmtp) as client:
            client.sendmail(sender, [user], raw)

    def kick(self, user: str) -> None:
        """Disconnect a user's sessions as `doveadm kick` does."""
        subprocess.run(
            ["doveadm", "-c", str(self.home / "dovecot.conf"), "kick", user],
            check=True,
            capture_output=True,
        )


def token(user: str, lifetime: int = 600) -> str:
    """Return a signed access token (JWT, HS256) that the server accepts for a user; a negative lifetime is over."""
    now = int(time.time())
    claims = {
        "sub": user,
        "iss": ISSUER,
        "iat": now - 5,
        "nbf": now - 5,
        "exp": now + lifetime,
        "scope": "mail",
    }
    head = {"alg": "HS256", "typ": "JWT", "kid": "default"}
    signed = b".".join(_base64url(json.dumps(part).encode()) for part in (head, claims))
    return (signed + b"." + _base64url(hmac.new(TOKEN_KEY, signed, hashlib.sha256).digest())).decode()


def token_is_good(user: str, presented: str, now: float) -> bool:
    """Check a token as the server does: ours, this user's, not over at `now` (seconds since 1970)."""
    signed, _, signature = presented.rpartition(".")
    right = _base64url(hmac.new(TOKEN_KEY, signed.encode(), hashlib.sha256).digest())
    if not hmac.compare_digest(signature.encode(), right):
        return False
    middle = signed.partition(".")[2]
    claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return claims["sub"] == user and now < claims["exp"]


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _group_name(gid: int) -> str:
    import grp

    return grp.getgrgid(gid).gr_name


def _greets(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
            return sock.recv(4) == b"* OK"
    except OSError:
        return False
