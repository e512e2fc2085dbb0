"""Which sections of a mail are worth fetching, and how much of each. Pure; called by `fetching`.

Text, enclosed messages, delivery reports, receipts, invitations and winmail.dat travel; other attachments stay on the
server and are streamed by section when somebody needs them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from triage.adapters.mailbox_imap.config import FetchLimits
from triage.core.message import Leaf

Wanted = tuple[tuple[str, int], ...]
"""Sections with the most octets to fetch of each."""

_ALWAYS = frozenset({
    "message/rfc822",
    "message/global",
    "message/delivery-status",
    "message/global-delivery-status",
    "message/disposition-notification",
    "message/global-disposition-notification",
    "message/feedback-report",
    "text/rfc822-headers",
    "text/calendar",
})  # fmt: skip
_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_SMALLEST_BOUND = 4_096
_UNDESCRIBED = 1024


def wanted(leaves: Sequence[Leaf], limits: FetchLimits) -> Wanted:
    """Return the sections to fetch, in order, until `limits.stored` octets are spoken for.

    The number is an upper bound that the server is asked to keep, because the size it tells may be wrong (pymap and
    Exchange); it is rounded up so that mails of like structure can share one command.
    """
    left = limits.stored
    found: list[tuple[str, int]] = []
    for leaf in _readable(leaves):
        most = left if is_tnef(leaf) else min(limits.part, left)
        if most <= 0:
            break
        bound = min(most, _rounded(leaf.size))
        found.append((leaf.section, bound))
        left -= min(bound, leaf.size)
    return tuple(found)


def _rounded(size: int) -> int:
    """Return a bound with room to spare: a size that is a little off must not cut a text."""
    bound = _SMALLEST_BOUND
    while bound < size * 5 // 4:
        bound *= 4
    return bound


def _readable(leaves: Sequence[Leaf]) -> list[Leaf]:
    always = [leaf for leaf in leaves if leaf.content_type in _ALWAYS or is_tnef(leaf)]
    texts = [leaf for leaf in leaves if leaf.content_type.startswith("text/") and leaf not in always]
    # a text sent as a file stays on the server, unless it is the only text there is
    shown = [leaf for leaf in texts if leaf.disposition != "attachment"] or texts
    chosen = {leaf.section for leaf in [*always, *shown]}
    return [leaf for leaf in leaves if leaf.section in chosen]


def is_tnef(leaf: Leaf) -> bool:
    """Say whether a part is Outlook's container, by type or by its well-known name."""
    return leaf.content_type in _TNEF or leaf.filename.lower() == "winmail.dat"


def grouped(plans: Mapping[int, Wanted], octets: int) -> Iterable[tuple[Wanted, list[int]]]:
    """Group UIDs that want the same sections into one command of at most about `octets` in the answer."""
    groups: dict[Wanted, list[int]] = defaultdict(list)
    for uid, plan in plans.items():
        if plan:
            groups[plan].append(uid)
    for plan, uids in groups.items():
        each = max(1, octets // sum(most for _, most in plan))
        for start in range(0, len(uids), each):
            yield plan, uids[start : start + each]


def with_bodies(leaves: Sequence[Leaf], plan: Wanted, bodies: Mapping[str, bytes]) -> tuple[Leaf, ...]:
    """Return the leaves with what was fetched of them.

    `truncated` where the bound was reached: the server's own size is not asked, for it may be wrong.
    """
    most = dict(plan)
    return tuple(
        replace(leaf, body=bodies[leaf.section], truncated=len(bodies[leaf.section]) >= most[leaf.section])
        if leaf.section in bodies
        else leaf
        for leaf in leaves
    )


def plausible(leaves: Sequence[Leaf], header_octets: int, size: int) -> bool:
    """Say whether a structure accounts for the mail: half of its body, beside boundaries and part headers.

    A multipart whose boundary never comes is described as one empty part, and its text would be lost.
    """
    described = sum(max(leaf.size, 0) for leaf in leaves)
    return described * 2 + _UNDESCRIBED * (len(leaves) + 1) >= size - header_octets
