"""The two values that the readers of single questions hand to `reading`: a mark of automatic mail, and a bounce."""

from dataclasses import dataclass

CERTAIN = "certain"
HIGH = "high"
WEAK = "weak"


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
