"""Is an answer nothing but an out-of-office note, though no header and no subject says so?

People write that they are away, too, and say something with it: "I'm out until Monday, go ahead". So the whole of what
is newly written must be made of the turns of `absence_words`, one after the other to its last word, and among them
must be what people leave out: where to turn in urgent matters, that the mail is not read, that it will be answered. One
word that stands in no table makes it a person's: a note that is taken for an answer costs an agent a look, an answer
taken for a note may cost a client his. Only answers are asked about. Pure; called by `autoreplies`.
"""

import re

from triage.core import newtext
from triage.core.absence_words import (
    ABBREVIATED,
    ADDRESS,
    BESIDE_OTHERS,
    BETWEEN,
    DATE_WORDS,
    NAME,
    STEMS,
    turns,
)
from triage.core.comparable import fold, holds_any
from triage.core.message import Message
from triage.core.model import Address

_LONGEST = 900  # characters of new text
_HEAD = 1_500
_READ = 20_000

_ANSWER = re.compile(r"\s*(?:re|res|aw|sv|antw)\s?:", re.IGNORECASE)
_UPPER, _LOWER = "A-ZÀ-ÖØ-Þ", "a-zß-öø-ÿ"
_ADDRESSES = re.compile(
    r"[^\s<>(),;:]+@[\w.-]+\.\w+|(?!\d{1,4}[./-]\d{1,2}[./-]\d{2})\+?\(?\d[\d ().-]{5,}\d"
)
_CAPITAL = re.compile(rf"(?<=[{_LOWER},(¤] )[{_UPPER}][{_LOWER}]+")  # within a sentence
_END = re.compile(r"[.!;]+(?:\s+|$)")
_SIGNATURE_LINES = 6

_LEFT_OUT = frozenset({"unread", "answered"})
_BESIDE = frozenset({"thanks", "back", "span", "asked instead", "promised", "if urgent", "no access"})


def is_one(message: Message) -> bool:
    """Say whether an answer is such a note from its first word to its last. Looks at a text's beginning only."""
    if not (message.in_reply_to or message.references or _ANSWER.match(message.subject)):
        return False
    if not holds_any(fold(message.text[:_HEAD]), STEMS):
        return False  # most answers: the rest costs more
    parts = newtext.split(message.text[:_READ], message.subject)
    if parts.forward is not None or len(parts.own) > _LONGEST:
        return False
    if any(not attachment.inline for attachment in message.attachments):
        return False
    return _suffices(_said(_unsigned(parts.own, message.sender)))


def _suffices(said: frozenset[str]) -> bool:
    if "away" not in said or ("if urgent" in said and "asked instead" not in said):
        return False
    # Whoever says "if it's urgent call Marta" speaks to people who know her; a program tells strangers how.
    formal = not said.isdisjoint(_LEFT_OUT) or said >= {"if urgent", "asked instead", "address"}
    return (formal and len(said & (_LEFT_OUT | _BESIDE)) > 1) or said >= {"thanks", "promised", "span"}


def _unsigned(text: str, sender: Address | None) -> str:
    """Leave out the signature that begins with the sender's own name: many notes have no closing phrase."""
    names = f"{sender.name} {sender.address.partition('@')[0]}" if sender else ""
    called = set(re.findall(r"\w{3,}", fold(names)))
    lines = text.rstrip().split("\n")
    for index in range(max(1, len(lines) - _SIGNATURE_LINES), len(lines)):
        words = fold(lines[index]).split()
        if len(words) < 6 and lines[index].istitle() and not called.isdisjoint(words):
            return "\n".join(lines[:index])
    return text


def _said(text: str) -> frozenset[str]:
    """Return the kinds of turns that a text is made of, "address" with them; none where one word is in no table."""
    named = _CAPITAL.sub(_name, _ADDRESSES.sub(ADDRESS, text.replace("\n\n", ".\n")))
    said = {"address"} if ADDRESS in named else set[str]()
    for sentence in _END.split(ABBREVIATED.sub(r"\1", fold(named))):
        kinds = _kinds(sentence)
        if kinds is None or (kinds and kinds <= BESIDE_OTHERS):
            return frozenset()
        said |= kinds
    return frozenset(said)


def _kinds(sentence: str) -> set[str] | None:
    found, place = set[str](), _beyond_marks(sentence, 0)
    while place < len(sentence):
        ends = {kind: match.end() for kind, turn in turns().items() if (match := turn.match(sentence, place))}
        if not ends:
            return None
        kind = max(ends, key=ends.__getitem__)
        found.add(kind)
        place = _beyond_marks(sentence, ends[kind])
    return found


def _beyond_marks(sentence: str, place: int) -> int:
    marks = BETWEEN.match(sentence, place)
    return marks.end() if marks else place


def _name(word: re.Match[str]) -> str:
    return word[0] if fold(word[0]) in DATE_WORDS else NAME
