"""What the daemon and its reading process say to each other: eight octets of length (big-endian), then a pickle."""

import pickle
import struct
from dataclasses import dataclass

from triage.core.rules.vocabulary import Vocabulary
from triage.core.site import Site

LENGTH = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class Yardstick:
    """By what mails are judged from here on; the rules travel as they are written, a compiled automaton cannot.

    `memory_limit`: octets that one message may take.
    """

    site: Site
    vocabulary: Vocabulary
    memory_limit: int


def framed(content: object) -> bytes:
    """Return a frame, ready for the channel."""
    data = pickle.dumps(content, pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(data)) + data
