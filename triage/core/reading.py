"""What a message *is*: the answers of identity, loopguard, text and language about one message, with their reasons.

`read` is the one entry; `triage explain --json` prints what it returns. Pure: message and site in, Reading out.
"""

from dataclasses import dataclass

from triage.core.model import Address, Language, MessageClass, Role, Trust


@dataclass(frozen=True, slots=True)
class Signal:
    """A mark of automatic mail; strength: certain, high or weak (they add up)."""

    name: str
    strength: str


@dataclass(frozen=True, slots=True)
class Bounce:
    """A delivery failure or delay warning: `recipients` lower case, `original_message_id` without brackets."""

    recipients: tuple[str, ...]
    temporary: bool
    original_message_id: str | None = None
    status: str = ""
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One message, understood. `client` is who waits for an answer (Reply-To, else From; the forwarded sender when
    an agent forwards); None where there is nobody to answer.

    `new_text` is what the writer wrote now (quotes, signature and disclaimer hidden); `forwarded_text` what a
    forward encloses, inline or attached; `references` the case references in the subject, as written;
    `thanks_only` and `asks_nothing` keep a case from reopening.
    """

    message_class: MessageClass
    signals: tuple[Signal, ...]
    is_case: bool
    case_reason: str
    may_ack: bool
    ack_reason: str
    trust: Trust
    role: Role
    sender: Address | None
    client: Address | None
    language: Language
    first_line: str
    new_text: str
    forwarded_text: str = ""
    bounce: Bounce | None = None
    references: tuple[str, ...] = ()
    thanks_only: bool = False
    forwarded: bool = False
