"""Changed rules over open cases, on a real store: a later decree moves nothing that a client was told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.core.lifecycle.playbook import TUESDAY, an_opening, desk
from triage.adapters import rules_yaml
from triage.app import replan
from triage.app.record import record
from triage.core import lifecycle
from triage.core.desk import Desk
from triage.core.events import MailWent
from triage.core.model import Case, MailKind, MailState
from triage.ports import Store, Transaction
from triage.settings import shipped

LATER = TUESDAY + timedelta(hours=2)
DUE = datetime(2026, 10, 21, 13, tzinfo=UTC)  # severity 2 of Tuesday 10:00


def desk_with(folder: Path, was: str, becomes: str) -> Desk:
    """The shipped desk with another line in its rules."""
    text = shipped("rules.yaml").read_text(encoding="utf-8")
    assert was in text
    path = folder / "rules.yaml"
    path.write_text(text.replace(was, becomes), encoding="utf-8")
    return replace(desk(), support=rules_yaml.load(path)[0])


def decreed(folder: Path, change: str = "keep") -> Desk:
    """Wednesday 21 October becomes a holiday, in whichever way: a decree, or a newer list of the library."""
    base = desk_with(folder, 'add: ["2026-11-09"]', 'add: ["2026-11-09", "2026-10-21"]')
    rules = replace(base.support.lifecycle, calendar_change=change)
    return replace(base, support=replace(base.support, lifecycle=rules))


async def opened(store: Store, *, told: bool = True, acknowledged: bool = True) -> Case:
    decision = lifecycle.open_case(desk(), an_opening(may_ack=acknowledged), TUESDAY)
    await store.write(lambda tx: record(tx, desk(), [decision], TUESDAY))
    if not told:
        return decision.case
    went = MailWent(
        TUESDAY,
        MailKind.ACKNOWLEDGEMENT,
        decision.case.client.address,
        MailState.ACCEPTED,
        "k",
        "id",
        version=1,
    )
    sent = lifecycle.decide(desk(), decision.case, went, TUESDAY)
    await store.write(lambda tx: record(tx, desk(), [sent], TUESDAY))
    return sent.case


async def replanned(store: Store, new: Desk) -> tuple[Case, list[str]]:
    def work(tx: Transaction) -> tuple[Case, list[str]]:
        events = replan.replan(tx, new, LATER)
        (case,) = tx.list_cases()
        return case, [str(event.event) for event in events]

    return await store.write(work)


async def moved_mails(store: Store) -> list[str]:
    rows = await store.read(lambda tx: list(tx.list_outbox()))
    return [
        str(row.draft["variables"]["why"]) for row in rows if row.draft.get("template") == "deadline_moved"
    ]


async def test_a_later_decree_never_moves_a_deadline_that_the_client_was_told(
    store: Store, tmp_path: Path
) -> None:
    before = await opened(store)
    assert before.deadline.at == DUE
    case, events = await replanned(store, decreed(tmp_path))
    assert (case.deadline, events) == (before.deadline, [])
    assert await moved_mails(store) == []


async def test_nor_one_that_is_on_its_way_to_the_client(store: Store, tmp_path: Path) -> None:
    before = await opened(store, told=False)
    assert (await replanned(store, decreed(tmp_path)))[0].deadline == before.deadline


async def test_a_deadline_that_nobody_was_told_follows_the_calendar_in_silence(
    store: Store, tmp_path: Path
) -> None:
    await opened(store, told=False, acknowledged=False)
    case, events = await replanned(store, decreed(tmp_path))
    assert (case.deadline.at, case.deadline.version) == (DUE + timedelta(days=1), 2)
    assert events == ["deadline.moved"]
    assert await moved_mails(store) == []


async def test_where_the_rules_say_so_it_moves_and_the_client_is_told_why(
    store: Store, tmp_path: Path
) -> None:
    await opened(store)
    case, _ = await replanned(store, decreed(tmp_path, "recompute"))
    assert (case.deadline.at, case.told_version) == (DUE + timedelta(days=1), 2)
    assert await moved_mails(store) == ["calendar"]
