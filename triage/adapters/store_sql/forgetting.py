"""Forgetting one person, table by table: what lies outside of cases and their history.

Own words are dropped; words of others on their own cases stay without the address. Slow, and seldom: whole tables are
read. Called through `app.personal`.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from triage.adapters.store_sql.codec import compress, decompress, from_json, storable, to_json
from triage.adapters.store_sql.people import may_name
from triage.adapters.store_sql.schema import aside, ledger, messages, outbox
from triage.adapters.store_sql.session import Session, chunks
from triage.core.model import MailState
from triage.core.person import ERASED, Person

_OVER = (MailState.ACCEPTED.value, MailState.BOUNCED.value, MailState.REFUSED.value, MailState.DROPPED.value)
_TEXTS = (messages.c.sender, messages.c.subject, messages.c.first_line, messages.c.text, messages.c.new_text)
_JSONS = (messages.c.recipients, messages.c.attachments, messages.c.reading)


class ForgettingPart(Session):
    def drop_person(self, who: Person) -> int:
        address = storable(who.address)
        written = sa.select(messages.c.digest).where(messages.c.sender == address)
        digests = list(self._execute(written).scalars())
        gone = self._execute(messages.delete().where(messages.c.sender == address)).rowcount
        gone += self._drop_messages_of_no_case(who)
        gone += self._execute(outbox.delete().where(outbox.c.recipient == address)).rowcount
        gone += self._drop_mails_of_no_case(who)
        gone += self._drop_aside(who)
        self._take_out_of_messages(who)
        self._take_out_of_mails(who)
        self._take_out_of_ledger(who, digests)
        return gone

    # -- dropped ---------------------------------------------------------------------------------------------------------

    def _drop_messages_of_no_case(self, who: Person) -> int:
        """Bounces, machines' mails and the like that quote somebody."""
        query = sa.select(messages).where(messages.c.reference.is_(None))
        return self._drop_rows(messages, [row.id for row in self._execute(query) if _in_message(row, who)])

    def _drop_mails_of_no_case(self, who: Person) -> int:
        """Digests and alarms, waiting ones too: the next one is written without."""
        named = may_name(who, outbox.c.draft, outbox.c.last_error)
        query = sa.select(outbox.c.id, outbox.c.draft, outbox.c.last_error).where(
            outbox.c.reference.is_(None), named
        )
        found = [row.id for row in self._execute(query) if who.is_in(row.draft) or who.is_in(row.last_error)]
        return self._drop_rows(outbox, found)

    def _drop_aside(self, who: Person) -> int:
        found = [row.id for row in self._execute(sa.select(aside)) if _in_aside(row, who)]
        return self._drop_rows(aside, found)

    def _drop_rows(self, table: sa.Table, ids: Sequence[int]) -> int:
        for part in chunks(ids):
            self._execute(table.delete().where(table.c.id.in_(part)))
        return len(ids)

    # -- taken out of what stays -----------------------------------------------------------------------------------------

    def _take_out_of_messages(self, who: Person) -> None:
        query = sa.select(messages).where(may_name(who, *_TEXTS, *_JSONS))
        for row in self._execute(query).all():
            texts = {column.name: who.taken_out_of(getattr(row, column.name)) for column in _TEXTS}
            jsons = {
                column.name: to_json(who.taken_out_of_value(from_json(getattr(row, column.name))))
                for column in _JSONS
            }
            source = _without(decompress(row.source), who)
            change = messages.update().where(messages.c.id == row.id)
            self._execute(change.values(**texts, **jsons, source=compress(source)))

    def _take_out_of_mails(self, who: Person) -> None:
        """A mail that went, or never will, keeps what became of it, and no word; one that waits is rendered anew."""
        # A notice of a message is named after its Message-ID, and mail to others in the conversation refers to it.
        ids = sorted(who.message_ids)
        after = [outbox.c.key.contains(one, autoescape=True) for one in ids]
        after += [outbox.c.draft.contains(to_json(one), autoescape=True) for one in ids]
        named = [may_name(who, outbox.c.draft, outbox.c.last_error)]
        for part in chunks([*named, *after]):
            for row in self._execute(sa.select(outbox).where(sa.or_(*part))).all():
                self._execute(outbox.update().where(outbox.c.id == row.id).values(**_mail_without(row, who)))

    def _take_out_of_ledger(self, who: Person, digests: Sequence[str]) -> None:
        """The outcome of a UID stays, or the message would be taken in again."""
        for part in chunks(digests):
            self._execute(ledger.update().where(ledger.c.digest.in_(part)).values(message_id=None))
        for part in chunks(who.message_ids):
            self._execute(ledger.update().where(ledger.c.message_id.in_(part)).values(message_id=None))
        for row in self._execute(sa.select(ledger).where(may_name(who, ledger.c.reason))).all():
            same = (
                ledger.c.mailbox == row.mailbox,
                ledger.c.uidvalidity == row.uidvalidity,
                ledger.c.uid == row.uid,
            )
            self._execute(ledger.update().where(*same).values(reason=who.taken_out_of(row.reason)))


def _in_message(row: sa.Row[Any], who: Person) -> bool:
    return any(who.is_in(getattr(row, column.name)) for column in (*_TEXTS, *_JSONS)) or who.is_in(
        decompress(row.source).decode(errors="replace")
    )


def _in_aside(row: sa.Row[Any], who: Person) -> bool:
    return row.sender == who.address or who.is_in(row.subject) or who.is_in(row.raw.decode(errors="replace"))


def _mail_without(row: sa.Row[Any], who: Person) -> dict[str, Any]:
    draft = from_json(row.draft)
    left = {"template": draft.get("template", "")} if row.state in _OVER else who.taken_out_of_draft(draft)
    after = any(one in row.key for one in who.message_ids)
    return {
        "key": f"{ERASED}/{row.id}" if after else row.key,
        "draft": to_json(left),
        "last_error": who.taken_out_of(row.last_error),
        "content": None,
    }


def _without(source: bytes, who: Person) -> bytes:
    """Return a mail's bytes without an address; latin-1 gives every byte back as it was."""
    return who.taken_out_of(source.decode("latin-1")).encode("latin-1")
