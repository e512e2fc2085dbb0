"""Lines of the log, as a machine gets them."""

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from triage import log


class Written(io.StringIO):
    """A stream that keeps apart what was written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def write(self, text: str) -> int:
        if text:
            self.pieces.append(text)
        return len(text)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    """What goes to stderr, piece by piece, under the daemon's configuration."""
    before = structlog.get_config()
    stream = Written()
    monkeypatch.setattr(sys, "stderr", stream)
    log.configure("json")
    yield stream
    structlog.configure(**before)


def test_a_line_is_one_object_and_one_write(written: Written) -> None:
    log.logger(part="intake").info("case.opened", case="NO-2026-000001", product="Señal")

    (piece,) = written.pieces
    line = json.loads(piece)
    assert piece.endswith("\n")
    assert "Señal" in piece
    assert line.pop("at").endswith("Z")
    assert line == {
        "part": "intake",
        "case": "NO-2026-000001",
        "product": "Señal",
        "event": "case.opened",
        "level": "info",
    }


def test_what_json_has_no_form_for_is_described(written: Written) -> None:
    log.logger().warning("page.failed", path=Path("/metrics"))

    assert json.loads(written.pieces[0])["path"] == "PosixPath('/metrics')"


def test_a_secret_is_blanked_out(written: Written) -> None:
    log.logger().error("token.not_kept", Password="secreto")

    assert "secreto" not in written.pieces[0]


def test_a_traceback_is_part_of_its_line(written: Written) -> None:
    try:
        raise ValueError("odd")
    except ValueError:
        log.logger().exception("loop.failed")

    (piece,) = written.pieces
    assert "ValueError: odd" in json.loads(piece)["exception"]


def test_lines_of_a_block_are_written_at_once_in_their_order(written: Written) -> None:
    lines = log.logger(part="intake")
    with log.at_once():
        lines.info("case.opened")
        lines.info("case.classified")
        assert not written.pieces
    lines.info("daemon.stopped")

    batch, last = written.pieces
    assert [json.loads(line)["event"] for line in batch.splitlines()] == ["case.opened", "case.classified"]
    assert json.loads(last)["event"] == "daemon.stopped"


def test_a_block_that_fails_has_said_what_it_said(written: Written) -> None:
    def fails() -> None:
        with log.at_once():
            log.logger().info("case.opened")
            raise ValueError("odd")

    with pytest.raises(ValueError, match="odd"):
        fails()

    assert json.loads(written.pieces[0])["event"] == "case.opened"
