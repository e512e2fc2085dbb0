"""The first part of a daemon: rules read, and being compiled while the rest is imported."""

import asyncio
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.daemon import configured
from triage import settings
from triage.errors import Misconfigured
from triage.wiring import early, rulebook

LATER = ("sqlalchemy", "apscheduler", "aiosmtplib", "imapclient", "structlog", "jinja2", "triage.app.daemon")
READERS = ("triage.core.reading", "triage.core.understanding", "triage.adapters.parser_mailparser.parser")


@pytest.mark.parametrize(("module", "without"), [("rulebook", LATER), ("building", READERS)])
def test_a_start_imports_what_takes_long_when_it_is_needed(module: str, without: tuple[str, ...]) -> None:
    code = f"import sys, triage.wiring.{module}; print([name for name in {without} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_the_process_has_its_rules_before_anything_else_is_built(tmp_path: Path) -> None:
    config = settings.locate(configured(tmp_path, imap=1, smtp=1, user="nobody").config)
    with early.reading_process() as started:
        assert started is not None
        async with rulebook.opened(config, started):
            # Our loop stands still from here on, as it does while the rest is imported.
            answered = started.channel.dup()
            answered.setblocking(True)
            answered.settimeout(30)
            assert answered.recv(1) != b""
            answered.close()


async def test_rules_that_are_wrong_end_it_and_the_process_with_it(tmp_path: Path) -> None:
    site = configured(tmp_path, imap=1, smtp=1, user="nobody")
    (tmp_path / "wrong.yaml").write_text("company: [")
    site.config.write_text(re.sub("(?m)^rules: .*", "rules: wrong.yaml", site.config.read_text()))
    config = settings.locate(site.config)
    with early.reading_process() as started:
        assert started is not None
        with pytest.raises(Misconfigured, match="rules"):
            async with rulebook.opened(config, started):
                pass
        assert await asyncio.to_thread(started.process.wait, 10) is not None


async def test_a_process_that_died_meanwhile_holds_nothing_up(tmp_path: Path) -> None:
    config = settings.locate(configured(tmp_path, imap=1, smtp=1, user="nobody").config)
    with early.reading_process() as started:
        assert started is not None
        started.process.kill()
        started.process.wait()
        async with rulebook.opened(config, started) as book:
            assert await book.reader.read_many([], book.reloadable.current()) == []
