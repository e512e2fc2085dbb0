"""What the daemon and its reading process say to each other: eight octets of length (big-endian), then a pickle."""

import copyreg
import io
import pickle
import struct
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from operator import attrgetter, methodcaller
from typing import Any

from triage.core.rules.vocabulary import Vocabulary
from triage.core.site import Site

LENGTH = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class Yardstick:
    """By what mails are judged from here on; the rules travel as they are written, a compiled automaton cannot.

    `memory_limit`: octets that one message may take.
    """

    site: Site
    vocabulary: Vocabulary
    memory_limit: int


class _Forms(dict[type, Callable[[Any], Any]]):
    """How an object is put down, by its class: a record as the call that makes it, others as ever.

    Python puts a frozen record down, and takes it up, by a loop over its fields of its own: a third of what a frame costs
    on either side.
    """

    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        if issubclass(kind, type):
            raise KeyError(kind)  # a class itself goes by its name
        if is_dataclass(kind):
            form = _record(kind, [field.name for field in fields(kind) if field.init])
        else:
            form = copyreg.dispatch_table.get(kind, methodcaller("__reduce_ex__", pickle.HIGHEST_PROTOCOL))
        self[kind] = form
        return form


def _record(kind: type, names: list[str]) -> Callable[[Any], Any]:
    if len(names) < 2:
        return lambda record: (kind, tuple(getattr(record, name) for name in names))
    values = attrgetter(*names)
    return lambda record: (kind, values(record))


_FORMS = _Forms()


def framed(content: object) -> bytes:
    """Return a frame, ready for the channel."""
    frame = io.BytesIO(bytes(LENGTH.size))
    frame.seek(LENGTH.size)
    pickler = pickle.Pickler(frame, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _FORMS
    pickler.dump(content)
    with frame.getbuffer() as octets:
        LENGTH.pack_into(octets, 0, len(octets) - LENGTH.size)
    return frame.getvalue()
