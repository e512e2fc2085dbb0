"""What shall be done: frozen data, committed with the case, performed afterwards by `app.dispatch`.

Counterpart of `events`. An effect says what and to whom; how it is worded is the template's business,
how it travels the mailer's.
"""

from dataclasses import dataclass, field
from datetime import datetime

from triage.core.model import Language, MailKind
from triage.core.records import AlarmRow, Data


@dataclass(frozen=True, slots=True)
class SendMail:
    """Put one mail to one recipient into the outbox, once per `key` for ever.

    `template` names a folder entry under templates/<language>/; `variables` are all it may use, plain JSON.
    `auto`: the Auto-Submitted value (auto-replied, auto-generated, or "" for a person's own words).
    `fingerprint`: what makes two mails to one address repeats of each other, for the governor; "": their words.
    `tells`: the version of the deadline that the mail tells the client, 0 for none.
    `author`: the agent whose words they are; he is asked when it is in doubt whether they arrived.
    `reminds`: of a mail about several cases, the key that each reminder would have had in a mail of its own.
    `expires_at`: an acknowledgement days late is not sent.
    """

    key: str
    kind: MailKind
    template: str
    to: str
    language: Language
    variables: Data = field(default_factory=dict)
    to_name: str = ""
    reference: str | None = None
    mailbox: str = ""
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    auto: str = "auto-generated"
    to_client: bool = False
    person: bool = False
    tells: int = 0
    fingerprint: str = ""
    sender_name: str = ""
    reply_plus: str | None = None
    expires_at: datetime | None = None
    attachments: tuple[Data, ...] = ()
    author: str = ""
    reminds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Drop mails of a case that are still waiting to be sent, by their keys; what has left stays as it is."""

    reference: str
    keys: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class SetAlarms:
    """Replace every pending alarm of the case by these; what was already fired stays fired."""

    reference: str
    alarms: tuple[AlarmRow, ...]


Effect = SendMail | SetAlarms | Withdraw
