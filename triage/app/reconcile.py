"""Proves that every message on the server since the cursor began has exactly one outcome, and heals what has none.

The ledger is asked first and the server afterwards, so that mail which arrives meanwhile is no gap; what lies beyond
the cursor is not yet taken, and no gap either. Called nightly by the daemon and by `triage reconcile`, which may run
beside it: whoever comes second finds the outcome in the ledger.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.app import beginning, trouble
from triage.app.intake import Intake
from triage.app.watched import Watched
from triage.core.desk import Desk
from triage.core.drafts_site import Trouble
from triage.log import logger
from triage.ports import FolderStatus, Store, Transaction


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One folder's account: messages `on_server` since it began, how many have an outcome, and the gaps.

    `gaps`: UIDs up to the cursor without an outcome; `healed`: those of them that have one now; `gone`: those that
    vanished meanwhile; `waiting`: messages beyond the cursor, not yet taken.
    """

    mailbox: str
    uidvalidity: int
    on_server: int
    accounted: int
    waiting: int
    gaps: tuple[int, ...] = ()
    healed: tuple[int, ...] = ()
    gone: tuple[int, ...] = ()

    @property
    def left(self) -> tuple[int, ...]:
        """The gaps that are still there."""
        return tuple(uid for uid in self.gaps if uid not in {*self.healed, *self.gone})


async def reconcile(store: Store, intake: Intake, watched: Watched, status: FolderStatus) -> Reconciled:
    """Compare one folder that was just connected with the ledger, and take in what was missed.

    Raises Temporary or Permanent when the server or the store goes away meanwhile.
    """
    name, validity = watched.name, status.uidvalidity
    await intake.begin(watched, status)
    after, cursor, known = await store.read(lambda tx: _account(tx, name, validity))
    there = await watched.mailbox.uids_after(after)
    gaps = [uid for uid in there if uid <= cursor and uid not in known]
    healed = await _heal(intake, watched, validity, gaps)
    still = set(await watched.mailbox.uids_after(after)) if len(healed) < len(gaps) else set(gaps)
    found = Reconciled(
        mailbox=name,
        uidvalidity=validity,
        on_server=len(there),
        accounted=sum(uid in known for uid in there),
        waiting=sum(uid > cursor and uid not in known for uid in there),
        gaps=tuple(gaps),
        healed=tuple(healed),
        gone=tuple(uid for uid in gaps if uid not in still),
    )
    _tell(found)
    return found


def _account(tx: Transaction, mailbox: str, uidvalidity: int) -> tuple[int, int, frozenset[int]]:
    """Return, of one moment: where the folder began, how far it was read, and the UIDs that have an outcome."""
    begun, cursor = beginning.load(tx, mailbox, uidvalidity), tx.cursor(mailbox)
    if begun is None or cursor is None:
        raise AssertionError("a folder that was begun has a beginning and a cursor")
    known = frozenset(tx.ledger_uids(mailbox, uidvalidity))
    return begun.after, cursor.last_uid, known


async def _heal(intake: Intake, watched: Watched, uidvalidity: int, gaps: Sequence[int]) -> list[int]:
    """Take the missed messages in as if they had just come; one that hurts gets its strikes like any other."""
    healed: set[int] = set()
    for _ in range(watched.strikes):
        left = [uid for uid in gaps if uid not in healed]
        if not left:
            break
        healed |= set((await intake.take(watched, uidvalidity, left)).outcomes)
    await intake.settle(watched, uidvalidity)
    return sorted(healed)


def _tell(found: Reconciled) -> None:
    log = logger(mailbox=found.mailbox)
    if found.gaps:
        log.error(
            "mailbox.gap", uids=list(found.gaps[:50]), healed=len(found.healed), left=list(found.left[:50])
        )
    else:
        log.info("mailbox.reconciled", messages=found.on_server, waiting=found.waiting)


# -- every night -------------------------------------------------------------------------------------------------------

_HOUR = 3  # of the site's night


def is_due(tx: Transaction, desk: Desk, mailbox: str, now: datetime) -> bool:
    """Say whether tonight's reconciliation of a folder is still to be done."""
    local = now.astimezone(desk.site.zone)
    return local.hour >= _HOUR and (tx.get_note(_key(mailbox)) or "") < local.date().isoformat()


def note_done(tx: Transaction, desk: Desk, found: Reconciled, now: datetime) -> None:
    """Remember the night; a gap is mailed to the admin, healed or not, because it should never have been."""
    tx.set_note(_key(found.mailbox), now.astimezone(desk.site.zone).date().isoformat())
    if found.gaps:
        words = f"messages without an outcome: {len(found.gaps)}, UIDs {list(found.gaps[:20])}; {len(found.healed)} have one now"
        trouble.tell_admin(tx, desk, Trouble.GAP, found.mailbox, now, now, detail=words)


def _key(mailbox: str) -> str:
    return f"reconciled/{mailbox}"
