"""sd_notify(3) against real datagram sockets, with a path and abstract."""

import os
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from triage.adapters.supervisor_systemd import SystemdSupervisor


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    name = f"triage-test-{os.getpid()}" if request.param == "abstract" else str(tmp_path / "notify")
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as bound:
        bound.bind("\0" + name if request.param == "abstract" else name)
        bound.settimeout(5)
        yield bound, "@" + name if request.param == "abstract" else name


def test_every_word_arrives_as_one_datagram(manager: tuple[socket.socket, str]) -> None:
    bound, address = manager
    supervisor = SystemdSupervisor({"NOTIFY_SOCKET": address})
    supervisor.ready()
    supervisor.alive()
    supervisor.status("2 mailboxes")
    supervisor.stopping()
    assert [bound.recv(1_000) for _ in range(4)] == [
        b"READY=1",
        b"WATCHDOG=1",
        b"STATUS=2 mailboxes",
        b"STOPPING=1",
    ]
    supervisor.reloading()
    first, second = bound.recv(1_000).split(b"\n")
    assert first == b"RELOADING=1"
    assert second.startswith(b"MONOTONIC_USEC=")
    assert int(second.partition(b"=")[2]) > 0


def test_a_manager_that_is_gone_or_was_never_there_is_no_error(tmp_path: Path) -> None:
    SystemdSupervisor({}).ready()
    SystemdSupervisor({"NOTIFY_SOCKET": str(tmp_path / "gone")}).alive()


@pytest.mark.parametrize(
    ("microseconds", "seconds"), [("60000000", 10.0), ("4000000", 2.0), ("", 10.0), ("0", 10.0), ("x", 10.0)]
)
def test_it_is_told_at_least_twice_in_a_watchdogs_patience(microseconds: str, seconds: float) -> None:
    assert SystemdSupervisor({"WATCHDOG_USEC": microseconds}).interval() == seconds
