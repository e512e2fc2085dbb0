"""What `triage run` begins before anything else: the reading process, which imports while we import.

Knows nothing of the rest of wiring, for that is what takes long.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from triage.adapters.parser_mailparser import child
from triage.adapters.parser_mailparser.child import Child
from triage.errors import Temporary


@contextmanager
def reading_process() -> Iterator[Child | None]:
    """Give a reading process that is coming up, and end it with the block; None where none can be had now."""
    try:
        started = child.start()
    except Temporary:
        yield None  # the daemon tries again, and tells of it
        return
    try:
        yield started
    finally:
        started.end()
        started.channel.close()
