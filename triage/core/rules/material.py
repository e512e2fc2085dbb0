"""The texts that rules look at, laid out as one folded haystack: places, sentences, matters, and the way back.

Everything is joined into one string so that one pass of the automaton sees it all. Addresses and links are blanked
in the texts (a shop's domain may hold any word). Knows no rules. Called by `matcher`.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

from triage.core import folding
from triage.core.folding import Folded
from triage.core.model import Language
from triage.core.rules.vocabulary import (
    ATTACHMENT_NAMES,
    FORWARDED_TEXT,
    HEADER_PREFIX,
    NEW_TEXT,
    REPLY_SUBJECT,
    SENDER,
    SUBJECT,
    TEXTS,
)

CAP = 64 * 1024
_REPLY = re.compile(r"\s*(?:\[[^\]]{0,80}\]\s*)?(?:re|res|aw|sv|antw)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_SAYS_SOMETHING = 6  # words of its own; with fewer, the subject is what a mail says
_STOPS = re.compile(r"[.!?;…\n]")
_READ = (*TEXTS, REPLY_SUBJECT)
_LINK_MARKS = ("://", "@", "www.")


@dataclass(frozen=True, slots=True)
class Material:
    """What one message offers to the rules. `headers`: names in lower case to values; texts are cut at 64 KB."""

    subject: str = ""
    new_text: str = ""
    forwarded_text: str = ""
    attachment_names: tuple[str, ...] = ()
    sender: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    language: Language = Language.ES

    @property
    def replies(self) -> bool:
        """Return whether the subject is an earlier mail's: "Re:", and the writer now says something himself."""
        enough = len(self.new_text.split(maxsplit=_SAYS_SOMETHING)) >= _SAYS_SOMETHING
        return enough and _REPLY.match(self.subject) is not None

    def raw(self, where: str) -> str:
        """Return the text of a place as it came, cut at the cap."""
        if where.startswith(HEADER_PREFIX):
            return self.headers.get(where.removeprefix(HEADER_PREFIX).lower(), "")[:CAP]
        if where == ATTACHMENT_NAMES:
            return "\n".join(self.attachment_names)[:CAP]
        text: str = {
            SUBJECT: "" if self.replies else self.subject,
            REPLY_SUBJECT: self.subject if self.replies else "",
            NEW_TEXT: self.new_text,
            FORWARDED_TEXT: self.forwarded_text,
            SENDER: self.sender,
        }[where]
        return text[:CAP]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text lies in the haystack; `folded` leads back to its own offsets."""

    name: str
    start: int
    end: int
    folded: Folded
    raw: str


@dataclass(frozen=True, slots=True)
class Layout:
    """`text` keeps punctuation; `words` is the same, position by position, with blanks for all that is no word."""

    text: str
    words: str
    places: tuple[Place, ...]
    starts: tuple[int, ...]
    sentence_starts: tuple[int, ...]

    def place(self, position: int) -> Place:
        return self.places[max(0, bisect_right(self.starts, position) - 1)]

    def sentence(self, position: int) -> int:
        """Return the number of the sentence that holds a position; places never share a sentence."""
        return bisect_right(self.sentence_starts, position)


def lay_out(material: Material, where: tuple[str, ...], slips: Mapping[str, str]) -> Layout:
    """Fold the named places, mend known slips of the keyboard, and join everything into one haystack."""
    texts: list[str] = []
    words: list[str] = []
    places: list[Place] = []
    length = 0
    for name in where:
        raw = material.raw(name)
        if not raw:
            continue
        folded = folding.fold(_without_links(raw) if name in _READ else raw)
        blank = folding.blanked(folded.text)
        if not slips.keys().isdisjoint(blank.split()):
            folded = folding.replaced(folded, _mended(folded.text, slips))
            blank = folding.blanked(folded.text)
        start = length + 1  # a blank before the first word, as before every other
        places.append(Place(name, start, start + len(folded.text), folded, raw))
        texts.append(f" {folded.text} \n")
        words.append(f" {blank}  ")
        length += len(folded.text) + 3
    text = "".join(texts)
    starts = tuple(place.start for place in places)
    return Layout(text, "".join(words), tuple(places), starts, _sentence_starts(text))


def _sentence_starts(text: str) -> tuple[int, ...]:
    """Return where sentences begin: behind a line's end, or behind a stop (and closing marks) before a blank."""
    starts = []
    for match in _STOPS.finditer(text):
        end = match.end()
        while text[end : end + 1] in _CLOSING:
            end += 1
        if text[end - 1] == "\n" or text[end : end + 1] in (" ", "\n"):
            starts.append(end)
    return tuple(starts)


_CLOSING = frozenset("\"')]")
_LONG_WORD = re.compile(r"[a-zñ]{4,}")


def _mended(text: str, slips: Mapping[str, str]) -> list[tuple[int, int, str]]:
    """Return the edits that turn misspelt words into the vocabulary's."""
    return [
        (match.start(), match.end(), slips[match.group()])
        for match in _LONG_WORD.finditer(text)
        if match.group() in slips
    ]


def _without_links(text: str) -> str:
    """Blank links and addresses, keeping every position; each run of characters is looked at once."""
    if not any(mark in text for mark in _LINK_MARKS):
        return text
    parts = []
    for run in re.split(r"(\s+)", text):
        holds = any(mark in run.lower() for mark in _LINK_MARKS)
        parts.append(_blank_run(run) if holds else run)
    return "".join(parts)


def _blank_run(run: str) -> str:
    """Blank a run that holds a link, but keep a closing full stop: the sentence ends there."""
    return " " * (len(run) - 1) + (run[-1] if run[-1] in ".!?;," else " ")
