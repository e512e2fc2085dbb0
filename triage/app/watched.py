"""One watched folder and how it is read: what wiring makes of a mailbox's settings."""

from dataclasses import dataclass

from triage.ports import Mailbox


@dataclass(frozen=True, slots=True)
class Watched:
    """`start`: now, all, or a date, for the very first look at the folder.

    `sent`: the folder where people of ours keep what they sent; `after`: the folder to be read before this one.
    """

    name: str
    mailbox: Mailbox
    start: str = "now"
    batch: int = 50
    strikes: int = 3
    stored_bytes: int = 2_000_000
    sent: bool = False
    after: str = ""
