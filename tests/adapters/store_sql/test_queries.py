"""The questions asked all the time go by their index on both databases, however much lies in the tables."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from tests.adapters.store_sql.samples import (
    NOW,
    a_case,
    a_mail,
    a_message,
    an_alarm,
    an_entry,
    an_event,
    minutes,
)
from triage.adapters.store_sql import engine as engines
from triage.adapters.store_sql.migrate import migrate
from triage.adapters.store_sql.transaction import SqlTransaction
from triage.core.model import MailState, State

CASES = 2_000
REF_7 = "NO-2026-000007"
FEW = "nodes"  # a row for each daemon: no index could be quicker
ALARMS_EACH = 50  # 100 000 alarms

HOT: list[tuple[str, str, Callable[[SqlTransaction], object]]] = [
    ("next alarm", "ix_alarms_due_at_id", lambda tx: tx.next_alarm_at()),
    ("due alarms", "ix_alarms_due_at_id", lambda tx: tx.due_alarms(NOW + minutes(1), 100)),
    ("next mail", "ix_outbox_next_at_id", lambda tx: tx.next_outbox_at()),
    ("claim", "ix_outbox_next_at_id", lambda tx: tx.claim_outbox(NOW, "l", NOW, 50)),
    ("claim for clients", "ix_outbox_first_next_at_id", lambda tx: tx.claim_outbox(NOW, "l", NOW, 50)),
    ("expired leases", "ix_outbox_lease_until", lambda tx: tx.expired_leases(NOW)),
    ("written to", "ix_outbox_recipient_created_at", lambda tx: tx.written_to(["c7@x"], NOW)),
    ("mails of a case", "ix_outbox_reference_created_at", lambda tx: tx.list_outbox(reference=REF_7)),
    ("open cases of", "ix_case_participants_address_is_open", lambda tx: tx.open_cases_of("c7@x")),
    ("cases of a state", "ix_cases_state_arrival_reference", lambda tx: tx.list_cases([State.NEW])),
    ("open cases", "ix_cases_state_arrival_reference", lambda tx: tx.list_cases([State.NEW, State.TAKEN])),
    ("cases of a week", "ix_cases_arrival_reference", lambda tx: tx.cases_between(NOW, NOW + minutes(1))),
    ("digest", "ix_messages_digest", lambda tx: tx.digests(["d7"])),
    ("message id", "ix_messages_message_id", lambda tx: tx.known_messages(["m7@tienda.example"])),
    ("our message id", "ix_outbox_message_id", lambda tx: tx.known_messages(["out7@netone.example"])),
    ("messages", "ix_messages_reference_direction", lambda tx: tx.messages(REF_7)),
    ("events", "ix_events_reference_id", lambda tx: tx.events(REF_7)),
    ("events since", "ix_events_event_at", lambda tx: tx.events_since(NOW + minutes(33), ["case.joined"])),
    ("unsettled", "ix_ledger_settled_mailbox_uidvalidity_uid", lambda tx: tx.unsettled("soporte", 11, 10)),
    ("ledger", "ledger", lambda tx: tx.ledger("soporte", 11, [7, 8])),
]


def fill(tx: SqlTransaction) -> None:
    numbers = range(1, CASES + 1)
    of = {n: f"NO-2026-{n:06}" for n in numbers}
    tx.save_cases(
        a_case(n, participants=(f"c{n}@x",), state=State.NEW if n % 100 == 0 else State.CLOSED)
        for n in numbers
    )
    tx.replace_all_alarms(
        {
            of[n]: [an_alarm(n * k, reference=of[n], turn=k) for k in range(1, ALARMS_EACH + 1)]
            for n in numbers
        }
    )
    tx.add_messages(a_message(n, reference=of[n]) for n in numbers)
    tx.add_events(an_event(n, reference=of[n]) for n in numbers)
    tx.add_outbox(
        a_mail(n, reference=of[n], to=f"c{n}@x", state=MailState.ACCEPTED, created_at=NOW + minutes(n))
        for n in numbers
    )
    tx.add_outbox([a_mail(0), a_mail(-1, state=MailState.SENDING)])
    tx.add_ledger(an_entry(n, settled=n > 3) for n in numbers)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request, tmp_path_factory) -> Iterator[sa.Engine]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('queries')}/triage.db"
    else:
        url = request.getfixturevalue("postgres").url()
    migrate(url)
    made = engines.writing_engine(engines.parse_url(url))
    with made.begin() as connection:
        fill(SqlTransaction(connection, writable=True))
    if request.param == "postgres":  # as autovacuum does; SQLite has no statistics, in production neither
        with made.begin() as connection:
            connection.exec_driver_sql("ANALYZE")
    yield made
    made.dispose()


@contextmanager
def recorded(engine: sa.Engine) -> Iterator[list[tuple[str, object]]]:
    seen: list[tuple[str, object]] = []

    def note(connection, cursor, statement, parameters, context, executemany) -> None:
        seen.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(("index", "question"), [hot[1:] for hot in HOT], ids=[hot[0] for hot in HOT])
def test_a_hot_question_is_answered_by_its_index(engine, index, question):
    with engine.connect() as connection:
        with recorded(engine) as seen:
            question(SqlTransaction(connection, writable=True))
        explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
        plans = []
        for statement, parameters in [s for s in seen if s[0].lstrip().startswith("SELECT")]:
            rows = connection.exec_driver_sql(explain + statement, parameters)
            plans.append("\n".join(str(row[-1]) for row in rows))
        connection.rollback()
    assert plans
    text = "\n".join(plans)
    assert index in text, text
    whole = "SCAN " if engine.dialect.name == "sqlite" else "Seq Scan on "
    read = [line.partition(whole)[2] for line in text.splitlines() if whole in line and "INDEX" not in line]
    assert [table for table in read if not table.startswith(FEW)] == [], text
