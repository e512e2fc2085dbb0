"""structlog, set up once: JSON lines where a machine reads, readable lines on a terminal; always on stderr.

Names of log events are the dotted past-tense names of INTERFACE section 7 and the few of `OPERATIONS`; bodies and
secrets never reach a line: `_redact` is the last gate.
"""

import json
import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, TextIO

import structlog

OPERATIONS = frozenset(
    {
        "daemon.started",
        "daemon.stopping",
        "daemon.stopped",
        "mailbox.connected",
        "mailbox.unreachable",
        "mailbox.back",
        "mailbox.reset",
        "message.replayed",
        "message.struck",
        "store.failed",
        "store.back",
        "loop.failed",
        "alarms.replayed",
        "alarms.postponed",
        "loop.late",
        "chore.done",
        "handover.not_kept",
        "http.listening",
        "http.not_listening",
        "mailbox.gap",
        "mailbox.not_settled",
        "mailbox.reconciled",
        "mailbox.settled_again",
        "message.hurt",
        "message.not_whole",
        "attachment.missing",
        "page.failed",
        "retention.done",
        "round.done",
        "round.failed",
        "sent.copy_lost",
        "token.not_kept",
        "token.not_refreshed",
        "token.refreshed",
        "rules.changed",
        "rules.warning",
        "rules.reloaded",
        "rules.refused",
        "templates.checked",
        "templates.faulty",
        "relay.unreachable",
        "relay.back",
        "canary.overdue",
        "canary.back",
        "breaker.opened",
        "breaker.closed",
        "node.back",
        "node.cut_off",
        "node.gone",
        "node.struck_out",
        "reader.began",
        "reader.deposed",
        "reader.standing_by",
    }
)

_SECRET_KEYS = ("password", "secret", "token", "authorization", "body", "text", "content")


def _redact(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank out what must never be logged, whatever a caller passes."""
    for key in line:
        if _is_secret(key):
            line[key] = "[redacted]"
    return line


@lru_cache(maxsize=1024)
def _is_secret(key: str) -> bool:
    return any(word in key.lower() for word in _SECRET_KEYS)


_encoded = json.JSONEncoder(ensure_ascii=False, default=repr).encode


def _as_json(_: Any, __: str, line: MutableMapping[str, Any]) -> str:
    return _encoded(line)


_held: ContextVar[dict[TextIO, list[str]] | None] = ContextVar("held", default=None)


class _Lines:
    """Writes every line together with its end: what another process writes to the same stream stays apart from it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, line: str) -> None:
        held = _held.get()
        if held is not None:
            held.setdefault(self._stream, []).append(f"{line}\n")
            return
        self._stream.write(f"{line}\n")
        self._stream.flush()

    debug = info = warning = error = critical = write  # structlog calls it by the level


@contextmanager
def at_once() -> Iterator[None]:
    """Write the lines of a block at its end, however it ends, in one go. Not for a block that waits.

    Each write lets other threads have the interpreter, and it takes a while until they give it back: a hundred times for
    a batch of mails.
    """
    held: dict[TextIO, list[str]] = {}
    before = _held.set(held)
    try:
        yield
    finally:
        _held.reset(before)
        for stream, lines in held.items():
            stream.write("".join(lines))
            stream.flush()


def configure(form: str = "auto", level: str = "info") -> None:
    """Set the process's logging up; `form` auto, json or text. Idempotent."""
    pretty = form == "text" or (form == "auto" and sys.stderr.isatty())
    renderer: Any = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()) if pretty else _as_json
    lines = _Lines(sys.stderr)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _redact,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=False,
    )
    # Libraries speak through logging; their warnings matter, their chatter does not.
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, force=True)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def logger(**bound: object) -> Any:
    """Return a logger with these words bound to every line.

    A command that sets nothing up logs like the daemon: structlog's own default would write to stdout, which is promised.
    """
    if not structlog.is_configured():
        configure()
    return structlog.get_logger(**bound)
