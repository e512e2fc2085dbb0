"""A case without its people: what remains for the statistics when a client is forgotten or a case has grown old.

What stays says when, how grave, by which rule and how well; nothing says who, or in whose words. Called by
`app.personal` only; what lies outside of the case (messages, mails, history) is dropped there.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from triage.core.model import Address, Case, State
from triage.core.records import Data, Event

ERASED = "erased"
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
        state=case.state if ended else State.CLOSED,
        ended_at=case.ended_at or now,
        ended_why=case.ended_why if ended else ERASED,
    )


def without_participant(case: Case, address: str) -> Case:
    """Return somebody else's case without one who only took part in it."""
    return replace(
        case,
        participants=tuple(one for one in case.participants if one != address),
        writers=tuple(one for one in case.writers if one != address),
        unreachable=None if case.unreachable and case.unreachable.address == address else case.unreachable,
        undo=None,
    )


def as_figure(event: Event, agents: frozenset[str]) -> Event:
    """Return an event of an erased case: when and what; who only where it was one of ours."""
    return replace(event, by=event.by if _is_ours(event.by, agents) else ERASED, data=_figures(event.data))


def without_address(event: Event, address: str) -> Event:
    """Return an event of another case in which an address is named."""
    by = ERASED if event.by == address else event.by
    return replace(event, by=by, data=_scrubbed(event.data, address))


def _is_ours(by: str, agents: frozenset[str]) -> bool:
    return by == "triage" or by.startswith("cli:") or by in agents


def _figures(data: Data) -> Mapping[str, object]:
    return {key: value for key, value in data.items() if key in _STATISTICS}


def _scrubbed(data: Data, address: str) -> Mapping[str, object]:
    named = {key for key, value in data.items() if address in str(value).lower()}
    # The words beside a name are the person's too: subject and first line of a message that was passed over.
    words = {"subject", "first_line", "comment", "text"} if named else set()
    return {key: value for key, value in data.items() if key not in named | words}
