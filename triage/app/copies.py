"""Copies of the store by themselves: written, counted, the oldest deleted. How a copy is made is the adapter's."""

import asyncio
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from triage.app.standing import BACKUP_NOTE
from triage.errors import Permanent
from triage.ports import Store

_OURS = re.compile(r"triage-\d{8}T\d{6}Z\.backup")


async def keep_copies(
    store: Store, write: Callable[[Path], None], folder: Path, keep: int, now: datetime
) -> None:
    """Write one copy into the folder and delete all but the newest `keep` of ours; other files are left alone.

    Raises Permanent or Temporary; nothing is deleted unless the new copy is there.
    """
    await asyncio.to_thread(_rotate, write, folder, keep, now)
    await store.write(lambda tx: tx.set_note(BACKUP_NOTE, now.isoformat()))


def _rotate(write: Callable[[Path], None], folder: Path, keep: int, now: datetime) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write(folder / f"triage-{now:%Y%m%dT%H%M%SZ}.backup")
        ours = sorted(path for path in folder.iterdir() if _OURS.fullmatch(path.name))
        for path in ours[:-keep]:
            path.unlink()
    except OSError as error:
        raise Permanent(f"{folder}: {error.strerror or error}") from error
