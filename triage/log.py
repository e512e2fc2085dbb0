"""structlog, set up once: JSON lines where a machine reads, readable lines on a terminal; always on stderr.

Names of log events are the dotted past-tense names of INTERFACE section 7 and the few of `OPERATIONS`; bodies and
secrets never reach a line: `_redact` is the last gate.
"""

import logging
import sys
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any

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


def configure(form: str = "auto", level: str = "info") -> None:
    """Set the process's logging up; `form` auto, json or text. Idempotent."""
    pretty = form == "text" or (form == "auto" and sys.stderr.isatty())
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if pretty
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _redact,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
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
