"""The tables, once, for SQLite and PostgreSQL; what `migrations/` replayed must equal (a test says so).

Instants are integers: microseconds since 1970 in UTC. They sort, compare and index alike on both databases and cost
a fraction of text; to read one by eye: `datetime(at / 1000000, 'unixepoch')` or `to_timestamp(at / 1e6)`.
JSON lies in text columns, because we never search inside it. A case lies whole in `cases.doc`; its other columns
repeat what lists, reports and sums look for, and are written from the same value in the same statement.

Foreign keys stand where a row means nothing without its case (participants, alarms). History, messages and the
outbox outlive a case that is erased, and are inserted in sets in any order.
"""

from typing import Any

import sqlalchemy as sa

# Literal text, in the index and in the query alike: SQLite uses a partial index only when the query repeats its
# condition word by word, and a bound parameter is no word.
OUTBOX_WAITING = sa.text("state IN ('queued', 'deferred')")
OUTBOX_FIRST = sa.text("kind IN ('acknowledgement', 'answer')")  # what clients wait for
OUTBOX_SENDING = sa.text("state = 'sending'")
ALARM_PENDING = sa.text("fired_at IS NULL")
NOT_SETTLED = sa.text("settled = 0")
AUTOMATIC = sa.text("person = 0")

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts a row up by itself only where the column is exactly INTEGER.
RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, default: str | None = None) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def _instant(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _flag(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.SmallInteger, nullable=False, server_default="0")


def _index(table: sa.Table, *columns: str, where: Any = None, label: str = "") -> None:
    name = f"ix_{table.name}_{label}{'_'.join(columns)}"
    chosen = [table.c[column] for column in columns]
    sa.Index(name, *chosen, sqlite_where=where, postgresql_where=where)


cases = sa.Table(
    "cases",
    metadata,
    sa.Column("reference", sa.Text, primary_key=True),
    _text("mailbox"),
    _text("state"),
    sa.Column("severity", sa.SmallInteger, nullable=False),
    _text("product"),
    _text("client"),
    _text("language"),
    sa.Column("assignee", sa.Text),
    sa.Column("area", sa.Text),
    sa.Column("cycle", sa.Integer, nullable=False),
    _instant("arrival"),
    _instant("deadline_at"),
    _instant("act_by"),
    _instant("acknowledged_at", nullable=True),
    _instant("attended_at", nullable=True),
    _instant("breached_at", nullable=True),
    _instant("ended_at", nullable=True),
    _text("doc"),
)
_index(cases, "arrival", "reference")
_index(cases, "state", "arrival", "reference")

case_participants = sa.Table(
    "case_participants",
    metadata,
    sa.Column(
        "reference",
        sa.Text,
        sa.ForeignKey("cases.reference", ondelete="CASCADE", deferrable=True, initially="DEFERRED"),
        primary_key=True,
    ),
    sa.Column("address", sa.Text, primary_key=True),
    _flag("is_open"),
    sqlite_with_rowid=False,
)
_index(case_participants, "address", "is_open")

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", RowId, primary_key=True),
    sa.Column("reference", sa.Text),
    sa.Column("message_id", sa.Text),
    _text("digest"),
    _text("direction"),
    _instant("at"),
    _text("mailbox"),
    _text("sender"),
    _text("recipients"),
    _text("message_class"),
    _text("subject"),
    _text("first_line"),
    _text("text"),
    _text("new_text"),
    _text("attachments"),
    _text("reading"),
    sa.Column("source", sa.LargeBinary),
)
_index(messages, "digest")
_index(messages, "message_id")
_index(messages, "reference", "direction")

