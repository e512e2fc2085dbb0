"""A case without its people: what remains for the statistics when a client is forgotten or a case has grown old.

What stays says when, how grave, by which rule and how well; nothing says who, or in whose words. Called by
`app.personal` only; what lies outside of the case (messages, mails, history) is dropped there.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from triage.core.model import Address, Case, State
from triage.core.person import ERASED, Person
from triage.core.records import Data, Event

_WORDS = frozenset(("subject", "first_line", "comment", "text", "message_id", "digest"))
_STATISTICS = frozenset(
    (
        "severity",
        "rule",
        "product",
        "column",
        "kind",
        "deadline",
        "was",
        "step",
        "turn",
        "cycle",
        "status",
        "state",
        "class",
        "mark",
        "arrival",
        "language",
        "action",
        "version",
    )
)


def without_people(case: Case, now: datetime) -> Case:
    """Return the case as a figure; one that still ran ends here, because nobody is left to be answered."""
    ended = not case.open
    return replace(
        case,
        subject="",
        client=Address(""),
        participants=(),
        writers=(),
        excerpt="",
        attachments=(),
        source=None,
        message_id=None,
        last_client_id=None,
        references=(),
        classification=replace(case.classification, evidence=(), losers=()),
        unreachable=None,
        answered=None,
        undo=None,
        spent=(),
        monitored="",
        state=case.state if ended else State.CLOSED,
        ended_at=case.ended_at or now,
        ended_why=case.ended_why if ended else ERASED,
    )


def without_participant(case: Case, who: Person) -> Case:
    """Return somebody else's case without one who only took part in it, or was named in it."""
    gone = case.unreachable is not None and case.unreachable.address == who.address
    answered = case.answered
    return replace(
        case,
        subject=who.taken_out_of(case.subject),
        excerpt=who.taken_out_of(case.excerpt),
        participants=tuple(one for one in case.participants if one != who.address),
        writers=tuple(one for one in case.writers if one != who.address),
        references=tuple(one for one in case.references if one not in who.message_ids),
        last_client_id=None if case.last_client_id in who.message_ids else case.last_client_id,
        answered=answered and replace(answered, text=who.taken_out_of(answered.text)),
        unreachable=None if gone else case.unreachable,
        undo=None,
    )


def as_figure(event: Event, agents: frozenset[str]) -> Event:
    """Return an event of an erased case: when and what; who only where it was one of ours."""
    return replace(event, by=event.by if _is_ours(event.by, agents) else ERASED, data=_figures(event.data))


def without_address(event: Event, who: Person) -> Event:
    """Return an event of another case in which an address is named."""
    wrote = event.by == who.address
    return replace(event, by=ERASED if wrote else event.by, data=_scrubbed(event.data, who, wrote=wrote))


def _is_ours(by: str, agents: frozenset[str]) -> bool:
    return by == "triage" or by.startswith("cli:") or by in agents


def _figures(data: Data) -> Mapping[str, object]:
    return {key: value for key, value in data.items() if key in _STATISTICS}


def _scrubbed(data: Data, who: Person, *, wrote: bool) -> Mapping[str, object]:
    named = {key for key, value in data.items() if who.is_in(str(value)) or str(value) in who.message_ids}
    # The words beside a name are the person's too: subject and first line of a message that was passed over.
    words = _WORDS if named or wrote else frozenset[str]()
    return {key: value for key, value in data.items() if key not in named | words}
