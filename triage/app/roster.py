"""Who of the agents is away: kept in one small note of the store, laid over the desk at the start of each transaction.

An agent says it himself (`!away`), his mailbox says it (an automatic answer), or his mail bounces; his next mail of any
kind ends the last two.
"""

import json
from datetime import datetime

from triage.core import absences
from triage.core.absences import Roster
from triage.core.desk import Desk
from triage.core.site import Absence
from triage.ports import Transaction

_NOTE = "agents"


def desk_of(tx: Transaction, desk: Desk, now: datetime) -> Desk:
    """Return the desk with its agents as they are now."""
    return absences.applied(desk, _kept(tx), now)


def keep_absence(tx: Transaction, agent: str, absence: Absence | None) -> None:
    """Keep what an agent said about himself; None: he is back."""
    _keep(tx, absences.with_absence(_kept(tx), agent, absence))


def keep_silence(tx: Transaction, agent: str, until: datetime) -> None:
    """Keep that an agent's mailbox answers by itself, or bounces."""
    _keep(tx, absences.with_silence(_kept(tx), agent, until))


def keep_heard(tx: Transaction, agent: str) -> None:
    """Keep that an agent wrote: he can be reached."""
    _keep(tx, absences.heard(_kept(tx), agent))


def _kept(tx: Transaction) -> Roster:
    text = tx.get_note(_NOTE)
    return json.loads(text) if text else {}


def _keep(tx: Transaction, roster: Roster) -> None:
    tx.set_note(_NOTE, json.dumps(roster, sort_keys=True))
