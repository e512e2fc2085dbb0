"""What a command does when what it prints can no longer be taken."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SCHEMA = (sys.executable, "-m", "triage", "schema", "rules")


def test_a_reader_that_has_enough_is_no_finding():
    # More than a pipe holds, so that the command is still writing when its reader goes.
    mail = ROOT / "README.md"
    words = [sys.executable, "-m", "triage", "explain", "--json", *[str(mail)] * 40]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        told = running.stderr.read()
    assert (running.returncode, told) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_is_told_in_a_line_and_is_no_finding():
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(SCHEMA, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        2,
        "triage: the output could not be written: No space left on device\n",
    )


@pytest.mark.parametrize(("asked", "coloured"), [("", True), ("1", False)])
def test_no_color_on_a_terminal(asked: str, *, coloured: bool) -> None:
    ours, theirs = pty.openpty()
    words = (sys.executable, "-m", "triage", "explain", os.devnull)  # little: nobody reads meanwhile
    try:
        done = subprocess.run(words, stdout=theirs, env={**os.environ, "NO_COLOR": asked}, check=False)
        assert (done.returncode, b"\x1b[" in os.read(ours, 4096)) == (0, coloured)
    finally:
        os.close(ours)
        os.close(theirs)
