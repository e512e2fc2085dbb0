"""The reading process, started: the daemon's end of the channel to it, before anything is known of mail.

Imports nothing heavy, so that `triage run` starts it first and both import side by side. Who speaks with it is `worker`,
what it does there is `process`.
"""

import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass

from triage.errors import Temporary

_MODULE = "triage.adapters.parser_mailparser.process"


@dataclass(frozen=True, slots=True)
class Child:
    """A process of ours and the channel to it, which closes who reads from it; `end` may be called more than once."""

    process: "subprocess.Popen[bytes]"
    channel: socket.socket

    def end(self) -> None:
        """End the process, whatever it is doing. Blocks until it is gone."""
        self.process.kill()
        self.process.wait()


def start() -> Child:
    """Start a reading process and go on while it comes up. Raises Temporary when the machine cannot give one now.

    In a session of its own: the daemon says when it ends, not the terminal. -P: a file that happens to lie where the
    daemon was started is never taken for a module.
    """
    with ExitStack() as unless_started:
        try:
            ours, theirs = socket.socketpair()
            unless_started.enter_context(ours)
            with theirs:
                command = [sys.executable, "-P", "-m", _MODULE, str(theirs.fileno())]
                process = subprocess.Popen(  # noqa: S603 - ourselves
                    command, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()], start_new_session=True
                )
        except OSError as error:
            raise Temporary(f"the reading process cannot be started: {error.strerror or error}") from error
        unless_started.pop_all()
    return Child(process, ours)
