"""Tells the admin of the daemon's own trouble, by a mail in the outbox like any other.

Called wherever `app` finds something only an admin can mend; whether it was told already is the caller's memory.
"""

from datetime import datetime

from triage.core import drafts_site, outgoing
from triage.core.desk import Desk
from triage.core.drafts_site import Trouble
from triage.ports import Transaction


def tell_admin(
    tx: Transaction,
    desk: Desk,
    what: Trouble,
    about: str,
    at: datetime,
    now: datetime,
    *,
    detail: str = "",
    until: datetime | None = None,
) -> None:
    """Queue one alarm; nothing where the site names no admin. `at`: since when; `until`: when it will bite, or when it was over."""
    if desk.site.admin is None:
        return
    mail = drafts_site.alarm(
        desk.site, desk.support.company, desk.site.admin, what, at, subject=about, detail=detail, until=until
    )
    tx.add_outbox([outgoing.row(desk.site, mail, now)])
