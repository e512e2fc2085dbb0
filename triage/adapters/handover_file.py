"""Which mails a process began to hand over to the relay, in a small file that outlives it: the port HandoverLog.

One file a process, one line a mark, written without waiting for the disk: what the kernel has taken survives the death
of the process, which is all that is asked. After the machine itself went down a file proves nothing, and one that cannot be
written is removed: in both cases the answer is doubt. Truth lives in the database; this only narrows what a kill leaves
in doubt, from every mail claimed to those on their way (docs/adr/0002).
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from triage.core.delivery import Trace
from triage.core.records import OutboxRow
from triage.log import logger

_MARKS = {Trace.BEGUN: "begun", Trace.ACCEPTED: "accepted", Trace.UNTOUCHED: "not-taken"}
_TRACES = {mark: trace for trace, mark in _MARKS.items()}
_LARGEST = 100_000  # octets, after which a file without open marks begins anew
_OLD = 7 * 86_400.0  # seconds; every lease in such a file was judged long ago
_SAME_BOOT = (
    5.0  # seconds: less than any machine takes to come up again, more than a clock is set by in small steps
)


def booted_at() -> float | None:
    """Return when the machine came up, in seconds since 1970; None where the system does not tell.

    Not the kernel's boot_id: a hardened unit sees no /proc/sys (systemd's ProcSubset=pid).
    """
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return None if clock is None else time.time() - time.clock_gettime(clock)


class HandoverFile:
    """Files `outbox-PROCESS.handover` in a folder; a row's lease begins with the name of its process and a dot."""

    def __init__(self, folder: Path, booted: Callable[[], float | None] = booted_at) -> None:
        self._folder = folder
        self._booted = booted
        self._process = ""
        self._fd: int | None = None

    def open(self, process: str) -> None:
        if self._fd is not None:
            return
        self._process = process
        self._forget_old()
        try:
            self._fd = os.open(self._path(process), os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
            if not os.fstat(self._fd).st_size:
                self._write_head()
        except OSError as error:
            self._give_up(error)

    def note(self, row: OutboxRow, trace: Trace) -> None:
        try:
            self._write(f"{row.lease} {row.id} {_MARKS[trace]}")
        except OSError as error:
            self._give_up(error)

    def all_recorded(self) -> None:
        if self._fd is None:
            return
        try:
            if os.fstat(self._fd).st_size > _LARGEST:
                os.ftruncate(self._fd, 0)
                self._write_head()
        except OSError as error:
            self._give_up(error)

    def close(self, *, recorded: bool) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
            if recorded:
                self._path(self._process).unlink(missing_ok=True)

    def trace(self, row: OutboxRow) -> Trace:
        try:
            head, *marks = self._path(row.lease.partition(".")[0]).read_text().split("\n")
            written = float(head)
        except (OSError, ValueError):
            return Trace.UNKNOWN
        booted = self._booted()
        if booted is None or abs(booted - written) > _SAME_BOOT:
            return Trace.UNKNOWN
        wanted = f"{row.lease} {row.id} "
        found = [mark.removeprefix(wanted) for mark in marks if mark.startswith(wanted)]
        return _TRACES.get(found[-1], Trace.UNKNOWN) if found else Trace.UNTOUCHED

    def _forget_old(self) -> None:
        for path in self._folder.glob("outbox-*.handover"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _OLD:
                    path.unlink()

    def _path(self, process: str) -> Path:
        return self._folder / f"outbox-{process}.handover"

    def _write_head(self) -> None:
        booted = self._booted()
        self._write("nothing is known of the boot" if booted is None else f"{booted:.3f}")

    def _write(self, line: str) -> None:
        if self._fd is not None:
            os.write(self._fd, f"{line}\n".encode())

    def _give_up(self, error: OSError) -> None:
        """Leave no file that would call begun mails untouched."""
        logger(part="dispatch").warning("handover.not_kept", folder=str(self._folder), error=str(error))
        with suppress(OSError):
            self._path(self._process).unlink(missing_ok=True)
        if self._fd is not None:
            with suppress(OSError):
                os.close(self._fd)
            self._fd = None
