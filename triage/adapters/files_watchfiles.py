"""Says when files that an admin edits have changed: rules.yaml, what it includes, the folder of overrides.

The folders are watched, never a file: a watch on a file goes deaf when an editor renames a new one into its place.
Stirrings only make us look; what counts is whether the content differs from what was seen last, so noise in the
folder (a database, an editor's back-ups, `touch`) is nothing, and a look now and then serves file systems that tell
nothing. Implements the port FileWatch.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import aclosing
from pathlib import Path

from watchfiles import Change, awatch

_QUIET_MS, _LONGEST_MS = 300, 1_600  # a burst is over after so much quiet; nobody waits longer than this
_SUFFIXES = (".txt", ".html")

State = Mapping[Path, str]


class FolderWatch:
    """`paths` names files and folders, asked anew at each look: a reload may bring other included files.

    What was there at the construction counts as seen; construct it before reading the files. `look_again`: seconds
    between looks where nothing stirs.
    """

    def __init__(self, paths: Callable[[], Collection[Path]], *, look_again: float = 10.0) -> None:
        self._paths = paths
        self._look_again = look_again
        self._seen = self._look()

    async def changes(self) -> AsyncGenerator[tuple[Path, ...], None]:
        """Yield the paths whose content is another one, after each burst of changes; cancel it to end it."""
        while True:
            folders = self._folders()
            # A subfolder that appears is watched from the next turn on; recursion would watch what lies beside us.
            stirs = awatch(
                *folders,
                watch_filter=self._concerns,
                debounce=_LONGEST_MS,
                step=_QUIET_MS,
                rust_timeout=int(self._look_again * 1_000),
                yield_on_timeout=True,
                recursive=False,
                ignore_permission_denied=True,
            )
            async with aclosing(stirs):
                async for _ in stirs:
                    if changed := await asyncio.to_thread(self._changed):
                        yield changed
                    if self._folders() != folders:
                        break

    def _concerns(self, _change: Change, name: str) -> bool:
        path = Path(name)
        wanted = self._paths()
        return path in wanted or any(path.is_relative_to(each) for each in wanted)

    def _changed(self) -> tuple[Path, ...]:
        before, self._seen = self._seen, self._look()
        # A path that is watched only now has just been read.
        return tuple(path for path, state in self._seen.items() if before.get(path, state) != state)

    def _look(self) -> State:
        return {path: _tree(path) if path.is_dir() else _content(path) for path in self._paths()}

    def _folders(self) -> tuple[Path, ...]:
        found: dict[Path, None] = {}
        for path in self._paths():
            if path.is_dir():
                found |= dict.fromkeys((path, *(each for each in sorted(path.rglob("*")) if each.is_dir())))
            else:
                found[_existing(path.parent)] = None
        return tuple(found)


def _existing(folder: Path) -> Path:
    """Return the folder, or what there is of its way: it is seen when it is made."""
    return next(each for each in (folder, *folder.parents) if each.is_dir())


def _tree(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in _SUFFIXES and path.is_file():
            digest.update(f"{path.relative_to(folder)}\0{_content(path)}\n".encode())
    return digest.hexdigest()


def _content(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return f"unreadable: {error.strerror}"
