"""The systemd unit: accepted by systemd, hardened to 1.5 or better, no restart on a configuration error."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[2] / "systemd/triage.service"
ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(
    ANALYZE is None, reason="systemd-analyze is not installed (Debian: systemd)"
)


def analyzed(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run systemd-analyze on a copy whose program exists here."""
    copy = folder / "triage.service"
    copy.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text()))
    command = [str(ANALYZE), *arguments, str(copy)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@needs_systemd
def test_systemd_knows_every_key(tmp_path: Path) -> None:
    # Without --recursive-errors=no an unknown key is no error; with yes other units' faults are ours.
    done = analyzed(tmp_path, "verify", "--man=no", "--recursive-errors=no")
    assert done.returncode == 0, done.stderr


@needs_systemd
def test_it_is_hardened(tmp_path: Path) -> None:
    done = analyzed(tmp_path, "security", "--no-pager", "--offline=true", "--threshold=15")
    assert done.returncode == 0, done.stdout[-500:]


def test_it_says_what_the_daemon_counts_on() -> None:
    lines = set(UNIT.read_text().splitlines())
    assert {
        "Type=notify",
        "RestartPreventExitStatus=2",
        "ExecReload=/bin/kill -HUP $MAINPID",
        "WatchdogSec=60",
        "LoadCredential=triage-secret:/etc/credstore/triage-secret",
    } <= lines
