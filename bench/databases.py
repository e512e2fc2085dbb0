"""A database of a benchmark's own: an SQLite file, or a private PostgreSQL that flushes to the disk as a real one does."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.postgres import Cluster, programs


@contextmanager
def database(folder: Path, *, postgres: bool) -> Iterator[str]:
    """Give the URL of an empty database in `folder`; it is gone afterwards. Raises SystemExit where none is installed."""
    if not postgres:
        yield f"sqlite:///{folder}/triage.db"
        return
    found = programs()
    if found is None:
        raise SystemExit("no PostgreSQL is installed here: apt-get install postgresql")
    place = folder / "postgresql"
    place.mkdir()
    folder.chmod(0o755)  # its server runs as another user
    cluster = Cluster(place, found, fsync=True)
    cluster.start()
    try:
        yield cluster.url()
    finally:
        cluster.stop()
