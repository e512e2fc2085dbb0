"""Messages inside the message: their own header facts and text, kept apart from the outer ones (MAIL rule 7)."""

from collections.abc import Sequence

from triage.adapters.parser_mailparser import header_block, headers, limits, mime_tree, own_text
from triage.adapters.parser_mailparser.transfer import decode_body
from triage.core.message import Enclosed, Leaf

_WHOLE = frozenset({"message/rfc822", "message/global", "message/news"})
_HEADERS_ONLY = frozenset({"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"})


def is_message(leaf: Leaf) -> bool:
    return leaf.content_type in _WHOLE or leaf.content_type in _HEADERS_ONLY


def read(leaves: Sequence[Leaf]) -> tuple[Enclosed, ...]:
    """Read the attached messages that were fetched; one left on the server is an attachment only."""
    fetched = [leaf for leaf in leaves if is_message(leaf) and leaf.body]
    return tuple(_read_one(leaf) for leaf in fetched[: limits.ENCLOSED])


def _read_one(leaf: Leaf) -> Enclosed:
    # Forbidden for message/rfc822 (RFC 2046 section 5.2.1), and written by several gateways.
    data = decode_body(leaf.body or b"", leaf.encoding, limits.TNEF_BYTES)
    block, body = header_block.split_message(header_block.normalise_line_ends(data).lstrip(b"\r\n"))
    fields = tuple(header_block.fields(block))
    tree = mime_tree.leaves_of(fields, body)
    charset = next((part.parameters.get("charset", "") for part in tree.leaves if own_text.is_text(part)), "")
    facts = headers.read(fields, charset)
    text = "" if leaf.content_type in _HEADERS_ONLY else own_text.choose(tree.leaves).text
    return Enclosed(
        headers=facts.headers,
        message_id=facts.message_id,
        sender=facts.sender,
        subject=facts.subject,
        date=facts.headers.get("date"),
        text=text[: limits.ENCLOSED_CHARACTERS],
    )
