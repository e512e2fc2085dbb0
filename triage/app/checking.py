"""`triage check`: every problem of the files at once, then the connections, each told in a line."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from triage.app.replan import OPEN
from triage.core import moments
from triage.core.desk import Desk
from triage.core.lifecycle.rules_changed import touched
from triage.errors import Permanent, Temporary
from triage.ports import Transaction


@dataclass(frozen=True, slots=True)
class Finding:
    """`level`: ok, warning or error."""

    level: str
    what: str
    words: str


async def probe(what: str, attempt: Callable[[], Awaitable[Sequence[Finding]]]) -> Sequence[Finding]:
    """Try one connection; what the world does wrong becomes a finding."""
    try:
        return await attempt()
    except (Temporary, Permanent) as error:
        return (Finding("error", what, str(error).removeprefix(f"{what}: ")),)


def promises(tx: Transaction, desk: Desk) -> list[Finding]:
    """Say which open promises the rules would give otherwise today: told ones stay unless `calendar_change` says so."""
    kept = desk.support.lifecycle.calendar_change == "keep"
    zone, language = desk.site.zone, desk.site.language
    found = []
    for case in tx.list_cases(OPEN):
        new = touched(desk, case)
        if new is not None:
            told = case.told_version > 0
            says = f"promised {moments.stamp(case.deadline.at, zone, language)}, by these rules {moments.stamp(new.at, zone, language)}"
            ends = "kept, as the client was told" if told and kept else "will move"
            found.append(Finding("warning", case.reference, f"{says}: {ends}"))
    return found
