"""Where the reading of a folder began, kept in the store's notes: what `reconcile` proves complete starts here.

A folder's very first look begins as its `start` says. After a new UIDVALIDITY every UID is new and hardly a message
is: those known are told by their digests, those from before the first look are passed over (`skipped`).
"""

import json
from dataclasses import dataclass
from datetime import datetime

from triage.core.records import Cursor
from triage.ports import Transaction


@dataclass(frozen=True, slots=True)
class Beginning:
    """UIDs up to `after` are none of ours. Those up to `old_until` that arrived before `old_before` neither."""

    after: int
    old_until: int = 0
    old_before: datetime | None = None

    def passes_over(self, uid: int, arrived: datetime | None) -> bool:
        """Say whether a message was there long before we first looked."""
        return (
            self.old_before is not None
            and arrived is not None
            and uid <= self.old_until
            and arrived < self.old_before
        )


def load(tx: Transaction, mailbox: str, uidvalidity: int) -> Beginning | None:
    """Return where the folder was begun under this UIDVALIDITY; None where it never was."""
    note = tx.get_note(_key(mailbox, uidvalidity))
    if note is None:
        return None
    found = json.loads(note)
    before = found["old_before"]
    return Beginning(found["after"], found["old_until"], datetime.fromisoformat(before) if before else None)


def save(tx: Transaction, mailbox: str, uidvalidity: int, begun: Beginning) -> None:
    """Write the beginning and the cursor that stands there."""
    before = begun.old_before.isoformat() if begun.old_before else ""
    note = {"after": begun.after, "old_until": begun.old_until, "old_before": before}
    tx.set_note(_key(mailbox, uidvalidity), json.dumps(note))
    tx.set_cursor(Cursor(mailbox, uidvalidity, begun.after))


def first_look(tx: Transaction, mailbox: str) -> datetime | None:
    """Return from which arrival on the folder's mail is ours; None: all of it, or never looked at."""
    note = tx.get_note(f"since/{mailbox}")
    return datetime.fromisoformat(note) if note else None


def save_first_look(tx: Transaction, mailbox: str, since: datetime | None) -> None:
    tx.set_note(f"since/{mailbox}", since.isoformat() if since else "")


def _key(mailbox: str, uidvalidity: int) -> str:
    return f"began/{mailbox}/{uidvalidity}"
