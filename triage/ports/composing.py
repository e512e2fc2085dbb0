"""From a draft to the bytes of a mail: its words, then its form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from triage.core.records import OutboxRow


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's words: one line of subject, plain text, and HTML (empty: text only)."""

    subject: str
    text: str
    html: str = ""


class Renderer(Protocol):
    def render(self, row: OutboxRow, now: datetime, *, html: bool = True) -> Rendered:
        """Put a draft into words in its language; `html` False: text only. Raises Permanent with template and line."""
        ...


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes along with a mail: its name is a label from the wire, its content as it was before encoding."""

    name: str
    content_type: str
    content: bytes


class Composer(Protocol):
    def compose(self, row: OutboxRow, rendered: Rendered, now: datetime) -> bytes:
        """Return the RFC 5322 bytes (CRLF) of one outgoing mail; `now` becomes its Date, in the site's zone."""
        ...

    def enclose(self, row: OutboxRow, content: bytes, files: Sequence[File], note: str = "") -> bytes:
        """Return a composed mail with the files that its draft only names, and a note on what could not be had."""
        ...
