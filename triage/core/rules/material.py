"""The texts that rules look at, laid out as one folded haystack: places, sentences, matters, and the way back.

Everything is joined into one string so that one pass of the automaton sees it all. Addresses and links are blanked
in the texts (a shop's domain may hold any word). Knows no rules. Called by `matcher`.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, pairwise

from triage.core import folding
from triage.core.folding import Folded
from triage.core.model import Language
from triage.core.rules.phrases import NO_SLIPS, Slips
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
# One pattern a mark, each beginning with a plain character: those are searched for faster than a class.
_STOPS = tuple((stop, re.compile(rf"""[{stop}]["')\]]*(?=[ \n])""")) for stop in ".!?;")
_ENDS = (*_STOPS, ("\n", re.compile("\n")))
_READ = (*TEXTS, REPLY_SUBJECT)
_LINK_MARKS = ("://", "@", "www.", "WWW.", "Www.")
_BLANK = re.compile(r"\s")
# What an item begins with, at the start of a line.
_ITEM = re.compile(
    r"\n[ \t]*(?:[-*•·–—][ \t]|\(?(?:\d{1,2}|[a-h]) ?[.)°][ \t]*-?|\d{1,2}[ \t]?-[ \t]"
    r"|(?:uno|dos|tres|cuatro|cinco|primero|segundo|tercero|cuarto|one|two|three|four|first|second|third|fourth|um|quatro"
    r"|primeiro|terceiro|quarto)[ \t]?[:.)-])"
)
_MOST_ITEMS = 32


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
        if _REPLY.match(self.subject) is None:
            return False
        return len(self.new_text.split(maxsplit=_SAYS_SOMETHING)) >= _SAYS_SOMETHING

    def raw(self, where: str) -> str:
        """Return the text of a place as it came, cut at the cap."""
        if where == NEW_TEXT:
            text = self.new_text
        elif where == FORWARDED_TEXT:
            text = self.forwarded_text
        elif where in (SUBJECT, REPLY_SUBJECT):
            text = self.subject if self.subject and self.replies == (where == REPLY_SUBJECT) else ""
        elif where == ATTACHMENT_NAMES:
            text = "\n".join(self.attachment_names)
        elif where == SENDER:
            text = self.sender
        else:
            text = self.headers.get(where.removeprefix(HEADER_PREFIX).lower(), "")
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

    @property
    def names(self) -> frozenset[str]:
        return frozenset(place.name for place in self.places)

    def place(self, position: int) -> Place:
        return self.places[max(0, bisect_right(self.starts, position) - 1)]

    def sentence(self, position: int) -> int:
        """Return the number of the sentence that holds a position; places never share a sentence."""
        return bisect_right(self.sentence_starts, position)


def lay_out(material: Material, where: tuple[str, ...], slips: Slips = NO_SLIPS) -> Layout:
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
        edits = _mended(blank, slips)
        if edits:
            folded = folding.replaced(folded, edits)
            blank = folding.edited(blank, edits)
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
    starts = [match.end() for mark, end in _ENDS if mark in text for match in end.finditer(text)]
    starts.sort()
    return tuple(starts)


def list_items(layout: Layout) -> tuple[tuple[int, int], ...]:
    """Return where the items of a list lie ("- ...", "2) ...", "Dos: ..."); the last takes the rest, and one alone is no list."""
    found: list[tuple[int, int]] = []
    for place in layout.places:
        items = _ITEM.finditer("\n" + layout.text[place.start : place.end])
        starts = [place.start + match.start() for match in islice(items, _MOST_ITEMS)]
        if len(starts) > 1:
            found += pairwise([*starts, place.end])
    return tuple(found)


def _mended(blank: str, slips: Slips) -> list[tuple[int, int, str]]:
    """Return the edits that turn misspelt words into the vocabulary's."""
    words = blank.split()
    wrong = slips.forms.intersection(set(words))  # a mail says most of its words several times
    if not wrong:
        return []
    edits = []
    end = 0
    padded = f" {blank} "
    for word in filter(wrong.__contains__, words):
        start = padded.index(f" {word} ", end)  # the next one that stands between blanks is the one meant
        end = start + len(word)
        edits.append((start, end, slips.meant[word]))
    return edits


def _without_links(text: str) -> str:
    """Blank links and addresses, keeping every position; a full stop that closes one stays: the sentence ends there."""
    parts = []
    done = 0
    for start, end in sorted(_runs(text)):
        if start >= done:
            stop = end - 1 if text[end - 1] in ".!?;," else end
            parts += [text[done:start], " " * (stop - start), text[stop:end]]
            done = end
    return "".join([*parts, text[done:]]) if parts else text


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """Yield the runs of characters between blanks that hold a mark of a link."""
    for mark in _LINK_MARKS:
        at = text.find(mark) if mark[0] in text else -1  # one character is found faster
        while at >= 0:
            start = text.rfind(" ", 0, at) + 1
            start = max(text.rfind("\n", start, at) + 1, text.rfind("\t", start, at) + 1, start)
            blank = _BLANK.search(text, at)
            end = blank.start() if blank else len(text)
            yield start, end
            at = text.find(mark, end)
