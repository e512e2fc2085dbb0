"""What an admin may do with the outbox: look at it, have a mail tried again, give one up.

A retry is a fresh start: no tries, no doubts, a new expiry, and the governor does not ask again what a person decided.
The bytes and the Message-ID stay. A mail on its way belongs to its worker and is left alone. Called by `cli.outbox`.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from triage.app.showing import iso
from triage.core.events import EventName
from triage.core.model import MailKind, MailState
from triage.core.records import Event, OutboxRow
from triage.ports import Transaction

UNFINISHED = (
    MailState.QUEUED,
    MailState.SENDING,
    MailState.DEFERRED,
    MailState.UNCERTAIN,
    MailState.BOUNCED,
    MailState.FAILED,
    MailState.REFUSED,
)
"""Waiting or failed: what `outbox list` shows unless asked for other states."""

_ON_ITS_WAY = "it is on its way just now; ask again in a minute"
_NO_RETRY = {
    MailState.SENDING: _ON_ITS_WAY,
    MailState.ACCEPTED: "the relay has taken it; a second one would be a repeat",
}
_NO_DROP = {
    MailState.SENDING: _ON_ITS_WAY,
    MailState.ACCEPTED: "the relay has taken it; it cannot be called back",
    MailState.BOUNCED: "it has come back already",
    MailState.DROPPED: "it is dropped already",
}

Done = Mapping[int, str]
"""Why nothing was done with a mail, by id; empty: it was done."""


def rows(tx: Transaction, states: Iterable[str]) -> list[dict[str, Any]]:
    """Return mails in the form of `outbox list --json`, the oldest first."""
    return [row(mail) for mail in tx.list_outbox(states=states)]


def row(mail: OutboxRow) -> dict[str, Any]:
    waits = mail.state in {MailState.QUEUED, MailState.DEFERRED}
    return {
        "id": mail.id,
        "case": mail.reference,
        "kind": mail.kind.value,
        "to": mail.to,
        "state": mail.state.value,
        "message_id": mail.message_id,
        "attempts": mail.attempts,
        "next_at": iso(mail.next_at) if waits else None,
        "last_error": mail.last_error or None,
    }


def retry(
    tx: Transaction, ids: Iterable[int], now: datetime, by: str, ages: Mapping[MailKind, timedelta]
) -> Done:
    """Have mails tried anew from now on; `ages`: how long each kind is tried."""
    chosen, done = _chosen(tx, ids, _NO_RETRY)
    tx.requeue_outbox({mail.id: now + ages[mail.kind] for mail in chosen}, now, by)
    _write_down(tx, chosen, EventName.MAIL_RETRIED, now, by, lambda mail: {"was": mail.state.value})
    return done


def drop(tx: Transaction, ids: Iterable[int], why: str, now: datetime, by: str) -> Done:
    """Give mails up: they are never sent, unless retried."""
    chosen, done = _chosen(tx, ids, _NO_DROP)
    tx.set_outbox_state([mail.id for mail in chosen], MailState.DROPPED, now, f"dropped by {by}: {why}")
    _write_down(tx, chosen, EventName.MAIL_DROPPED, now, by, lambda _: {"why": why})
    return done


def _chosen(
    tx: Transaction, ids: Iterable[int], refusals: Mapping[MailState, str]
) -> tuple[list[OutboxRow], dict[int, str]]:
    wanted = list(dict.fromkeys(ids))
    found = tx.outbox(wanted, lock=True)
    done = {one: refusals.get(found[one].state, "") if one in found else "no such mail" for one in wanted}
    return [found[one] for one in wanted if not done[one]], done


def _write_down(
    tx: Transaction,
    mails: Iterable[OutboxRow],
    name: EventName,
    now: datetime,
    by: str,
    more: Callable[[OutboxRow], Mapping[str, str]],
) -> None:
    """Add to the history of the cases, so that a mail's way can be told a year later."""
    tx.add_events(
        Event(
            now,
            name.value,
            mail.reference,
            by,
            {"kind": mail.kind.value, "to": mail.to, "message_id": mail.message_id, **more(mail)},
        )
        for mail in mails
    )
