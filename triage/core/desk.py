"""Everything a decision may depend on besides the case and the moment: the site, the support model, the limits."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from triage.core.site import Site
from triage.core.sla_policy import SlaPolicy
from triage.core.support_model import SupportModel

_LENGTH = re.compile(r"(\d{1,4})\s*(?:(m|min|minutos?|minutes?)|(h|hs|horas?|hours?)|(?:d|d[ií]as?|days?))")


@dataclass(frozen=True, slots=True)
class Desk:
    """`unreachable`: agents' addresses whose mail bounces, or who are away by their own automatic answer.

    `undo_for`: how long a risky command can be taken back; `answers_as`: the From name of an agent's answer; `at_once`:
    within which a second agent's answer warns him. Lengths are elapsed time. `files_with_notice`, `files_on_request`:
    octets of a client's files in one mail to an agent, by itself and when he asks for them.
    """

    site: Site
    support: SupportModel
    backlog: timedelta = timedelta(days=7)
    acknowledgement_expires: timedelta = timedelta(days=2)
    mail_expires: timedelta = timedelta(days=5)
    echo_subject: str = "all"
    unreachable: frozenset[str] = frozenset()
    undo_for: timedelta = timedelta(hours=2)
    answers_as: str = "{agent} - {company}"
    at_once: timedelta = timedelta(hours=1)
    files_with_notice: int = 5_000_000
    files_on_request: int = 18_000_000

    def policy(self, mailbox: str) -> SlaPolicy:  # noqa: ARG002 - one policy a site today; the mailbox is where another would come from
        """Return the policy that holds for a mailbox."""
        return self.support.sla.default

    def today(self, now: datetime) -> date:
        """Return the local date at the site."""
        return now.astimezone(self.site.zone).date()

    def duration(self, text: str) -> timedelta | None:
        """Read an agent's `2h`, `30 minutos`, `1 día`; None when it is none."""
        match = _LENGTH.fullmatch(text.strip().casefold())
        if match is None:
            return None
        unit = timedelta(minutes=1) if match[2] else timedelta(hours=1) if match[3] else timedelta(days=1)
        return int(match[1]) * unit
