"""Words made comparable: one spelling for capitals, accents, typographic marks and blanks.

Knows no language and no mail format. The tables of phrases (bounces, automatic answers, spam, quoting) are
written as people write them and folded once, at import; texts are folded where they are searched. The rules have
their own `folding`, which keeps every offset for evidence; here only yes or no is asked.

Many readers ask about the same text, and most of a mail is plain Latin: what was folded a moment ago is remembered,
and the ordinary character is folded by whole-text replacements, a tenth of the price of a full decomposition.
"""

import unicodedata
from collections.abc import Iterable
from functools import cached_property, lru_cache

from ahocorasick_rs import AhoCorasick, Implementation

# Phrase searches read this much of a text and no more (MAIL, pitfalls).
SEARCHED = 50_000

_ASCII = bytes(range(0x80))
_COMBINING = dict.fromkeys(range(0x0300, 0x0370))
_MARKS = str.maketrans(
    {
        "‘": "'", "’": "'", "ʼ": "'", "´": "'", "`": "'", "“": '"', "”": '"', "«": '"', "»": '"',
        "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "…": "...", "\u00ad": None, "\u200b": None,
        "\ufeff": None,
    }
)  # fmt: skip


# So many phrases are looked for one by one; more of them all at once.
_FEW = 6
_LINE = 400  # characters
_LINES_KEPT = 1_024
_TEXTS_KEPT = 8  # a text's beginnings of several lengths, a subject and the words around them


def fold(text: str) -> str:
    """Return `text` without case, Latin accents and typographic marks, with single blanks.

    Only the Latin combining marks go: the voiced marks of Japanese kana are letters to their readers.
    """
    return _fold_line(text) if len(text) <= _LINE else _fold_text(text)


def _automaton_of(phrases: Iterable[str]) -> AhoCorasick:
    """A table of hundreds, not the rules' many thousands: the fastest form, a third of the time, is small enough."""
    return AhoCorasick(list(phrases), implementation=Implementation.DFA)


class Phrases(tuple[str, ...]):  # noqa: SLOT001 - a table keeps its automaton
    """A table of folded phrases, in its order; all of them are looked for in one pass over a text."""

    @cached_property
    def _automaton(self) -> AhoCorasick:
        return _automaton_of(self)

    def any_in(self, text: str) -> bool:
        """Say whether a folded text holds one of them."""
        if len(self) <= _FEW:
            return any(phrase in text for phrase in self)
        return bool(self._automaton.find_matches_as_indexes(text))

    def all_in(self, text: str) -> tuple[str, ...]:
        """Return those that stand in a folded text, in the table's order."""
        found = {index for index, _, _ in self._automaton.find_matches_as_indexes(text, overlapping=True)}
        return tuple(self[index] for index in sorted(found))


class Tables(dict[str, Phrases]):
    """Tables of phrases by name, all looked for in one pass."""

    @cached_property
    def _automaton(self) -> AhoCorasick:
        return _automaton_of(phrase for phrases in self.values() for phrase in phrases)

    @cached_property
    def _owners(self) -> tuple[str, ...]:
        return tuple(name for name, phrases in self.items() for _ in phrases)

    def found_in(self, text: str) -> list[str]:
        """Return the names of the tables of which a phrase stands in a folded text, in their order."""
        matches = self._automaton.find_matches_as_indexes(text, overlapping=True)
        found = {self._owners[index] for index, _, _ in matches}
        return [name for name in self if name in found]


def folded(phrases: Iterable[str]) -> Phrases:
    """Fold a table of phrases, keeping its order."""
    return Phrases(fold(phrase) for phrase in phrases)


def holds_any(text: str, phrases: Phrases) -> bool:
    """Say whether a folded text holds one of the folded phrases."""
    return phrases.any_in(text)


def holding(text: str, phrases: Phrases) -> tuple[str, ...]:
    """Return those of the folded phrases that stand in the folded text."""
    return phrases.all_in(text)


@lru_cache(_LINES_KEPT)
def _fold_line(text: str) -> str:
    return _fold(text)


@lru_cache(_TEXTS_KEPT)
def _fold_text(text: str) -> str:
    return _fold(text)


def _fold(text: str) -> str:
    if not text.isascii():
        text = _plain(text)
    return " ".join(text.casefold().replace("`", "'").split())


def _plain(text: str) -> str:
    """Replace the characters whose plain form stands by itself, each at once; else decompose the whole text."""
    # What is not ASCII, found without a look at every character: a lone surrogate from a header passes through as it is.
    odd = text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass")
    replaced = text
    for char in set(odd):
        plain = _plain_character(char)
        if plain is None:
            return _decomposed(text)
        replaced = replaced.replace(char, plain)
    return replaced


@lru_cache(4_096)
def _plain_character(char: str) -> str | None:
    """Return a character's plain form, or None where its neighbours may have a say in it."""
    plain = _decomposed(char)
    return plain if plain.isascii() or unicodedata.category(char) == "So" else None


def _decomposed(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_MARKS)).translate(_COMBINING)
    return unicodedata.normalize("NFC", decomposed)
