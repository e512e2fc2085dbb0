"""The reading process that `triage run` starts before anything else."""

import os
import resource
from pathlib import Path

import pytest

from triage.wiring import early


def test_it_ends_with_the_block_whether_or_not_anybody_took_it_over() -> None:
    with early.reading_process() as reading:
        assert reading is not None
        assert reading.process.poll() is None
    assert reading.process.returncode is not None
    assert reading.channel.fileno() == -1


def _open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


# Descriptors that are left: too few for the channel, too few for the process behind it.
@pytest.mark.parametrize("left", [1, 3])
def test_where_none_can_be_had_the_start_goes_on_and_holds_nothing_of_it(left: int) -> None:
    before = _open_descriptors()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + left, hard))
    try:
        with early.reading_process() as reading:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            assert reading is None
            assert _open_descriptors() == before
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_file_that_lies_where_we_were_started_is_not_taken_for_a_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pickle.py").write_text("open('taken', 'w')")
    with early.reading_process() as reading:
        assert reading is not None
        reading.channel.close()
        assert reading.process.wait(30) == 0
    assert not (tmp_path / "taken").exists()
