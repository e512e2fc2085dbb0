"""What one message comes to, as values: the answer of `reading`, and that of `understanding` with it.

Apart from who answers: the daemon takes the answers of its reading process, and need not load the readers.
"""

from dataclasses import dataclass

from triage.core.marks import Bounce, Signal
from triage.core.message import Message
from triage.core.model import Address, Classification, Language, MessageClass, Role, Trust


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


@dataclass(frozen=True, slots=True)
class Understood:
    """What the message says, what it is, and what the rules make of its words."""

    message: Message
    reading: Reading
    classification: Classification
