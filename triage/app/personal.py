"""What is held of one person: handed out, and forgotten; and cases that have grown old, forgotten by themselves.

`export` and `erase` serve a person's rights, `grow_old` the site's own terms. What stays after erasing are figures:
when a case came, how grave it was, which rule said so, whether the promise was kept. Backups and the mailbox on the
server are not reached from here; the command says so.
"""

import base64
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from triage.app import showing
from triage.core.lifecycle import erasing
from triage.core.model import Case
from triage.core.person import Person
from triage.core.records import AsideRow, OutboxRow, StoredMessage
from triage.ports import Store, Transaction

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Erased:
    """`cases` became figures, `others` lost a participant, `pieces` of text outside of them were dropped.

    `wiped`: the store's files hold nothing of it either.
    """

    cases: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    pieces: int = 0
    wiped: bool = True


def export(tx: Transaction, address: str, now: datetime) -> dict[str, Any]:
    """Return all that is held of an address as one JSON object, texts whole."""
    cases = tx.cases_with(address)
    own = [case for case in cases if case.client.address == address]
    messages = [message for case in own for message in tx.messages(case.reference)]
    known = {(message.digest, message.reference) for message in messages}
    messages += [m for m in tx.messages_from(address) if (m.digest, m.reference) not in known]
    mails = {row.id: row for case in own for row in tx.list_outbox(reference=case.reference)}
    mails |= {row.id: row for row in tx.outbox_to(address)}
    events = dict(tx.events_of([case.reference for case in own])) | dict(tx.events_naming(Person(address)))
    return {
        "address": address,
        "at": showing.iso(now),
        "cases": [_case(tx, case) for case in own],
        "takes_part_in": [case.reference for case in cases if case.client.address != address],
        "messages": [_message(message) for message in messages],
        "mails": [_mail(row) for _, row in sorted(mails.items())],
        "events": [showing.event_json(event) for _, event in sorted(events.items())],
        "set_aside": [_aside(row) for row in tx.list_aside() if row.sender == address],
    }


def erase(tx: Transaction, address: str, agents: frozenset[str], now: datetime) -> Erased:
    """Forget an address in one transaction: its cases become figures, what it wrote elsewhere is dropped."""
    wrote = tx.messages_from(address)
    who = Person(address, frozenset(message.message_id for message in wrote if message.message_id))
    cases = _held(tx, tx.cases_naming(who))
    own = [case for case in cases if case.client.address == address]
    forget_cases(tx, own, agents, now)
    others = [case for case in cases if case.client.address != address]
    tx.save_cases([erasing.without_participant(case, who) for case in others])
    tx.rewrite_events(
        {number: erasing.without_address(event, who) for number, event in tx.events_naming(who)}
    )
    pieces = tx.drop_person(who)
    return Erased(tuple(c.reference for c in own), tuple(c.reference for c in others), pieces)


def _held(tx: Transaction, found: Iterable[Case]) -> list[Case]:
    """Lock cases that a search found, which may take long, and return them as others have left them meanwhile."""
    return list(tx.cases([case.reference for case in found], lock=True).values())


def forget_cases(tx: Transaction, cases: Sequence[Case], agents: frozenset[str], now: datetime) -> None:
    """Make figures of cases, with their history; their messages and mails are dropped, waiting ones too."""
    references = [case.reference for case in cases]
    figures = [erasing.without_people(case, now) for case in cases]
    tx.save_cases(figures)
    for reference in references:
        tx.replace_alarms(reference, ())
    tx.rewrite_events(
        {number: erasing.as_figure(event, agents) for number, event in tx.events_of(references)}
    )
    tx.drop_contents(references)
    tx.drop_mails_naming(references)


# -- by age --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Terms:
    """How long contents are kept, None for ever: of ended cases since their end, of mail that opened none, of loose mails."""

    ended: timedelta | None = None
    ignored: timedelta | None = None
    mails: timedelta | None = None


async def grow_old(store: Store, terms: Terms, agents: Iterable[str], now: datetime) -> dict[str, int]:
    """Forget what is older than its term, in small transactions; returns how many of each were."""
    ours, counts = frozenset(agents), {"cases": 0, "messages": 0, "mails": 0}
    if terms.ended is not None:
        before, after = now - terms.ended, ""
        while cases := await store.write(
            partial(_forget_some, before=before, after=after, agents=ours, now=now)
        ):
            counts["cases"] += len(cases)
            after = cases[-1].reference
    if terms.ignored is not None:
        old = now - terms.ignored
        counts["messages"] = await _all(store, lambda tx: tx.drop_messages_without_case(old, _AT_ONCE))
        await _all(store, lambda tx: tx.drop_ignored_senders(old, _AT_ONCE))
    if terms.mails is not None:
        older = now - terms.mails
        counts["mails"] = await _all(store, lambda tx: tx.drop_loose_mails(older, _AT_ONCE))
    return counts


async def _all(store: Store, some: Callable[[Transaction], int]) -> int:
    """Repeat a small transaction until nothing is left for it: whoever has mail to commit gets in between."""
    total = 0
    while count := await store.write(some):
        total += count
    return total


def _forget_some(
    tx: Transaction, before: datetime, after: str, agents: frozenset[str], now: datetime
) -> Sequence[Case]:
    found = tx.ended_before(before, _AT_ONCE, after)
    still = [case for case in _held(tx, found) if case.ended_at is not None and case.ended_at < before]
    forget_cases(tx, still, agents, now)
    return found


# -- as JSON -------------------------------------------------------------------------------------------------------


def _case(tx: Transaction, case: Case) -> dict[str, Any]:
    return {**showing.show(tx, case), "client_name": case.client.name, "excerpt": case.excerpt}


def _message(message: StoredMessage) -> dict[str, Any]:
    return {
        "at": showing.iso(message.at),
        "case": message.reference,
        "direction": message.direction,
        "from": message.sender,
        "to": list(message.recipients),
        "subject": message.subject,
        "text": message.text,
        "message_id": message.message_id,
        "attachments": [dict(one) for one in message.attachments],
        "source": base64.b64encode(message.source).decode(),
    }


def _mail(row: OutboxRow) -> dict[str, Any]:
    return {
        "at": showing.iso(row.accepted_at or row.created_at),
        "case": row.reference,
        "kind": row.kind,
        "to": row.to,
        "state": row.state,
        "message_id": row.message_id,
        "content": base64.b64encode(row.content).decode() if row.content else None,
    }


def _aside(row: AsideRow) -> dict[str, Any]:
    return {
        "at": showing.iso(row.at),
        "why": row.why,
        "subject": row.subject,
        "raw": base64.b64encode(row.raw).decode(),
    }
