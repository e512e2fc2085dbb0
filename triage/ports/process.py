"""What a process lives among: time, whoever started it, the files that an admin edits."""

from collections.abc import AsyncGenerator, Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """The only reader of time: the system's in production, a stepped one in the demo and the simulations."""

    def now(self) -> datetime:
        """Return the current instant, aware UTC."""
        ...


class AlarmClock(Protocol):
    """Rings now and then (a slow sweep) and at one next moment. Losing every ring costs seconds, never a reminder."""

    def start(self, ring: Callable[[], None]) -> None:
        """Begin; `ring` is called on the event loop and must return at once."""
        ...

    def set_next(self, at: datetime | None) -> None:
        """Ring at this instant too (at once when it is past); None: only the sweep."""
        ...

    def stop(self) -> None: ...


class Supervisor(Protocol):
    """Whoever started the process and wants to know that it lives (systemd); every call is cheap and never raises."""

    def ready(self) -> None: ...
    def alive(self) -> None: ...
    def interval(self) -> float:
        """Return how often, in seconds, `alive` should be called."""
        ...

    def reloading(self) -> None: ...
    def stopping(self) -> None: ...
    def status(self, words: str) -> None: ...


class FileWatch(Protocol):
    """Knows when files that an admin edits have changed, however an editor replaces them."""

    def changes(self) -> AsyncGenerator[tuple[Path, ...], None]:
        """Yield the files and folders whose content is another one, after each burst of changes; cancel it to end it."""
        ...
