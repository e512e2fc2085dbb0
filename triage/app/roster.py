"""Who of the agents is away: kept in one small note of the store, laid over the desk at the start of each transaction.

An agent says it himself (`!away`), his mailbox says it (an automatic answer), or his mail bounces; his next mail of any
kind ends the last two.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime

from triage.core import absences
from triage.core.absences import Away, Roster
from triage.core.desk import Desk
from triage.core.site import Absence, Site
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


def keep_heard(tx: Transaction, agent: str, now: datetime) -> None:
    """Keep that an agent wrote: he can be reached."""
    _keep(tx, absences.heard(_kept(tx), agent, now))


def away(tx: Transaction, site: Site, now: datetime) -> tuple[Away, ...]:
    """Return who of the agents is away now."""
    return absences.away(site, _kept(tx), now)


def come_back(tx: Transaction, site: Site, since: datetime, now: datetime) -> Mapping[str, date]:
    """Return the last day away of those whom their mailbox no longer keeps from us."""
    return absences.come_back(site, _kept(tx), since, now)


def _kept(tx: Transaction) -> Roster:
    text = tx.get_note(_NOTE)
    return json.loads(text) if text else {}


def _keep(tx: Transaction, roster: Roster) -> None:
    tx.set_note(_NOTE, json.dumps(roster, sort_keys=True))
