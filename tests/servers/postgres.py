"""A private PostgreSQL cluster in a temporary folder, reached over a unix socket, gone when the tests end.

PostgreSQL refuses to run as root: then its programs run as `nobody`. The fixture `postgres` is in tests/conftest.py.
"""

import itertools
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

_USER = "nobody"
_ADMIN = "triage"


def programs() -> Path | None:
    """Return the folder of initdb and postgres: newest of Debian's, or wherever PATH finds it."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    found = debian[-1] if debian else shutil.which("initdb")
    return Path(found).parent if found else None


class Cluster:
    """One server. `url()` gives a database of its own to whoever asks."""

    def __init__(self, folder: Path, bin_: Path, *, fsync: bool = False) -> None:
        self.bin = bin_
        self._fsync = fsync
        self._data = folder / "data"
        self._folder = folder
        self._numbers = itertools.count(1)
        self._as = ["setpriv", f"--reuid={_USER}", "--clear-groups"] if os.geteuid() == 0 else []
        self._server: subprocess.Popen[bytes] | None = None
        if self._as:
            shutil.chown(folder, _USER)
        self._run(
            "initdb", "--no-sync", "-U", _ADMIN, "-A", "trust", "-E", "UTF8", "--locale=C", "-D", self._data
        )

    def _run(self, program: str, *arguments: object) -> None:
        command = [*self._as, str(self.bin / program), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self._folder, check=False)
        assert done.returncode == 0, done.stderr

    @property
    def pid(self) -> int:
        assert self._server is not None
        return self._server.pid

    def statements(self) -> int:
        """Count what was asked so far, where the server was started with `log_statement`."""
        text = (self._folder / "log").read_text(errors="replace")
        return text.count("LOG:  statement:") + text.count("LOG:  execute ")

    def start(self, more: Mapping[str, object] | None = None) -> None:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": self._folder,
            "max_connections": 100,
            "fsync": "on" if self._fsync else "off",  # the tests kill us, never the machine
            **(more or {}),
        }
        options = [f"-c{key}={value}" for key, value in settings.items()]
        log = (self._folder / "log").open("ab")
        command = [*self._as, str(self.bin / "postgres"), "-D", str(self._data), *options]
        self._server = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder)
        log.close()
        give_up = time.monotonic() + 30
        while not self._ready():
            assert self._server.poll() is None, (self._folder / "log").read_text()
            assert time.monotonic() < give_up, "PostgreSQL did not start"
            time.sleep(0.05)

    def _ready(self) -> bool:
        command = [str(self.bin / "pg_isready"), "-q", "-h", str(self._folder), "-U", _ADMIN]
        return subprocess.run(command, check=False).returncode == 0

    def stop(self) -> None:
        """Stop at once, ending every session, as a crash does."""
        if self._server is not None:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(30)
            self._server = None

    @property
    def socket(self) -> Path:
        return self._folder / ".s.PGSQL.5432"

    def url(self) -> str:
        """Create an empty database and return its URL."""
        name = f"t{next(self._numbers)}"
        self._run("createdb", "-h", self._folder, "-U", _ADMIN, "-T", "template0", name)
        return f"postgresql://{_ADMIN}@/{name}?host={self._folder}"
