"""sd_notify(3) in a few lines: readiness, watchdog, reload and status. Without $NOTIFY_SOCKET every call is nothing."""

import socket
import time
from collections.abc import Mapping
from contextlib import suppress

_INTERVAL = 10.0


class SystemdSupervisor:
    """The port Supervisor. The environment is handed in: only settings read it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        self._watchdog = environment.get("WATCHDOG_USEC", "")

    def ready(self) -> None:
        self._say("READY=1")

    def alive(self) -> None:
        self._say("WATCHDOG=1")

    def interval(self) -> float:
        """Return half of what the watchdog waits (sd_watchdog_enabled(3) says so), at most ten seconds."""
        seconds = int(self._watchdog) / 1_000_000 if self._watchdog.isdigit() else 0.0
        return min(seconds / 2, _INTERVAL) if seconds else _INTERVAL

    def reloading(self) -> None:
        # systemd.service(5), Type=notify-reload and RELOADING=1: the monotonic clock in microseconds.
        self._say(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        self._say("STOPPING=1")

    def status(self, words: str) -> None:
        self._say(f"STATUS={words}")

    def _say(self, message: str) -> None:
        if not self._address:
            return
        # "@" stands for the NUL of an abstract socket, see sd_notify(3).
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with (
            suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel,
        ):
            channel.connect(address)
            channel.sendall(message.encode())
