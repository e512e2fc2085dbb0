"""Delivery reports: which mail of ours one is about, and who hears that it did not arrive.

Called by `ways`, with the batch's book.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from triage.app.batch_book import BatchBook
from triage.app.outcomes import in_place, lost_to, went
from triage.core import absences, lifecycle, loopguard
from triage.core.events import ClientNotReached, EventName
from triage.core.marks import Bounce
from triage.core.message import Message
from triage.core.model import MailState
from triage.core.records import Event, OutboxRow


def reported(book: BatchBook, message: Message, bounce: Bounce) -> OutboxRow | None:
    """Return the mail of ours that came back, its case loaded: by our signed id, else by its return path."""
    mails: Sequence[OutboxRow] = ()
    if bounce.original_message_id:
        mails = book.tx.list_outbox(message_ids=[bounce.original_message_id])
    if not mails and (row := loopguard.returned_row(message, book.desk.site)) is not None:
        mails = list(book.tx.outbox([row]).values())
    mail = next((m for m in mails if m.to in bounce.recipients), mails[0] if mails else None)
    if mail is not None and mail.reference:
        book.load({mail.reference})
    return mail


def not_delivered(book: BatchBook, at: datetime, mail: OutboxRow, bounce: Bounce) -> None:
    """Tell the case, and our own list of people, whom a mail did not reach."""
    why = " ".join(f"{bounce.status} {bounce.diagnostic}".split())
    book.tx.set_outbox_state([mail.id], MailState.BOUNCED, at, why)
    lost = replace(mail, state=MailState.BOUNCED, last_error=why)
    if book.desk.site.agent(mail.to) is not None:
        book.silent(at, mail.to, book.now + absences.BOUNCED_FOR, bounce.status)
    case = book.cases.get(mail.reference or "")
    if case is None:
        _of_no_single_case(book, at, lost)
        return
    book.keep(lifecycle.decide(book.desk, case, went(book.tx, lost, at), book.now))
    if mail.to in {case.client.address, *case.participants}:
        happening = ClientNotReached(at, mail.to, bounce.status, bounce.diagnostic)
        book.keep(lifecycle.decide(book.desk, book.cases[case.reference], happening, book.now))


def _of_no_single_case(book: BatchBook, at: datetime, lost: OutboxRow) -> None:
    """Tell the history, and others of each case that a lost mail about several was to remind of."""
    data = {"kind": lost.kind.value, "to": lost.to, "message_id": lost.message_id, "error": lost.last_error}
    book.happened(Event(at, EventName.MAIL_BOUNCED, lost.reference, data=data))
    book.load(set(lost_to(lost)))
    for decision in in_place(book.tx, book.desk, book.cases, lost, at):
        book.keep(decision)