events = sa.Table(
    "events",
    metadata,
    sa.Column("id", RowId, primary_key=True),
    _instant("at"),
    _text("event"),
    sa.Column("reference", sa.Text),
    _text("by"),
    _text("data"),
)
_index(events, "reference", "id")
_index(events, "event", "at")

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", RowId, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    _text("kind"),
    _text("recipient"),
    _text("message_id"),
    sa.Column("reference", sa.Text),
    _text("mailbox"),
    _text("state"),
    _flag("person"),
    _instant("created_at"),
    _instant("next_at"),
    _instant("expires_at", nullable=True),
    _instant("changed_at"),
    _instant("accepted_at", nullable=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("doubts", sa.Integer, nullable=False),
    _text("last_error"),
    sa.Column("lease", sa.Text),
    _instant("lease_until", nullable=True),
    _text("draft"),
    sa.Column("content", sa.LargeBinary),
)
_index(outbox, "next_at", "id", where=OUTBOX_WAITING)
_index(outbox, "next_at", "id", where=sa.and_(OUTBOX_WAITING, OUTBOX_FIRST), label="first_")
_index(outbox, "lease_until", where=OUTBOX_SENDING)
_index(outbox, "message_id")
_index(outbox, "reference", "created_at")
_index(outbox, "recipient", "created_at", where=AUTOMATIC)

alarms = sa.Table(
    "alarms",
    metadata,
    sa.Column("id", RowId, primary_key=True),
    sa.Column(
        "reference",
        sa.Text,
        sa.ForeignKey("cases.reference", ondelete="CASCADE", deferrable=True, initially="DEFERRED"),
        nullable=False,
    ),
    sa.Column("cycle", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    _text("step"),
    sa.Column("turn", sa.Integer, nullable=False),
    _instant("due_at"),
    _instant("fired_at", nullable=True),
    _text("data"),
    sa.UniqueConstraint("reference", "cycle", "version", "step", "turn"),
)
_index(alarms, "due_at", "id", where=ALARM_PENDING)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("mailbox", sa.Text, primary_key=True),
    sa.Column("uidvalidity", sa.BigInteger, primary_key=True),
    sa.Column("uid", sa.BigInteger, primary_key=True),
    _text("outcome"),
    _instant("at"),
    _text("reason"),
    sa.Column("reference", sa.Text),
    sa.Column("message_id", sa.Text),
    _text("digest"),
    _flag("settled"),
    sqlite_with_rowid=False,
)
# `settled` is the same in every entry of it: named, so that SQLite prefers it to the primary key.
_index(ledger, "settled", "mailbox", "uidvalidity", "uid", where=NOT_SETTLED)

cursors = sa.Table(
    "cursors",
    metadata,
    sa.Column("mailbox", sa.Text, primary_key=True),
    sa.Column("uidvalidity", sa.BigInteger, nullable=False),
    sa.Column("last_uid", sa.BigInteger, nullable=False),
)

strikes = sa.Table(
    "strikes",
    metadata,
    sa.Column("mailbox", sa.Text, primary_key=True),
    sa.Column("uidvalidity", sa.BigInteger, primary_key=True),
    sa.Column("uid", sa.BigInteger, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)

aside = sa.Table(
    "aside",
    metadata,
    sa.Column("id", RowId, primary_key=True),
    _instant("at"),
    _text("mailbox"),
    sa.Column("uidvalidity", sa.BigInteger, nullable=False),
    sa.Column("uid", sa.BigInteger, nullable=False),
    _text("why"),
    sa.Column("message_id", sa.Text),
    _text("sender"),
    _text("subject"),
    sa.Column("reference", sa.Text),
    sa.Column("raw", sa.LargeBinary, nullable=False),
)

counters = sa.Table(
    "counters",
    metadata,
    sa.Column("series", sa.Text, primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
)

notes = sa.Table(
    "notes",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    _text("value"),
)

tallies = sa.Table(
    "tallies",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("slot", sa.BigInteger, primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
_index(tallies, "slot")

nodes = sa.Table(
    "nodes",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    _text("about"),
    _instant("until"),
)
"""The daemons on this store. `until`: how long a node's last word holds by the database's clock; 0 on SQLite, where
the operating system tells who lives."""

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    _text("holder"),
    sa.Column("fence", sa.BigInteger, nullable=False),
    _instant("since"),
)
"""Which node reads a mailbox, "" for none; `fence` grows with every change, `since` is the database's time of it."""
