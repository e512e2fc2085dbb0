"""Cases as the interface shows them (section 6): plain data for `cases list/show`, the same for people and scripts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from triage.core.model import Case
from triage.core.records import Event, OutboxRow, StoredMessage
from triage.ports import Transaction


def rows(tx: Transaction, states: Iterable[str] | None, *, full: bool = False) -> list[dict[str, Any]]:
    """Return the cases, newest first, in the form of `cases list --json`."""
    cases = tx.list_cases(states)
    counts = tx.count_messages([case.reference for case in cases])
    return [show(tx, case) if full else row(case, counts.get(case.reference, 0)) for case in cases]


def row(case: Case, messages: int) -> dict[str, Any]:
    deadline = case.deadline
    return {
        "reference": case.reference,
        "state": case.state,
        "severity": int(case.severity),
        "product": case.product,
        "subject": case.subject,
        "client": case.client.address,
        "language": case.language,
        "arrival": iso(case.arrival),
        "column": deadline.column,
        "kind": deadline.kind,
        "deadline": iso(deadline.at),
        "act_by": iso(deadline.act_by),
        "attended_at": iso(case.attended_at),
        "breached_at": iso(case.breached_at),
        "assignee": case.assignee,
        "area": case.area,
        "planned_date": case.planned_date.isoformat() if case.planned_date else None,
        "messages": messages,
        "acknowledged_at": iso(case.acknowledged_at),
        "cycle": case.cycle,
        "unreachable": {
            "address": case.unreachable.address,
            "status": case.unreachable.status,
            "at": iso(case.unreachable.at),
        }
        if case.unreachable
        else None,
        "rule": case.classification.rule,
        "related": list(case.related),
        "merged_into": case.merged_into,
        "ended_why": case.ended_why,
    }


def show(tx: Transaction, case: Case) -> dict[str, Any]:
    """Return one case with its messages, history, deadlines and mails."""
    messages = tx.messages(case.reference)
    mails = tx.list_outbox(reference=case.reference)
    incoming = sum(message.direction == "in" for message in messages)
    return {
        **row(case, incoming),
        "classification": {
            "rule": case.classification.rule,
            "words": [evidence.text for evidence in case.classification.evidence],
            "rules_hash": case.classification.rules_hash,
        },
        "messages": _messages(case, messages, mails),
        "events": [event_json(event) for event in tx.events(case.reference)],
        "deadlines": [
            {
                "version": deadline.version,
                "deadline": iso(deadline.at),
                "told_at": iso(deadline.told_at),
                "derivation": list(deadline.derivation),
            }
            for deadline in (*case.earlier, case.deadline)
        ],
        "mails": [
            {
                "kind": mail.kind,
                "to": mail.to,
                "state": mail.state,
                "message_id": mail.message_id,
                "at": iso(mail.accepted_at or mail.created_at),
            }
            for mail in mails
        ],
    }


def _messages(
    case: Case, messages: Sequence[StoredMessage], mails: Sequence[OutboxRow]
) -> list[dict[str, Any]]:
    """Return the opening message first, then by time; our mails to people of the case are messages going out."""
    told = [
        {
            "at": iso(message.at),
            "from": message.sender,
            "direction": message.direction,
            "message_id": message.message_id,
            "first_line": message.first_line,
            "class": message.message_class,
        }
        for message in messages
    ]
    people = {case.client.address, *case.participants}
    told += [
        {
            "at": iso(mail.accepted_at or mail.created_at),
            "from": str(mail.draft.get("sender_name", "")),
            "direction": "out",
            "message_id": mail.message_id,
            "first_line": "",
            "class": str(mail.kind),
        }
        for mail in mails
        if mail.to in people
    ]
    return sorted(
        told,
        key=lambda one: (one["message_id"] != case.message_id or one["direction"] == "out", one["at"] or ""),
    )


def event_json(event: Event) -> dict[str, Any]:
    data: Mapping[str, Any] = event.data
    return {"at": iso(event.at), "event": event.event, "case": event.reference, "by": event.by, **data}


def iso(instant: datetime | None) -> str | None:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ") if instant else None
