import os
from datetime import UTC, datetime

import pytest

from triage.adapters.handover_file import HandoverFile, booted_at
from triage.core.delivery import Trace
from triage.core.model import MailKind
from triage.core.records import OutboxRow

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def a_row(number=1, lease="a1.1"):
    return OutboxRow(
        key=f"ack:{number}",
        kind=MailKind.ACKNOWLEDGEMENT,
        to="ana@x.example",
        message_id="m",
        draft={},
        created_at=NOW,
        next_at=NOW,
        id=number,
        lease=lease,
    )


@pytest.fixture
def log(tmp_path):
    made = HandoverFile(tmp_path)
    made.open("a1")
    yield made
    made.close(recorded=True)


def test_the_last_mark_of_a_row_is_its_trace_and_others_have_none(log):
    assert log.trace(a_row()) is Trace.UNTOUCHED
    for mark in (Trace.BEGUN, Trace.UNTOUCHED, Trace.BEGUN, Trace.ACCEPTED):
        log.note(a_row(), mark)
        assert log.trace(a_row()) is mark
    assert log.trace(a_row(11)) is Trace.UNTOUCHED
    assert log.trace(a_row(lease="a1.2")) is Trace.UNTOUCHED, (
        "a later claim of the same row is another matter"
    )


def test_another_process_reads_what_a_dead_one_left(log, tmp_path):
    log.note(a_row(), Trace.BEGUN)
    other = HandoverFile(tmp_path)
    other.open("b2")
    assert other.trace(a_row()) is Trace.BEGUN
    assert other.trace(a_row(lease="gone.1")) is Trace.UNKNOWN
    other.close(recorded=True)


def test_a_file_that_was_written_before_the_machine_went_down_proves_nothing(log, tmp_path):
    log.note(a_row(), Trace.ACCEPTED)
    later = booted_at() + 600
    assert HandoverFile(tmp_path, lambda: later).trace(a_row()) is Trace.UNKNOWN
    assert HandoverFile(tmp_path, lambda: None).trace(a_row()) is Trace.UNKNOWN


def test_where_the_system_does_not_tell_when_it_came_up_everything_is_in_doubt(tmp_path):
    log = HandoverFile(tmp_path, lambda: None)
    log.open("a1")
    log.note(a_row(), Trace.ACCEPTED)
    assert HandoverFile(tmp_path).trace(a_row()) is Trace.UNKNOWN
    log.close(recorded=True)


def test_closed_with_everything_recorded_the_file_is_gone_else_it_stays(tmp_path):
    log = HandoverFile(tmp_path)
    log.open("a1")
    log.note(a_row(), Trace.BEGUN)
    log.close(recorded=False)
    assert log.trace(a_row()) is Trace.BEGUN
    log.open("a1")
    assert log.trace(a_row()) is Trace.BEGUN, "opened again it goes on"
    log.close(recorded=True)
    assert list(tmp_path.iterdir()) == []


def test_a_long_file_begins_anew_once_everything_is_recorded(log, tmp_path):
    (path,) = tmp_path.iterdir()
    for number in range(9_000):
        log.note(a_row(number), Trace.BEGUN)
    log.all_recorded()
    assert path.stat().st_size < 100
    log.note(a_row(7), Trace.BEGUN)
    log.all_recorded()
    assert log.trace(a_row(7)) is Trace.BEGUN
    assert log.trace(a_row(8)) is Trace.UNTOUCHED


def test_a_folder_that_is_not_there_leaves_doubt_and_raises_nothing(tmp_path):
    log = HandoverFile(tmp_path / "missing")
    log.open("a1")
    log.note(a_row(), Trace.BEGUN)
    log.all_recorded()
    assert log.trace(a_row()) is Trace.UNKNOWN
    log.close(recorded=True)


def test_a_file_that_cannot_be_written_any_more_is_removed(log, tmp_path):
    log.note(a_row(), Trace.ACCEPTED)
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, log._fd)
    os.close(full)
    log.note(a_row(2), Trace.BEGUN)
    assert list(tmp_path.iterdir()) == []
    assert log.trace(a_row(2)) is Trace.UNKNOWN


def test_files_of_a_week_ago_are_cleared_away(log, tmp_path):
    old = tmp_path / "outbox-dead.handover"
    old.write_text("x")
    os.utime(old, (0, 0))
    other = HandoverFile(tmp_path)
    other.open("b2")
    assert not old.exists()
    other.close(recorded=True)
