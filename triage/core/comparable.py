"""Words made comparable: one spelling for capitals, accents, typographic marks and blanks.

Knows no language and no mail format. The tables of phrases (bounces, automatic answers, spam, quoting) are
written as people write them and folded once, at import; texts are folded where they are searched. The rules have
their own `folding`, which keeps every offset for evidence; here only yes or no is asked.
"""

import unicodedata
from collections.abc import Iterable

# Phrase searches read this much of a text and no more (MAIL, pitfalls).
SEARCHED = 50_000

_COMBINING = dict.fromkeys(range(0x0300, 0x0370))
_MARKS = str.maketrans(
    {
        "‘": "'", "’": "'", "ʼ": "'", "´": "'", "`": "'", "“": '"', "”": '"', "«": '"', "»": '"',
        "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "…": "...", "\u00ad": None, "\u200b": None,
        "\ufeff": None,
    }
)  # fmt: skip


def fold(text: str) -> str:
    """Return `text` without case, Latin accents and typographic marks, with single blanks.

    Only the Latin combining marks go: the voiced marks of Japanese kana are letters to their readers.
    """
    if text.isascii():
        return " ".join(text.casefold().replace("`", "'").split())
    decomposed = unicodedata.normalize("NFKD", text.translate(_MARKS)).translate(_COMBINING)
    return " ".join(unicodedata.normalize("NFC", decomposed).casefold().replace("`", "'").split())


def folded(phrases: Iterable[str]) -> tuple[str, ...]:
    """Fold a table of phrases, keeping its order."""
    return tuple(fold(phrase) for phrase in phrases)


def holds_any(text: str, phrases: Iterable[str]) -> bool:
    """Say whether a folded text holds one of the folded phrases."""
    return any(phrase in text for phrase in phrases)


def holding(text: str, phrases: Iterable[str]) -> tuple[str, ...]:
    """Return those of the folded phrases that stand in the folded text."""
    return tuple(phrase for phrase in phrases if phrase in text)
