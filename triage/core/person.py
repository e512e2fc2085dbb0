"""Somebody who asked to be forgotten: where the address is named, and a text without it. Pure.

Used by `lifecycle.erasing` for cases and their history, and by the store for messages and mails.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

ERASED = "erased"
_NO_MORE = r"(?![\w-]|\.\w)"  # "ana@x.example" is not in "ana@x.example.org", and the full stop of a sentence ends it


@dataclass(frozen=True)
class Person:
    """Whom to forget: the address in lower case, and the Message-IDs of what that person wrote."""

    address: str
    message_ids: frozenset[str] = frozenset()

    @cached_property
    def _named(self) -> re.Pattern[str]:
        """A name may stand before an address in angle brackets (RFC 5322 section 3.4); it goes with it."""
        who = re.escape(self.address)
        return re.compile(
            rf"""(?:"[^"\n]{{0,100}}"[ \t]*|[^"<>,;:\s][^"<>,;:\n]{{0,99}})?<{who}>|(?<![\w.+-]){who}{_NO_MORE}""",
            re.IGNORECASE,
        )

    def is_in(self, text: str) -> bool:
        # The cheap question first: whole tables are asked.
        return self.address in text.lower() and self._named.search(text) is not None

    def taken_out_of(self, text: str) -> str:
        """Return the text without the address, nor the name before it in a header or above a quotation."""
        return self._named.sub(ERASED, text) if self.is_in(text) else text

    def taken_out_of_value(self, value: object) -> object:
        """Return a JSON value without the address in any of its texts; keys stay."""
        if isinstance(value, str):
            return self.taken_out_of(value)
        if isinstance(value, Mapping):
            return {key: self.taken_out_of_value(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.taken_out_of_value(inner) for inner in value]
        return value

    def taken_out_of_draft(self, draft: Mapping[str, object]) -> dict[str, object]:
        """Return what a mail will be written from, naming nobody and threaded on what others wrote."""
        left = {key: self.taken_out_of_value(value) for key, value in draft.items()}
        before = left.get("references")
        if not isinstance(before, list):
            return left
        references = [one for one in before if one not in self.message_ids]
        answered = left.get("in_reply_to")
        if answered in self.message_ids:
            answered = references[-1] if references else None
        return {**left, "references": references, "in_reply_to": answered}
