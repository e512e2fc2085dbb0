"""The reading process: mails in, what they come to out, one after another. Its other end is `worker`.

Both ends speak in `frames`. A `Yardstick` is answered with True once its rules are compiled, a `RawMail` with `Understood`
or `Unreadable`; the process ends when its channel does. Started by `child` as a program: its argument is the channel.
"""

import gc
import pickle
import resource
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from triage.adapters.parser_mailparser.frames import LENGTH, Yardstick, framed
from triage.adapters.parser_mailparser.parser import MailParser
from triage.core.message import RawMail
from triage.core.rules import RuleSet
from triage.core.rules.vocabulary import Vocabulary
from triage.core.site import Site
from triage.core.text_cleaning import clean_line
from triage.core.understanding import understand
from triage.core.understood import Understood
from triage.errors import Hurtful, Unreadable

_TOO_LARGE = "message could not be read: MemoryError"


def answer_to(parser: MailParser, mail: RawMail, site: Site, rule_set: RuleSet) -> Understood | Unreadable:
    """Parse, read and classify one mail; never raises for what it is."""
    try:
        return understand(parser.parse(mail), site, rule_set)
    except Unreadable as unreadable:
        memory = isinstance(unreadable.__cause__, MemoryError)
        return (Hurtful if memory else Unreadable)(str(unreadable))
    except MemoryError:
        return Hurtful(_TOO_LARGE)
    except Exception as error:  # noqa: BLE001 - whatever a mail does to its readers, the others go on
        return Unreadable(f"message could not be read: {type(error).__name__}: {clean_line(str(error), 200)}")


def answers_here(mails: Sequence[RawMail], site: Site, rule_set: RuleSet) -> list[Understood | Unreadable]:
    """Answer in the caller's process; for mails that are small."""
    parser = MailParser()
    return [answer_to(parser, mail, site, rule_set) for mail in mails]


def serve(channel: socket.socket) -> None:
    """Answer until the other end is gone: the process's whole life."""
    # The daemon decides when we end (the channel closes); a signal to the whole group must not cut a message off.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with channel, channel.makefile("rb") as requests:
        try:
            _answer_all(requests, channel)
        except MemoryError:
            channel.sendall(framed(Hurtful(_TOO_LARGE)))
        except (EOFError, OSError):
            return


def _answer_all(requests: BinaryIO, channel: socket.socket) -> None:
    """Raises EOFError at the end, MemoryError where a request itself does not fit."""
    parser = MailParser()
    laid_down: tuple[Site, RuleSet] | None = None
    while True:
        request = _next(requests)
        if isinstance(request, Yardstick):
            laid_down = request.site, _compiled(request.vocabulary)
            _limit_memory(request.memory_limit)
            channel.sendall(framed(True))
        elif laid_down is None:
            raise AssertionError("a yardstick comes before the mails")
        else:
            channel.sendall(framed(answer_to(parser, request, *laid_down)))


def _next(requests: BinaryIO) -> Yardstick | RawMail:
    head = requests.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    content: Yardstick | RawMail = pickle.loads(requests.read(LENGTH.unpack(head)[0]))  # noqa: S301 - our own daemon's
    return content


def _compiled(vocabulary: Vocabulary) -> RuleSet:
    most = _hard_limit()
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    rule_set = RuleSet.of(vocabulary)
    gc.collect()
    gc.freeze()  # the rules stay: no collection need look at them again
    return rule_set


def _limit_memory(more: int) -> None:
    """Let this process grow by so many octets beyond what its code and rules take by now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit, most = pages * resource.getpagesize() + more, _hard_limit()
    if most != resource.RLIM_INFINITY:
        limit = min(limit, most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, most))


def _hard_limit() -> int:
    """Return what the machine's admin lets us have (LimitAS=, ulimit -v); it cannot be raised."""
    return resource.getrlimit(resource.RLIMIT_AS)[1]


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
