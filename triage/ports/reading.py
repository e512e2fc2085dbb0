"""From the bytes of a mail to a message, and to what it is."""

from collections.abc import Sequence
from typing import Protocol

from triage.core.desk import Desk
from triage.core.message import Message, RawMail
from triage.core.understood import Understood
from triage.errors import Unreadable


class MessageParser(Protocol):
    def parse(self, mail: RawMail) -> Message:
        """Read one message. Raises Unreadable, and nothing else, when it cannot be read."""
        ...


class MessageReader(Protocol):
    """Parses, reads and classifies many messages at once, apart from the daemon where they may hurt; what intake uses."""

    async def read_many(self, mails: Sequence[RawMail], desk: Desk) -> Sequence[Understood | Unreadable]:
        """Return one answer for each mail, in their order; Hurtful where the reading itself came to harm.

        Never raises for what a message is, and no message spoils the answer to another. Raises Temporary where the
        machine has nothing to read with just now.
        """
        ...
