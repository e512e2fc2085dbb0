"""Rows for the store's tests: small ones by default, and one of each with every field filled."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

from triage.core.model import (
    Address,
    Answered,
    Case,
    Classification,
    ClientFile,
    Column,
    Deadline,
    Evidence,
    Kind,
    Language,
    Loser,
    MailKind,
    MailState,
    Severity,
    Source,
    Span,
    State,
    Undoable,
    Unreachable,
)
from triage.core.records import AlarmRow, AsideRow, Event, LedgerEntry, OutboxRow, StoredMessage

NOW = datetime(2026, 11, 20, 12, 30, 15, 123456, tzinfo=UTC)
ANA = "ana@tienda.example"


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def a_deadline(**values: Any) -> Deadline:
    plain = {"version": 1, "at": NOW + minutes(120), "act_by": NOW + minutes(110), "base": NOW}
    return Deadline(**{"column": Column.IN_HOURS, "kind": Kind.MAXIMUM, **plain, **values})


def a_case(number: int = 1, **values: Any) -> Case:
    plain = {
        "reference": f"NO-2026-{number:06}",
        "mailbox": "soporte",
        "subject": "La tienda no carga",
        "client": Address(ANA, "Ana"),
        "language": Language.ES,
        "arrival": NOW + timedelta(seconds=number),
        "severity": Severity.HIGH,
        "classification": Classification(Severity.HIGH, "site-down"),
        "deadline": a_deadline(),
        "cycle_start": NOW,
    }
    return Case(**{**plain, **values})


def a_whole_case() -> Case:
    """Return a case in which no field has its default."""
    classification = Classification(
        severity=Severity.MEDIUM,
        rule="images",
        product="tornadostore",
        tags=("imágenes", "ñ"),
        area="desarrollo",
        wiki="fotos",
        ask=("steps",),
        acknowledge=False,
        evidence=(Evidence("fault", "no carga", "text", 3, 11),),
        losers=(Loser("wish", 3, "graver wins"),),
        rules_hash="abc",
    )
    return a_case(
        7,
        classification=classification,
        deadline=a_deadline(
            version=2,
            kind=Kind.FROM,
            derivation=("a", "b"),
            calendar_hash="c",
            told_at=NOW,
            severity=Severity.LOW,
        ),
        state=State.ATTENDED,
        cycle=3,
        participants=("beto@tienda.example", ANA),
        flags=("vip",),
        excerpt='Línea con "comillas" y 🙂',
        message_id="m7@tienda.example",
        last_client_id="m8@tienda.example",
        references=("m1@x", "m2@x"),
        earlier=(a_deadline(), a_deadline(column=Column.OUT_OF_HOURS)),
        pauses=(Span(NOW, NOW + minutes(5)), Span(NOW + minutes(9))),
        assignee="lucia@netone.example",
        area="desarrollo",
        planned_date=date(2027, 1, 31),
        planned_kind="quote",
        opened_at=NOW,
        acknowledged_at=NOW + minutes(1),
        attended_at=NOW + minutes(2),
        breached_at=NOW + minutes(3),
        escalated_at=NOW + minutes(4),
        told_client_at=NOW + minutes(5),
        snoozed_until=NOW + minutes(6),
        ended_at=NOW + minutes(7),
        ended_why="spam",
        merged_into="NO-2026-000001",
        related=("NO-2026-000002",),
        unreachable=Unreachable(ANA, "5.1.1", NOW),
        correction=Severity.LOW,
        told_version=2,
        authenticated=True,
        writers=(ANA,),
        attachments=("pantalla.png",),
        answered=Answered("lucia@netone.example", NOW, "Ya está"),
        spent=("abcdefghi",),
        monitored="nagios@netone.example web01 http",
        source=Source(
            "soporte",
            7,
            41,
            9_000,
            "m1@tienda.example",
            (ClientFile("error.png", "image/png", 8_000, "2", "base64"),),
        ),
        recovered_at=NOW,
        undo=Undoable("close", "lucia@netone.example", NOW, a_case(7), State.CLOSED, 2, 3, ("k",)),
    )


def a_message(number: int = 1, **values: Any) -> StoredMessage:
    plain = {
        "digest": f"d{number}",
        "at": NOW + timedelta(seconds=number),
        "direction": "in",
        "sender": ANA,
        "subject": "La tienda no carga",
        "first_line": "Hola",
        "text": "Hola\nno carga",
        "new_text": "no carga",
        "reference": "NO-2026-000001",
        "message_id": f"m{number}@tienda.example",
    }
    return StoredMessage(**{**plain, **values})


def a_whole_message() -> StoredMessage:
    return a_message(
        9,
        mailbox="soporte",
        message_class="auto_reply",
        recipients=("soporte@netone.example", "otro@netone.example"),
        attachments=({"name": "ñ.png", "size": 12, "inline": True, "section": None},),
        reading={"signals": [{"name": "x", "strength": "weak"}], "score": 1.5, "nothing": None},
        source=bytes(range(256)) * 40,
    )


def a_mail(number: int = 1, **values: Any) -> OutboxRow:
    plain = {
        "key": f"acknowledgement/{number}",
        "kind": MailKind.ACKNOWLEDGEMENT,
        "to": ANA,
        "message_id": f"out{number}@netone.example",
        "draft": {"template": "acknowledgement"},
        "created_at": NOW,
        "next_at": NOW,
    }
    return OutboxRow(**{**plain, **values})


def a_whole_mail() -> OutboxRow:
    """Return a row in which no field has its default but `id` and `lease`, which are the store's."""
    return a_mail(
        5,
        draft={"variables": {"nombre": "Ñandú", "list": [1, 2.5, None, True]}},
        next_at=NOW + minutes(3),
        mailbox="soporte",
        reference="NO-2026-000001",
        state=MailState.DEFERRED,
        person=True,
        expires_at=NOW + timedelta(days=1),
        attempts=4,
        last_error="451 más tarde",
        accepted_at=NOW + minutes(9),
        content=b"Subject: \xc3\xb1\r\n\0\xff",
        doubts=2,
    )


def an_alarm(number: int = 1, **values: Any) -> AlarmRow:
    plain = {"reference": "NO-2026-000001", "cycle": 1, "version": 1, "step": f"half-{number}"}
    return AlarmRow(**{"due_at": NOW + minutes(number), **plain, **values})


def an_entry(uid: int = 1, **values: Any) -> LedgerEntry:
    plain = {"mailbox": "soporte", "uidvalidity": 11, "outcome": "opened", "at": NOW}
    return LedgerEntry(**{"uid": uid, **plain, **values})


def an_event(number: int = 1, **values: Any) -> Event:
    plain = {"at": NOW + timedelta(seconds=number), "event": "case.opened", "reference": "NO-2026-000001"}
    return Event(**{**plain, **values})


def an_aside(number: int = 1, **values: Any) -> AsideRow:
    plain = {"at": NOW, "mailbox": "soporte", "uid": number, "why": "unreadable", "raw": b"\0\xff mail"}
    return AsideRow(**{**plain, **values})


def unfilled(value: Any, *but: str) -> list[str]:
    """Name the fields of a record that still have their default, so that no new field escapes a round trip."""
    plain = {field.name: field.default for field in fields(value)}
    return [name for name, default in plain.items() if name not in but and getattr(value, name) == default]
