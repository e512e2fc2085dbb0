"""The errors that cross a border, by what follows from them.

Local mistakes and the world's misbehaviour are different types: `Misconfigured` stops the start with
exit 2, `Temporary` is retried with back-off, `Permanent` is recorded and shown to a person.
"""

from dataclasses import dataclass


class TriageError(Exception):
    """Something went wrong that we have a word for."""


class Temporary(TriageError):
    """May work later: no connection, a full disk, a 4xx."""


class StoreAway(Temporary):
    """The store cannot be reached, or has no room: no mailbox's fault and no relay's."""


class Permanent(TriageError):
    """Will not work by trying again: a 5xx, a refused sign-in."""


class Unreadable(Permanent):
    """A message that the parser could not read; its bytes are kept."""


class Hurtful(Unreadable):
    """A message that hurt whoever read it: the process died, ran out of memory or of time. It may be tried again."""


class SchemaTooNew(Permanent):
    """The store was written by a newer triage than this one."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding in a file that an admin edits; line and column count from 1, 0 where there is none."""

    file: str
    line: int
    column: int
    key: str
    message: str
    warning: bool = False

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: " if self.line else f"{self.file}: "
        key = f"{self.key}: " if self.key else ""
        mark = "warning: " if self.warning else ""
        return f"{place}{mark}{key}{self.message}"


class Misconfigured(TriageError):
    """A configuration that cannot be used; carries every problem found, not only the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
