"""Changes of edited files, however an editor makes them; real files in a real folder."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from triage.adapters.files_watchfiles import FolderWatch

PATIENCE = 20  # seconds; only a watch that is deaf takes so long


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "site" / "rules.yaml"
    path.parent.mkdir()
    path.write_text("first")
    return path


@asynccontextmanager
async def watching(*paths: Path, look_again: float = 1.0) -> AsyncIterator[Callable[[], object]]:
    """Give a function that awaits the next change."""
    watch = FolderWatch(lambda: paths, look_again=look_again)
    async with aclosing(watch.changes()) as changes:

        async def following() -> tuple[Path, ...]:
            async with asyncio.timeout(PATIENCE):
                return await anext(changes)

        yield following


def written_in_place(path: Path, text: str) -> None:
    path.write_text(text)


def renamed_into_place(path: Path, text: str) -> None:
    new = path.with_name(".new")
    new.write_text(text)
    new.rename(path)


def removed_and_made_anew(path: Path, text: str) -> None:
    path.unlink()
    path.write_text(text)


@pytest.mark.parametrize("save", [written_in_place, renamed_into_place, removed_and_made_anew])
async def test_every_save_is_seen_again_and_again(rules: Path, save: Callable[[Path, str], None]) -> None:
    async with watching(rules) as following:
        for text in ("second", "third", "fourth"):
            save(rules, text)
            assert await following() == (rules,)


async def test_the_watch_itself_tells_before_the_next_look(rules: Path) -> None:
    async with watching(rules, look_again=1.0) as following:
        save_soon = asyncio.get_running_loop()
        save_soon.call_later(1.5, renamed_into_place, rules, "second")
        assert await following() == (rules,)
    async with watching(rules, look_again=3_600.0) as following:
        save_soon.call_later(1.0, renamed_into_place, rules, "third")
        assert await following() == (rules,)


async def test_noise_beside_the_file_and_a_mere_touch_are_nothing(rules: Path) -> None:
    async with watching(rules) as following:
        (rules.parent / "triage.db-wal").write_text("busy")
        os.utime(rules)
        waiting = asyncio.ensure_future(following())
        done, _ = await asyncio.wait({waiting}, timeout=2.5)
        assert not done
        rules.write_text("second")
        assert await waiting == (rules,)


async def test_overrides_are_seen_in_folders_that_appear_later(rules: Path) -> None:
    templates = rules.parent / "templates"
    async with watching(rules, templates) as following:
        templates.mkdir()
        assert await following() == (templates,)
        (templates / "es").mkdir()
        (templates / "es" / "answer.txt").write_text("Hola")
        assert await following() == (templates,)
        (templates / "es" / "answer.txt").write_text("Buen día")
        assert await following() == (templates,)


async def test_a_file_that_vanishes_is_a_change(rules: Path) -> None:
    async with watching(rules) as following:
        rules.unlink()
        assert await following() == (rules,)
