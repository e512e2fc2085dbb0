"""Bytes or fetched leaves -> `Message`: the port's promise, and the order in which a message is read.

Both inputs take one way: a whole mail is first cut into the leaves that a mailbox would have delivered. The
header block decides who wrote; mail-parser reads addresses and dates in it (`addresses`); the leaves give text,
reports and attachments. Called by intake (through the port), `explain` and `rules test`. Opens nothing.
"""

import hashlib
from collections.abc import Sequence

from triage.adapters.parser_mailparser import (
    attached_messages,
    containers,
    delivery_status,
    header_block,
    headers,
    limits,
    mime_fields,
    mime_tree,
    own_text,
    tnef,
)
from triage.adapters.parser_mailparser.transfer import decode_body, decoded_size
from triage.core.message import Attachment, DeliveryReport, Leaf, Message, RawMail
from triage.core.text_cleaning import base_name, clean_line
from triage.errors import Unreadable

_NOT_ATTACHED = frozenset(
    {"message/delivery-status", "message/global-delivery-status", "message/disposition-notification"}
)


class MailParser:
    """Implements `MessageParser`. Stateless: one instance may be used from several threads."""

    def parse(self, mail: RawMail) -> Message:
        """Read one message. Raises Unreadable, and nothing else, when it cannot be read."""
        try:
            return _parse(mail)
        except Exception as error:  # the port promises that a message raises nothing else
            raise Unreadable(
                f"message could not be read: {type(error).__name__}: {clean_line(str(error), 200)}"
            ) from error


def _parse(mail: RawMail) -> Message:
    fields, tree = _structure(mail)
    tree = mime_tree.open_envelopes(tree)
    charset = next((leaf.parameters.get("charset", "") for leaf in tree.leaves if own_text.is_text(leaf)), "")
    facts = headers.read(fields, charset)
    text = own_text.choose(tree.leaves)
    winmail = tnef.read(tree.leaves)
    if winmail is not None:
        text.defects.append("tnef")
        text.text = text.text or winmail.text
    kind, parameters = mime_fields.content_type(facts.raw.get("content-type", ""))
    enclosed = attached_messages.read(tree.leaves)
    defects = (*facts.defects, *tree.defects, *text.defects)
    return Message(
        headers=facts.headers,
        message_id=facts.message_id,
        in_reply_to=facts.in_reply_to,
        references=facts.references,
        sender=facts.sender,
        reply_to=facts.people.get("reply-to", ()),
        to=facts.people.get("to", ()),
        cc=facts.people.get("cc", ()),
        subject=facts.subject,
        date=facts.date,
        text=text.text,
        digest=_digest(facts, text.text),
        size=mail.size or _size(mail),
        content_type=kind or "text/plain",
        report_type=clean_line(parameters.get("report-type", ""), 60).lower(),
        calendar_method=own_text.calendar_method(tree.leaves),
        attachments=_attachments(tree, text) + (winmail.attachments if winmail is not None else ()),
        enclosed=enclosed,
        reports=_reports(tree.leaves),
        received=facts.received,
        defects=tuple(dict.fromkeys(defects)),
        charset_step=text.step,
    )


def _structure(mail: RawMail) -> tuple[Sequence[header_block.Field], mime_tree.Tree]:
    """Return the header, cut once for all who read in it, and the leaves."""
    if mail.raw is not None:
        block, body = header_block.split_message(header_block.normalise_line_ends(mail.raw))
        fields = tuple(header_block.fields(block))
        return fields, mime_tree.leaves_of(fields, body)
    block, _ = header_block.split_message(mail.header)
    fields = tuple(header_block.fields(block))
    leaves = _own_leaves(mail.leaves)
    if not any(leaf.containers for leaf in leaves):
        leaves = containers.completed(leaves, mime_tree.kind_of(fields))
    return fields, mime_tree.Tree(leaves)


def _own_leaves(leaves: Sequence[Leaf]) -> list[Leaf]:
    """Drop leaves that a mailbox lists below an attached message: they are read with it."""
    inside = tuple(f"{leaf.section}." for leaf in leaves if leaf.content_type == "message/rfc822")
    kept = (
        [leaf for leaf in leaves[: limits.PARTS] if not leaf.section.startswith(inside)]
        if inside
        else list(leaves)
    )
    return kept[: limits.PARTS]


def _digest(facts: headers.HeaderFacts, text: str) -> str:
    """Hash what stays the same when one mail is delivered twice; blanks do not count."""
    pieces = [facts.raw.get(name, "") for name in ("from", "date", "subject")]
    pieces += [facts.message_id or "", text]
    joined = "\0".join(" ".join(piece.split()) for piece in pieces)
    return hashlib.sha256(joined.encode("utf-8", "surrogateescape")).hexdigest()


def _size(mail: RawMail) -> int:
    if mail.raw is not None:
        return len(mail.raw)
    return len(mail.header) + sum(leaf.size for leaf in mail.leaves)


def _attachments(tree: mime_tree.Tree, text: own_text.OwnText) -> tuple[Attachment, ...]:
    found = [
        _attachment(leaf, tree.opened.get(leaf.section, leaf.section))
        for leaf in tree.leaves
        if leaf.section not in text.used and _is_attachment(leaf)
    ]
    found += [
        Attachment(base_name(name), "application/octet-stream", size, inline=True)
        for name, size in text.files
    ]
    return tuple(found)


def _is_attachment(leaf: Leaf) -> bool:
    return leaf.content_type not in _NOT_ATTACHED


def _attachment(leaf: Leaf, section: str) -> Attachment:
    name = base_name(mime_fields.file_name(leaf.filename)) or f"part-{leaf.section}"
    return Attachment(
        name=name,
        content_type=clean_line(leaf.content_type, 100),
        size=decoded_size(leaf.size, leaf.encoding),
        section=section,
        inline=leaf.disposition == "inline" or (bool(leaf.content_id) and "related" in leaf.containers),
        encoding=leaf.encoding if section == leaf.section else "",
    )


def _reports(leaves: Sequence[Leaf]) -> tuple[DeliveryReport, ...]:
    found: list[DeliveryReport] = []
    for leaf in leaves:
        if (
            leaf.content_type.startswith("message/")
            and leaf.content_type.endswith("delivery-status")
            and leaf.body
        ):
            found += delivery_status.reports(decode_body(leaf.body, leaf.encoding, limits.REPORT_BYTES))
    return tuple(found[: limits.REPORTS])
