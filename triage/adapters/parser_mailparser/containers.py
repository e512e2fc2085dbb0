"""Guesses which multiparts fetched leaves stand in, where a mailbox did not say: from their numbers and kinds.

The top level's subtype is in the header; only what is nested below it must be guessed.
"""

from collections.abc import Sequence
from dataclasses import replace

from triage.core.message import Leaf

_PLAIN, _HTML = "text/plain", "text/html"


def completed(leaves: Sequence[Leaf], kind: str) -> list[Leaf]:
    """Return leaves whose containers are not known with them; `kind` is the message's own content type."""
    if not kind.startswith("multipart/"):
        return list(leaves)
    top = kind.partition("/")[2]
    guessed: dict[str, str] = {"": top}
    completed_leaves = []
    for leaf in leaves:
        numbers = leaf.section.split(".")
        prefixes = [".".join(numbers[:depth]) for depth in range(len(numbers))]
        for prefix in prefixes:
            if prefix not in guessed:
                guessed[prefix] = _guess(leaves, prefix)
        completed_leaves.append(replace(leaf, containers=tuple(guessed[prefix] for prefix in prefixes)))
    return completed_leaves


def _guess(leaves: Sequence[Leaf], prefix: str) -> str:
    """Name the multipart with this number: a text and its HTML are alternatives, HTML and images are related."""
    depth = prefix.count(".") + 1
    inside = [leaf for leaf in leaves if leaf.section.startswith(f"{prefix}.")]
    direct = [leaf for leaf in inside if leaf.section.count(".") == depth]
    unnamed = [leaf for leaf in direct if not leaf.filename and leaf.disposition != "attachment"]
    kinds = [leaf.content_type for leaf in unnamed]
    has_html = any(leaf.content_type == _HTML for leaf in inside)
    if kinds[:1] == [_PLAIN] and has_html and len(unnamed) == len(direct) and kinds.count(_PLAIN) == 1:
        return "alternative"
    if has_html and all(
        leaf.content_id or leaf.content_type.startswith("image/")
        for leaf in direct
        if leaf.content_type != _HTML
    ):
        return "related"
    return "mixed"
