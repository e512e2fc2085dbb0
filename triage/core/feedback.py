"""What clients say about us: the answer to a survey, and a suggestion. Recognises them; decides nothing about a case.

A survey's answer proves itself: by the link's token in the subject, or because it answers the very mail that asked. It
never reopens a case. A suggestion is what was written to the site's address for them and to no other of ours; a wish
that reaches support is a case of severity 3 like any other.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from triage.core import actions, courtesy, signing
from triage.core.message import Message
from triage.core.model import Case, MessageClass
from triage.core.site import Site
from triage.core.understood import Reading

_MARK = re.compile(r"\W{0,3}([1-5])(?:\s*(?:/|de|of|out of)\s*5)?\W{0,3}")
# "5, muy rápidos": words behind a good mark are praise, unless they object; behind a bad one something may be amiss.
_PRAISE = re.compile(r"\W{0,3}([45])(?:\s*/\s*5)?\s*[,.;:!–—-]\s*[^\d?¿]{2,200}")
_LOOKED_AT = 5_000


@dataclass(frozen=True, slots=True)
class Answer:
    """`mark` from 1 to 5; `comment`: whether the client added words of his own."""

    mark: int
    comment: bool


def answer(site: Site, message: Message, reading: Reading, case: Case, at: datetime) -> Answer | None:
    """Return the answer that a client's mail gives to the survey about this case, None where it is none."""
    writer = reading.sender.address if reading.sender else ""
    if reading.message_class is not MessageClass.PERSON or writer != case.client.address:
        return None
    tapped = actions.tap(site, message.subject, writer, case.reference, at)
    by_link = tapped is not None and tapped.action == actions.SURVEY and bool(tapped.nonce)
    if not by_link and not _answers(site, message.in_reply_to, case):
        return None
    lines = [line for line in reading.new_text.strip().splitlines() if line.strip()]
    first = lines[0].strip() if lines else ""
    if bare := _MARK.fullmatch(first):
        return Answer(int(bare[1]), len(lines) > 1)
    praise = _PRAISE.fullmatch(first)
    if praise is None or courtesy.objects("\n".join(lines)[:_LOOKED_AT]):
        return None
    return Answer(int(praise[1]), comment=True)


def _answers(site: Site, in_reply_to: Iterable[str], case: Case) -> bool:
    """Say whether a mail answers the one that asked: its Message-ID follows from its key and its reader."""
    asked = signing.message_id(
        site.secret, site.domain, actions.survey_key(case), case.client.address, case.reference
    )
    return asked.lower() in {identity.lower() for identity in in_reply_to}


def is_suggestion(site: Site, message: Message, reading: Reading) -> bool:
    """Say whether a person's mail is a suggestion: to that address, and to no other of ours."""
    if site.suggestions is None or reading.message_class is not MessageClass.PERSON or not reading.is_case:
        return False
    recipients = {one.address for one in (*message.to, *message.cc)}
    return site.suggestions in recipients and not recipients & (site.own_addresses() - {site.suggestions})
