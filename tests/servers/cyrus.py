"""A Cyrus for one test session, out of root's reach in a directory of its own: the second IMAP server that is no Dovecot.

Debian does not let the two be installed together (both are *the* imap-server), so `imapd` may also come out of the
package unpacked elsewhere, named by TRIAGE_CYRUS (default: /opt/triage-cyrus), beside an installed `cyrus-common`:

    apt-get install cyrus-common && apt-get download cyrus-imapd && dpkg -x cyrus-imapd_*.deb "$TRIAGE_CYRUS"

Every user name signs in with any password and finds an empty mailbox.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

from imapclient import IMAPClient

from tests.servers.dovecot import free_ports
from tests.servers.mail_program import MailProgram

PASSWORD = "secreto"

_IMAPD = """
configdirectory: {home}/config
defaultpartition: default
partition-default: {home}/spool
idlesocket: {home}/idle
proc_path: {home}/proc
temp_path: {home}/tmp
sasl_pwcheck_method: alwaystrue
sasl_mech_list: PLAIN LOGIN
allowplaintext: yes
cyrus_user: {user}
servername: localhost
unixhierarchysep: yes
altnamespace: yes
autocreate_post: yes
autocreate_quota: 0
createonpost: yes
"""

_MASTER = """
START {{
  recover cmd="{ctl_cyrusdb} -C {home}/imapd.conf -r"
}}
SERVICES {{
  imap cmd="{imapd} -C {home}/imapd.conf" listen="127.0.0.1:{port}" prefork=1
}}
DAEMON {{
  idled cmd="{idled} -C {home}/imapd.conf -d"
}}
"""


def programs() -> dict[str, Path]:
    """Return where master, imapd, idled and ctl_cyrusdb lie, those that are there."""
    folders = [
        Path("/usr/lib/cyrus/bin"),
        Path(os.environ.get("TRIAGE_CYRUS", "/opt/triage-cyrus"), "usr/lib/cyrus/bin"),
    ]
    found = [folder / name for name in ("master", "imapd", "idled", "ctl_cyrusdb") for folder in folders]
    return {path.name: path for path in found if path.is_file()}


def missing() -> str:
    """Say why Cyrus cannot be run here, or nothing."""
    lacking = {"master", "imapd", "idled", "ctl_cyrusdb"} - programs().keys()
    if lacking:
        return (
            "Cyrus is not installed (Debian: cyrus-common, and cyrus-imapd there or unpacked in TRIAGE_CYRUS)"
        )
    return ""


class Cyrus(MailProgram):
    """One server, from `start` to `close`."""

    def __init__(self) -> None:
        self.port = free_ports(1)[0]
        super().__init__(self.port, PASSWORD)
        self.home = Path(tempfile.mkdtemp(prefix="triage-cyrus-"))
        self._account = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self._names = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        places = {"home": self.home, "user": self._account.pw_name, "port": self.port, **programs()}
        (self.home / "imapd.conf").write_text(_IMAPD.format(**places))
        (self.home / "cyrus.conf").write_text(_MASTER.format(**places))
        for name in ("config", "spool", "proc", "tmp"):
            (self.home / name).mkdir()
        if os.getuid() == 0:
            for path in [self.home, *self.home.rglob("*")]:
                os.chown(path, self._account.pw_uid, self._account.pw_gid)

    def start(self) -> None:
        """Start and wait until it answers. Raises RuntimeError with what it said when it does not."""
        home, said = self.home, self.home / "said"
        command = [str(programs()["master"]), "-D", "-C", f"{home}/imapd.conf", "-M", f"{home}/cyrus.conf"]
        command += ["-p", f"{home}/pid", "-r", f"{home}/ready"]
        if os.getuid() == 0:
            ids = f"--reuid={self._account.pw_uid}", f"--regid={self._account.pw_gid}"
            command = ["setpriv", *ids, "--clear-groups", *command]
        environment = {"PATH": os.environ.get("PATH", ""), "CYRUS_USER": self._account.pw_name}
        self._process = subprocess.Popen(
            command,
            env=environment,
            cwd="/",
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=said.open("ab"),
        )
        deadline = time.monotonic() + 20
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError(f"Cyrus does not answer: {said.read_text(errors='replace')}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            with IMAPClient("127.0.0.1", self.port, ssl=False, timeout=5) as client:
                client.noop()
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Stop and remove everything."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    # -- mail ---------------------------------------------------------------------------------------------------

    def new_user(self) -> str:
        """Return a name whose mailbox is empty."""
        return f"soporte{next(self._names)}"
